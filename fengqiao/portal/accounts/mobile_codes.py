"""A code sent to a mobile that is on record, which shows that whoever came by a link is the person meant.

Each app has rows of its own for the codes it sends (`sent_code.MobileCode`) and says who they belong to.
"""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from fengqiao.portal.accounts import sms, voice
from fengqiao.portal.accounts.rate_limits import MESSAGES_A_DAY, MESSAGES_AN_HOUR, take
from fengqiao.portal.accounts.voice import Way
from fengqiao.portal.refusal import Conflict, Refusal
from fengqiao.portal.vault.sealed import Sealed, open_sealed

CODE_LASTS = dt.timedelta(minutes=10)
TRIES = 5
COMMON = Way()
USED_UP = "验证码已经用过或者过期，没有通过。请重新获取验证码。"
TOO_MANY = "验证码试错次数太多，这个验证码不能再用。请重新获取验证码。"
WRONG = "验证码不对，没有通过。请核对短信里的 6 位数字。"


def digest_of(purpose: str, code: str) -> str:
    """What is kept of a code."""
    return hmac.new(settings.SECRET_KEY.encode(), f"{purpose} {code}".encode(), "sha256").hexdigest()


def send_code(
    codes: Any,
    *,
    mobile: Sealed,
    purpose: str,
    message: Callable[[str], str],
    now: dt.datetime,
    counted_as: str = "mobile",
    way: Way = COMMON,
) -> Any:
    """Send a code when the transaction ends, at most so many times an hour and a day; those of before end.

    codes: the related manager of whoever it is for. purpose: what the code opens, whose digest no other purpose takes.
    message: the text with the code. counted_as: what the limits count: codes that anybody can ask for use up nothing of
    those that come after a right password. way: longer, or read out by a call besides, for those who need it. Returns
    the new row.
    """
    return send_to_number(
        codes, number=open_sealed(mobile), shown=str(mobile), purpose=purpose, message=message, now=now,
        counted_as=counted_as, way=way,
    )  # fmt: skip


def send_to_number(
    codes: Any,
    *,
    number: str,
    shown: str,
    purpose: str,
    message: Callable[[str], str],
    now: dt.datetime,
    counted_as: str = "mobile",
    way: Way = COMMON,
) -> Any:
    """The same to a number that is not on record yet; shown: as it may be seen."""
    for rate in (MESSAGES_AN_HOUR, MESSAGES_A_DAY):
        take(rate, f"{counted_as} {number}")
    code = f"{secrets.randbelow(1_000_000):06d}"
    codes.filter(passed_at=None, expires_at__gt=now).update(expires_at=now)
    made = codes.create(
        code_digest=digest_of(purpose, code), mobile_shown=shown[:20], sent_at=now,
        expires_at=now + (way.lasts or CODE_LASTS),
    )  # fmt: skip
    transaction.on_commit(lambda: hand_over(number, message(code), now, spoken=way.spoken))
    return made


def minutes_of(lasts: dt.timedelta | None) -> int:
    """How many minutes a code lasts, for the text that brings it."""
    return int((lasts or CODE_LASTS).total_seconds() // 60)


def hand_over(mobile: str, text: str, now: dt.datetime, *, spoken: bool = False) -> None:
    """Give a message to the gateway, and have it read out where that is needed; one of the two is enough."""
    called = spoken and voice.call(mobile=mobile, text=text, now=now)
    try:
        sms.gateway().send(mobile=mobile, text=text, now=now)
    except OSError as error:
        if called:
            return
        raise Refusal("短信没有发出：短信网关暂时连不上。请几分钟后再试。", status=503) from error


def compared(codes: Any, *, code: str, purpose: str, now: dt.datetime) -> Any:
    """The row whose code this is. Every try counts, and is counted before it is compared: not inside a transaction that
    a refusal would undo."""
    found = codes.order_by("-id").first()
    if found is None or not found.usable_at(now):
        raise Refusal(USED_UP)
    if not codes.filter(pk=found.pk, tries__lt=TRIES, passed_at=None).update(tries=F("tries") + 1):
        raise Refusal(TOO_MANY)
    if not hmac.compare_digest(found.code_digest, digest_of(purpose, code)):
        raise Refusal(WRONG)
    return found


def use_up(codes: Any, found: Any, now: dt.datetime) -> None:
    """A code passes once."""
    if not codes.filter(pk=found.pk, passed_at=None).update(passed_at=now):
        raise Conflict("这个验证码已经用过，没有通过。请重新获取验证码。")
    found.passed_at = now
