"""All of the interface, put together: whose router is where, and with which scope."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.renderers import JSONRenderer
from ninja.responses import NinjaJSONEncoder

from fengqiao.portal.api import problems
from fengqiao.portal.api.api import calendar_router, law_router, me_router
from fengqiao.portal.api.bearer import AccessToken
from fengqiao.portal.claims import api as claims
from fengqiao.portal.deadlines import api as deadlines
from fengqiao.portal.signing import api as signing
from fengqiao.portal.tokens.scopes import DEADLINES_READ, MEASUREMENTS_READ

VERSION = "1"


class PlainRenderer(JSONRenderer):
    """Chinese as it is written, not as numbers of its letters."""

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        """As UTF-8."""
        return json.dumps(data, cls=NinjaJSONEncoder, ensure_ascii=False).encode()


api = NinjaAPI(
    title="枫桥开放接口",
    version=VERSION,
    description=(
        "供法院、监管机构、调解组织、证券期货经营机构和其他平台的系统接入。金额一律为整数分，"
        "日期写成 2026-02-24（北京时间），时刻带时区。出错一律为 application/problem+json（RFC 9457）。"
        "v1 只增不减：已有的地址、字段和代码不会删除，也不改变含义；"
        "程序请忽略不认识的字段。"
    ),
    openapi_url=None,
    docs_url=None,
    urls_namespace="api",
    renderer=PlainRenderer(),
)
api.add_exception_handler(Exception, problems.answer_to)
for known in (ValidationError, HttpError, Http404):
    api.add_exception_handler(known, problems.answer_to)
api.add_router("/deadlines", deadlines.open_router)
api.add_router("/law", law_router)
api.add_router("/calendar", calendar_router)
api.add_router("/signatures", signing.open_router)
api.add_router("/me", me_router, auth=AccessToken())
api.add_router("/measurements", claims.router, auth=AccessToken(MEASUREMENTS_READ))
api.add_router("/deadlines", deadlines.router, auth=AccessToken(DEADLINES_READ))
SCOPES = {"measurements": MEASUREMENTS_READ, "deadlines": DEADLINES_READ}
"""Which scope the addresses below a word need, where they need a token."""
