"""Everything people and apps do to deadlines. Each change names the version it was made from."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from fengqiao.engine.deadlines import read_period, rule
from fengqiao.engine.errors import FengqiaoError
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Organisation, Role, User
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.stamp import Stamp, system_stamp
from fengqiao.portal.deadlines import counting, queries, reminding
from fengqiao.portal.deadlines.models import Deadline, Event
from fengqiao.portal.refusal import Conflict, Refusal

QUICKER = "没有保存：这个期限刚刚被更新过。请重新打开页面，看过现在的内容后再办。"
ENDED = "没有保存：这个期限已经了结。请重新打开页面查看。"
State, Kind = Deadline.State, Event.Kind
NEVER_CHAINED: tuple[dict[str, Any], ...] = ()


def responsible(
    *, user: User | None = None, organisation: Organisation | None = None, role_kind: str = ""
) -> dict[str, Any]:
    """One link of an escalation chain."""
    return {
        "user": user.pk if user else None, "organisation": organisation.pk if organisation else None,
        "role_kind": role_kind,
    }  # fmt: skip


@transaction.atomic
def open_deadline(
    *,
    rule: str | None,
    subject: tuple[str, int | str],
    title: str,
    acting: Acting | None,
    now: dt.datetime,
    case: str = "",
    starts_on: dt.date | None = None,
    starts_at: dt.datetime | None = None,
    due_on: dt.date | None = None,
    due_at: dt.datetime | None = None,
    user: User | None = None,
    organisation: Organisation | None = None,
    role_kind: str = "",
    chain: Sequence[dict[str, Any]] = NEVER_CHAINED,
    length: str = "",
    length_source: str = "",
    damaged_on: dt.date | None = None,
    warn_days: int = 3,
    once_key: str | None = None,
) -> Deadline:
    """Open a deadline: by a rule of the engine from a start day, to a day that is given, or (starts_at) of a length in
    hours from a moment. damaged_on: from when the longest period runs that caps a limitation period. Whether the person
    may do so is for the app to check that owns the subject; acting None is the system. With a once_key it is opened
    once."""
    if once_key and (there := Deadline.objects.filter(once_key=once_key).first()):
        return there
    today = timezone.localtime(now).date()
    given = due_on or (timezone.localtime(due_at).date() if due_at else None)
    if [rule, given, starts_at].count(None) != 2:
        raise ValueError("A deadline has a rule, a day that is given or a moment from which hours are counted.")
    if user is None and organisation is None:
        raise ValueError("Somebody has to be responsible for a deadline.")
    begun = timezone.localtime(starts_at).date() if starts_at else today
    if user is not None:
        warn_days = max(warn_days, *(ask(user, now) for ask in reminding.EARLIER), 0)
    row = Deadline(
        title=title[:200], rule=known_rule(rule), subject_kind=subject[0], subject_id=str(subject[1]), case=case,
        starts_on=starts_on or begun, starts_at=starts_at, given_due_on=given, user=user, organisation=organisation,
        role_kind=role_kind, chain=list(chain), length=length, length_source=length_source, warn_days=warn_days,
        once_key=once_key, opened_at=now, version=1, facts={"damaged_on": damaged_on.isoformat()} if damaged_on else {},
    )  # fmt: skip
    for name, value in counting.values_of(row, row.facts, today).items():
        setattr(row, name, value)
    if row.due_at is None:
        raise Refusal("没有登记：这个期限的终点还没有确定。请在终点事件发生后再登记。")
    for name, value in reminding.plan(row, now=now).items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        if once_key and (there := Deadline.objects.filter(once_key=once_key).first()):
            return there  # somebody else opened it in the same moment
        raise
    note(row, Kind.OPENED, acting, now)
    leave(row, "opened", acting, now)
    return row


@transaction.atomic
def enter(
    *, rule: str, title: str, case: str, starts_on: dt.date, starts_time: dt.time | None, length: str,
    length_source: str, warn_days: int, once: uuid.UUID, acting: Acting, now: dt.datetime,
    damaged_on: dt.date | None = None,
) -> Deadline:  # fmt: skip
    """A deadline that a person registers for themselves; overdue it goes to those who manage their organisation."""
    if not queries.may_enter(acting):
        raise Http404
    body = acting.organisation
    manager = Role.Kind.MEDIATION_MANAGER if body and body.kind == body.Kind.MEDIATION else Role.Kind.ADMINISTRATOR
    when: dict[str, Any] = {"rule": rule, "starts_on": starts_on, "damaged_on": damaged_on}
    if starts_time is not None:
        when = {"rule": None, "starts_at": timezone.make_aware(dt.datetime.combine(starts_on, starts_time))}
    return open_deadline(
        **when, title=title, case=case, length=length, length_source=length_source, warn_days=warn_days,
        subject=("deadlines.entered", acting.user.pk), user=acting.user, organisation=body,
        chain=[responsible(organisation=body, role_kind=manager)] if body else NEVER_CHAINED,
        once_key=f"entered:{acting.user.pk}:{once}", acting=acting, now=now,
    )  # fmt: skip


def known_rule(asked: str | None) -> str:
    """The id of the rule."""
    return rule(asked).id if asked else ""


@transaction.atomic
def pause(*, deadline: Deadline, reason: str, acting: Acting | None, now: dt.datetime,
          since: dt.date | None = None, checked: bool = False) -> Deadline:  # fmt: skip
    """Let the period stand still, from today or from the day on which the cause began. checked: the app that owns the
    subject has looked at the right itself."""
    require(deadline, acting, checked)
    must_be(deadline, State.RUNNING, "已经暂停或者了结")
    counting.check_pause(deadline)
    today = timezone.localtime(now).date()
    first = since or today
    if not deadline.starts_on <= first <= today:
        raise Refusal("没有暂停：中止的开始日应当在起算日和今天之间。请更正日期。")
    facts = {
        **deadline.facts,
        "suspensions": [
            *deadline.facts.get("suspensions", ()), {"first": first.isoformat(), "last": None, "reason": reason}
        ],
    }  # fmt: skip
    found = counting.values_of(deadline, facts, today)
    if found["due_at"] is not None:
        raise Refusal("没有暂停：在中止的开始日，期间已经届满。请查看是否可以延长。")
    return change(deadline, Kind.PAUSED, {**found, "facts": facts, "state": State.PAUSED}, acting, now, reason)


@transaction.atomic
def resume(*, deadline: Deadline, reason: str, acting: Acting | None, now: dt.datetime,
           last: dt.date | None = None, checked: bool = False) -> Deadline:  # fmt: skip
    """Let it run on; last: the last day that does not count, by default today."""
    require(deadline, acting, checked)
    must_be(deadline, State.PAUSED, "没有暂停")
    today = timezone.localtime(now).date()
    stopped = [dict(one) for one in deadline.facts["suspensions"]]
    end = last or today
    if not dt.date.fromisoformat(stopped[-1]["first"]) <= end <= today:
        raise Refusal("没有恢复：中止的结束日应当在开始日和今天之间。请更正日期。")
    stopped[-1]["last"] = end.isoformat()
    facts = {**deadline.facts, "suspensions": stopped}
    found = counting.values_of(deadline, facts, today)
    return change(deadline, Kind.RESUMED, {**found, "facts": facts, "state": State.RUNNING}, acting, now, reason)


@transaction.atomic
def interrupt(
    *,
    deadline: Deadline,
    reason: str,
    acting: Acting | None,
    now: dt.datetime,
    on: dt.date | None = None,
    restarts_on: dt.date | None = None,
    pending: bool = False,
    checked: bool = False,
) -> Deadline:
    """The period begins anew (中断): from that day, from the end of the proceedings, or, while they go on, not yet."""
    require(deadline, acting, checked)
    must_be(deadline, State.RUNNING, "没有在进行")
    counting.check_interruption(deadline)
    today = timezone.localtime(now).date()
    day = on or today
    if not deadline.starts_on < day <= today or (restarts_on and restarts_on > today):
        raise Refusal("没有中断：中断的日期应当晚于起算日，程序终结的日期和中断的日期都不能晚于今天。请更正日期。")
    fact = {
        "on": day.isoformat(), "reason": reason, "pending": pending,
        "restarts_on": restarts_on.isoformat() if restarts_on else None,
    }  # fmt: skip
    facts = {**deadline.facts, "interruptions": [*deadline.facts.get("interruptions", ()), fact]}
    if counting.without_effect(deadline, facts, today):
        raise Refusal("没有中断：这一天期间已经届满，或者已经因另一次中断而没有在进行，不再发生中断。请核对日期。")
    found = counting.values_of(deadline, facts, today)
    state = State.RUNNING if found["due_at"] else State.INTERRUPTED
    return change(deadline, Kind.INTERRUPTED, {**found, "facts": facts, "state": state}, acting, now, reason)


@transaction.atomic
def restart(*, deadline: Deadline, reason: str, acting: Acting | None, now: dt.datetime,
            ended_on: dt.date | None = None, checked: bool = False) -> Deadline:  # fmt: skip
    """The proceedings that interrupted it are over (有关程序终结): the whole period runs again from that day."""
    require(deadline, acting, checked)
    must_be(deadline, State.INTERRUPTED, "没有在中断中")
    today = timezone.localtime(now).date()
    stopped = [dict(one) for one in deadline.facts["interruptions"]]
    going_on = next(one for one in stopped if one["pending"])
    day = ended_on or today
    if not dt.date.fromisoformat(going_on["on"]) <= day <= today:
        raise Refusal("没有重新计算：程序终结的日期应当在中断的日期和今天之间。请更正日期。")
    going_on |= {"pending": False, "restarts_on": day.isoformat()}
    facts = {**deadline.facts, "interruptions": stopped}
    found = counting.values_of(deadline, facts, today)
    return change(deadline, Kind.RESTARTED, {**found, "facts": facts, "state": State.RUNNING}, acting, now, reason)


@transaction.atomic
def extend(
    *,
    deadline: Deadline,
    by: str,
    reason: str,
    acting: Acting | None,
    now: dt.datetime,
    length: str = "",
    until: dt.date | None = None,
    agreed_on: dt.date | None = None,
    checked: bool = False,
) -> Deadline:
    """A longer period, by a length such as 15CD or up to a day, agreed or approved by one of those the rule names."""
    require(deadline, acting, checked)
    must_be(deadline, State.RUNNING, "没有在进行")
    counting.check_extension(deadline, by)
    today = timezone.localtime(now).date()
    on = agreed_on or today
    if on > today or bool(length) == bool(until):
        raise Refusal("没有延长：同意的日期不能晚于今天，并且只填延长的长度或者延长到的日期之一。请更正。")
    try:
        fact = {
            "on": on.isoformat(), "by": by, "length": length.strip().upper(), "reason": reason,
            "until": until.isoformat() if until else None,
        }  # fmt: skip
        if length:
            read_period(length)
    except FengqiaoError as error:
        raise Refusal("没有延长：延长的长度看不懂。请写数字和单位，例如 15CD（15日）、10WD（10个工作日）。") from error
    facts = {**deadline.facts, "extensions": [*deadline.facts.get("extensions", ()), fact]}
    found = counting.values_of(deadline, facts, today)
    return change(deadline, Kind.EXTENDED, {**found, "facts": facts}, acting, now, reason)


@transaction.atomic
def meet(
    *, deadline: Deadline, acting: Acting | None, now: dt.datetime, reason: str = "", checked: bool = False
) -> Deadline:
    """What had to be done was done."""
    return _end(deadline, State.MET, Kind.MET, acting, now, reason, checked)


@transaction.atomic
def withdraw(
    *, deadline: Deadline, reason: str, acting: Acting | None, now: dt.datetime, checked: bool = False
) -> Deadline:
    """It no longer applies."""
    return _end(deadline, State.WITHDRAWN, Kind.WITHDRAWN, acting, now, reason, checked)


def _end(deadline: Deadline, state: str, kind: str, acting: Acting | None, now: dt.datetime, reason: str,
         checked: bool) -> Deadline:  # fmt: skip
    require(deadline, acting, checked)
    if not deadline.is_open:
        raise Conflict(ENDED)
    return change(deadline, kind, {"state": state, "is_open": False, "ended_at": now}, acting, now, reason)


@transaction.atomic
def recount(*, deadline: Deadline, now: dt.datetime) -> bool:
    """Count anew what was guessed, now that the calendar knows more; True when something is different."""
    today = timezone.localtime(now).date()
    found = counting.values_of(deadline, deadline.facts, today)
    if all(getattr(deadline, name) == value for name, value in found.items()):
        return False
    change(deadline, Kind.RECOUNTED, found, None, now, "日历有了新的年度")
    return True


def require(deadline: Deadline, acting: Acting | None, checked: bool) -> None:
    """Only those responsible; the system itself (None) and apps that have looked already."""
    if acting is not None and not checked and not queries.may_act(deadline, acting):
        raise Http404


def must_be(deadline: Deadline, state: str, otherwise: str) -> None:
    """The state a step starts from."""
    if deadline.state != state:
        raise Conflict(f"没有保存：这个期限{otherwise}。请重新打开页面，看过现在的内容后再办。")


def change(
    deadline: Deadline, kind: str, values: dict[str, Any], acting: Acting | None, now: dt.datetime, reason: str = ""
) -> Deadline:
    """Write what changed if the row is still as it was read; with its event and the audit."""
    before = {"state": deadline.state, "due_on": deadline.due_on}
    for name, value in values.items():
        setattr(deadline, name, value)
    values = {**values, **reminding.plan(deadline, now=now)}
    held = Deadline.objects.filter(pk=deadline.pk, version=deadline.version)
    if not held.update(**values, version=deadline.version + 1):
        raise Conflict(QUICKER)
    deadline.refresh_from_db()
    note(deadline, kind, acting, now, reason)
    leave(deadline, kind, acting, now, reason, before)
    return deadline


def hand_on(*, role: Role, acting: Acting, now: dt.datetime) -> int:
    """The open deadlines of somebody whose role in an organisation ended go to their colleagues: those in the same
    role, else who manages the house. Returns how many. The caller ended the role, in this transaction."""
    if queries.others_roles(role).filter(user=role.user).exists():
        return 0  # still here, in another role
    kind = queries.who_takes_over(role)
    reason = f"{role.user.name}不再担任{role.get_kind_display()}，由本机构的{Role.Kind(kind).label}负责"
    rows = list(queries.left_by(role).select_for_update(of=("self",)).order_by("pk"))
    for row in rows:
        change(row, Kind.HANDED_ON, {"user": None, "role_kind": kind}, acting, now, reason)
    return len(rows)


def hand_to(
    *, rows: Sequence[Deadline], house: Organisation, to: Organisation, acting: Acting, now: dt.datetime
) -> None:
    """Another organisation takes over what one that goes out of use saw to: in the same role, else who manages. The
    caller has looked who may, and holds the rows."""
    there = set(queries.roles_now(to).values_list("kind", flat=True))
    reason = f"{house.name}停用，改由{to.name}负责"
    for row in rows:
        worn = queries.roles_now(house).filter(user=row.user).values_list("kind", flat=True).first()
        wanted = (row.role_kind or worn, Role.Kind.MEDIATION_MANAGER, Role.Kind.ADMINISTRATOR)
        kind = next((one for one in wanted if one in there), Role.Kind.ADMINISTRATOR)
        chain = [moved_link(link, house, to) for link in row.chain]
        values = {"user": None, "organisation": to, "role_kind": str(kind), "chain": chain}
        change(row, Kind.HANDED_ON, values, acting, now, reason)


def moved_link(link: dict[str, Any], house: Organisation, to: Organisation) -> dict[str, Any]:
    """Whom it is escalated to, at the organisation that took over."""
    if link.get("organisation") != house.pk:
        return link
    manager = Role.Kind.MEDIATION_MANAGER if to.kind == Organisation.Kind.MEDIATION else Role.Kind.ADMINISTRATOR
    return responsible(organisation=to, role_kind=link.get("role_kind") or str(manager))


def stamp_of(acting: Acting | None) -> Stamp:
    """Who it was; without a person the system."""
    return acting.stamp if acting else system_stamp()


def note(deadline: Deadline, kind: str, acting: Acting | None, now: dt.datetime, reason: str = "") -> None:
    """Add to the history."""
    Event.objects.create(
        deadline=deadline, number=deadline.version, kind=kind, at=now, who=stamp_of(acting).name, reason=reason[:500],
        due_on=deadline.due_on, responsible=deadline.responsible,
    )  # fmt: skip


def leave(
    deadline: Deadline, verb: str, acting: Acting | None, now: dt.datetime, reason: str = "",
    before: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Leave the audit event."""
    audit.record(
        stamp=stamp_of(acting), verb=f"deadlines.{verb}", subject=deadline, case=deadline.case, before=before,
        after={"state": deadline.state, "due_on": deadline.due_on}, reason=reason, now=now,
    )  # fmt: skip
