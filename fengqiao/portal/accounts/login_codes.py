"""Codes to the mobile when somebody logs in: sending, comparing; and what stands for a forgotten password."""

from __future__ import annotations

import datetime as dt
import hmac
import logging
from dataclasses import replace

from django.db import transaction
from django.db.models import F

from fengqiao.portal.accounts import actions, login_events, mobile_codes, voice
from fengqiao.portal.accounts.models import Identity, LoginAttempt, LoginCode, User
from fengqiao.portal.accounts.sms import gateway
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.stamp import system_stamp
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.vault.sealed import open_sealed

log = logging.getLogger(__name__)
AGAIN_AFTER = dt.timedelta(seconds=60)
MOST_CODES = 4
"""Of one log-in."""
MOST_IDENTITY_TRIES = 3
KEPT = dt.timedelta(days=1)
TEXT = "【枫桥】登录验证码 {code}，{minutes} 分钟内有效。任何人（包括工作人员）向您索要验证码都不要给。"
SECOND_PROOF_TEXT = (
    "【枫桥】登录验证码 {code}，{minutes} 分钟内有效。有人输对了您的密码；"
    "如果不是您本人，请不要告诉任何人，并尽快修改密码。"
)
RESET_TEXT = "【枫桥】您的登录密码刚刚用短信验证码和证件号码重新设置。如果不是您本人，请立即致电12386或到现场办理。"
NO_NUMBER = (
    "没有设置新密码：您的账号没有登记证件号码，无法核对。投资者请到就近的调解组织或致电 12386 办理；"
    "机构人员请联系所在机构的管理员重新邀请。"
)


def purpose(attempt: LoginAttempt, identity: Identity) -> str:
    """A code opens this log-in, sent to this mobile."""
    return f"login {attempt.pk} {identity.mobile_index}"


@transaction.atomic
def begin(*, user: User, after_password: bool, address: str, now: dt.datetime) -> LoginAttempt:
    """Somebody is on their way in: send the first code."""
    attempt = LoginAttempt.objects.create(user=user, began_at=now)
    _send(attempt, after_password, address, now)
    return attempt


@transaction.atomic
def send_again(
    *, attempt: LoginAttempt, after_password: bool, address: str, now: dt.datetime, spoken: bool = False
) -> LoginCode:
    """Another code: not at once, and not for ever. spoken: whoever asks wants to hear it."""
    LoginAttempt.objects.select_for_update().get(pk=attempt.pk)
    newest = attempt.codes.order_by("-id").first()
    if newest is not None:
        require_patience(newest.sent_at, attempt.codes.count(), now)
    return _send(attempt, after_password, address, now, spoken=spoken)


def require_patience(sent_at: dt.datetime, sent: int, now: dt.datetime) -> None:
    """Refuse who asks too soon or too often."""
    if now < sent_at + AGAIN_AFTER:
        seconds = int((sent_at + AGAIN_AFTER - now).total_seconds()) + 1
        raise Refusal(f"没有重新发送：刚发过一条，短信有时要等一会儿。请 {seconds} 秒后再试。")
    if sent >= MOST_CODES:
        raise Refusal(
            f"没有重新发送：这次登录已经发了 {MOST_CODES} 条验证码。"
            "请取消后重新登录；仍然收不到的，请致电 12386 或到现场办理。"
        )


def _send(
    attempt: LoginAttempt, after_password: bool, address: str, now: dt.datetime, *, spoken: bool = False
) -> LoginCode:
    identity, way = Identity.objects.get(user=attempt.user), voice.way_for(attempt.user, now)
    way = replace(way, spoken=way.spoken or spoken)
    minutes = mobile_codes.minutes_of(way.lasts)
    text = SECOND_PROOF_TEXT if after_password else TEXT
    made: LoginCode = mobile_codes.send_code(
        attempt.codes, mobile=identity.mobile, purpose=purpose(attempt, identity), now=now, way=way,
        message=lambda code: text.format(code=code, minutes=minutes),
        counted_as="mobile after password" if after_password else "mobile",
    )  # fmt: skip
    audit.record(
        stamp=replace(system_stamp(), address=address), verb="accounts.login_code_sent", subject=attempt.user,
        after={"attempt": attempt.pk, "after_password": after_password}, now=now,
    )  # fmt: skip
    return made


def check(*, attempt: LoginAttempt, code: str, now: dt.datetime) -> None:
    """Compare a code and use it up. Its try counts even when it is refused: this is no transaction."""
    identity = Identity.objects.get(user=attempt.user)
    try:
        found = mobile_codes.compared(attempt.codes, code=code, purpose=purpose(attempt, identity), now=now)
        mobile_codes.use_up(attempt.codes, found, now)
    except Refusal:
        login_events.login_code_failed(user=attempt.user, now=now)
        raise
    if identity.mobile_verified_at is None:
        actions.set_mobile(user=attempt.user, mobile=open_sealed(identity.mobile), verified=True, now=now)


def require_papers(*, attempt: LoginAttempt, name: str, number: str, now: dt.datetime) -> None:
    """Refuse who cannot say the name and number the account was registered with; every try counts."""
    identity = Identity.objects.filter(user=attempt.user).first()
    if identity is None or not identity.number:
        raise Refusal(NO_NUMBER)
    counted = LoginAttempt.objects.filter(pk=attempt.pk, identity_tries__lt=MOST_IDENTITY_TRIES)
    if not counted.update(identity_tries=F("identity_tries") + 1):
        raise Refusal("没有设置新密码：核对的次数太多。请取消后重新登录，或者带上证件到就近的调解组织办理。")
    same = hmac.compare_digest(open_sealed(identity.number).encode(), number.encode())
    if not same or attempt.user.name != name:
        login_events.papers_failed(user=attempt.user, now=now)
        raise Refusal("没有设置新密码：姓名或证件号码与注册时的不一致。请核对后重新填写。")


@transaction.atomic
def set_forgotten_password(*, attempt: LoginAttempt, password: str, address: str, now: dt.datetime) -> None:
    """A new password for who proved the mobile by a code and the papers by name and number, as when registering."""
    code = attempt.codes.exclude(passed_at=None).order_by("-id").first()
    if code is None:
        raise Refusal("没有设置新密码：请先输入短信验证码。")
    user = attempt.user
    actions.set_new_password(user=user, password=password, address=address, now=now, check="短信验证码和证件核对")
    transaction.on_commit(lambda: tell_of_new_password(user, now))


def tell_of_new_password(user: User, now: dt.datetime) -> None:
    """A message to the person's mobile; when the gateway is away, the password stands all the same."""
    identity = Identity.objects.get(user=user)
    try:
        gateway().send(mobile=open_sealed(identity.mobile), text=RESET_TEXT, now=now)
    except OSError:
        log.warning("a person could not be told of their new password", extra={"user": user.pk})


@transaction.atomic
def delete_old_attempts(*, now: dt.datetime) -> int:
    """Log-ins that nobody can finish any more, with their codes."""
    done, _ = LoginAttempt.objects.filter(began_at__lt=now - KEPT).delete()
    return done
