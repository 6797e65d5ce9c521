"""From what is known of the messages to the moment of service; what follows from it; handing back what did not arrive.

Called in the transaction that wrote down what became of a message. The row of the recipient is held, and the moment is
set once: however often a gateway reports, there is one service and one deadline.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from fengqiao.engine.deadlines.service import Address, Happened, Served, Trace, electronic
from fengqiao.engine.errors import FengqiaoError
from fengqiao.portal.accounts.models import Organisation, User
from fengqiao.portal.audit.stamp import Stamp, system_stamp
from fengqiao.portal.deadlines import actions as deadlines
from fengqiao.portal.notices import actions as notices
from fengqiao.portal.notices import subjects
from fengqiao.portal.notices.models import Notice
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.service import queries
from fengqiao.portal.service.models import Dispatch, Recipient
from fengqiao.portal.service.models import Trace as Row
from fengqiao.portal.service.recording import note

SUBJECT = "service.recipient"
State = Recipient.State
SELF, GUARDIAN = "受送达人", "法定代理人"
NOT_REPORTED = "已发出，但在等待的时间内没有得到到达的回报"
ALL_FAILED = "确认的电子地址都没有送到：{}"


def held(number: int) -> Recipient:
    """The row, until the end of the transaction."""
    rows = Recipient.objects.select_for_update(of=("self",)).select_related("service", "organisation", "party", "user")
    rows = rows.select_related("guardianship__agent", "confirmation__guardianship")
    return rows.get(pk=number)


def traces_of(recipient: Recipient) -> list[Trace]:
    """What is known of the messages, as the engine asks for it."""
    found = []
    for row in recipient.dispatches.all():
        for happened, at in ((Happened.SENT, row.sent_at), (Happened.ARRIVED, row.arrived_at)):
            if at is not None:
                found.append(Trace(Address(row.kind), happened, at))
    found += [
        Trace(Address.ACCOUNT, Happened.READ, row.at)
        for row in recipient.traces.filter(what=Row.What.READ, counts=True).order_by("id")[:1]
    ]
    return found


def settle(recipient: Recipient, *, now: dt.datetime) -> None:
    """Served, if something shows it; back to staff, if everything failed. The recipient's row is held."""
    if recipient.done:
        return
    found = electronic(traces_of(recipient), taker=GUARDIAN if recipient.guardianship else SELF)
    if found is not None:
        served(recipient, found, now=now)
        return
    rows = list(recipient.dispatches.all())
    latest = max((row.round for row in rows), default=1)
    rows = [row for row in rows if row.round == latest]
    if rows and all(row.failed_at for row in rows) and recipient.state == State.SENDING:
        why = "；".join(f"{row.get_kind_display()}：{row.problem}" for row in rows)
        hand_back(recipient, ALL_FAILED.format(why), now=now)


def served(recipient: Recipient, found: Served, *, now: dt.datetime) -> None:
    """It took effect: once, and the deadline that begins with it is opened."""
    recipient.state, recipient.problem, recipient.watch_until = State.SERVED, "", None
    recipient.served_at, recipient.served_on = found.at, found.on
    recipient.why, recipient.basis = found.why[:300], list(found.basis)
    recipient.save(
        update_fields=("state", "problem", "watch_until", "served_at", "served_on", "why", "basis")
    )  # fmt: skip
    note(what=Row.What.SERVED, recipient=recipient, stamp=system_stamp(), note=found.why, now=now)
    open_deadline(recipient, now=now)


def account_of(recipient: Recipient) -> User | None:
    """Who logs in for the person served: of who does not act themself the guardian."""
    if recipient.guardianship is not None:
        return recipient.guardianship.agent
    return recipient.party.user if recipient.party else recipient.user


def house_of(recipient: Recipient) -> Organisation | None:
    """For whom the deadline is kept: nobody else for a party with an account; the user's house; else the server's."""
    if recipient.user is not None:
        role = recipient.user.roles.filter(kind__in=queries.FOR_THEIR_HOUSE, ended_at=None).first()
        return role.organisation if role else None
    return None if account_of(recipient) else recipient.service.organisation


def open_deadline(recipient: Recipient, *, now: dt.datetime) -> None:
    """The period that begins with the service; what cannot be counted is told to staff, and stops nothing."""
    service = recipient.service
    if not service.deadline_rule or recipient.served_on is None:
        return
    account, house = account_of(recipient), house_of(recipient)
    moved = f":{recipient.proved_at:%Y%m%d%H%M%S}" if recipient.proved_at else ""
    try:
        with transaction.atomic():
            made = deadlines.open_deadline(
                rule=service.deadline_rule, starts_on=recipient.served_on, subject=(SUBJECT, recipient.pk),
                case=service.case, title=service.deadline_title or service.title, user=account or service.created_by,
                organisation=house, once_key=f"service:{recipient.pk}{moved}",
                acting=None, now=now,
            )  # fmt: skip
    except (Refusal, FengqiaoError) as error:
        tell_staff(recipient, f"已送达，但起算的期限没有自动登记：{error}"[:300], "deadline", now)
        return
    Recipient.objects.filter(pk=recipient.pk).update(deadline=made)
    recipient.deadline = made
    note(what=Row.What.DEADLINE_OPENED, recipient=recipient, stamp=system_stamp(), note=made.headline, now=now)


def hand_back(recipient: Recipient, why: str, *, now: dt.datetime, stamp: Stamp | None = None) -> None:
    """It is not served electronically: staff choose another way. Never silently."""
    recipient.state, recipient.problem, recipient.watch_until = State.OTHER_WAY, why[:300], None
    recipient.save(update_fields=("state", "problem", "watch_until"))
    note(what=Row.What.HANDED_BACK, recipient=recipient, stamp=stamp or system_stamp(), note=why, now=now)
    tell_staff(recipient, why, f"back:{recipient.traces.count()}", now)


def tell_staff(recipient: Recipient, why: str, key: str, now: dt.datetime) -> None:
    """Whoever began it hears what has to be done."""
    service = recipient.service
    notices.send(
        to=service.created_by, template="service.not_arrived", subject=(SUBJECT, str(recipient.pk)), case=service.case,
        values={"name": recipient.name, "title": service.title, "why": why[:120]},
        once_key=f"service:{recipient.pk}:{key}", organisation=service.organisation, now=now,
    )  # fmt: skip


def heard(notice: Notice, happened: str, now: dt.datetime) -> None:
    """What became of a message about a recipient: asked by the app of notices, in its transaction."""
    row = dispatch_of(notice)
    if row is None or happened == subjects.READ:
        return
    recipient = held(row.recipient_id)
    row.refresh_from_db()
    if happened == subjects.FAILED:
        row.failed_at, row.problem = now, notice.problem[:300]
        row.save(update_fields=("failed_at", "problem"))
        left(recipient, row, Row.What.FAILED, notice.problem, now)
    elif happened == subjects.SENT and row.sent_at is None:
        row.sent_at, row.failed_at, row.problem = notice.sent_at or now, None, ""
        row.save(update_fields=("sent_at", "failed_at", "problem"))
        left(recipient, row, Row.What.SENT, notice.gateway_number, now)
    elif happened == subjects.DELIVERED and row.arrived_at is None:
        row.arrived_at, row.failed_at, row.problem = notice.delivered_at or now, None, ""
        row.sent_at = row.sent_at or notice.sent_at or now
        row.save(update_fields=("arrived_at", "sent_at", "failed_at", "problem"))
        left(recipient, row, Row.What.ARRIVED, "", now)
    settle(recipient, now=now)


def left(recipient: Recipient, row: Dispatch, what: str, detail: str, now: dt.datetime) -> None:
    """The trace of what became of a message."""
    told = f"{row.get_holder_display()}{row.get_kind_display()} {row.shown}" + (f"：{detail}" if detail else "")
    note(what=what, recipient=recipient, stamp=system_stamp("worker"), note=told, now=now)


def dispatch_of(notice: Notice) -> Dispatch | None:
    """The address a message went to; a message that was sent again takes the place of the one before."""
    row = Dispatch.objects.filter(notice=notice).first()
    if row is None and notice.repeats_id:
        row = Dispatch.objects.filter(notice=notice.repeats_id).first()
        if row is not None:
            row.notice = notice
            row.save(update_fields=("notice",))
    return row


@transaction.atomic
def give_up_waiting(*, number: int, now: dt.datetime) -> bool:
    """Nobody has heard of its arrival in time; False when something was heard meanwhile."""
    recipient = held(number)
    waiting = recipient.state == State.SENDING and recipient.watch_until is not None and recipient.watch_until <= now
    if waiting:
        hand_back(recipient, NOT_REPORTED, now=now, stamp=system_stamp("worker"))
    return waiting
