"""The list of a person's messages, and of what an organisation sent."""

from __future__ import annotations

from django.urls import reverse

from fengqiao.portal.notices.models import Notice
from fengqiao.portal.shell.columns import Choice, Column
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

SENT = Listing(
    key="notices_sent",
    title="通知的发送情况",
    model=Notice,
    columns=(
        Column("recipient", "收件人", link=lambda row: reverse("notices:delivery", args=(row.pk,))),
        Column("title", "标题"),
        Column("channel", "渠道", value=lambda row: row.get_channel_display()),
        Column(
            "state", "状态", "state", value=lambda row: "请告知本人" if row.to_call else row.get_state_display(),
            sign=lambda row: row.sign,
        ),
        Column("attempts", "尝试次数", "count"),
        Column("problem", "没有送到的原因"),
        Column("created_at", "产生时间", "moment", order="created_at"),
    ),
    filters=(Choice("state", "状态", Notice.State.choices),),
    first="-created_at",
    scopes=((), ("organisation",)),
    prepare=lambda rows: rows.select_related("user", "party"),
    empty=Empty("还没有发出通知", "以本机构名义发出的通知会显示在这里。"),
)  # fmt: skip
