"""A person's calendar feed: a user name and a password of its own, good for nothing else, and who may read it.

The address is the same for everybody and holds no secret. Of the password only a keyed digest is kept.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hmac
import re
import secrets

from django.conf import settings
from django.db import IntegrityError, transaction

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.rate_limits import MINUTE, Rate, give_back, take
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.deadlines import queries
from fengqiao.portal.deadlines.models import Feed
from fengqiao.portal.refusal import Conflict

SIGNS = "abcdefghijkmnpqrstuvwxyz23456789"
"""32 of them: 5 bits each. Without l, o, 0 and 1, since it may have to be typed on a telephone."""
NAME_SIGNS, PASSWORD_SIGNS, GROUP = 10, 28, 4
"""50 and 140 bits."""
FROM_ONE_PLACE = Rate("feed_network", 600, 10 * MINUTE, "读取日历订阅")
"""An office behind one address has many calendars; programs ask some times an hour each."""
WRONG_FROM_PLACE = Rate("feed_wrong_network", 60, 30 * MINUTE, "日历订阅的用户名或者密码输错")
WRONG_OF_NAME = Rate("feed_wrong_name", 10, 30 * MINUTE, "日历订阅的用户名或者密码输错")
"""Counted before the password is compared, and given back when it is right."""
ONE_CALENDAR = Rate("feed", 30, 10 * MINUTE, "读取日历订阅")
NAME = re.compile(r"rili-[a-z0-9]{1,15}")
NOBODYS = "0" * 64


def made_up(length: int) -> str:
    """So many signs by chance."""
    return "".join(secrets.choice(SIGNS) for _ in range(length))


def in_groups(text: str) -> str:
    """Easier to read and to type."""
    return "-".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))


def plain(text: str) -> str:
    """As it was made: without what stands between groups, and however a telephone wrote the first letter."""
    return "".join(sign for sign in text.lower() if sign.isalnum())


def digest_of(name: str, password: str) -> str:
    """What is kept of a password."""
    said = f"deadlines feed {name} {plain(password)}"
    return hmac.new(settings.SECRET_KEY.encode(), said.encode(), "sha256").hexdigest()


@transaction.atomic
def make_feed(*, acting: Acting, now: dt.datetime) -> tuple[str, str]:
    """A new user name and password for the person's calendar; those there were before end. Returns both."""
    ended = Feed.objects.filter(user=acting.user, revoked_at=None).update(revoked_at=now)
    name, password = f"rili-{made_up(NAME_SIGNS)}", in_groups(made_up(PASSWORD_SIGNS))
    try:
        with transaction.atomic():
            made = Feed.objects.create(
                user=acting.user, name=name, password_digest=digest_of(name, password), created_at=now
            )
    except IntegrityError as error:
        raise Conflict("没有生成：刚刚已经生成过新的密码。请重新打开页面。") from error
    audit.record(stamp=acting.stamp, verb="deadlines.feed_made", subject=made, after={"revoked": ended}, now=now)
    return name, password


@transaction.atomic
def revoke_feed(*, acting: Acting, now: dt.datetime) -> bool:
    """The user name and its password no longer work."""
    found = queries.feed_of(acting.user)
    if found is None or not Feed.objects.filter(pk=found.pk, revoked_at=None).update(revoked_at=now):
        return False
    audit.record(stamp=acting.stamp, verb="deadlines.feed_revoked", subject=found, now=now)
    return True


def read_basic(header: str) -> tuple[str, str] | None:
    """User name and password of an Authorization header (RFC 7617); None when there are none."""
    scheme, _, given = header.partition(" ")
    if scheme.lower() != "basic" or len(given) > 1000:
        return None
    try:
        name, found, password = base64.b64decode(given.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return (name, password) if found else None


def feed_of_header(*, header: str, place: str, now: dt.datetime) -> Feed | None:
    """The feed whose user name and password a program brings; None when it brings none, or wrong ones."""
    given = read_basic(header)
    if given is None:
        return None
    name, moment = given[0].strip().lower(), now.timestamp()
    tries = ((WRONG_FROM_PLACE, place), (WRONG_OF_NAME, name))
    for rate, who in tries:
        take(rate, who, moment)
    found = queries.feed_by(name) if NAME.fullmatch(name) else None
    kept = found.password_digest if found else NOBODYS
    if not hmac.compare_digest(kept, digest_of(name, given[1])) or found is None:
        return None
    for rate, who in tries:
        give_back(rate, who, moment)
    take(ONE_CALENDAR, f"feed {found.pk}", moment)
    return found


def note_reading(*, feed: Feed, now: dt.datetime) -> None:
    """When it was last read, for its owner to see."""
    Feed.objects.filter(pk=feed.pk).update(last_read_at=now)
