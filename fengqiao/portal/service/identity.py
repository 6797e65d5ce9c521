"""Links, and the code that shows that whoever holds one is the person served."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from fengqiao.portal.accounts import mobile_codes
from fengqiao.portal.audit.stamp import Stamp
from fengqiao.portal.parties.needs import code_way
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.service.models import IdentityCheck, Recipient, Trace
from fengqiao.portal.service.reading import Person
from fengqiao.portal.service.recording import note
from fengqiao.portal.vault.sealed import Sealed

NO_MOBILE = "没有发送验证码：这里没有登记手机号码。请登录账号查阅，或者联系送达文书的机构。"


def mobile_of(recipient: Recipient) -> Sealed | None:
    """Where the code goes: the number that was confirmed, else the one on record; never one that the visitor types."""
    if recipient.confirmation is not None and recipient.confirmation.mobile:
        confirmed: Sealed = recipient.confirmation.mobile
        return confirmed
    return (recipient.party.contact_mobile or None) if recipient.party else None


def purpose(recipient: Recipient) -> str:
    """What a code of this app opens."""
    return f"service {recipient.pk}"


def visitor_stamp(recipient: Recipient, address: str) -> Stamp:
    """Who opened a link, before they have shown who they are."""
    return Stamp(None, f"访客（{recipient.name}的链接）", "visitor", "访客", None, "", address=address)


@transaction.atomic
def send_code(*, recipient: Recipient, address: str, device: str, now: dt.datetime) -> IdentityCheck:
    """Send a code to the mobile, at most so many times an hour and a day."""
    mobile = mobile_of(recipient)
    if mobile is None:
        raise Refusal(NO_MOBILE)
    way = code_way(recipient.party, now)
    made: IdentityCheck = mobile_codes.send_code(
        recipient.checks, mobile=mobile, purpose=purpose(recipient), now=now, way=way,
        message=lambda code: (
            f"【枫桥】验证码 {code}，用于查阅送达您的文书，{mobile_codes.minutes_of(way.lasts)} 分钟内有效。"
            "请勿告诉他人。"
        ),
    )  # fmt: skip
    note(
        what=Trace.What.CODE_SENT, recipient=recipient, stamp=visitor_stamp(recipient, address), device=device, now=now
    )
    return made


def prove(*, recipient: Recipient, code: str, address: str, device: str, now: dt.datetime) -> IdentityCheck:
    """Compare a code."""
    found = mobile_codes.compared(recipient.checks, code=code, purpose=purpose(recipient), now=now)
    return passed(recipient, found, address, device, now)


@transaction.atomic
def passed(
    recipient: Recipient, found: IdentityCheck, address: str, device: str, now: dt.datetime
) -> IdentityCheck:  # fmt: skip
    """The code was right: once."""
    mobile_codes.use_up(recipient.checks, found, now)
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
