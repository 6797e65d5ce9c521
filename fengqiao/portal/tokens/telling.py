"""What owners of tokens are told: that one was made in their name, is about to run out, or is over."""

from __future__ import annotations

import datetime as dt
import logging

from django.urls import reverse

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.notices import actions as notices
from fengqiao.portal.shell.words import day_text
from fengqiao.portal.tokens import queries
from fengqiao.portal.tokens.models import AccessToken

log = logging.getLogger(__name__)
SUBJECT = "tokens.accesstoken"


def page_of_token(acting: Acting, number: str) -> str | None:
    """Where a message about a token leads: to one's tokens."""
    seen = number.isdecimal() and queries.own(acting).filter(pk=int(number)).exists()
    return reverse("tokens:mine") if seen and queries.may_have(acting) else None


def named(token: AccessToken) -> str:
    """How people recognise it."""
    return f"{token.name}（{token.prefix}…）"


def last_day(token: AccessToken) -> str:
    """The last day on which it can be used."""
    return day_text(token.last_day)


def tell(token: AccessToken, template: str, values: dict[str, str], key: str, now: dt.datetime) -> bool:
    """One message to the owner, once; False when there is nobody to be told."""
    if not token.owner.is_active:
        return False
    return notices.send(
        to=token.owner, template=template, values={"name": named(token), **values}, subject=(SUBJECT, str(token.pk)),
        once_key=f"tokens {key} {token.pk}", organisation=token.role.organisation, now=now,
    ) is not None  # fmt: skip


def issued(token: AccessToken, now: dt.datetime) -> None:
    """Whoever did not make it themself learns that somebody else did."""
    tell(token, "tokens.issued", {"until": last_day(token)}, "issued", now)


def revoked(token: AccessToken, acting: Acting, reason: str, now: dt.datetime) -> None:
    """An administrator ended it."""
    who = f"{acting.organisation.name}的管理员" if acting.organisation else "管理员"
    tell(token, "tokens.revoked", {"sender": who, "why": reason}, "revoked", now)


def ended(token: AccessToken, why: str, now: dt.datetime) -> None:
    """It ended by itself."""
    tell(token, "tokens.ended", {"why": AccessToken.Ending(why).label}, "ended", now)


def about_to_end(token: AccessToken, days: int, now: dt.datetime) -> bool:
    """So many days ahead."""
    return tell(token, "tokens.expiring", {"until": last_day(token)}, f"expiring-{days}", now)
