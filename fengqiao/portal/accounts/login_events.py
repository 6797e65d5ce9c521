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
FACTOR_FAILED, CODE_FAILED = "accounts.second_factor_failed", "accounts.login_code_failed"
PAPERS_FAILED = "accounts.papers_failed"
METHODS = {
    "password": "密码", "code": "短信验证码", "trusted_device": "记住的设备", "mfa": "第二道验证", "papers": "证件核对",
}  # fmt: skip
"""By what somebody came in, in words."""


@transaction.atomic
def logged_in(*, user: User, methods: list[str], address: str, now: dt.datetime) -> None:
    """Somebody came in; by what."""
    audit.record(
        stamp=own_stamp(user, address), verb="accounts.logged_in", subject=user, after={"methods": methods},
        reason="、".join(dict.fromkeys(METHODS.get(method, method) for method in methods)), now=now,
    )  # fmt: skip


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


@transaction.atomic
def login_code_failed(*, user: User, now: dt.datetime) -> bool:
    """Somebody typed a code that does not open this user's log-in; once an hour."""
    return noted_once(CODE_FAILED, user, now)


@transaction.atomic
def papers_failed(*, user: User, now: dt.datetime) -> bool:
    """Somebody who forgot the password of this user could not say their name and number; once an hour."""
    return noted_once(PAPERS_FAILED, user, now)


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
