"""The way out of the outbox: take one notice, hand it over, write what came of it. Any number of workers may do it.

Whoever takes a notice holds it by a lease. When the lease runs out, nobody knows whether the message had gone: the
gateway is asked by the notice's key before it is sent again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db import transaction
from django.db.models import F, Q

from fengqiao.portal.accounts.models import Organisation, Role, User
from fengqiao.portal.accounts.sms import NotSentError, RefusedError
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.stamp import system_stamp
from fengqiao.portal.notices import gateways, subjects
from fengqiao.portal.notices.actions import put_in_app
from fengqiao.portal.notices.models import Attempt, Notice
from fengqiao.portal.notices.quiet import due_after

LEASE = dt.timedelta(seconds=90)
PAUSES = (1, 2, 5, 10, 15, 30, 60, 60, 120, 120, 240, 240)
"""Minutes before the next attempt."""
GIVE_UP = dt.timedelta(days=1)
"""How long after it was asked for."""
GONE = "可能已经发出，但网关不能查询，为免重复没有再发"
State, Outcome = Notice.State, Attempt.Outcome


def take(*, now: dt.datetime) -> Notice | None:
    """Take the notice that waits longest, or one whose worker was lost."""
    for found in (
        Notice.objects.filter(state=State.SENDING, lease_until__lt=now).order_by("lease_until", "id"),
        Notice.objects.filter(state=State.QUEUED, due_at__lte=now).order_by("due_at", "id"),
    ):
        for notice in found[:8]:
            later = due_after(now, exempt=notice.quiet_exempt)
            if later > now and notice.state == State.QUEUED:
                Notice.objects.filter(pk=notice.pk, state=State.QUEUED).update(due_at=later)
                continue
            lost = notice.state == State.SENDING
            same = Notice.objects.filter(pk=notice.pk, state=notice.state, attempts=notice.attempts)
            if same.update(
                state=State.SENDING, lease_until=now + LEASE, attempts=F("attempts") + 1,
                uncertain=notice.uncertain or lost,
            ):  # fmt: skip
                notice.refresh_from_db()
                return notice
    return None


def deliver_one(*, clock: Callable[[], dt.datetime]) -> bool:
    """One notice; False when none is due."""
    notice = take(now=clock())
    if notice is None:
        return False
    attempt(notice, clock=clock)
    return True


def attempt(notice: Notice, *, clock: Callable[[], dt.datetime]) -> None:
    """Ask, send, write down."""
    try:
        if notice.uncertain:
            answers, number = gateways.found_before(notice)
            if not answers:
                give_up(notice, Outcome.UNCERTAIN, GONE, now=clock())
                return
            if number is not None:
                went(notice, Outcome.FOUND, number, now=clock())
                return
        number = gateways.hand_over(notice, now=clock())
    except RefusedError as error:
        give_up(notice, Outcome.REFUSED, str(error), now=clock())
    except NotSentError as error:
        again(notice, Outcome.UNREACHABLE, str(error), now=clock())
    except OSError as error:
        again(notice, Outcome.UNCERTAIN, str(error), now=clock())
    else:
        went(notice, Outcome.ACCEPTED, number, now=clock())


def held(notice: Notice) -> Q:
    """The row as long as this attempt holds it."""
    return Q(pk=notice.pk, state=State.SENDING, attempts=notice.attempts)


def note(notice: Notice, outcome: str, detail: str, now: dt.datetime) -> None:
    """Keep what came of an attempt."""
    Attempt.objects.create(notice=notice, number=notice.attempts, at=now, outcome=outcome, detail=detail[:300])


@transaction.atomic
def went(notice: Notice, outcome: str, number: str, *, now: dt.datetime) -> None:
    """The gateway has it."""
    changed = Notice.objects.filter(held(notice)).update(
        state=State.SENT, lease_until=None, sent_at=now, gateway_number=number[:100], problem="", uncertain=False
    )
    if changed:
        note(notice, outcome, number, now)
        notice.refresh_from_db()
        subjects.tell(notice, subjects.SENT, now)
        audit.record(
            stamp=system_stamp("worker"), verb="notices.sent", subject=notice, case=notice.case,
            after={"channel": notice.channel, "gateway_number": number, "attempts": notice.attempts}, now=now,
        )  # fmt: skip


@transaction.atomic
def again(notice: Notice, outcome: str, why: str, *, now: dt.datetime) -> None:
    """Later, by a fixed row of pauses; after a day no more."""
    if now - notice.created_at > GIVE_UP:
        give_up(notice, outcome, f"{why}，一天内没有发出", now=now)
        return
    pause = dt.timedelta(minutes=PAUSES[min(notice.attempts, len(PAUSES)) - 1])
    changed = Notice.objects.filter(held(notice)).update(
        state=State.QUEUED, lease_until=None, due_at=due_after(now + pause, exempt=notice.quiet_exempt),
        problem=why[:300], uncertain=notice.uncertain or outcome == Outcome.UNCERTAIN,
    )  # fmt: skip
    if changed:
        note(notice, outcome, why, now)


@transaction.atomic
def give_up(notice: Notice, outcome: str, why: str, *, now: dt.datetime) -> None:
    """It does not go: told to the operator and to who sent it."""
    changed = Notice.objects.filter(held(notice)).update(state=State.FAILED, lease_until=None, problem=why[:300])
    if not changed:
        return
    note(notice, outcome, why, now)
    failed(notice, why, now)
    audit.record(
        stamp=system_stamp("worker"), verb="notices.failed", subject=notice, case=notice.case, reason=why,
        after={"attempts": notice.attempts}, now=now,
    )  # fmt: skip


def failed(notice: Notice, why: str, now: dt.datetime) -> None:
    """What follows when a message did not get there: who sent it and the operator are told, whose matter it is about
    as well; somebody has to call when nothing else is under way and the person has not read it in the portal."""
    same = Notice.objects.filter(once_key=notice.once_key)
    under_way = same.exclude(channel=Notice.Channel.IN_APP).exclude(state__in=(State.FAILED, State.CANCELLED))
    # a row for the staff that is still open is under way: nobody is asked to call twice
    if not under_way.exists() and not same.filter(read_at__isnull=False).exists():
        Notice.objects.filter(pk=notice.pk).update(to_call=True)
    # before the first event of the audit: rows of other apps are held before the heads of the chains, by everybody
    subjects.tell(notice, subjects.FAILED, now)
    name = notice.recipient
    for user in told(notice):
        put_in_app(
            user=user, template="notices.failed", subject=("notices.notice", str(notice.pk)), case=notice.case,
            values={"title": notice.title, "name": name, "channel": notice.get_channel_display(), "why": why},
            once_key=f"failed:{notice.key}:{user.pk}", now=now,
        )  # fmt: skip


def told(notice: Notice) -> list[User]:
    """Administrators of the platform, and who sent it."""
    administrators = Role.objects.filter(
        kind=Role.Kind.ADMINISTRATOR, organisation__kind=Organisation.Kind.PLATFORM, ended_at=None,
        user__is_active=True,
    ).select_related("user")  # fmt: skip
    found = {role.user_id: role.user for role in administrators}
    if notice.sender:
        found[notice.sender_id] = notice.sender
    return list(found.values())


@transaction.atomic
def report(*, key: str, delivered: bool, detail: str, now: dt.datetime) -> bool:
    """What the gateway says later about a message; a second time it changes nothing. False: no such message."""
    try:
        notice = Notice.objects.select_for_update().get(pk=key)
    except (Notice.DoesNotExist, ValueError):
        return False
    open_ = (State.SENT, State.SENDING, State.QUEUED)  # a report may be quicker than the answer
    if notice.state not in open_:
        return True
    changes = {"state": State.DELIVERED, "delivered_at": now} if delivered else {
        "state": State.FAILED, "problem": f"网关回报没有送到：{detail}"[:300]}  # fmt: skip
    Notice.objects.filter(pk=notice.pk).update(lease_until=None, sent_at=notice.sent_at or now, **changes)
    note(notice, Outcome.REPORTED, detail or ("已送到" if delivered else "没有送到"), now)
    notice.refresh_from_db()
    if delivered:
        subjects.tell(notice, subjects.DELIVERED, now)
    else:
        failed(notice, notice.problem, now)
    audit.record(
        stamp=system_stamp("worker"), verb="notices.delivered" if delivered else "notices.failed", subject=notice,
        case=notice.case, after=changes, now=now,
    )  # fmt: skip
    return True
