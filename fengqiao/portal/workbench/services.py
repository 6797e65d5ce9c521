"""What services ask for: documents to open, people to serve in another way, paper to give; whom to call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import partial

from django.db.models import QuerySet
from django.urls import reverse

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.notices import queries as notices
from fengqiao.portal.notices.by_staff import way_of
from fengqiao.portal.notices.models import Notice
from fengqiao.portal.service import queries
from fengqiao.portal.service.models import Recipient
from fengqiao.portal.workbench.asking import Question
from fengqiao.portal.workbench.found import AT_MOST, DueItem


def questions(acting: Acting, now: dt.datetime) -> Iterator[Question]:
    """For who is served, and for who serves."""
    yield Question(queries.unread_of(acting, now), unread)
    yield Question(queries.to_serve_otherwise(acting), otherwise)
    yield Question(queries.paper_asked(acting), on_paper)
    yield Question(notices.to_call(acting), partial(to_tell, now))


def unread(rows: QuerySet[Recipient]) -> Iterator[DueItem]:
    """Documents to open."""
    for row in rows[:AT_MOST]:
        deadline = row.deadline.due_at if row.deadline and row.deadline.is_open else None
        url = reverse("service:received", args=(row.pk,))
        yield DueItem(f"查阅送达的文书：{row.service.title}", url, deadline, "未读", case=row.service.case)


def otherwise(rows: QuerySet[Recipient]) -> Iterator[DueItem]:
    """People to serve in another way."""
    for row in rows[:AT_MOST]:
        yield DueItem(f"另行送达：{row.name}，{row.service.title}", place_of(row.pk), None, "没有电子送达", first(row))


def on_paper(rows: QuerySet[Recipient]) -> Iterator[DueItem]:
    """Paper to give."""
    for row in rows[:AT_MOST]:
        yield DueItem(f"提供纸质文书：{row.name}，{row.service.title}", place_of(row.pk), None, "对方要求", first(row))


def to_tell(now: dt.datetime, rows: QuerySet[Notice]) -> Iterator[DueItem]:
    """Whom to call or write to: all that one person is to be told in one line."""
    whose: dict[tuple[int | None, int | None], list[Notice]] = {}
    for notice in rows[: 5 * AT_MOST]:
        whose.setdefault((notice.party_id, notice.user_id), []).append(notice)
    for several in list(whose.values())[:AT_MOST]:
        first = several[0]
        why = "特殊需要" if first.channel == first.Channel.BY_STAFF else "通知没有送到"
        more = f"等 {len(several)} 项" if len(several) > 1 else ""
        yield DueItem(
            f"{way_of(first, now)}：{first.recipient}，{first.title}{more}",
            reverse("notices:delivery", args=(first.pk,)), None, why, first.party.priority if first.party else 0,
        )  # fmt: skip


def first(row: Recipient) -> int:
    """How much somebody comes first."""
    return row.party.priority if row.party else 0


def place_of(number: int) -> str:
    """Where a recipient is looked after."""
    return reverse("service:recipient", args=(number,))
