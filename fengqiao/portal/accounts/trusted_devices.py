"""Devices whose owner asked not to be sent a code at every log-in.

The browser keeps a random token; here stands its digest, bound to the password: a new password ends all of them. Each
is listed for its owner, who ends it; whoever puts somebody out on all devices ends them, too.
"""

from __future__ import annotations

import datetime as dt
import hmac
import secrets

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import TrustedDevice, User
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.stamp import Stamp

LASTS = dt.timedelta(days=30)
MOST_TOKENS = 5
"""In one browser: of a family that shares it."""
WISH = "trust_device"
"""In the session until the log-in is complete: this browser is to be trusted."""


def tokens_of(request: HttpRequest) -> list[str]:
    """What this browser brings."""
    brought = request.COOKIES.get(settings.DEVICE_COOKIE, "")
    return [token for token in brought.split(".") if 20 <= len(token) <= 64][:MOST_TOKENS]


def digest_of(token: str, user: User) -> str:
    """What is kept of a token."""
    text = f"device {token} {user.pk} {user.password}"
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), "sha256").hexdigest()


def live_ones(user: User, now: dt.datetime) -> QuerySet[TrustedDevice]:
    """The devices of a person that are trusted now."""
    return TrustedDevice.objects.filter(user=user, ended_at=None, expires_at__gt=now).order_by("-id")


@transaction.atomic
def use(*, tokens: list[str], user: User, now: dt.datetime) -> TrustedDevice | None:
    """The trusted device that brings one of these tokens, its use noted; None when there is none."""
    found = live_ones(user, now).filter(digest__in=[digest_of(token, user) for token in tokens]).first()
    if found is not None:
        TrustedDevice.objects.filter(pk=found.pk).update(last_used_at=now)
    return found


@transaction.atomic
def trust(*, user: User, device: str, stamp: Stamp, now: dt.datetime) -> str:
    """Trust a browser from now on; returns the token that it keeps."""
    token = secrets.token_urlsafe(32)
    made = TrustedDevice.objects.create(
        user=user, digest=digest_of(token, user), device=device[:300], trusted_at=now, expires_at=now + LASTS
    )
    audit.record(
        stamp=stamp, verb="accounts.device_trusted", subject=user,
        after={"device": made.pk, "until": made.expires_at.isoformat()}, now=now,
    )  # fmt: skip
    return token


def keep(request: HttpRequest, response: HttpResponse, token: str) -> None:
    """Hand the token to the browser."""
    response.set_cookie(
        settings.DEVICE_COOKIE,
        ".".join([token, *tokens_of(request)][:MOST_TOKENS]),
        max_age=int(LASTS.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


@transaction.atomic
def end(*, number: int, acting: Acting, now: dt.datetime) -> None:
    """From now on a code is asked for on one of one's own devices."""
    if not live_ones(acting.user, now).filter(pk=number).update(ended_at=now):
        raise Http404
    audit.record(
        stamp=acting.stamp, verb="accounts.trusted_device_ended", subject=acting.user, after={"device": number}, now=now
    )


def end_all(user: User, now: dt.datetime) -> int:
    """From now on a code is asked for on every device; whoever calls leaves the event."""
    return live_ones(user, now).update(ended_at=now)
