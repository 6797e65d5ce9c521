"""What the portal says when something cannot be done: a sentence on a page, never a stack trace."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied, SuspiciousOperation, TooManyFieldsSent, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.datastructures import MultiValueDictKeyError
from django.utils.http import url_has_allowed_host_and_scheme

from fengqiao.engine.errors import FengqiaoError
from fengqiao.portal.refusal import Conflict, Refusal, TooLarge
from fengqiao.portal.shell.faults import Fault, fault_of
from fengqiao.portal.shell.typed import from_here, typed_in

log = logging.getLogger(__name__)


TITLES = {
    400: "请求有误",
    403: "请重新打开页面",
    404: "没有找到这个页面",
    405: "不能这样打开这个地址",
    413: "提交的内容太大",
    429: "操作太频繁",
    500: "系统出了问题",
}
SENTENCES = {
    400: "提交的内容无法识别，没有保存任何修改。请返回上一页检查后重新提交；如果地址是手工输入的，请从首页进入。",
    403: "为了安全，页面打开太久或浏览器没有保存 Cookie 时不接受提交，没有保存任何修改。"
    "请用浏览器的“后退”返回，填好的内容一般还在：先复制下来，刷新页面后填回，再提交。",
    404: "地址可能输错了，内容可能已被移走，或者您当前的身份看不到它。请检查地址，换一个身份，或者从首页重新进入。",
    405: "这个地址只接受页面上的按钮提交，没有保存任何修改。请从首页进入，按页面上的按钮操作。",
    413: "提交的内容超过了允许的大小，没有保存任何修改。请减少文件或分几次提交；页面上写有每个文件的大小限制。",
    429: "短时间内请求过多，系统暂时不再接受。请等几分钟再试；已经保存的内容不受影响。",
    500: "系统内部出错，这一步没有完成，已经保存的内容不受影响。"
    "请稍后再试；如果一再出现，请把出错的时间和这个页面告诉管理员。",
}


def refusal_page(request: HttpRequest, sentence: str, *, status: int, title: str = "") -> HttpResponse:
    """The sentence as a page of its own, or as a message that htmx puts into the page that is open."""
    if request.headers.get("X-Upload") == "1":  # uploads.js shows the sentence beside the file
        return JsonResponse({"ok": False, "said": sentence}, status=status, json_dumps_params={"ensure_ascii": False})
    htmx = getattr(request, "htmx", None)
    context = {
        "sentence": sentence, "status": status, "title": title or TITLES.get(status, TITLES[400]),
        "back": came_from(request),
    }  # fmt: skip
    if htmx and not htmx.boosted:
        response = render(request, "shell/refusal_fragment.html", context, status=status)
        response["HX-Retarget"] = "#messages"
        response["HX-Reswap"] = "innerHTML show:top"
        response["HX-Push-Url"] = "false"
        return response
    return render(request, "shell/refusal.html", context, status=status)


def came_from(request: HttpRequest) -> str:
    """The page of the portal from which somebody came; empty when it is not known, or is this one."""
    referer = request.headers.get("Referer", "")
    try:
        known = url_has_allowed_host_and_scheme(
            referer, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )
        parts = urlsplit(referer)
    except (SuspiciousOperation, ValueError):
        return ""
    if not known or not parts.netloc or (request.method in ("GET", "HEAD") and parts.path == request.path):
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def answer_to(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """What a refusal is answered with."""
    response = refusal_page(request, refusal.sentence, status=refusal.status, title=refusal.title)
    if refusal.again_in is not None:
        response["Retry-After"] = str(refusal.again_in)
    return response


class RefusalMiddleware:
    """Turns a refusal raised by a view or an action into its answer; personal pages are not kept by browsers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            allowed = response.get("Allow", "")
            response = refusal_page(request, SENTENCES[405], status=405)
            response["Allow"] = allowed
        if getattr(request, "acting", None) is not None and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The answer to what went wrong in a view, where a sentence says it better than the number of an error."""
        if isinstance(exception, Refusal):
            return answer_to(request, exception)
        if isinstance(
            exception, FengqiaoError
        ):  # of the engine, when a view did not turn it into a sentence of its own
            return refusal_page(request, str(exception), status=400)
        if isinstance(exception, TooManyFieldsSent):
            return refusal_page(request, SENTENCES[413], status=413)
        if isinstance(exception, (MultiValueDictKeyError, ValidationError)):  # also of what a library could not read
            return refusal_page(request, SENTENCES[400], status=400)
        return None


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler400"""
    too_large = type(exception).__name__ in ("RequestDataTooBig", "TooManyFilesSent", "TooManyFieldsSent")
    status = 413 if too_large and isinstance(exception, SuspiciousOperation) else 400
    return refusal_page(request, SENTENCES[status], status=status)


def forbidden(request: HttpRequest, exception: PermissionDenied | None = None) -> HttpResponse:
    """handler403: who may not do something is told no more than who asks for something that is not there."""
    return not_found(request, exception)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler404"""
    return refusal_page(request, SENTENCES[404], status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: the page needs nothing that may be broken itself. What keeps the portal from saving is said as it is,
    with what had been typed; nobody has to type it again."""
    fault = fault_of(sys.exc_info()[1]) or Fault(500, TITLES[500], SENTENCES[500])
    if request.headers.get("X-Upload") == "1":
        response: HttpResponse = refusal_page(request, fault.sentence, status=fault.status)
    else:
        typed = typed_in(request) if request.method == "POST" and from_here(request) else []
        response = render(request, "shell/500.html", {"fault": fault, "typed": typed}, status=fault.status)
    response["Cache-Control"] = "private, no-store"
    if fault.status != 500:
        response["Retry-After"] = "30"
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW"""
    log.warning("a form was refused: %s", reason)
    return refusal_page(request, SENTENCES[403], status=403)


def too_many_requests(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    """The answer when somebody tries too often."""
    response = refusal_page(request, SENTENCES[429], status=429)
    response["Retry-After"] = "300"
    return response


__all__ = ["Conflict", "Refusal", "RefusalMiddleware", "TooLarge", "refusal_page", "too_many_requests"]
