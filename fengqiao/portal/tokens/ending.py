"""What ends tokens without anybody revoking them: each end is written down, and what runs out is told ahead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Q

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Role
from fengqiao.portal.tokens import actions, queries, telling
from fengqiao.portal.tokens.models import AccessToken

AHEAD = (14, 3)
"""Days before the end."""


def end_with_role(role: Role, acting: Acting, now: dt.datetime) -> None:
    """A role has ended; so have its tokens, in the same transaction."""
    for token in queries.of_role(role):
        actions.write_end_down(token=token, stamp=acting.stamp, now=now)


def over(now: dt.datetime) -> Iterable[AccessToken]:
    """Tokens that hold no more, whose end nobody wrote down."""
    return queries.whole().filter(~Q(pk__in=AccessToken.objects.filter(queries.not_over(now)).values("pk")),
                                  ended_at=None).order_by("pk")  # fmt: skip


def tell_ahead(now: dt.datetime) -> int:
    """Owners are told before a token runs out; returns how many messages there were to send."""
    told = 0
    soon = now + dt.timedelta(days=max(AHEAD))
    for token in queries.whole().filter(queries.not_over(now), valid_until__lte=soon).order_by("pk"):
        left = token.valid_until - now
        due = [days for days in AHEAD if left <= dt.timedelta(days=days) < token.valid_until - token.created_at]
        if due:
            told += telling.about_to_end(token, min(due), now)
    return told
