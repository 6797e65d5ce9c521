"""What signers do: read, sign, decline. One round takes one act at a time; who was slower begins on the newer file."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F
from django.http import Http404

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.documents.actions import keep_made
from fengqiao.portal.documents.queries import place_of
from fengqiao.portal.refusal import Conflict, Refusal
from fengqiao.portal.shell.words import moment_text
from fengqiao.portal.signing import due, keeping, queries, service, telling
from fengqiao.portal.signing.models import Evidence, KeptSignature, PageRead, Signatory, SigningRound
from fengqiao.portal.signing.persons import Person, keeper_of
from fengqiao.portal.signing.provider import NotReachedError, RefusedError
from fengqiao.portal.signing.recording import note
from fengqiao.portal.signing.rights import require_open, require_right, require_signable
from fengqiao.portal.signing.words import CONSENT_VERSION, consent_of

TRIES = 30
KEPT = "{} 同意签署；当时签名服务没有应答，恢复后完成"
State = Signatory.State


class Quicker(Exception):  # noqa: N818 - not a fault: somebody signed in the same moment
    """The file is no longer the one that was signed on."""


@transaction.atomic
def read_page(*, signatory: Signatory, page: int, person: Person, now: dt.datetime) -> None:
    """Somebody has gone through a page; with the last of all pages they have read the whole."""
    round_ = SigningRound.objects.select_for_update().get(pk=signatory.round_id)
    require_open(round_, now)
    require_right(signatory, person, now)
    if not 1 <= page <= round_.pages:
        raise Http404
    PageRead.objects.get_or_create(signatory=signatory, page=page, defaults={"read_at": now})
    done = queries.pages_read(signatory)
    if len(done) < round_.pages:
        return
    if Signatory.objects.filter(pk=signatory.pk, state=State.WAITING).update(state=State.READ, read_at=now):
        note(
            what=Evidence.What.READ_WHOLE, round_=round_, signatory=signatory, stamp=person.stamp(signatory),
            who=person.who(signatory), device=person.device, pages=sorted(done), identity=person.identity(), now=now,
        )  # fmt: skip


def sign(
    *, signatory: Signatory, person: Person, drawn: bytes | None = None, consent_version: str = CONSENT_VERSION,
    kept: KeptSignature | None = None, now: dt.datetime,
) -> bool:  # fmt: skip
    """Put a signature or seal. The file is signed first, outside any transaction, as a time-stamp may take a while;
    when somebody else has signed meanwhile, it is done again on their file. False: the signing service is away; the
    signature is kept, and put when it is back. kept: what was agreed to before."""
    if consent_version != CONSENT_VERSION and kept is None:
        raise Conflict("同意的文字刚刚更新，没有签署。请重新阅读后再签。")
    for _ in range(TRIES):
        seen = Signatory.objects.select_related("round__current", "round__created_by", "party", "organisation").get(
            pk=signatory.pk
        )
        require_signable(seen, person, kept.agreed_at if kept else now, now)
        with transaction.atomic():
            require_right(seen, person, now)
        data = place_of(seen.round.current).read_bytes()
        try:
            signed = service.sign(data, seen, now=now, drawn=drawn)
        except NotReachedError as error:
            keeping.keep(
                signatory=seen, person=person, drawn=drawn, consent_version=consent_version, problem=str(error), now=now
            )
            return False
        except RefusedError as error:
            raise Refusal(f"没有签上：{error}。文件没有改动；请联系平台管理员查明。", status=502) from error
        try:
            _put(seen, signed, person, consent_version, now)
            return True
        except Quicker:
            continue
    raise Conflict("同时签署的人太多，这一次没有签上，文件没有改动。请稍等几秒再签。")


@transaction.atomic
def _put(seen: Signatory, signed: bytes, person: Person, consent_version: str, now: dt.datetime) -> None:
    round_ = seen.round
    free = SigningRound.objects.filter(pk=round_.pk, version=round_.version, state=SigningRound.State.OPEN)
    if not free.update(version=F("version") + 1):
        raise Quicker
    require_right(seen, person, now)
    mine = Signatory.objects.filter(pk=seen.pk, state=seen.state)
    if not mine.update(state=State.SIGNED, signed_at=now, drawn=b""):
        raise Quicker
    agreed_at = keeping.done(seen, now)
    stamp = person.stamp(seen)
    document = keep_made(
        data=signed, name=service.file_name(round_), subject=("signing.signinground", str(round_.pk)),
        acting=keeper_of(round_, stamp), case=round_.number, replaces=round_.current, now=now,
    )  # fmt: skip
    SigningRound.objects.filter(pk=round_.pk).update(current=document)
    note(
        what=Evidence.What.SIGNED, round_=round_, signatory=seen, stamp=stamp, who=person.who(seen),
        device=person.device, file_sha256=document.content_id, pages=sorted(queries.pages_read(seen)),
        identity=person.identity(), consent=consent_of(seen, round_, agent=person.is_agent),
        consent_version=consent_version, reason=KEPT.format(moment_text(agreed_at)) if agreed_at else "", now=now,
    )  # fmt: skip
    if agreed_at:
        telling.put_after_all(seen, person, agreed_at, now)
    _go_on(SigningRound.objects.get(pk=round_.pk), stamp, now)


def _go_on(round_: SigningRound, stamp: object, now: dt.datetime) -> None:
    """After a signature: the moment when all parties have signed, the end, or whose turn it is."""
    rows = list(round_.signatories.order_by("position"))
    left = [row for row in rows if row.state != State.SIGNED]
    digest = round_.current.content_id if round_.current else ""
    parties_left = [row for row in left if row.kind in Signatory.PARTIES]
    if round_.effective_at is None and not parties_left and any(row.kind in Signatory.PARTIES for row in rows):
        SigningRound.objects.filter(pk=round_.pk).update(effective_at=now)
        note(what=Evidence.What.EFFECTIVE, round_=round_, stamp=stamp, file_sha256=digest, who="系统", now=now)
        telling.effective(round_, due.effective(round_, now), now)
    if not left:
        SigningRound.objects.filter(pk=round_.pk).update(state=SigningRound.State.COMPLETE, closed_at=now)
        note(what=Evidence.What.COMPLETED, round_=round_, stamp=stamp, file_sha256=digest, who="系统", now=now)
        due.met(round_, now)
        telling.ended(round_, "completed", now)
        return
    for row in left:
        if queries.is_turn(row) and not (round_.order == SigningRound.Order.FREE and row.kind != Signatory.Kind.SEAL):
            telling.your_turn(row, now)


@transaction.atomic
def decline(*, signatory: Signatory, reason: str, person: Person, now: dt.datetime) -> None:
    """Somebody does not sign: the round ends, and all are told."""
    round_ = SigningRound.objects.select_for_update().get(pk=signatory.round_id)
    require_open(round_, now)
    require_right(signatory, person, now)
    open_states = (State.WAITING, State.READ)
    if not Signatory.objects.filter(pk=signatory.pk, state__in=open_states).update(
        state=State.DECLINED, decline_reason=reason, drawn=b""
    ):
        raise Conflict("这里已经签署或者已经拒签，没有再次记录。请刷新页面查看。")
    SigningRound.objects.filter(pk=round_.pk).update(
        state=SigningRound.State.DECLINED, closed_at=now, reason=f"{signatory.name}拒绝签署"[:300],
        version=F("version") + 1,
    )  # fmt: skip
    note(
        what=Evidence.What.DECLINED, round_=round_, signatory=signatory, stamp=person.stamp(signatory),
        who=person.who(signatory), device=person.device, identity=person.identity(), reason=reason, now=now,
    )  # fmt: skip
    due.over(round_, "有人拒绝签署", now)
    telling.ended(round_, "declined", now)


def person_of(acting: Acting, device: str = "", *, fresh: bool = False) -> Person:
    """Somebody of the portal."""
    return Person(acting, None, acting.address, device[:300], fresh)
