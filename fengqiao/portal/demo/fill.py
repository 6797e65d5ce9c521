"""Fills the demo's database: the cast, then what the apps have to show."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.hashers import make_password

from fengqiao.engine.errors import InputError
from fengqiao.portal.accounts.acting import acting_for
from fengqiao.portal.accounts.models import Identity, Role
from fengqiao.portal.accounts.sms import FileGateway
from fengqiao.portal.claims import demo as claims
from fengqiao.portal.claims.models import MeasurementRun
from fengqiao.portal.deadlines import demo as deadlines
from fengqiao.portal.demo.cast import Cast, bodies, people, put_in
from fengqiao.portal.demo.credentials import code_of, password_of, second_factor_of
from fengqiao.portal.drafting import demo as drafting
from fengqiao.portal.notices.models import Notice
from fengqiao.portal.parties import demo as parties
from fengqiao.portal.service import demo as service
from fengqiao.portal.signing import demo as signing
from fengqiao.portal.vault.sealed import open_sealed


def measured_case(cast: Cast, now: dt.datetime) -> int:
    """The invented mass case with its first measurement, for the measurer; the worker does the measuring."""
    before = MeasurementRun.objects.count()
    measurer = acting_for(cast.users["measurer"])
    run = claims.fill(measurer=measurer, now=now)
    identity = Identity.objects.get(user=cast.users["investor"])
    number, mobile = open_sealed(identity.number), open_sealed(identity.mobile)
    claims.show_to(run, number=number, mobile=mobile, measurer=measurer, now=now)
    return MeasurementRun.objects.count() - before


def deadlines_to_see(cast: Cast, now: dt.datetime) -> int:
    """One paused, one rolled over the National Day holiday, one overdue and escalated, one near."""
    manager = acting_for(cast.users["mediation_manager"])
    return deadlines.fill(mediator=acting_for(cast.users["mediator"]), manager=manager, now=now)


def forms_to_see(cast: Cast, now: dt.datetime) -> int:
    """Every form as PDF and Word, one half filled in."""
    return drafting.fill(people={key: acting_for(user) for key, user in cast.users.items()}, now=now)


def agreements_to_sign(cast: Cast, now: dt.datetime) -> int:
    """One agreement that waits for four signatures, one that bears them."""
    names = ("investor", "investor_b", "mediator", "mediation_manager")
    return signing.fill(signers=signing.Signers(*(acting_for(cast.users[name]) for name in names)), now=now)


def documents_served(cast: Cast, now: dt.datetime) -> int:
    """One service read, with its proof; one not read; one that has to go another way."""
    names = ("mediator", "investor", "investor_b")
    return service.fill(people=service.People(*(acting_for(cast.users[name]) for name in names)), now=now)


def people_to_help(cast: Cast, now: dt.datetime) -> int:
    """Somebody whom staff help, with an agent; an authorisation and a guardian that wait."""
    names = ("mediator", "agent", "agent_b", "investor")
    return parties.fill(people=parties.People(*(acting_for(cast.users[name]) for name in names)), now=now)


def messages_due(cast: Cast, now: dt.datetime) -> int:
    """What others said weeks ago in the example goes into the outbox now, so it is not late by weeks."""
    Notice.objects.filter(state=Notice.State.QUEUED, due_at__lt=now - dt.timedelta(days=1)).update(due_at=now)
    return 0


PARTS: tuple[Callable[[Cast, dt.datetime], int], ...] = (
    measured_case,
    deadlines_to_see,
    forms_to_see,
    agreements_to_sign,
    documents_served,
    people_to_help,
    messages_due,
)
"""What the apps put in after the cast: each may run twice and returns how much was new."""
NO_DEMO = "这里不是演示环境，没有执行。请用 fengqiao demo 建立演示环境。"


def fill(now: dt.datetime) -> int:
    """Put in what is not there yet; returns how much that was."""
    if not settings.DEMO:
        raise InputError(NO_DEMO)
    cast, new = put_in(
        password_hash=lambda person: make_password(password_of(person)), second_factor=second_factor_of, now=now
    )
    return new + sum(part(cast, now) for part in PARTS)


def accounts() -> list[list[str]]:
    """Everybody who can log in: name, role, organisation, login name, password, where the code comes from."""
    places = {body.key: body.name for body in bodies()}
    return [
        [
            person.name,
            "、".join(Role.Kind(kind).label for kind, _ in person.roles),
            next((places[place] for _, place in person.roles if place), "—"),
            person.login,
            password_of(person),
            "验证器" if person.is_staff else "短信",
        ]
        for person in people()
    ]


def code(login: str) -> str:
    """What the authenticator of a demo account shows now; of an investor's, what the last message said."""
    if not settings.DEMO:
        raise InputError(NO_DEMO)
    person = next((one for one in people() if one.login == login), None)
    if person is None:
        raise InputError(f"没有登录名“{login}”。请用其中之一：{'、'.join(one.login for one in people())}。")
    if person.is_staff:
        return code_of(person)
    sent = re.search(r"验证码 (\d{6})", FileGateway().last(person.mobile))
    if sent is None:
        raise InputError(f"还没有发给“{login}”的验证码。请先在登录页输入密码，再执行一次；验证码也显示在网页上。")
    return sent[1]
