"""Putting messages into the outbox, in the transaction of what they tell of."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Identity, Organisation, User
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.stamp import Stamp, system_stamp
from fengqiao.portal.notices import by_staff, queries, subjects, templates
from fengqiao.portal.notices.models import Notice, OptOut
from fengqiao.portal.notices.quiet import due_after
from fengqiao.portal.parties.models import Party
from fengqiao.portal.vault.sealed import open_sealed

SALT = "fengqiao.notices.unsubscribe"
Channel, State = Notice.Channel, Notice.State


@transaction.atomic
def send(
    *, to: User | Party, template: str, values: dict[str, str], subject: tuple[str, str], case: str = "",
    once_key: str, sender: User | None = None, organisation: Organisation | None = None, now: dt.datetime,
) -> Notice | None:  # fmt: skip
    """Tell somebody, once for a key: in the portal where they have an account, and by SMS, else by mail; by staff
    besides, where their special needs ask for it.

    In the caller's transaction: what is rolled back is never sent. Returns the first notice made; None where the person
    wants no such messages, or cannot be reached. organisation: in whose name it goes; its people see what became of it.
    """
    chosen = templates.get(template)
    chosen.check(values)
    user, party = person_of(to)
    there = Notice.objects.filter(once_key=once_key).order_by("created_at", "channel").first()
    if there:
        return there
    made: list[Notice] = []
    suppressed = not chosen.procedural and queries.opted_out(user, party)
    common = {
        "user": user, "party": party, "chosen": chosen, "values": values, "subject": subject, "case": case,
        "once_key": once_key, "sender": sender, "organisation": organisation, "suppressed": suppressed, "now": now,
    }  # fmt: skip
    if user and "in_app" in chosen.texts:
        made.append(put(channel=Channel.IN_APP, address="", **common))
    channel, address = reached_at(user, party, chosen)
    if channel:
        made.append(put(channel=channel, address=address, **common))
    care = by_staff.care_for(user, party, now)
    if by_staff.wanted(chosen, care, reached=bool(channel)) and not suppressed:
        body = by_staff.teller(party, organisation)
        if body is not None:
            made.append(put(channel=Channel.BY_STAFF, address="", **(common | {"organisation": body})))
    if not made or suppressed:
        return None
    return made[0]


@transaction.atomic
def send_over(
    *, channel: str, address: str, to: User | Party, template: str, values: dict[str, str], subject: tuple[str, str],
    case: str = "", once_key: str, sender: User | None = None, organisation: Organisation | None = None,
    now: dt.datetime,
) -> Notice:  # fmt: skip
    """The same over one channel, to an address that the person confirmed for this; once for a key and channel."""
    chosen = templates.get(template)
    chosen.check(values)
    there = Notice.objects.filter(once_key=once_key, channel=channel).first()
    if there:
        return there
    user, party = person_of(to)
    return put(
        user=user, party=party, channel=channel, address=address, chosen=chosen, values=values, subject=subject,
        case=case, once_key=once_key, sender=sender, suppressed=False, organisation=organisation,
        fixed_address=channel != Channel.IN_APP, now=now,
    )  # fmt: skip


def person_of(to: User | Party) -> tuple[User | None, Party | None]:
    """The account and the party's record of a recipient."""
    if isinstance(to, Party):
        return to.user, to
    return to, Party.objects.filter(user=to).first()


def reached_at(user: User | None, party: Party | None, chosen: templates.Template) -> tuple[str, str]:
    """The channel besides the portal, and the number or address."""
    mobile = party.contact_mobile if party else None
    if not mobile and user:
        identity = Identity.objects.filter(user=user).first()
        mobile = identity.mobile if identity else None
    if mobile and "sms" in chosen.texts:
        return str(Channel.SMS), open_sealed(mobile)
    if user and user.email and "email" in chosen.texts:
        return str(Channel.EMAIL), user.email
    return "", ""


def put(
    *, user: User | None, party: Party | None, channel: str, address: str, chosen: templates.Template,
    values: dict[str, str], subject: tuple[str, str], case: str, once_key: str, sender: User | None,
    suppressed: bool, now: dt.datetime, organisation: Organisation | None = None, fixed_address: bool = False,
) -> Notice:  # fmt: skip
    """One row of the outbox. What stands in the portal has arrived as soon as it is committed."""
    told = channel == Channel.BY_STAFF
    text = chosen.render(next(iter(chosen.texts)) if told else channel, values)
    if not chosen.procedural and channel not in (Channel.IN_APP, Channel.BY_STAFF):
        text += f" 退订：{settings.ENVIRONMENT.public_url}{unsubscribe_path(user, party)}"
    in_app = channel == Channel.IN_APP
    state = State.SUPPRESSED if suppressed else State.DELIVERED if in_app else State.QUEUED
    state = State.TO_TELL if told else state
    notice = Notice.objects.create(
        user=user, party=party, channel=channel, address=address, title=chosen.title, text=text, template=chosen.key,
        version=chosen.version, procedural=chosen.procedural, quiet_exempt=chosen.quiet_exempt,
        subject_kind=subject[0], subject_id=subject[1], case=case, once_key=once_key, sender=sender, state=state,
        organisation=organisation, fixed_address=fixed_address, to_call=told,
        created_at=now, due_at=now if in_app else due_after(now, exempt=chosen.quiet_exempt),
        sent_at=now if in_app and not suppressed else None, delivered_at=now if in_app and not suppressed else None,
    )  # fmt: skip
    audit.record(
        stamp=system_stamp(), verb="notices.queued", subject=notice, case=case,
        after={"channel": channel, "template": chosen.key, "version": chosen.version, "state": state}, now=now,
    )  # fmt: skip
    return notice


def put_in_app(
    *, user: User, template: str, values: dict[str, str], subject: tuple[str, str], case: str, once_key: str,
    now: dt.datetime,
) -> Notice | None:  # fmt: skip
    """A message inside the portal alone, once."""
    if Notice.objects.filter(once_key=once_key).exists():
        return None
    return put(
        user=user, party=None, channel=Channel.IN_APP, address="", chosen=templates.get(template), values=values,
        subject=subject, case=case, once_key=once_key, sender=None, suppressed=False, now=now,
    )  # fmt: skip


@transaction.atomic
def cancel(*, once_key: str, stamp: Stamp, reason: str, now: dt.datetime) -> int:
    """Take back what has not gone yet; returns how many rows."""
    rows = Notice.objects.filter(once_key=once_key, state__in=(State.QUEUED, State.TO_TELL))
    taken = [
        row
        for row in rows
        if Notice.objects.filter(pk=row.pk, state=row.state).update(state=State.CANCELLED, to_call=False)
    ]
    for row in taken:
        audit.record(stamp=stamp, verb="notices.cancelled", subject=row, case=row.case, reason=reason, now=now)
    return len(taken)


@transaction.atomic
def read(*, notice: Notice, acting: Acting, now: dt.datetime) -> None:
    """The recipient opened it; only the first time counts."""
    if notice.user_id == acting.user.pk and Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=now):
        same = Notice.objects.filter(once_key=notice.once_key)
        same.filter(state=State.TO_TELL).update(state=State.CANCELLED, problem="本人已经在平台上阅读")
        same.filter(to_call=True).update(to_call=False)
        subjects.tell(notice, subjects.READ, now)
        audit.record(stamp=acting.stamp, verb="notices.read", subject=notice, case=notice.case, now=now)


def unsubscribe_path(user: User | None, party: Party | None) -> str:
    """The address where somebody opts out without logging in."""
    token = signing.dumps({"u": user.pk if user else None, "p": party.pk if party and not user else None}, salt=SALT)
    return reverse("notices:unsubscribe", args=(token,))


@transaction.atomic
def opt_out(*, user: User | None, party: Party | None, way: str, stamp: Stamp, now: dt.datetime) -> None:
    """No more messages that no procedure needs."""
    party = None if user else party
    made, new = OptOut.objects.get_or_create(user=user, party=party, ended_at=None, defaults={"since": now, "way": way})
    if new:
        audit.record(stamp=stamp, verb="notices.opted_out", subject=made, after={"way": way}, now=now)


@transaction.atomic
def opt_in(*, user: User, stamp: Stamp, now: dt.datetime) -> None:
    """They are welcome again."""
    for row in OptOut.objects.filter(user=user, ended_at=None):
        if OptOut.objects.filter(pk=row.pk, ended_at=None).update(ended_at=now):
            audit.record(stamp=stamp, verb="notices.opted_in", subject=row, now=now)
