"""Taking an organisation out of use, and back into it.

Nobody wears a role of an organisation at rest (`acting_for`), and what one of its people does in the very moment comes
either wholly before or not at all: every action leaves an event, events come one after the other, and behind the one of
resting `in_use` refuses them. Apps that come later say in their `closing.py` what is open in an organisation (`OPEN`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404

from fengqiao.portal.accounts import queries
from fengqiao.portal.accounts.acting import SESSION_KEY, Acting, acting_for
from fengqiao.portal.accounts.models import Invitation, Organisation, Role, User
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.stamp import Channel, Stamp
from fengqiao.portal.jobs import actions as jobs
from fengqiao.portal.jobs.models import Job
from fengqiao.portal.refusal import Conflict, Refusal

AT_REST = "没有办理：{name}刚刚在本平台停用，不能再以该机构的身份办理。请联系平台管理员。"
NOT_ITSELF = "没有停用：{name}是平台运营方，停用后没有人能再恢复它。需要更换运营方的，请先登记新的机构和管理员。"


@dataclass(frozen=True)
class Open:
    """One kind of what is open in an organisation: how much, and what becomes of it while the house is at rest."""

    title: str
    count: int
    then: str
    url_name: str = ""
    """The page on which it is handed over; its only argument is the organisation's number."""


OPEN: list[Callable[[Organisation, dt.datetime], Iterable[Open]]] = []
TOLD: list[Callable[[Organisation, User, str, Acting, dt.datetime], None]] = []
"""Told of every member inside the transaction: the organisation, the member, why; later apps send messages."""


def in_use(stamp: Stamp) -> None:
    """Refuse what somebody does for an organisation that has been taken out of use meanwhile. Asked by every event of
    a person, while it holds the head of all events. What the worker had begun is put down all the same."""
    if stamp.organisation_id is None or stamp.channel in (Channel.WORKER, Channel.COMMAND, Channel.SYSTEM):
        return
    if Organisation.objects.filter(pk=stamp.organisation_id, is_active=False).exists():
        raise Refusal(AT_REST.format(name=stamp.organisation_name))


def open_in(house: Organisation, now: dt.datetime) -> list[Open]:
    """What is open in an organisation; only what there is."""
    people = members(house).count()
    asked = invitations(house, now).count()
    running = running_jobs(house).count()
    own = (
        Open("有角色的人员", people, "立即不能再以该机构的身份办理，正用该身份的设备退出；账号和别处的角色保留。"),
        Open("没有接受的邀请", asked, "立即作废，原链接不能再打开；恢复以后要重新邀请。"),
        Open("进行中的后台任务", running, "立即取消；已经得出的结果保留。"),
    )  # fmt: skip
    found = (*own, *(one for ask in OPEN for one in ask(house, now)))
    return [one for one in found if one.count]


def members(house: Organisation) -> QuerySet[User]:
    """Who has a role there."""
    held = Role.objects.filter(organisation=house, ended_at=None)
    return User.objects.filter(pk__in=held.values("user")).order_by("pk")


def invitations(house: Organisation, now: dt.datetime) -> QuerySet[Invitation]:
    """Whom it waits for."""
    return Invitation.objects.filter(organisation=house, accepted_at=None, revoked_at=None, expires_at__gt=now)


def running_jobs(house: Organisation) -> QuerySet[Job]:
    """What its people had begun in the background."""
    return Job.objects.filter(stamp__organisation_id=house.pk, state__in=Job.OPEN).order_by("pk")


@transaction.atomic
def rest(*, organisation: Organisation, reason: str, acting: Acting, now: dt.datetime) -> dict[str, int]:
    """Take an organisation out of use: its people cannot act for it from this moment. Returns what ended with it."""
    house = looked_at(organisation, reason, acting)
    if house.kind == Organisation.Kind.PLATFORM:
        raise Refusal(NOT_ITSELF.format(name=house.name))
    if not house.is_active:
        raise Conflict("这家机构已经停用，可能是别的管理员刚刚办理的。请刷新页面查看当前状态。")
    people = list(members(house))
    ended = {
        "members": len(people), "sessions": end_sessions_there(house, people),
        "invitations": invitations(house, now).update(revoked_at=now),
    }  # fmt: skip
    Organisation.objects.filter(pk=house.pk).update(is_active=False)
    audit.record(
        stamp=acting.stamp, verb="accounts.organisation_rested", subject=house, organisation_id=house.pk,
        before={"is_active": True}, after={"is_active": False, **ended}, reason=reason, now=now,
    )  # fmt: skip
    house.refresh_from_db()
    tell(house, people, reason, acting, now)
    transaction.on_commit(lambda: cancel_jobs(house, acting, now))
    return ended


@transaction.atomic
def put_back(*, organisation: Organisation, reason: str, acting: Acting, now: dt.datetime) -> None:
    """Its people may act for it again, in the roles that they had."""
    house = looked_at(organisation, reason, acting)
    if house.is_active:
        raise Conflict("这家机构没有停用，可能是别的管理员刚刚恢复的。请刷新页面查看当前状态。")
    Organisation.objects.filter(pk=house.pk).update(is_active=True)
    audit.record(
        stamp=acting.stamp, verb="accounts.organisation_put_back", subject=house, organisation_id=house.pk,
        before={"is_active": False}, after={"is_active": True}, reason=reason, now=now,
    )  # fmt: skip
    house.refresh_from_db()
    tell(house, members(house), reason, acting, now)


def looked_at(organisation: Organisation, reason: str, acting: Acting) -> Organisation:
    """The row, held; of two administrators at once the second waits here and sees what the first has done. Rows that
    refer to it may be written meanwhile (no_key): their writers may hold the head of the events."""
    if not queries.runs_the_platform(acting):
        raise Http404
    if not reason.strip():
        raise Refusal("请写明原因，例如“业务许可已经注销”。")
    return Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)


def tell(house: Organisation, people: Iterable[User], reason: str, acting: Acting, now: dt.datetime) -> None:
    """Everybody with a role there hears of it."""
    for user in people:
        for told in TOLD:
            told(house, user, reason, acting, now)


def end_sessions_there(house: Organisation, people: Iterable[User]) -> int:
    """Put out whoever wears a role of the house at this moment, so that nobody goes on in another role unawares."""
    store, ended = import_module(settings.SESSION_ENGINE).SessionStore, 0
    for session in UserSession.objects.filter(user__in=list(people)).select_related("user"):
        worn = acting_for(session.user, role_id=store(session.session_key).get(SESSION_KEY))
        if worn.organisation is not None and worn.organisation.pk == house.pk:
            session.end()
            ended += 1
    return ended


def cancel_jobs(house: Organisation, acting: Acting, now: dt.datetime) -> None:
    """What its people had begun in the background ends, too: after the commit, when nobody can begin more."""
    for job in running_jobs(house):
        jobs.cancel(job=job, stamp=acting.stamp, now=now)
