"""What messages keep of a person, for themself."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from fengqiao.portal.notices.models import Notice, OptOut
from fengqiao.portal.parties import own_data
from fengqiao.portal.parties.models import Party
from fengqiao.portal.parties.own_data import Section

AT_MOST = 5_000


def of_notices(party: Party) -> Iterable[Section]:
    """Every message to the person, with what became of it; and their opting out."""
    whose = Q(party=party) | (Q(user=party.user) if party.user else Q(pk=None))
    rows = [
        (
            one.created_at,
            one.get_channel_display(),
            one.address or "",
            one.title,
            one.text or "",
            one.get_state_display(),
        )
        for one in Notice.objects.filter(whose).order_by("created_at", "channel")[:AT_MOST]
    ]
    yield Section("notices", "发给您的通知", ("时间", "渠道", "号码或者邮箱", "标题", "内容", "状态"), rows)
    outs = [(one.since, one.ended_at) for one in OptOut.objects.filter(whose).order_by("since")]
    yield Section("opt_outs", "退订服务信息", ("退订时间", "恢复时间"), outs)


def add() -> None:
    """Put it among the parts of what is kept, once."""
    if of_notices not in own_data.SECTIONS:
        own_data.SECTIONS.append(of_notices)
