"""What people are told of a round: short messages to the mobiles on record, after the transaction is kept."""

from __future__ import annotations

import datetime as dt
import logging

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from fengqiao.portal.accounts import sms
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.audit.stamp import system_stamp
from fengqiao.portal.signing import identity, queries
from fengqiao.portal.signing.models import Signatory, SigningRound
from fengqiao.portal.vault.sealed import open_sealed

log = logging.getLogger(__name__)
ENDED = {
    "completed": "《{title}》已全部签署，可以下载签好的文件。",
    "declined": "《{title}》有人拒绝签署，签署已经结束，已有的签名不再继续。",
    "voided": "《{title}》已由{by}作废，此前的签名一律无效。",
    "replaced": "《{title}》的文本有修改，原文本已作废，此前的签名一律无效；新文本会另行通知您签署。",
    "expired": "《{title}》在期限内没有签齐，签署已经结束。如需继续，请联系{by}。",
}


def send(signatory: Signatory, text: str, now: dt.datetime) -> None:
    """A message to where somebody is reached, once the transaction is kept; a gateway that is away stops nothing."""
    mobile = identity.mobile_of(signatory)
    if mobile is None:
        return
    number = open_sealed(mobile)

    def hand_over() -> None:
        try:
            sms.gateway().send(mobile=number, text=f"【枫桥】{text}", now=now)
        except OSError:
            log.warning("a message was not sent", extra={"signatory": signatory.pk})

    transaction.on_commit(hand_over)


def your_turn(signatory: Signatory, now: dt.datetime) -> None:
    """Ask somebody to sign: those with an account by its page, all others by a link of their own."""
    if signatory.kind not in Signatory.PARTIES or identity.mobile_of(signatory) is None:
        return
    token = identity.make_link(signatory=signatory, stamp=system_stamp(), now=now)
    where = settings.ENVIRONMENT.public_url + reverse("signing:link", args=(token,))
    round_ = signatory.round
    text = f"{round_.organisation.name}请您签署《{round_.title}》。请打开 {where} ，核对身份、读完全文后签署。"
    send(signatory, text, now)


def opened(round_: SigningRound, acting: Acting, now: dt.datetime) -> None:
    """The first to be asked: everybody, or whoever comes first."""
    for row in queries.signatories_of(round_):
        if queries.is_turn(row):
            your_turn(row, now)


def effective(round_: SigningRound, now: dt.datetime) -> None:
    """All parties have signed."""


def ended(round_: SigningRound, how: str, now: dt.datetime) -> None:
    """Everybody is told of the end."""
    text = ENDED[how].format(title=round_.title, by=round_.organisation.name)
    for row in queries.signatories_of(round_):
        send(row, text, now)
