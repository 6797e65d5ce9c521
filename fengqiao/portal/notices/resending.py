"""What staff do about messages that did not get there: send them again, call by telephone."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.http import Http404

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.notices import queries, subjects
from fengqiao.portal.notices.actions import reached_at
from fengqiao.portal.notices.models import Notice
from fengqiao.portal.notices.quiet import due_after
from fengqiao.portal.notices.templates import get
from fengqiao.portal.refusal import Conflict, Refusal
from fengqiao.portal.vault.sealed import open_sealed

DONE = "没有重发：这条通知刚刚已经重发，或者情况已经改变。请刷新页面查看。"


def required(notice: Notice, acting: Acting) -> Notice:
    """The row, locked, for those who may see what became of it."""
    found = queries.sent_by(acting).select_for_update(of=("self",)).filter(pk=notice.pk).first()
    if found is None:
        raise Http404
    return found


def address_now(notice: Notice) -> str:
    """The address it was sent to when the person confirmed it for this; else the one they are reached at today."""
    if notice.fixed_address:
        return open_sealed(notice.address)
    channel, address = reached_at(notice.user, notice.party, get(notice.template, notice.version))
    return address if channel == notice.channel else open_sealed(notice.address)


@transaction.atomic
def send_again(*, notice: Notice, acting: Acting, now: dt.datetime) -> Notice:
    """The same text once more, as a message of its own: the gateway would drop a second one under the old number."""
    found = required(notice, acting)
    if not queries.may_send_again(found):
        raise Conflict(DONE)
    try:
        with transaction.atomic():
            made = Notice.objects.create(
                user=found.user, party=found.party, channel=found.channel, address=address_now(found),
                title=found.title, text=open_sealed(found.text), template=found.template, version=found.version,
                procedural=found.procedural, quiet_exempt=found.quiet_exempt, subject_kind=found.subject_kind,
                subject_id=found.subject_id, case=found.case, once_key=f"again:{found.key}", sender=acting.user,
                organisation=found.organisation, fixed_address=found.fixed_address, repeats=found, created_at=now,
                due_at=due_after(now, exempt=found.quiet_exempt),
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict(DONE) from error
    Notice.objects.filter(pk=found.pk).update(to_call=False)
    audit.record(
        stamp=acting.stamp, verb="notices.sent_again", subject=made, case=made.case, after={"repeats": found.key},
        now=now,
    )  # fmt: skip
    return made


@transaction.atomic
def note_call(*, notice: Notice, said: str, acting: Acting, now: dt.datetime, reached: bool = True) -> None:
    """Somebody called or told the person otherwise, and what came of it. Who was not reached stays on the list."""
    found = required(notice, acting)
    if not said.strip():
        raise Refusal("没有登记：请写明什么时候打的电话、对方怎样答复，或者没有打通。")
    if not found.to_call:
        raise Conflict("没有登记：这条通知不需要打电话，或者刚刚已经登记过。请刷新页面查看。")
    found.to_call, found.called_at, found.called_by = not reached, now, acting.user
    found.call_note = said.strip()[:300]
    if reached and found.channel == Notice.Channel.BY_STAFF:
        found.state, found.delivered_at = Notice.State.DELIVERED, now
    found.save(update_fields=("to_call", "called_at", "called_by", "call_note", "state", "delivered_at"))
    if reached and found.channel == Notice.Channel.BY_STAFF:
        subjects.tell(found, subjects.DELIVERED, now)
    audit.record(
        stamp=acting.stamp, verb="notices.called", subject=found, case=found.case, after={"reached": reached}, now=now
    )
