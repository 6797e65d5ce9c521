"""The list of tokens of the people one looks after."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from fengqiao.portal.shell.columns import Column
from fengqiao.portal.shell.listing import Empty, Listing
from fengqiao.portal.tokens import queries
from fengqiao.portal.tokens.models import AccessToken


def may_end(row: AccessToken) -> bool:
    """Whether there is anything left to be ended."""
    return row.ended_at is None


MANAGED = Listing(
    key="access_tokens",
    title="接口令牌",
    model=AccessToken,
    columns=(
        Column("name", "用途", value=lambda row: f"{row.name or '（已处置）'}（{row.prefix}…）"),
        Column("owner", "持有人", value=lambda row: f"{row.owner.name}，{row.role}"),
        Column("scopes", "范围", value=lambda row: "、".join(row.scope_titles)),
        Column("valid_until", "最后一天", kind="day", order="valid_until", value=lambda row: row.last_day),
        Column("last_used_at", "最近使用", kind="moment"),
        Column(
            "state", "状态", kind="state", value=lambda row: row.state_at(timezone.now()),
            sign=lambda row: "quiet" if row.why_over(timezone.now()) else "good",
        ),
        Column(
            "end", "操作", value=lambda row: "撤销" if may_end(row) else "",
            link=lambda row: reverse("tokens:revoke", args=(row.pk,)) if may_end(row) else None,
        ),
    ),
    first="-valid_until",
    small=True,
    empty=Empty("还没有接口令牌", "本机构人员创建接口令牌后，显示在这里。"),
)  # fmt: skip


def managed_list(request: HttpRequest) -> HttpResponse:
    """Whose tokens there are in the organisations one looks after."""
    return MANAGED.respond(request, queries.administered_by(request.acting), "tokens/managed.html")
