"""What tokens keep of a person, for themself."""

from __future__ import annotations

from collections.abc import Iterable

from fengqiao.portal.parties.models import Party
from fengqiao.portal.parties.own_data import SECTIONS, Section
from fengqiao.portal.tokens.models import AccessToken


def of_tokens(party: Party) -> Iterable[Section]:
    """Every token of the person, without what would open anything."""
    held = AccessToken.objects.filter(owner=party.user) if party.user else AccessToken.objects.none()
    rows = [
        (
            one.name, one.prefix, str(one.role), "、".join(one.scope_titles), "、".join(one.networks), one.created_at,
            one.last_day, one.last_used_at, one.last_address, one.ended_at, one.get_ending_display(), one.end_reason,
        )
        for one in held.select_related("role__organisation").order_by("id")
    ]  # fmt: skip
    heads = (
        "用途", "前缀", "角色", "范围", "允许的网络", "创建时间", "最后一天", "最近使用", "最近使用的地址", "失效时间",
        "失效原因", "说明",
    )  # fmt: skip
    yield Section("access_tokens", "接口令牌", heads, rows)


SECTIONS.append(of_tokens)
