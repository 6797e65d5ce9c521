"""What the interface answers when something cannot be done: problem details (RFC 9457), in words and a stable code."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from ninja import Field, Schema
from ninja.errors import HttpError, ValidationError

from fengqiao.engine.errors import FengqiaoError
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.shell.faults import fault_of

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
CHALLENGE = 'Bearer realm="fengqiao"'


@dataclass(frozen=True)
class Kind:
    """One kind of problem: stable for programs, in words for people."""

    code: str
    status: int
    title: str
    detail: str


KINDS = {kind.code: kind for kind in (
    Kind("bad_request", 400, "请求有误",
         "没有处理：请求的内容无法识别。请检查地址、参数和正文的写法，正文要是完整的 JSON（UTF-8）。"),
    Kind("token_needed", 401, "需要接口令牌",
         "没有提供：请求没有带有效的接口令牌，或者令牌已经失效。网页的登录在这里不起作用。"
         "请在请求头写 Authorization: Bearer 加令牌；没有令牌的，登录后在“我的账号—接口令牌”创建。"),
    Kind("scope_missing", 403, "令牌没有这一范围",
         "没有提供：令牌不包括这一范围。请由持有人创建包含这一范围的令牌。"),
    Kind("not_found", 404, "没有找到",
         "没有找到：地址有误、内容不存在，或者令牌的持有人在其角色下看不到。请核对地址和编号。"),
    Kind("method_not_allowed", 405, "不能用这个方法",
         "没有处理：这个地址不接受所用的 HTTP 方法。请改用响应头 Allow 列出的方法。"),
    Kind("conflict", 409, "内容已被更新", "没有处理：内容已被他人更新。请重新读取后再试。"),
    Kind("too_large", 413, "请求太大", "没有处理：请求正文超过限制（JSON 64 KB，PDF 20 MB）。请减少内容后再发送。"),
    Kind("unsupported_media_type", 415, "正文的类型不对",
         "没有处理：请求正文的类型不是这个地址所要的。请按接口说明填写请求头 Content-Type。"),
    Kind("invalid", 422, "填写的内容不对", "没有处理：有的内容不符合要求，逐项列在 errors 里。请改正后再发送。"),
    Kind("too_many_requests", 429, "请求太频繁",
         "没有处理：短时间内请求过多。请等待响应头 Retry-After 所写的秒数后再试。"),
    Kind("internal_error", 500, "系统出错",
         "没有完成：系统内部出错。请稍后再试；如果一再出现，请把 request_id 告诉平台管理员。"),
    Kind("unavailable", 503, "暂时不能办理",
         "没有完成：系统正忙或者正在重启。请等待响应头 Retry-After 所写的秒数后再试。"),
    Kind("storage_full", 507, "存储空间已满", "没有完成：服务器的存储空间已满。请稍后再试，或者告诉平台管理员。"),
)}  # fmt: skip
BY_STATUS = {kind.status: kind for kind in KINDS.values()}


class WrongField(Schema):
    field: str = Field(description="哪一项", examples=["body.started_on"])
    problem: str = Field(description="什么问题", examples=["必须填写"])


class Problem(Schema):
    """What every fault is answered with."""

    type: str = Field(description="说明这类问题的地址")
    title: str = Field(description="哪一类问题", examples=["没有找到"])
    status: int = Field(description="HTTP 状态码", examples=[404])
    code: str = Field(description="供程序判断的代码，不会改变", examples=["not_found"])
    detail: str = Field(description="发生了什么、为什么、怎么办")
    request_id: str = Field(
        description="这次请求的编号，也在响应头 X-Request-Id 和平台的日志里", examples=["nZqP0v4cQmZt"]
    )
    errors: list[WrongField] | None = Field(None, description="逐项的问题，只在 422 时有")


WORDS = {
    "missing": "必须填写",
    "extra_forbidden": "没有这一项",
    "unknown": "没有这个参数",
    "twice": "只能填一次",
    "value_error": "不是日期，或者超出 1900 至 2200 年；请写成 2026-02-24 的样子",
    "int_parsing": "不是整数",
    "int_type": "不是整数",
    "int_from_float": "不是整数",
    "int_parsing_size": "数太大",
    "bool_parsing": "只能是 true 或 false",
    "bool_type": "只能是 true 或 false",
    "string_type": "要是文字",
    "string_too_short": "太短",
    "string_too_long": "太长",
    "string_pattern_mismatch": "写法不对，请按接口说明填写",
    "greater_than_equal": "太小",
    "less_than_equal": "太大",
    "literal_error": "只能是接口说明列出的值",
    "list_type": "要是数组",
    "too_long": "项数太多",
    "model_attributes_type": "要是 JSON 对象",
    "dict_type": "要是 JSON 对象",
}
OTHERWISE = "不符合要求，请按接口说明填写"


def answer(
    request: HttpRequest, kind: Kind, *, detail: str = "", errors: Sequence[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> HttpResponse:  # fmt: skip
    """A problem as the interface sends it."""
    body: dict[str, Any] = {
        "type": f"{settings.ENVIRONMENT.public_url}/developers/#{kind.code}", "title": kind.title,
        "status": kind.status, "code": kind.code, "detail": detail or kind.detail,
        "request_id": getattr(request, "number", ""),
    }  # fmt: skip
    if errors is not None:
        body["errors"] = list(errors)
    text = json.dumps(body, ensure_ascii=False)
    response = HttpResponse(text.encode(errors="replace"), status=kind.status, content_type=MEDIA_TYPE)
    for name, value in (headers or {}).items():
        response[name] = value
    if kind.status == 401:
        response["WWW-Authenticate"] = CHALLENGE
    if kind.status in (503, 507):
        response.headers.setdefault("Retry-After", "30")
    return response


def wrong_fields(errors: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    """Each field with what is wrong, without what was sent."""
    found = []
    for error in errors:
        where = [str(part) for part in error["loc"]]
        if where[:1] == ["body"] and len(where) > 1:
            del where[1]  # the name of the argument, which nobody sends
        found.append({"field": ".".join(where)[:200], "problem": WORDS.get(error["type"], OTHERWISE)})
    return found


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A refusal of a view or an action, in its own words."""
    kind = BY_STATUS.get(refusal.status, KINDS["bad_request"])
    headers = {"Retry-After": str(refusal.again_in)} if refusal.again_in is not None else {}
    errors: list[dict[str, str]] | None = [] if kind.status == 422 else None
    return answer(request, kind, detail=refusal.sentence, headers=headers, errors=errors)


def answer_to(request: HttpRequest, error: BaseException) -> HttpResponse:
    """What is said about whatever went wrong; what nobody foresaw goes to the log, and never out."""
    if isinstance(error, ValidationError):
        return answer(request, KINDS["invalid"], errors=wrong_fields(error.errors))
    if isinstance(error, Refusal):
        return refused(request, error)
    if isinstance(error, Http404 | PermissionDenied):
        return answer(request, KINDS["not_found"])
    if isinstance(error, RequestDataTooBig):
        return answer(request, KINDS["too_large"])
    if isinstance(error, HttpError):
        return answer(request, BY_STATUS.get(error.status_code, KINDS["bad_request"]))
    if isinstance(error, SuspiciousOperation | UnreadablePostError | FengqiaoError):
        return answer(request, KINDS["bad_request"])
    if fault := fault_of(error):
        log.error("the interface could not answer: %s", type(error).__name__)
        return answer(request, BY_STATUS.get(fault.status, KINDS["unavailable"]), detail=fault.sentence)
    log.error("the interface failed", exc_info=error)
    return answer(request, KINDS["internal_error"])
