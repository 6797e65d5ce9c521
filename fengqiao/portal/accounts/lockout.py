"""After too many wrong passwords: what is counted, what people read, how an administrator lifts it.

What is counted is one account from one place, so that nobody locks others out by typing wrong passwords in their name.
A wide limit over all places together stops guessing from many of them; it does not concern a place from which the
account was opened lately. Names that nobody has are counted alike: whether there is an account, nobody learns here.
django-axes, which counts afterwards, stays as the second lock.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from fengqiao.portal.accounts import queries
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Identity, User
from fengqiao.portal.accounts.rate_limits import (
    PASSWORDS,
    PASSWORDS_EVERYWHERE,
    counted,
    forget,
    full,
    give_back,
    network_of,
)
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.models import Event
from fengqiao.portal.refusal import Conflict, Refusal
from fengqiao.portal.vault.sealed import open_sealed

LOCKED = (
    "输错密码的次数太多，为保护账号，从这里暂时不能用密码登录。请 {minutes} 分钟后再试；"
    "忘记密码的，现在就可以选“忘记密码，或者用短信验证码登录”，按提示设置新密码；机构人员急需登录的，请所在机构的管理员解除。"
)
LATELY = dt.timedelta(days=90)


def digest(typed: str) -> str:
    """Which name it is, as it is counted: no number in the clear."""
    salted = f"{settings.SECRET_KEY}:{typed}".lower()
    return hashlib.sha256(salted.encode()).hexdigest()[:32] if typed else ""


def login_of(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """Which account is being tried: a digest, since it may be a mobile, and failed attempts are kept in the clear."""
    given = credentials or {}
    return digest(given.get("username") or given.get("phone") or request.POST.get("login") or "")


def locked_out(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    """The page of somebody who is locked out."""
    return render(request, "accounts/locked_out.html", status=429)


def wait_before_trying(login: str, user: User | None, address: str, now: dt.datetime) -> int:
    """Count a password that is about to be compared; seconds to wait when there were too many, else 0."""
    network, moment = network_of(address), now.timestamp()
    if not counted(PASSWORDS, f"{login} {network}", moment):
        return full(PASSWORDS, f"{login} {network}", moment) or 60
    if counted(PASSWORDS_EVERYWHERE, login, moment) or (user is not None and came_from(user, network, now)):
        return 0
    return full(PASSWORDS_EVERYWHERE, login, moment) or 60


def came_from(user: User, network: str, now: dt.datetime) -> bool:
    """Whether the account was opened from this place lately."""
    rows = Event.objects.filter(
        subject_kind="accounts.user", subject_id=str(user.pk), verb="accounts.logged_in", at__gt=now - LATELY
    ).order_by("-number")  # fmt: skip
    return network in {network_of(address) for address in rows.values_list("address", flat=True)[:200]}


def passed(login: str, address: str) -> None:
    """The password was right: what was counted is settled."""
    forget(PASSWORDS, f"{login} {network_of(address)}")
    give_back(PASSWORDS_EVERYWHERE, login)


def logins_of(user: User) -> list[str]:
    """By what names the account can be tried."""
    identity = Identity.objects.filter(user=user).first()
    mobile = open_sealed(identity.mobile) if identity and identity.mobile else ""
    return [digest(one) for one in (user.username, mobile) if one]


def locked_until(user: User, now: dt.datetime) -> dt.datetime | None:
    """Until when the account cannot be opened by its password from some place; None when it can from all."""
    waits = [0]
    for login in logins_of(user):
        waits.append(full(PASSWORDS_EVERYWHERE, login, now.timestamp()))
        waits += [full(PASSWORDS, f"{login} {network}", now.timestamp()) for network in networks_of(login)]
    return now + dt.timedelta(seconds=max(waits)) if max(waits) else None


def networks_of(login: str) -> set[str]:
    """From where wrong passwords came."""
    rows = AccessAttempt.objects.filter(username=login).order_by("-attempt_time")
    return {network_of(address) for address in rows.values_list("ip_address", flat=True)[:200] if address}


@transaction.atomic
def lift(*, user: User, reason: str, acting: Acting, now: dt.datetime) -> None:
    """Let somebody try again at once, whom an administrator knows to be the one who mistyped."""
    if not queries.may_put_out(user, acting, now):
        raise Http404
    if not reason.strip():
        raise Refusal("请写明原因，例如“本人输错密码，已当面核对”。")
    if locked_until(user, now) is None:
        raise Conflict("这个账号现在没有锁定，不用解除。仍然不能登录的，请本人看登录页上写的原因。")
    for login in logins_of(user):
        forget(PASSWORDS_EVERYWHERE, login)
        for network in networks_of(login):
            forget(PASSWORDS, f"{login} {network}")
        reset(username=login)
    audit.record(stamp=acting.stamp, verb="accounts.lock_lifted", subject=user, reason=reason, now=now)
