"""Files of a round, and the pages on which everybody can verify a signed file."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fengqiao.portal.accounts.acting import address_of
from fengqiao.portal.accounts.rate_limits import MINUTE, Rate, network_of, take
from fengqiao.portal.audit.evidence import write_evidence
from fengqiao.portal.documents import intake
from fengqiao.portal.documents.queries import place_of
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.shell.record_pages import in_fours
from fengqiao.portal.shell.uploads import Limits
from fengqiao.portal.signing import actions, envelopes, frames, queries, reading, service, verification
from fengqiao.portal.signing.authority import authority
from fengqiao.portal.signing.forms import CodeSearchForm
from fengqiao.portal.signing.models import Signatory, SigningRound
from fengqiao.portal.signing.signer_views import GRANTS, person_at

LIMITS = Limits((".pdf",), largest=20 << 20)
VERIFICATIONS = Rate("verify", 30, 10 * MINUTE, "核验文件")
RECORDS = Rate("signing_record", 60, 10 * MINUTE, "查询核验码")
FILES = {
    "signed": ("签署文件（PDF）", "application/pdf", "pdf"),
    "envelope": ("国密信封（SM2、SM3）", "application/json", "sm2.json"),
    "evidence-pdf": ("签署证据（PDF）", "application/pdf", "证据.pdf"),
    "evidence-json": ("签署证据（JSON）", "application/json", "证据.json"),
    "chain": ("审计链节选（ZIP）", "application/zip", "审计链.zip"),
}


def stamp_for(request: HttpRequest, number: int) -> tuple[SigningRound, Any, bool] | None:
    """The round with who asks for a file of it, and whether they are its initiators."""
    now = timezone.now()
    rows = SigningRound.objects.select_related("text", "current__content", "organisation")
    own = rows.filter(pk=number, pk__in=queries.visible_to(request.acting)).first()
    if own is not None:
        return own, request.acting.stamp, True
    places = [row.pk for row in queries.places_of(request.acting, now).filter(round=number)]
    granted = [int(one) for one in request.session.get(GRANTS, {})]
    places += Signatory.objects.filter(round=number, pk__in=granted).values_list("pk", flat=True)
    for place in places:
        found = person_at(request, place, now)
        if found is not None:
            return rows.get(pk=number), found[1].stamp(found[0]), False
    return None


@login_not_required
@never_cache
@require_safe
def download(request: HttpRequest, number: int, what: str) -> HttpResponseBase:
    """A file of a round: the signed document, its envelope, the evidence."""
    found = stamp_for(request, number)
    if found is None:
        if request.acting is None:
            return redirect_to_login(request.path)
        raise Http404
    round_, stamp, initiator = found
    if what not in FILES or round_.current is None or (what == "chain" and not initiator):
        raise Http404
    now = timezone.now()
    data = content_of(round_, what, stamp, now)
    actions.note_downloaded(round_=round_, what=what, stamp=stamp, now=now)
    _, kind, ending = FILES[what]
    response = FileResponse(
        io.BytesIO(data), as_attachment=True, filename=f"{round_.number} {round_.title}.{ending}", content_type=kind
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


@login_not_required
@never_cache
@require_safe
def differences(request: HttpRequest, number: int) -> HttpResponse:
    """What differs between this text and the one before: for initiators and signers, those who came by a link too."""
    found = stamp_for(request, number)
    if found is None:
        if request.acting is None:
            return redirect_to_login(request.path)
        raise Http404
    newer = SigningRound.objects.select_related("replaces__text", "text").get(pk=number)
    if newer.replaces is None or newer.replaces.text is None or newer.text is None:
        raise Http404
    lines = reading.differences(place_of(newer.replaces.text).read_bytes(), place_of(newer.text).read_bytes())
    changed = sum(line.kind != "same" for line in lines)
    return render(request, "signing/differences.html", {"round": newer, "lines": lines, "changed": changed})


def content_of(round_: SigningRound, what: str, stamp: Any, now: Any) -> bytes:
    """The bytes of one of the files."""
    if round_.current is None:
        raise Http404
    if what == "signed":
        return place_of(round_.current).read_bytes()
    if what == "envelope":
        return envelopes.envelope(place_of(round_.current).read_bytes(), authority(now).sm2())
    if what == "chain":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as file:
            write_evidence(file, case=round_.number, stamp=stamp, now=now)
        return buffer.getvalue()
    rows = list(round_.evidence.select_related("signatory").order_by("id"))
    if what == "evidence-json":
        return json.dumps(frames.evidence_values(round_, rows), ensure_ascii=False, indent=1).encode()
    return frames.evidence_pdf(round_, rows, true=not queries.untrue(round_))


@login_not_required
@csrf_exempt  # the token is checked by `intake.receive`, before the file is looked at
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Anybody: who signed a file and when, and whether it is whole."""
    if request.method == "POST":
        take(VERIFICATIONS, network_of(address_of(request)))
        return intake.receive(request, LIMITS, verified)
    return render(request, "signing/verify.html", {"limits": LIMITS, "form": CodeSearchForm()})


def verified(request: HttpRequest) -> HttpResponse:
    """Look at what was sent; it is thrown away with the request."""
    file = intake.files_of(request, LIMITS)[0]
    if file.incoming is None or file.digests is None:
        raise Refusal("文件没有收到，没有核验。请再上传一次。")
    found = verification.verify_file(file.incoming.path, now=timezone.now())
    context = {
        "limits": LIMITS, "form": CodeSearchForm(), "name": file.name, "digests": file.digests, "result": found,
        "made_here": queries.by_file(file.digests.sha256),
    }  # fmt: skip
    return render(request, "signing/verify.html", context)


@login_not_required
@require_POST
def find_record(request: HttpRequest) -> HttpResponse:
    """From the code on a document to its record."""
    take(RECORDS, network_of(address_of(request)))
    form = CodeSearchForm(request.POST)
    if form.is_valid():
        found = queries.by_code(form.cleaned_data["code"])
        if found is not None:
            return redirect("signing:record", found.code)
        form.add_error("code", "没有这个核验码。请核对签署页上的 12 位字母和数字。")
    return render(request, "signing/verify.html", {"limits": LIMITS, "form": form})


@login_not_required
@require_safe
def record(request: HttpRequest, code: str) -> HttpResponse:
    """What is on record for a document: to compare a printed or sent copy with."""
    take(RECORDS, network_of(address_of(request)))
    found = queries.by_code(code)
    if found is None:
        raise Http404
    context = {"round": found, "rows": queries.signatories_of(found), "test_authority": service.is_test(),
               "code": in_fours(found.code)}  # fmt: skip
    return render(request, "signing/record.html", context)
