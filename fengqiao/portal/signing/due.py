"""Deadlines of a round: until when it is to be signed, and what an agreement in force opens."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Role
from fengqiao.portal.deadlines import actions as deadlines
from fengqiao.portal.deadlines.models import Deadline
from fengqiao.portal.signing.models import SigningRound

AGREEMENT = "mediation_agreement"
"""The form whose signing opens the period for judicial confirmation."""
CONFIRMATION = "confirmation.apply_days"
KIND = "signing.signinground"


def round_key(round_: SigningRound) -> str:
    """Under which the deadline of a round is opened once."""
    return f"signing:{round_.pk}:round"


def confirmation_key(round_: SigningRound) -> str:
    """Under which the period for confirmation is opened once."""
    return f"signing:{round_.pk}:confirmation"


def opened(round_: SigningRound, acting: Acting, now: dt.datetime) -> None:
    """Until when it is to be signed: for whoever started it."""
    deadlines.open_deadline(
        rule=None, subject=(KIND, round_.pk), title=f"各方签署《{round_.title}》", case=round_.case or round_.number,
        due_at=round_.due_at, once_key=round_key(round_), acting=acting, now=now, **_responsible(round_),
    )  # fmt: skip


def effective(round_: SigningRound, now: dt.datetime) -> Deadline | None:
    """All parties have signed: a mediation agreement is in force, and may be confirmed by a court for so many days."""
    if round_.form != AGREEMENT:
        return None
    return deadlines.open_deadline(
        rule=CONFIRMATION, subject=(KIND, round_.pk), title=f"共同申请司法确认《{round_.title}》",
        case=round_.case or round_.number, starts_on=timezone.localtime(now).date(),
        once_key=confirmation_key(round_), acting=None, now=now, **_responsible(round_),
    )  # fmt: skip


def met(round_: SigningRound, now: dt.datetime) -> None:
    """Everybody has signed."""
    found = _open(round_key(round_))
    if found is not None:
        deadlines.meet(deadline=found, acting=None, now=now, checked=True, reason="各方已经签齐")


def over(round_: SigningRound, reason: str, now: dt.datetime) -> None:
    """The round has ended otherwise; what an agreement had opened falls away with it."""
    for key in (round_key(round_), confirmation_key(round_)):
        found = _open(key)
        if found is not None:
            deadlines.withdraw(deadline=found, reason=reason, acting=None, now=now, checked=True)


def confirmation_of(round_: SigningRound) -> Deadline | None:
    """The period for confirmation, if there is one."""
    return Deadline.objects.filter(once_key=confirmation_key(round_)).first()


def _open(key: str) -> Deadline | None:
    """Held to the end of the transaction, so that nobody changes it meanwhile."""
    return Deadline.objects.select_for_update(of=("self",)).filter(once_key=key, is_open=True).first()


def _responsible(round_: SigningRound) -> dict[str, object]:
    managers = deadlines.responsible(organisation=round_.organisation, role_kind=Role.Kind.MEDIATION_MANAGER)
    return {"user": round_.created_by, "organisation": round_.organisation, "chain": [managers]}
