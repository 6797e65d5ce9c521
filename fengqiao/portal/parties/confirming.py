"""Everything that changes confirmations of what staff did on somebody's behalf."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.models import Event
from fengqiao.portal.documents.models import Document
from fengqiao.portal.parties import queries
from fengqiao.portal.parties.confirmations import ActsConfirmation
from fengqiao.portal.parties.models import Party
from fengqiao.portal.shell.errors import Conflict, Refusal

Answer, Way = ActsConfirmation.Answer, ActsConfirmation.Way
ANSWERED = "已经确认过，或者刚刚有人登记了结果。请刷新页面查看。"


def digest_of(events: list[Event]) -> str:
    """What stands for the acts that were put before the person: numbers, times, verbs and digests of the audit."""
    lines = [f"{one.number} {one.at.isoformat()} {one.verb} {bytes(one.after_sha256).hex()}" for one in events]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@transaction.atomic
def ask(*, party: Party, acting: Acting, now: dt.datetime) -> ActsConfirmation:
    """Put before the party what this member of staff did for them since they were last asked."""
    if not queries.may_handle(party, acting):
        raise Http404
    party = Party.objects.select_for_update().get(pk=party.pk)
    events = list(queries.acts_to_confirm(party, acting))
    if not events:
        raise Refusal("没有需要确认的事项：您还没有代本人办理，或者都已经请本人确认。")
    try:
        with transaction.atomic():
            made = ActsConfirmation.objects.create(
                party=party, staff=acting.user, organisation=acting.organisation, first=events[0].number,
                last=events[-1].number, count=len(events), acts_sha256=digest_of(events), asked_at=now,
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict("上一次请本人确认的还没有结果。请先登记结果，再请本人确认后来的事项。") from error
    audit.record(
        stamp=acting.stamp, verb="parties.confirmation_asked", subject=made, case=party.case, now=now,
        after={"first": made.first, "last": made.last, "count": made.count, "acts_sha256": made.acts_sha256},
    )  # fmt: skip
    return made


@transaction.atomic
def answer(
    *, confirmation: ActsConfirmation, agreed: bool, words: str, acting: Acting, now: dt.datetime,
    paper: str = "", file: Document | None = None,
) -> None:  # fmt: skip
    """The party themself, online; or staff, what the party said on a signed sheet whose place or picture is kept."""
    party = confirmation.party
    own = queries.is_own(party, acting)
    if not own and not queries.may_handle(party, acting):
        raise Http404
    if not own and file is None and not paper.strip():
        raise Refusal("没有登记：请上传本人签名的确认单，或者写明它存放在哪里。")
    if not agreed and not words.strip():
        raise Refusal("没有保存：不认可的，请写明哪一项不是本人的意思、应当怎样。")
    row = ActsConfirmation.objects.select_for_update(of=("self",)).get(pk=confirmation.pk)
    if row.answer != Answer.WAITING:
        raise Conflict(ANSWERED)
    row.answer, row.way = Answer.CONFIRMED if agreed else Answer.DISPUTED, Way.ONLINE if own else Way.PAPER
    row.answered_at, row.noted_by, row.paper, row.file = now, acting.user, paper.strip(), file
    row.words = words.strip()
    row.save()
    Party.objects.filter(pk=party.pk).update(last_act_at=now)
    audit.record(
        stamp=acting.stamp, verb="parties.acts_confirmed" if agreed else "parties.acts_disputed", subject=row,
        case=party.case, now=now,
        after={
            "way": row.way, "acts_sha256": row.acts_sha256, "words": row.words, "paper": row.paper,
            "file": file.content_id if file else "",
        },
    )  # fmt: skip


@transaction.atomic
def settle(*, confirmation: ActsConfirmation, reason: str, acting: Acting, now: dt.datetime) -> None:
    """What was disputed has been put right or talked over, in words the audit keeps; by somebody other than who did
    the acts."""
    if not queries.may_handle(confirmation.party, acting) or acting.user.pk == confirmation.staff_id:
        raise Http404
    if not reason.strip():
        raise Refusal("没有保存：请写明怎样处理，例如“已经撤回该项申请，并告知本人”。")
    open_ = ActsConfirmation.objects.filter(pk=confirmation.pk, answer=Answer.DISPUTED, settled_at=None)
    if not open_.update(settled_at=now):
        raise Conflict("已经处理过，或者刚刚有人处理。请刷新页面查看。")
    audit.record(
        stamp=acting.stamp, verb="parties.dispute_settled", subject=confirmation, case=confirmation.party.case,
        reason=reason.strip(), after={"settled_at": timezone.localtime(now).isoformat()}, now=now,
    )  # fmt: skip
