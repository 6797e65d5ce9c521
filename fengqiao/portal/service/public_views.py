"""Pages on which everybody can compare a proof of service with the record."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from fengqiao.portal.accounts.acting import address_of
from fengqiao.portal.accounts.rate_limits import MINUTE, Rate, network_of, take
from fengqiao.portal.service import queries
from fengqiao.portal.service.forms import CodeSearchForm
from fengqiao.portal.shell.record_pages import in_fours

RECORDS = Rate("service_record", 60, 10 * MINUTE, "查询送达证明的核验码")


@login_not_required
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """From the code on a proof to its record."""
    form = CodeSearchForm(request.POST or None)
    if request.method == "POST":
        take(RECORDS, network_of(address_of(request)))
        if form.is_valid():
            found = queries.by_code(form.cleaned_data["code"])
            if found is not None:
                return redirect("service:record", found.code)
            form.add_error("code", "没有这个核验码。请核对送达证明上的 12 位字母和数字。")
    return render(request, "service/verify.html", {"form": form})


@login_not_required
@require_safe
def record(request: HttpRequest, code: str) -> HttpResponse:
    """What is on record: to compare a proof with."""
    take(RECORDS, network_of(address_of(request)))
    found = queries.by_code(code)
    if found is None:
        raise Http404
    context = {"recipient": found, "service": found.service, "documents": queries.documents_of(found),
               "code": in_fours(found.code), "whole": not queries.untrue(found)}  # fmt: skip
    return render(request, "service/record.html", context)
