"""An organisation goes out of use, comes back, or its matters go to another one: its people and parties hear of it."""

from __future__ import annotations

import datetime as dt

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Organisation, User
from fengqiao.portal.notices.actions import send
from fengqiao.portal.parties.models import Handling


def tell_member(house: Organisation, user: User, reason: str, acting: Acting, now: dt.datetime) -> None:
    """Whoever has a role there. The reason is said inside the portal alone: others may read along on a telephone."""
    send(
        to=user, template="accounts.house_back" if house.is_active else "accounts.house_at_rest",
        values={"body": house.name, "why": reason}, subject=("accounts.organisation", str(house.pk)),
        once_key=f"house:{house.pk}:{house.is_active}:{now.isoformat()}:{user.pk}", organisation=acting.organisation,
        now=now,
    )  # fmt: skip


def tell_party(handling: Handling, house: Organisation, now: dt.datetime) -> None:
    """Whose matter goes to another organisation."""
    body = handling.organisation
    send(
        to=handling.party, template="parties.house_changed",
        values={"old": house.name, "body": body.contact}, subject=("parties.handling", str(handling.pk)),
        case=handling.party.case, once_key=f"handling:{handling.pk}", organisation=body, now=now,
    )  # fmt: skip
