"""The portal's addresses, and pages that show the patterns of the shell, each with everything it can say."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from fengqiao.portal.shell.errors import Conflict, Refusal
from fengqiao.portal.urls import handler400, handler403, handler404, handler500
from fengqiao.portal.urls import urlpatterns as portal
from tests.browser.visits import Visit

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def refused(request: HttpRequest) -> HttpResponse:
    """A refusal."""
    raise Refusal(
        "调解申请没有提交：对方机构尚未答复，法定答复期限到2026年12月4日为止。请在该日之后再申请，或者先查看机构的答复进度。"
    )


def conflict(request: HttpRequest) -> HttpResponse:
    """Two people saved the same thing."""
    raise Conflict("案件的揭露日没有保存：调解员乙在您打开页面之后改过这一项。请重新打开页面，核对新的内容后再改。")


urlpatterns = [
    *portal,
    path("specimen/refused/", refused, name="specimen_refused"),
    path("specimen/conflict/", conflict, name="specimen_conflict"),
]
SPECIMENS = (
    Visit("specimen_refused", "measurer", status=400),
    Visit("specimen_conflict", "measurer", status=409),
)
