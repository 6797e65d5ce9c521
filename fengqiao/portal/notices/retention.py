"""How long messages are kept: text and address go, what became of them stays."""

from __future__ import annotations

from django.db.models import QuerySet

from fengqiao.portal.notices.models import Notice
from fengqiao.portal.parties.retention import RULES, Rule

CLEAR = {"address": "", "text": "", "call_note": "", "problem": ""}


def ended(*, of_parties: bool = True) -> QuerySet[Notice]:
    """Messages to parties, or to accounts that are no party, on which nothing is under way any more."""
    rows = Notice.objects.filter(party__isnull=not of_parties, disposed_at=None, to_call=False)
    return rows.exclude(state__in=Notice.OPEN).select_related("party")


NOTICES = Rule(
    "notice", "发给当事人的通知", Notice, "records.notice_years", "产生通知", "created_at", ended,
    CLEAR,
)  # fmt: skip


ACCOUNTS = Rule(
    "notice_account", "发给工作人员等账号的通知", Notice, "records.notice_years", "产生通知", "created_at",
    lambda: ended(of_parties=False), CLEAR, user_path="user",
)  # fmt: skip


def add() -> None:
    """Put the rules among all, once."""
    for rule in (NOTICES, ACCOUNTS):
        if rule not in RULES:
            RULES.append(rule)
