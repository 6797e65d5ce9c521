"""The list of an organisation's rounds."""

from __future__ import annotations

from django.urls import reverse

from fengqiao.portal.shell.columns import Choice, Column
from fengqiao.portal.shell.listing import Empty, Listing
from fengqiao.portal.signing.models import SigningRound
from fengqiao.portal.signing.queries import first_of_parties

ROUNDS = Listing(
    key="signing_rounds",
    title="文书签署",
    model=SigningRound,
    columns=(
        Column("number", "编号", link=lambda row: reverse("signing:round", args=(row.pk,))),
        Column("title", "文书名称", link=lambda row: reverse("signing:round", args=(row.pk,))),
        Column("state", "状态", kind="state", value=lambda row: row.get_state_display(), sign=lambda row: row.sign),
        Column("first", "次序", value=lambda row: "优先办理" if row.first else ""),
        Column("due_at", "签署期限", kind="moment", order="due_at"),
        Column("created_by", "发起人", value=lambda row: row.created_by.name),
        Column("created_at", "登记时间", kind="moment", order="id"),
    ),
    filters=(Choice("state", "状态", SigningRound.State.choices),),
    first="-created_at",
    scopes=(("organisation",),),
    prepare=lambda rows: rows.select_related("created_by").annotate(first=first_of_parties()),
    empty=Empty("还没有要签署的文书", "登记文书并发起签署后显示在这里。"),
)
