"""The list of a person's messages."""

from __future__ import annotations

from django.urls import reverse

from fengqiao.portal.notices.models import Notice
from fengqiao.portal.shell.columns import Column
from fengqiao.portal.shell.listing import Empty, Listing

MINE = Listing(
    key="notices",
    title="我的通知",
    model=Notice,
    columns=(
        Column("title", "标题", link=lambda row: reverse("notices:notice", args=(row.pk,))),
        Column(
            "read", "状态", "state", value=lambda row: "已读" if row.read_at else "未读",
            sign=lambda row: "quiet" if row.read_at else "waiting",
        ),
        Column("created_at", "时间", "moment", order="created_at"),
    ),
    first="-created_at",
    scopes=(("user", "channel"),),
    empty=Empty("还没有通知", "有事需要您办理、或者您的事情有进展时，会显示在这里。"),
)  # fmt: skip
