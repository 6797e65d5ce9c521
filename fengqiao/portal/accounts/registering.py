"""Registering: all or nothing, and again where somebody left in the middle.

A registration is unfinished as long as its mobile was never confirmed and nobody came in. Whoever mistyped their
mobile, or lost the page, registers once more: the unfinished one gives its number of the papers back.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.account.internal.stagekit import clear_login
from allauth.account.views import SignupView
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters

from fengqiao.portal.accounts.acting import address_of
from fengqiao.portal.accounts.actions import own_stamp
from fengqiao.portal.accounts.mobile_codes import TRIES
from fengqiao.portal.accounts.models import ConfirmingCode, Identity, Role, User
from fengqiao.portal.accounts.rate_limits import CODE_REQUESTS, MINUTE, Rate, counted, network_of, take
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.vault.fields import lookup

ONE_BY_ONE = Rate("registering", 1_000_000, MINUTE, "注册")
"""Its row is held to the end of the transaction: two with the same papers come one after the other."""
UNDER_WAY = (
    "这个证件号码刚刚有人注册，还没有输入短信验证码。是您本人的，请回到原来的页面输入；"
    "手机号码填错了或者那一页已经关闭的，请 {minutes} 分钟后重新注册。"
)


def is_unfinished(user: User) -> bool:
    """Whether nobody has ever come in with this account, and it is of nothing but an investor."""
    confirmed = Identity.objects.filter(user=user).exclude(mobile_verified_at=None).exists()
    other = user.roles.exclude(kind=Role.Kind.INVESTOR, organisation=None).exists()
    return not confirmed and not other and user.last_login is None and user.closed_at is None


def unfinished_with(kind: str, number: str) -> User | None:
    """The unfinished registration with these papers; None where there is none, or a whole account."""
    same = Identity.objects.filter(lookup(Identity, "number", number), kind=kind).select_related("user")
    users = [identity.user for identity in same]
    return users[0] if len(users) == 1 and is_unfinished(users[0]) else None


def minutes_left(user: User, now: dt.datetime) -> int:
    """For how long the code of an unfinished registration can still be typed; 0 when it cannot."""
    newest = ConfirmingCode.objects.filter(mobile__owner=user.pk).order_by("-id").first()
    if newest is None or not newest.usable_at(now) or newest.tries >= TRIES:
        return 0
    return int((newest.expires_at - now).total_seconds() // 60) + 1


def queue_up(kind: str, number: str) -> None:
    """Wait for whoever registers with the same papers at this moment."""
    counted(ONE_BY_ONE, f"{kind} {number}")


@transaction.atomic
def give_way(*, user: User, address: str, now: dt.datetime) -> None:
    """An unfinished registration makes room for a new one with the same papers. Nothing was ever done with it."""
    held = User.objects.select_for_update().get(pk=user.pk)
    if not is_unfinished(held):
        raise Refusal("没有注册：这个证件号码刚刚完成了注册。请直接登录。")
    identity = Identity.objects.get(user=held)
    identity.number, identity.mobile, held.is_active = "", "", False
    identity.save(update_fields=("number", "number_index", "mobile", "mobile_index"))
    held.save(update_fields=("is_active",))
    Role.objects.filter(user=held, ended_at=None).update(ended_at=now)
    audit.record(stamp=own_stamp(held, address), verb="accounts.registration_given_up", subject=held, now=now)


class Register(SignupView):
    """allauth's page; the account, its papers and the message stand or fall together."""

    def form_valid(self, form: Any) -> HttpResponse:
        """What is refused on the way, such as too many messages, stands on the form, and no account is left behind."""
        try:
            take(CODE_REQUESTS, network_of(address_of(self.request)))
            with transaction.atomic():
                answer: HttpResponse = super().form_valid(form)
        except Refusal as error:
            clear_login(self.request)
            form.add_error(None, str(error))
            return self.form_invalid(form)
        return answer


@login_not_required
@sensitive_post_parameters()
def register(request: HttpRequest) -> HttpResponse:
    """Investors register themselves."""
    answer: HttpResponse = Register.as_view()(request)
    return answer


def papers_problem(kind: str, number: str, now: dt.datetime, taken: str) -> tuple[str, User | None]:
    """Why nobody can register with these papers, or the unfinished registration that would give way."""
    if not Identity.objects.filter(lookup(Identity, "number", number), kind=kind).exists():
        return "", None
    before = unfinished_with(kind, number)
    if before is None:
        return taken, None
    minutes = minutes_left(before, now)
    return (UNDER_WAY.format(minutes=minutes), None) if minutes else ("", before)
