"""Links, and the code that shows that whoever holds one is the person meant."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import secrets

from django.conf import settings
from django.db import transaction

from fengqiao.portal.accounts import mobile_codes
from fengqiao.portal.audit.stamp import Stamp
from fengqiao.portal.parties.needs import code_way
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.signing.models import Evidence, IdentityCheck, Signatory
from fengqiao.portal.signing.persons import Person
from fengqiao.portal.signing.recording import note
from fengqiao.portal.signing.rights import require_open
from fengqiao.portal.vault.sealed import Sealed

GUEST = "访客"


def mobile_of(signatory: Signatory) -> Sealed | None:
    """Where the code goes: the number on record, never one that the visitor types."""
    if signatory.kind == Signatory.Kind.PARTY and signatory.party is not None:
        return signatory.party.contact_mobile or None
    if signatory.kind == Signatory.Kind.GUEST:
        return signatory.mobile or None
    return None


def purpose(signatory: Signatory) -> str:
    """What a code of this app opens."""
    return f"signing {signatory.pk}"


def visitor_stamp(signatory: Signatory, address: str) -> Stamp:
    """Who opened a link, before they have shown who they are."""
    return Stamp(None, f"{GUEST}（{signatory.name}的链接）", "visitor", GUEST, None, "", address=address)


@transaction.atomic
def make_link(*, signatory: Signatory, stamp: Stamp, now: dt.datetime, seed: str = "") -> str:
    """A new link; the one before no longer works. Only its digest is kept. seed: work in the background that is done
    again gets the link it had made."""
    require_open(signatory.round, now)
    if mobile_of(signatory) is None:
        raise Refusal(
            "没有生成链接：这位签署人没有登记手机号码，或者须登录账号签署。请先登记手机号码，或者请本人登录后签署。"
        )
    token = token_of(signatory, seed) if seed else secrets.token_urlsafe(32)
    digest = hashlib.sha256(token.encode()).hexdigest()
    if (
        not Signatory.objects.filter(pk=signatory.pk)
        .exclude(token_digest=digest)
        .update(token_digest=digest, token_until=signatory.round.due_at)
    ):
        return token
    note(what=Evidence.What.LINK_MADE, round_=signatory.round, signatory=signatory, stamp=stamp, now=now)
    return token


def token_of(signatory: Signatory, seed: str) -> str:
    """A token that nobody guesses, and that is the same for the same seed."""
    made = hmac.new(settings.SECRET_KEY.encode(), f"signing link {signatory.pk} {seed}".encode(), "sha256").digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


@transaction.atomic
def send_code(*, signatory: Signatory, address: str, device: str, now: dt.datetime) -> IdentityCheck:
    """Send a code to the mobile on record, at most so many times an hour and a day."""
    require_open(signatory.round, now)
    mobile = mobile_of(signatory)
    if mobile is None:
        raise Refusal("没有发送验证码：这里没有登记手机号码。请登录账号签署，或者联系发起机构。")
    title, way = signatory.round.title, code_way(signatory.party, now)
    made: IdentityCheck = mobile_codes.send_code(
        signatory.checks, mobile=mobile, purpose=purpose(signatory), now=now, way=way,
        message=lambda code: (
            f"【枫桥】验证码 {code}，用于核对签署《{title}》的身份，{mobile_codes.minutes_of(way.lasts)} 分钟内有效。"
            "请勿告诉他人。"
        ),
    )  # fmt: skip
    note(
        what=Evidence.What.CODE_SENT, round_=signatory.round, signatory=signatory,
        stamp=visitor_stamp(signatory, address), device=device[:300], now=now,
    )  # fmt: skip
    return made


def prove(*, signatory: Signatory, code: str, address: str, device: str, now: dt.datetime) -> IdentityCheck:
    """Compare a code."""
    found = mobile_codes.compared(signatory.checks, code=code, purpose=purpose(signatory), now=now)
    return _pass(signatory, found, address, device, now)


@transaction.atomic
def _pass(signatory: Signatory, found: IdentityCheck, address: str, device: str, now: dt.datetime) -> IdentityCheck:
    mobile_codes.use_up(signatory.checks, found, now)
    person = Person(None, found, address, device[:300])
    note(
        what=Evidence.What.IDENTITY_CHECKED, round_=signatory.round, signatory=signatory,
        stamp=person.stamp(signatory), device=person.device, identity=person.identity(), now=now,
    )  # fmt: skip
    return found


@transaction.atomic
def note_opened(*, signatory: Signatory, address: str, device: str, now: dt.datetime) -> None:
    """The first time a link is opened."""
    if not signatory.evidence.filter(what=Evidence.What.LINK_OPENED).exists():
        note(
            what=Evidence.What.LINK_OPENED, round_=signatory.round, signatory=signatory,
            stamp=visitor_stamp(signatory, address), device=device[:300], now=now,
        )  # fmt: skip
