"""What services ask for: documents to open, people to serve in another way, paper to give; whom to call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.urls import reverse

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.notices import queries as notices
from fengqiao.portal.notices.by_staff import way_of
from fengqiao.portal.service import queries
from fengqiao.portal.workbench.found import AT_MOST, DueItem


def due(acting: Acting, now: dt.datetime) -> Iterator[DueItem]:
    """For who is served, and for who serves."""
    for row in queries.unread_of(acting, now)[:AT_MOST]:
        deadline = row.deadline.due_at if row.deadline and row.deadline.is_open else None
        yield DueItem(
            f"查阅送达的文书：{row.service.title}", reverse("service:received", args=(row.pk,)), deadline, "未读"
        )
    for row in queries.to_serve_otherwise(acting)[:AT_MOST]:
        yield DueItem(f"另行送达：{row.name}，{row.service.title}", place_of(row.pk), None, "没有电子送达")
    for row in queries.paper_asked(acting)[:AT_MOST]:
        yield DueItem(f"提供纸质文书：{row.name}，{row.service.title}", place_of(row.pk), None, "对方要求")
    for notice in notices.to_call(acting)[:AT_MOST]:
        url = reverse("notices:delivery", args=(notice.pk,))
        why = "特殊需要" if notice.channel == notice.Channel.BY_STAFF else "通知没有送到"
        title = f"{way_of(notice, now)}：{notice.recipient}，{notice.title}"
        yield DueItem(title, url, None, why, notice.party.priority if notice.party else 0)


def place_of(number: int) -> str:
    """Where a recipient is looked after."""
    return reverse("service:recipient", args=(number,))
