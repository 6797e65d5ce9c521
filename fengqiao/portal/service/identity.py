"""Links, and the code that shows that whoever holds one is the person served."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets

from django.conf import settings
from django.db import transaction
from django.db.models import F

from fengqiao.portal.accounts import sms
from fengqiao.portal.accounts.rate_limits import MESSAGES_A_DAY, MESSAGES_AN_HOUR, take
from fengqiao.portal.audit.stamp import Stamp
from fengqiao.portal.refusal import Conflict, Refusal
from fengqiao.portal.service.models import IdentityCheck, Recipient, Trace
from fengqiao.portal.service.reading import Person
from fengqiao.portal.service.recording import note
from fengqiao.portal.vault.sealed import Sealed, open_sealed

CODE_LASTS = dt.timedelta(minutes=10)
TRIES = 5
NO_MOBILE = "没有发送验证码：这里没有登记手机号码。请登录账号查阅，或者联系送达文书的机构。"


def mobile_of(recipient: Recipient) -> Sealed | None:
    """Where the code goes: the number that was confirmed, else the one on record; never one that the visitor types."""
    if recipient.confirmation is not None and recipient.confirmation.mobile:
        confirmed: Sealed = recipient.confirmation.mobile
        return confirmed
    return (recipient.party.contact_mobile or None) if recipient.party else None


def digest_of(recipient: Recipient, code: str) -> str:
    """What is kept of a code."""
    return hmac.new(settings.SECRET_KEY.encode(), f"service {recipient.pk} {code}".encode(), "sha256").hexdigest()


def visitor_stamp(recipient: Recipient, address: str) -> Stamp:
    """Who opened a link, before they have shown who they are."""
    return Stamp(None, f"访客（{recipient.name}的链接）", "visitor", "访客", None, "", address=address)


@transaction.atomic
def send_code(*, recipient: Recipient, address: str, device: str, now: dt.datetime) -> IdentityCheck:
    """Send a code to the mobile, at most so many times an hour and a day."""
    mobile = mobile_of(recipient)
    if mobile is None:
        raise Refusal(NO_MOBILE)
    number = open_sealed(mobile)
    for rate in (MESSAGES_AN_HOUR, MESSAGES_A_DAY):
        take(rate, f"mobile {number}")
    code = f"{secrets.randbelow(1_000_000):06d}"
    IdentityCheck.objects.filter(recipient=recipient, passed_at=None, expires_at__gt=now).update(expires_at=now)
    made = IdentityCheck.objects.create(
        recipient=recipient, code_digest=digest_of(recipient, code), mobile_shown=str(mobile)[:20], sent_at=now,
        expires_at=now + CODE_LASTS,
    )  # fmt: skip
    note(
        what=Trace.What.CODE_SENT, recipient=recipient, stamp=visitor_stamp(recipient, address), device=device, now=now
    )
    text = f"【枫桥】验证码 {code}，用于查阅送达您的文书，10 分钟内有效。请勿告诉他人。"
    transaction.on_commit(lambda: hand_over(number, text, now))
    return made


def hand_over(mobile: str, text: str, now: dt.datetime) -> None:
    """Give a message to the gateway."""
    try:
        sms.gateway().send(mobile=mobile, text=text, now=now)
    except OSError as error:
        raise Refusal("短信没有发出：短信网关暂时连不上。请几分钟后再试。", status=503) from error


def prove(*, recipient: Recipient, code: str, address: str, device: str, now: dt.datetime) -> IdentityCheck:
    """Compare a code; every try counts, and is counted before it is compared."""
    found = recipient.checks.order_by("-id").first()
    if found is None or not found.usable_at(now):
        raise Refusal("验证码已经用过或者过期，没有通过。请重新获取验证码。")
    counted = IdentityCheck.objects.filter(pk=found.pk, tries__lt=TRIES, passed_at=None)
    if not counted.update(tries=F("tries") + 1):
        raise Refusal("验证码试错次数太多，这个验证码不能再用。请重新获取验证码。")
    if not hmac.compare_digest(found.code_digest, digest_of(recipient, code)):
        raise Refusal("验证码不对，没有通过。请核对短信里的 6 位数字。")
    return passed(recipient, found, address, device, now)


@transaction.atomic
def passed(
    recipient: Recipient, found: IdentityCheck, address: str, device: str, now: dt.datetime
) -> IdentityCheck:  # fmt: skip
    """The code was right: once."""
    if not IdentityCheck.objects.filter(pk=found.pk, passed_at=None).update(passed_at=now):
        raise Conflict("这个验证码已经用过，没有通过。请重新获取验证码。")
    found.passed_at = now
    person = Person(None, found, address, device)
    note(
        what=Trace.What.IDENTITY_CHECKED, recipient=recipient, stamp=person.stamp(recipient), device=device,
        identity=person.identity(), now=now,
    )  # fmt: skip
    return found


@transaction.atomic
def note_opened(*, recipient: Recipient, address: str, device: str, now: dt.datetime) -> None:
    """The first time a link is opened."""
    if not recipient.traces.filter(what=Trace.What.LINK_OPENED).exists():
        note(
            what=Trace.What.LINK_OPENED, recipient=recipient, stamp=visitor_stamp(recipient, address), device=device,
            now=now,
        )  # fmt: skip
