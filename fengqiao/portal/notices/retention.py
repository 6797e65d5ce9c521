"""How long messages are kept: text and address go, what became of them stays."""

from __future__ import annotations

from django.db.models import QuerySet

from fengqiao.portal.notices.models import Notice
from fengqiao.portal.parties.retention import RULES, Rule


def ended() -> QuerySet[Notice]:
    """Messages to parties on which nothing is under way any more."""
    rows = Notice.objects.filter(party__isnull=False, disposed_at=None, to_call=False)
    return rows.exclude(state__in=Notice.OPEN).select_related("party")


NOTICES = Rule(
    "notice", "发给当事人的通知", Notice, "records.notice_years", "产生通知", "created_at", ended,
    {"address": "", "text": "", "call_note": "", "problem": ""},
)  # fmt: skip


def add() -> None:
    """Put the rule among all, once."""
    if NOTICES not in RULES:
        RULES.append(NOTICES)
