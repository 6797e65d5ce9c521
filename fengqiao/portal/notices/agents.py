"""Who acts for whom: the party and the agent hear of it, by whomever it was decided."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.notices.actions import send
from fengqiao.portal.parties.models import Authorisation
from fengqiao.portal.parties.queries import authorisations_visible_to

State = Authorisation.State


def tell_of_authorisation(one: Authorisation, state: str, now: dt.datetime) -> None:
    """A message to the party when somebody wants to act for them, may from now on, or does no longer; to the agent when
    it was decided or ended by others."""
    common = {
        "subject": ("parties.authorisation", str(one.pk)), "case": one.party.case, "organisation": one.reviewer,
        "now": now,
    }  # fmt: skip
    key = f"authorisation:{one.pk}:{state}"
    agent, body = one.agent.name, one.reviewer.name
    if state == State.SUBMITTED:
        to_party = ("parties.authorisation_asked", {"agent": agent, "body": body})
    elif state == State.ACCEPTED:
        to_party = ("parties.authorised", {"agent": agent, "body": body, "days": one.days})
    else:
        over = "没有接受" if state == State.DECLINED else f"已经终止（{one.get_ending_display()}）"
        to_party = ("parties.authorisation_over", {"what": f"{agent}代您办理的授权{over}。"})
    if known_before(one) and one.ending != Authorisation.Ending.DIED:
        template, values = to_party
        send(to=one.party, template=template, values=values, once_key=f"{key}:party", **common)
    if state == State.SUBMITTED or one.ending == Authorisation.Ending.RESIGNED:
        return
    said = {
        State.ACCEPTED: f"您代{one.party.name}办理的授权已经接受，{one.days}有效。请在“代谁办理”中选择后办理。",
        State.DECLINED: f"您代{one.party.name}办理的授权没有接受，原因见“授权”；改正后可以重新提交。",
        State.ENDED: f"您代{one.party.name}办理的授权已经终止（{one.get_ending_display()}），不能再代办。",
    }[State(state)]
    send(
        to=one.agent, template="parties.authorisation_over", values={"what": said}, once_key=f"{key}:agent", **common
    )  # fmt: skip


def known_before(one: Authorisation) -> bool:
    """Somebody whom only the agent named has no number here but what the agent said: nobody to send anything to."""
    return one.party.user_id is not None or one.party.taken_in_by_id is not None


def page_of_authorisation(acting: Acting, number: str) -> str | None:
    """Where it is looked at, by those who see it."""
    seen = number.isdecimal() and authorisations_visible_to(acting).filter(pk=int(number)).exists()
    return reverse("parties:authorisation", args=(int(number),)) if seen else None
