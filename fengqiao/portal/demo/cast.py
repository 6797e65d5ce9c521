"""The fixed cast: read from cast.toml, put into a database once."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from allauth.mfa.models import Authenticator
from django.db import transaction

from fengqiao.engine.identity import with_check_digit
from fengqiao.portal.accounts.factor_secrets import seal
from fengqiao.portal.accounts.models import Identity, Organisation, Role, User
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.stamp import Channel, system_stamp

FILE = Path(__file__).with_name("cast.toml")
REASON = "演示数据"


@dataclass(frozen=True)
class Body:
    """An organisation of the cast."""

    key: str
    kind: str
    name: str
    region: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Person:
    """One of the cast: the first of their roles is the one they wear at first."""

    key: str
    name: str
    serial: int
    roles: tuple[tuple[str, str], ...]
    """Kinds with the keys of the organisations; without an organisation the key is empty."""
    born: str = "19800101"

    @property
    def login(self) -> str:
        """What they log in with."""
        return self.key.replace("_", "-")

    @property
    def mobile(self) -> str:
        """A made-up mobile."""
        return f"137{self.serial:08d}"

    @property
    def number(self) -> str:
        """A made-up identity number: no county has the code 119999, so nobody has the number."""
        return str(with_check_digit(f"119999{self.born}{self.serial:03d}"))

    @property
    def is_staff(self) -> bool:
        """True for people who work for an organisation: they need a second factor."""
        return any(body for _, body in self.roles)


@dataclass(frozen=True)
class Cast:
    """The cast in a database."""

    users: dict[str, User]
    bodies: dict[str, Organisation]


@cache
def bodies() -> tuple[Body, ...]:
    """The organisations as cast.toml has them."""
    listed = tomllib.loads(FILE.read_text(encoding="utf-8"))["organisations"]
    return tuple(Body(key, **fields) for key, fields in listed.items())


@cache
def people() -> tuple[Person, ...]:
    """The people as cast.toml has them."""
    listed = tomllib.loads(FILE.read_text(encoding="utf-8"))["people"]
    return tuple(
        Person(
            row["key"],
            row["name"],
            row["serial"],
            tuple((r["kind"], r.get("in", "")) for r in row["roles"]),
            **{name: row[name] for name in ("born",) if name in row},
        )
        for row in listed
    )


@transaction.atomic
def put_in(
    *, password_hash: Callable[[Person], str], second_factor: Callable[[Person], str], now: dt.datetime
) -> tuple[Cast, int]:
    """Put the cast into the database; what is there already stays as it is. Returns it, and how much was new.

    password_hash: as Django keeps it; second_factor: the secret of a person's authenticator, in base32.
    """
    made = 0
    places = {}
    for body in bodies():
        places[body.key], new = Organisation.objects.get_or_create(
            name=body.name, defaults={"kind": body.kind, "region": body.region, "phone": body.phone}
        )
        made += new
    users = {}
    for person in people():
        found = User.objects.filter(username=person.login).first()
        users[person.key] = found or _come_in(
            person, places, password=password_hash(person), secret=second_factor(person), now=now
        )
        made += found is None
    if made:
        audit.record(
            stamp=system_stamp(Channel.COMMAND), verb="demo.filled", subject=None, reason=REASON,
            after={"new": made}, now=now,
        )  # fmt: skip
    return Cast(users, places), made


def _come_in(person: Person, places: dict[str, Organisation], *, password: str, secret: str, now: dt.datetime) -> User:
    """One person with their papers, roles and second factor."""
    user = User.objects.create(username=person.login, name=person.name, password=password, joined_at=now)
    Identity.objects.create(
        user=user, kind=Identity.Kind.ID_CARD, number=person.number, mobile=person.mobile, mobile_verified_at=now
    )
    for kind, place in person.roles:
        Role.objects.create(user=user, organisation=places.get(place), kind=kind, granted_at=now)
    if person.is_staff:
        Authenticator.objects.create(
            user=user, type=Authenticator.Type.TOTP, data={"secret": seal(secret, user_id=user.pk)}
        )
    return user
