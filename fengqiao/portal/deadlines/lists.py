"""The lists of deadlines."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from fengqiao.portal.deadlines.models import Deadline
from fengqiao.portal.deadlines.queries import mark_first
from fengqiao.portal.shell.columns import Choice, Column
from fengqiao.portal.shell.listing import Empty, Listing

COLUMNS = (
    Column("title", "事项", link=lambda row: reverse("deadlines:deadline", args=(row.pk,))),
    Column(
        "light", "状态", "state", value=lambda row: row.light(timezone.now())[1],
        sign=lambda row: row.light(timezone.now())[0],
    ),
    Column("due_at", "最后一日", "day", order="due_at"),
    Column("flags", "提示", value=lambda row: row.hints),
    Column("case", "案件"),
    Column("responsible", "责任人", value=lambda row: row.responsible),
)  # fmt: skip
STATES = ((Deadline.State.RUNNING, "进行中"), (Deadline.State.PAUSED, "已暂停"), (Deadline.State.INTERRUPTED, "已中断"))
CLOSED_COLUMNS = (
    COLUMNS[0],
    Column(
        "light", "结果", "state", value=lambda row: row.light(timezone.now())[1],
        sign=lambda row: row.light(timezone.now())[0],
    ),
    Column("due_on", "最后一日", "day"),
    Column("ended_at", "了结时间", "moment"),
    Column("in_time", "是否按期", value=lambda row: row.in_time),
    Column("case", "案件"),
    Column("responsible", "责任人", value=lambda row: row.responsible),
)  # fmt: skip
ENDS = ((Deadline.State.MET, "已办结"), (Deadline.State.WITHDRAWN, "已撤销"))


def listing(key: str, title: str, text: str, scopes: tuple[tuple[str, ...], ...]) -> Listing:
    """Open deadlines, the overdue ones first, those that stand still last."""
    return Listing(
        key=key, title=title, model=Deadline, columns=COLUMNS, filters=(Choice("state", "状态", STATES),),
        first="due_at", scopes=scopes, prepare=lambda rows: rows.select_related("user", "organisation"),
        besides=mark_first, empty=Empty("没有未了结的期限", text),
    )  # fmt: skip


def closed(key: str, title: str, scopes: tuple[tuple[str, ...], ...]) -> Listing:
    """Those that are done or withdrawn, the newest first."""
    return Listing(
        key=key, title=title, model=Deadline, columns=CLOSED_COLUMNS, filters=(Choice("state", "结果", ENDS),),
        scopes=scopes, prepare=lambda rows: rows.select_related("user", "organisation"),
        empty=Empty("没有已了结的期限", "期限办结或者撤销后会移到这里，历史仍然保存。"),
    )  # fmt: skip


MINE = listing(
    "deadlines_mine", "我的期限", "由您负责的期限会显示在这里，逾期的在最前面。", (("user", "organisation", "is_open"),)
)
OF_BODY = listing(
    "deadlines_body", "机构的期限", "由本机构负责的期限会显示在这里，逾期的在最前面。",
    (("organisation", "is_open"), ("organisation", "role_kind", "is_open")),
)  # fmt: skip
MINE_CLOSED = closed("deadlines_mine_closed", "我的期限：已了结", (("user", "organisation", "!is_open"),))
OF_BODY_CLOSED = closed(
    "deadlines_body_closed", "机构的期限：已了结",
    (("organisation", "!is_open"), ("organisation", "role_kind", "!is_open")),
)  # fmt: skip
