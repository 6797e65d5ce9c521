"""The token of a request, for the addresses that need one."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja.security.http import HttpAuthBase

from fengqiao.portal.api.problems import KINDS
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.tokens import gate


class AccessToken(HttpAuthBase):
    """Puts whose token it is into `request.acting`; a token without the scope is told so."""

    openapi_scheme = "bearer"
    openapi_description = "接口令牌：登录后在“我的账号—接口令牌”创建，放在请求头 Authorization: Bearer 之后。"

    def __init__(self, scope: str = "") -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Any:
        holder = gate.holder_of(request, timezone.now())
        if holder is None:
            raise Refusal(KINDS["token_needed"].detail, status=401)
        request.acting = holder.acting
        if self.scope:
            holder.require(self.scope)
        request.holder = holder
        return holder
