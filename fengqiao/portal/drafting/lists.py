"""The list of forms somebody fills in."""

from __future__ import annotations

from django.urls import reverse

from fengqiao.portal.drafting.models import Filling
from fengqiao.portal.shell.columns import Choice, Column
from fengqiao.portal.shell.listing import Empty, Listing

FILLINGS = Listing(
    key="fillings",
    title="文书填写",
    model=Filling,
    columns=(
        Column("number", "编号", link=lambda row: reverse("drafting:filling", args=(row.pk,))),
        Column("title", "文书", link=lambda row: reverse("drafting:filling", args=(row.pk,))),
        Column("name", "备注名"),
        Column("party", "当事人", value=lambda row: row.party.name if row.party else ""),
        Column("state", "状态", kind="state", value=lambda row: row.get_state_display(), sign=lambda row: row.sign),
        Column("saved_by", "最后保存人", value=lambda row: row.saved_by.name),
        Column("saved_at", "保存时间", kind="moment", order="saved_at"),
    ),
    filters=(Choice("state", "状态", Filling.State.choices),),
    first="-saved_at",
    scopes=(("party",), ("role",), ("organisation",)),
    prepare=lambda rows: rows.select_related("party", "saved_by"),
    empty=Empty("还没有填写文书", "选择一种文书，分步填写，随时保存。", "drafting:new", "填写文书"),
)
