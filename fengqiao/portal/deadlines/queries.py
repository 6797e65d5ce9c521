"""Reading deadlines. What is not there for a person is not found: 404."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from django.db.models import Q, QuerySet

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Organisation, Role, User
from fengqiao.portal.deadlines.models import Deadline, Event, Feed

MANAGERS = (Role.Kind.MEDIATION_MANAGER, Role.Kind.ADMINISTRATOR)
"""Who sees and changes every deadline of their organisation."""
SEEN: dict[str, Callable[[Acting], Q]] = {}


def seen_with_subject(kind: str, condition: Callable[[Acting], Q]) -> None:
    """A later app says who may see the deadlines of its subjects: a condition on Deadline, such as
    Q(subject_id__in=...). Call it in `ready()`."""
    SEEN[kind] = condition


FIRST: list[Callable[[Sequence[Deadline], Acting | None], set[int]]] = []
"""A later app says which of some deadlines come first, by their numbers: of whom has to be seen to before others.
Nothing for who may not know."""


def mark_first(rows: Sequence[Deadline], acting: Acting | None) -> None:
    """Put into rows whether they come first, for this person."""
    found = {number for ask in FIRST for number in ask(rows, acting)} if rows else set()
    for row in rows:
        row.comes_first = row.pk in found


def own(acting: Acting | None) -> QuerySet[Deadline]:
    """Those the person is responsible for themselves, in the role they wear."""
    if acting is None or acting.role is None:
        return Deadline.objects.none()
    return Deadline.objects.filter(user=acting.user, organisation=acting.organisation)


def of_organisation(acting: Acting | None) -> QuerySet[Deadline]:
    """Those of the organisation: all for managers, for others those of their role."""
    if acting is None or acting.role is None or acting.organisation is None:
        return Deadline.objects.none()
    rows = Deadline.objects.filter(organisation=acting.organisation)
    return rows if acting.is_a(*MANAGERS) else rows.filter(role_kind=acting.role.kind)


def visible_to(acting: Acting | None) -> QuerySet[Deadline]:
    """One's own, those of one's role in the organisation, all of it for managers, and what apps add for subjects."""
    if acting is None or acting.role is None:
        return Deadline.objects.none()
    seen = responsible(acting)
    for kind, condition in SEEN.items():
        seen |= Q(subject_kind=kind) & condition(acting)
    return Deadline.objects.filter(seen)


def responsible(acting: Acting) -> Q:
    """Those that the person has to see to, alone or with others."""
    body = acting.organisation
    seen = Q(user=acting.user, organisation=body)
    if body is not None and acting.role is not None:
        seen |= Q(organisation=body) if acting.is_a(*MANAGERS) else Q(organisation=body, role_kind=acting.role.kind)
    return seen


def may_act(deadline: Deadline, acting: Acting | None) -> bool:
    """True for those who are responsible for it, and who manage their organisation."""
    if acting is None or acting.role is None or acting.behalf is not None:
        return False
    return Deadline.objects.filter(responsible(acting), pk=deadline.pk).exists()


def may_enter(acting: Acting | None) -> bool:
    """True for everybody in a role of their own."""
    return acting is not None and acting.role is not None and acting.behalf is None


def near(acting: Acting, now: dt.datetime) -> QuerySet[Deadline]:
    """What this person sees to that runs and is near or overdue, the most pressing first."""
    soon = now + dt.timedelta(days=14)
    return Deadline.objects.filter(responsible(acting), is_open=True, due_at__lte=soon).order_by("due_at", "id")


def due_for(acting: Acting, now: dt.datetime, most: int) -> list[Deadline]:
    """The first of them."""
    return list(near(acting, now)[:most])


def between(acting: Acting | None, first: dt.date, last: dt.date) -> QuerySet[Deadline]:
    """Those whose last day lies between two days, both included."""
    rows = visible_to(acting).filter(due_on__gte=first, due_on__lte=last).exclude(state=Deadline.State.WITHDRAWN)
    return rows.order_by("due_on", "id")


def paused(acting: Acting | None) -> QuerySet[Deadline]:
    """Those that stand still: they have no day at present."""
    return visible_to(acting).filter(state__in=(Deadline.State.PAUSED, Deadline.State.INTERRUPTED)).order_by("id")


def left_by(role: Role) -> QuerySet[Deadline]:
    """What somebody sees to for the organisation of this role."""
    return Deadline.objects.filter(user=role.user, organisation=role.organisation, is_open=True)


def roles_now(organisation: Organisation) -> QuerySet[Role]:
    """The roles that people have there."""
    return Role.objects.filter(organisation=organisation, ended_at=None, user__is_active=True)


def others_roles(role: Role) -> QuerySet[Role]:
    """All other roles in its organisation that are held."""
    return roles_now(role.organisation).exclude(pk=role.pk)


def who_takes_over(role: Role) -> str:
    """In which role colleagues take over: the same, else who manages."""
    there = set(others_roles(role).exclude(user=role.user).values_list("kind", flat=True))
    wanted = (role.kind, Role.Kind.MEDIATION_MANAGER, Role.Kind.ADMINISTRATOR)
    return str(next((kind for kind in wanted if kind in there), Role.Kind.ADMINISTRATOR))


def of_subject(kind: str, number: int | str) -> QuerySet[Deadline]:
    """All deadlines of one thing, for the app that owns it."""
    return Deadline.objects.filter(subject_kind=kind, subject_id=str(number)).order_by("due_at", "id")


def history(deadline: Deadline) -> QuerySet[Event]:
    """What happened to it, the newest first."""
    return deadline.events.order_by("-number")


def feed_of(user: User) -> Feed | None:
    """The feed of a person that is in use."""
    return Feed.objects.filter(user=user, revoked_at=None).first()


def feed_by(name: str) -> Feed | None:
    """The feed with this user name, of somebody who may still log in."""
    rows = Feed.objects.select_related("user").filter(name=name, revoked_at=None, user__is_active=True)
    return rows.first()


def ended_by_upgrade(user: User) -> bool:
    """True for whose address with a secret ended with an upgrade, and who has had nothing new since."""
    newest = Feed.objects.filter(user=user).order_by("-id").first()
    return newest is not None and newest.ended_by_upgrade


def in_calendar(user: User, now: dt.datetime) -> QuerySet[Deadline]:
    """A person's own open deadlines in the organisations where they still have a role."""
    held = user.roles.filter(Q(ended_at=None) | Q(ended_at__gt=now), organisation__is_active=True)
    places = Q(organisation=None) | Q(organisation__in=held.values("organisation"))
    return Deadline.objects.filter(places, user=user, is_open=True, due_on__isnull=False).order_by("due_on", "id")
