"""The list of what an organisation serves: one row a person."""

from __future__ import annotations

from django.urls import reverse

from fengqiao.portal.service.models import Recipient
from fengqiao.portal.shell.columns import Choice, Column
from fengqiao.portal.shell.listing import Empty, Listing

SERVICES = Listing(
    key="services",
    title="文书送达",
    model=Recipient,
    columns=(
        Column("number", "编号", link=lambda row: reverse("service:recipient", args=(row.pk,)), order="id"),
        Column("name", "受送达人", link=lambda row: reverse("service:recipient", args=(row.pk,))),
        Column("title", "事由", value=lambda row: row.service.title),
        Column("case", "案件", value=lambda row: row.service.case),
        Column("state", "状态", kind="state", value=lambda row: row.get_state_display(), sign=lambda row: row.sign),
        Column("first", "次序", value=lambda row: "优先办理" if row.party and row.party.priority else ""),
        Column("served_on", "送达日期", kind="day"),
        Column("read_at", "首次阅读", kind="moment"),
    ),
    filters=(Choice("state", "状态", Recipient.State.choices),),
    first="-number",
    scopes=(("organisation",),),
    prepare=lambda rows: rows.select_related("service", "party"),
    empty=Empty("还没有送达文书", "发起送达后，每位受送达人的情况显示在这里。", "service:new", "送达文书"),
)
