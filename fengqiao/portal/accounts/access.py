"""Ending somebody's access: their sessions, their account for a time, a second factor they have lost."""

from __future__ import annotations

import datetime as dt
import logging

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.db.models import Q
from django.http import Http404

from fengqiao.portal.accounts import actions, queries, trusted_devices
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Identity, Organisation, Role, User
from fengqiao.portal.accounts.sms import gateway
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.shell.errors import Conflict, Refusal
from fengqiao.portal.vault.sealed import open_sealed

log = logging.getLogger(__name__)
FACTOR_RESET_TEXT = (
    "【枫桥】您账号的第二道验证已由{who}在核对身份后重置，所有设备已退出。"
    "如果不是您要求的，请立即联系{who}或致电12386。"
)
NEW_MOBILE_TEXT = (
    "【枫桥】您账号登记的手机号码已由{who}在核对身份后更换，这个号码不再用于登录，所有设备已退出。"
    "如果不是您要求的，请立即联系{who}或致电12386。"
)
LAST_ADMINISTRATOR = "这个人是{name}的最后一名管理员，不能停用。请先邀请另一名管理员，再停用。"
CHECKS = (
    ("in_person", "当面核对了证件原件"),
    ("video", "视频核对了本人和证件原件"),
    ("callback", "收到书面申请，并回拨登记的电话由本人确认"),
)
"""How somebody was found to be who they say, as strictly as when they came in."""


def end_all_sessions(user: User, now: dt.datetime) -> int:
    """Nobody is logged in as this user any more, and no device is trusted; returns how many sessions were known."""
    User.objects.filter(pk=user.pk).update(sessions_end_before=now)
    trusted_devices.end_all(user, now)
    ended = 0
    for session in UserSession.objects.filter(user=user):
        session.end()
        ended += 1
    return ended


@transaction.atomic
def end_sessions(*, user: User, reason: str, acting: Acting, now: dt.datetime) -> int:
    """Put a person out on all devices; they may log in again."""
    if not queries.may_put_out(user, acting, now):
        raise Http404
    if not reason.strip():
        raise Refusal("请写明原因，例如“手机遗失”。")
    ended = end_all_sessions(user, now)
    audit.record(
        stamp=acting.stamp, verb="accounts.sessions_ended", subject=user, after={"sessions": ended}, reason=reason,
        now=now,
    )  # fmt: skip
    return ended


@transaction.atomic
def end_own_session(*, number: int, acting: Acting, now: dt.datetime) -> None:
    """Put one of one's own devices out."""
    session = UserSession.objects.filter(pk=number, user=acting.user).first()
    if session is None:
        raise Http404
    session.end()
    audit.record(
        stamp=acting.stamp, verb="accounts.session_ended", subject=acting.user, after={"session": number}, now=now
    )


@transaction.atomic
def suspend(*, user: User, reason: str, acting: Acting, now: dt.datetime) -> None:
    """Nobody comes in with this account until it is taken up again. All sessions end at once, roles stay."""
    if not queries.may_manage(user, acting, now):
        raise Http404
    if not reason.strip():
        raise Refusal("请写明停用的原因，例如“账号可能被盗用”。")
    administered = Role.objects.filter(user=user, kind=Role.Kind.ADMINISTRATOR).filter(held_at(now))
    # Their rows are locked by all who take administrators away, so two cannot go at once.
    houses = Organisation.objects.select_for_update().filter(pk__in=administered.values("organisation")).order_by("pk")
    for organisation in houses:
        if not queries.administrators(organisation).exclude(user=user).exists():
            raise Refusal(LAST_ADMINISTRATOR.format(name=organisation.name))
    if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
        raise Conflict("这个账号已经停用。请刷新页面查看当前状态。")
    ended = end_all_sessions(user, now)
    audit.record(
        stamp=acting.stamp, verb="accounts.suspended", subject=user, before={"is_active": True},
        after={"is_active": False, "sessions": ended}, reason=reason, now=now,
    )  # fmt: skip


@transaction.atomic
def take_up_again(*, user: User, reason: str, acting: Acting, now: dt.datetime) -> None:
    """An account that was suspended may be used again."""
    if not queries.may_manage(user, acting, now):
        raise Http404
    if not reason.strip():
        raise Refusal("请写明恢复的原因，例如“已核对本人身份”。")
    if not User.objects.filter(pk=user.pk, is_active=False).update(is_active=True, closed_at=None):
        raise Conflict("这个账号没有停用。请刷新页面查看当前状态。")
    audit.record(
        stamp=acting.stamp, verb="accounts.taken_up_again", subject=user, before={"is_active": False},
        after={"is_active": True}, reason=reason, now=now,
    )  # fmt: skip


@transaction.atomic
def reset_second_factor(*, user: User, check: str, reason: str, acting: Acting, now: dt.datetime) -> int:
    """Take away the second factor of somebody who has lost it, after it was found anew who they are. They are put out
    everywhere, are told by a message, and staff set up a new factor before anything else."""
    if not queries.may_manage(user, acting, now):
        raise Http404
    if check not in dict(CHECKS):
        raise Refusal("请选择怎样核对了本人的身份；没有核对的，不能重置。")
    if not reason.strip():
        raise Refusal("请写明原因，例如“手机遗失，恢复码也不在”。")
    held = Authenticator.objects.select_for_update().filter(user=user)
    kinds = sorted(held.values_list("type", flat=True))
    if not kinds:
        raise Conflict("这个账号没有第二道验证，不用重置。请刷新页面查看当前状态。")
    held.delete()
    end_all_sessions(user, now)
    audit.record(
        stamp=acting.stamp, verb="accounts.second_factor_reset", subject=user, before={"kinds": kinds},
        after={"kinds": [], "check": check}, reason=f"{dict(CHECKS)[check]}；{reason}", now=now,
    )  # fmt: skip
    transaction.on_commit(lambda: tell_of_reset(user, acting, now))
    return len(kinds)


@transaction.atomic
def change_mobile(*, user: User, mobile: str, check: str, reason: str, acting: Acting, now: dt.datetime) -> None:
    """A new mobile for somebody who has lost the old one, after it was found anew who they are. They are put out
    everywhere, the old mobile is told, and the new one is confirmed by a code at their next log-in."""
    if not queries.may_manage(user, acting, now):
        raise Http404
    if check not in dict(CHECKS):
        raise Refusal("请选择怎样核对了本人的身份；没有核对的，不能更换。")
    if not reason.strip():
        raise Refusal("请写明原因，例如“原手机号码已停用”。")
    identity = Identity.objects.filter(user=user).exclude(mobile_verified_at=None).first()
    old = open_sealed(identity.mobile) if identity and identity.mobile else ""
    if old == mobile:
        raise Refusal("没有更换：新的号码和登记的一样。请核对号码。")
    actions.set_mobile(
        user=user, mobile=mobile, verified=False, now=now, stamp=acting.stamp, reason=f"{dict(CHECKS)[check]}；{reason}"
    )
    end_all_sessions(user, now)
    if old:
        transaction.on_commit(lambda: tell_of_new_mobile(user, old, acting, now))


def tell_of_new_mobile(user: User, old: str, acting: Acting, now: dt.datetime) -> None:
    """A message to the mobile that was: whoever has it may be the one who should know."""
    text = NEW_MOBILE_TEXT.format(who=acting.organisation.name if acting.organisation else "平台")
    try:
        gateway().send(mobile=old, text=text, now=now)
    except OSError:
        log.warning("a person could not be told that their mobile was changed", extra={"user": user.pk})


def tell_of_reset(user: User, acting: Acting, now: dt.datetime) -> None:
    """A message to the person's mobile; when the gateway is away, the reset stands all the same, and it is logged."""
    identity = Identity.objects.filter(user=user).exclude(mobile_verified_at=None).first()
    if identity is None or not identity.mobile:
        return
    text = FACTOR_RESET_TEXT.format(who=acting.organisation.name if acting.organisation else "平台")
    try:
        gateway().send(mobile=open_sealed(identity.mobile), text=text, now=now)
    except OSError:
        log.warning("a person could not be told that their second factor was reset", extra={"user": user.pk})


def held_at(now: dt.datetime) -> Q:
    """Roles that hold at a moment."""
    return Q(ended_at=None) | Q(ended_at__gt=now)
