"""What people are told of a round. Those with an account or a record get notices from the outbox, in the transaction of
what they tell of; guests, of whom there is only a number, get short messages from a job."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.conf import settings
from django.urls import reverse

from fengqiao.portal.accounts.models import User
from fengqiao.portal.audit.stamp import system_stamp
from fengqiao.portal.deadlines.models import Deadline
from fengqiao.portal.jobs import actions as jobs
from fengqiao.portal.notices import actions as notices
from fengqiao.portal.notices.quiet import due_after
from fengqiao.portal.parties.models import Party
from fengqiao.portal.parties.queries import guardians_of
from fengqiao.portal.shell.words import day_text, moment_text
from fengqiao.portal.signing import identity, queries
from fengqiao.portal.signing.models import KeptSignature, Signatory, SigningRound
from fengqiao.portal.signing.persons import Person

SUBJECT = "signing.signinground"
GUESTS = "signing.tell_guest"


def values_of(round_: SigningRound, **more: str) -> dict[str, str]:
    """What every text may name."""
    return {"body": round_.organisation.name, "title": round_.title, **more}


def tell(
    to: User | Party, round_: SigningRound, template: str, key: str, values: dict[str, str], now: dt.datetime
) -> None:
    """A notice, once for a key."""
    notices.send(
        to=to, template=template, values=values, subject=(SUBJECT, str(round_.pk)), case=round_.number,
        once_key=f"signing:{key}", organisation=round_.organisation, now=now,
    )  # fmt: skip


def tell_guest(place: Signatory, template: str, key: str, values: dict[str, str], now: dt.datetime) -> None:
    """A short message to somebody without a record: from the background, with tries, not at night."""
    if not identity.mobile_of(place):
        return
    jobs.start(
        kind=GUESTS, title="通知签署人", stamp=system_stamp(), now=now, due_at=due_after(now, exempt=False),
        arguments={"signatory": place.pk, "template": template, "values": values}, once_key=f"signing:{key}",
    )  # fmt: skip


def people_of(place: Signatory, now: dt.datetime) -> Iterator[User | Party]:
    """Who is reached for a place: the party, with whoever acts for them by law; for the seal all who keep it."""
    if place.kind == Signatory.Kind.PARTY and place.party is not None:
        yield place.party
        yield from guardians_of(place.party, now)
    elif place.kind == Signatory.Kind.STAFF and place.user is not None:
        yield place.user
    elif place.kind == Signatory.Kind.SEAL and place.organisation is not None:
        yield from queries.seal_keepers(place.organisation)


def your_turn(place: Signatory, now: dt.datetime) -> None:
    """Ask somebody to sign: parties by a link of their own, too."""
    round_, key = place.round, f"{place.pk}:turn"
    values = values_of(round_, until=moment_text(round_.due_at))
    if place.kind == Signatory.Kind.GUEST:
        tell_guest(place, "signing.your_turn", key, values, now)
    elif place.kind == Signatory.Kind.PARTY and place.party is not None:
        token = identity.make_link(signatory=place, stamp=system_stamp(), now=now) if identity.mobile_of(place) else ""
        link = link_of(token) if token else settings.ENVIRONMENT.public_url
        tell(place.party, round_, "signing.your_turn", key, values | {"link": link}, now)
        for who in guardians_of(place.party, now):  # they sign logged in, not by a link to somebody else's mobile
            whole = values | {"link": settings.ENVIRONMENT.public_url}
            tell(who, round_, "signing.your_turn", f"{key}:{who.pk}", whole, now)
    else:
        for who in people_of(place, now):
            tell(who, round_, "signing.staff_turn", f"{key}:{who.pk}", values, now)


def link_of(token: str) -> str:
    """The address that a link leads to."""
    return str(settings.ENVIRONMENT.public_url) + reverse("signing:link", args=(token,))


def opened(round_: SigningRound, now: dt.datetime) -> None:
    """The first to be asked: everybody, or whoever comes first."""
    for row in queries.signatories_of(round_):
        if queries.is_turn(row):
            your_turn(row, now)


def remind(place: Signatory, now: dt.datetime) -> None:
    """The end of the period is near, and this signature is missing."""
    round_, key = place.round, f"{place.pk}:remind"
    values = values_of(round_, until=moment_text(round_.due_at))
    if place.kind == Signatory.Kind.GUEST:
        tell_guest(place, "signing.reminder", key, values, now)
    for who in people_of(place, now):
        tell(who, round_, "signing.reminder", f"{key}:{type(who).__name__}{who.pk}", values, now)


def effective(round_: SigningRound, confirmation: Deadline | None, now: dt.datetime) -> None:
    """All parties have signed: everybody hears since when, and until when a court may be asked to confirm."""
    more = ""
    if confirmation is not None and confirmation.due_on is not None:
        more = f"可以共同申请司法确认，最迟{day_text(confirmation.due_on)}。"
    everybody(round_, "effective", values_of(round_, moment=moment_text(now), more=more), now)


def ended(round_: SigningRound, how: str, now: dt.datetime) -> None:
    """Everybody is told of the end."""
    everybody(round_, how, values_of(round_), now)


def everybody(round_: SigningRound, how: str, values: dict[str, str], now: dt.datetime) -> None:
    """All who sign and whoever started it, each once."""
    told: set[tuple[str, int]] = set()
    places = queries.signatories_of(round_)
    for who in (round_.created_by, *(one for place in places for one in people_of(place, now))):
        account = who.user_id if isinstance(who, Party) and who.user_id else None
        key = ("User", account) if account else (type(who).__name__, who.pk)
        if key not in told:
            told.add(key)
            tell(who, round_, f"signing.{how}", f"{round_.pk}:{how}:{key[0]}{key[1]}", values, now)
    for place in places:
        if place.kind == Signatory.Kind.GUEST:
            tell_guest(place, f"signing.{how}", f"{place.pk}:{how}", values, now)


def put_after_all(place: Signatory, person: Person, agreed_at: dt.datetime, now: dt.datetime) -> None:
    """The service is back, and the signature is put."""
    values = {"title": place.round.title, "moment": moment_text(agreed_at)}
    _signer(place, person.acting.user if person.acting else None, "put_after_all", agreed_at, values, now)


def not_put(kept: KeptSignature, why: str, now: dt.datetime) -> None:
    """What was agreed to cannot be put any more."""
    place = kept.signatory
    values = {"title": place.round.title, "moment": moment_text(kept.agreed_at), "why": why}
    _signer(place, kept.user, "not_put", kept.agreed_at, values, now)


def _signer(
    place: Signatory, user: User | None, how: str, agreed_at: dt.datetime, values: dict[str, str], now: dt.datetime
) -> None:
    key = f"{place.pk}:{how}:{agreed_at.timestamp():.0f}"
    if user is not None:
        tell(user, place.round, f"signing.{how}", key, values, now)
    elif place.party is not None:
        tell(place.party, place.round, f"signing.{how}", key, values, now)
    else:
        tell_guest(place, f"signing.{how}", key, values, now)
