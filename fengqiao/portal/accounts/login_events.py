"""Audit events of coming in and going out. Whoever fails again and again cannot fill the audit: one event an hour."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from fengqiao.portal.accounts.actions import own_stamp
from fengqiao.portal.accounts.models import User
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.models import Event
from fengqiao.portal.audit.stamp import system_stamp

FAILED, FAILED_EVERY = "accounts.login_failed", dt.timedelta(hours=1)
FACTOR_FAILED = "accounts.second_factor_failed"


@transaction.atomic
def logged_in(*, user: User, methods: list[str], address: str, now: dt.datetime) -> None:
    """Somebody came in; by what."""
    audit.record(
        stamp=own_stamp(user, address), verb="accounts.logged_in", subject=user, after={"methods": methods}, now=now
    )


@transaction.atomic
def logged_out(*, user: User, address: str, now: dt.datetime) -> None:
    """Somebody left by the button."""
    audit.record(stamp=own_stamp(user, address), verb="accounts.logged_out", subject=user, now=now)


@transaction.atomic
def login_failed(*, user: User, now: dt.datetime) -> bool:
    """Somebody tried to come in as this user and could not; False when it stands in the audit for this hour already.

    It is not known who it was, so the event is the system's, about the user.
    """
    return noted_once(FAILED, user, now)


@transaction.atomic
def second_factor_failed(*, user: User, now: dt.datetime) -> bool:
    """Somebody knew the password of this user, and not the second factor; once an hour, too."""
    return noted_once(FACTOR_FAILED, user, now)


def noted_once(verb: str, user: User, now: dt.datetime) -> bool:
    """Leave the system's event about a user, if there is none of the last hour."""
    about = Event.objects.filter(subject_kind="accounts.user", subject_id=str(user.pk), verb=verb)
    if about.filter(at__gt=now - FAILED_EVERY).exists():
        return False
    audit.record(stamp=system_stamp(), verb=verb, subject=user, now=now)
    return True


@transaction.atomic
def second_factor_changed(*, user: User, change: str, address: str, now: dt.datetime) -> None:
    """An authenticator, a passkey or recovery codes came or went."""
    audit.record(
        stamp=own_stamp(user, address), verb="accounts.second_factor_changed", subject=user,
        after={"change": change}, reason=change, now=now,
    )  # fmt: skip
