"""Forms to see in the demo: every one filled in with sample data and made into PDF and Word, one half filled in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from fengqiao.engine import forms
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.drafting import actions
from fengqiao.portal.drafting.models import Filling
from fengqiao.portal.drafting.steps import step_of

NAME, HALF = "示例", "示例（填了一半）"
BY = {
    "complaint": "investor", "power_of_attorney": "investor", "confirmation_application": "investor",
    "defence": "complaint_handler", "commitment_application": "complaint_handler",
    "commitment_agreement": "regulator", "rights_announcement": "judge", "taskforce_ledger": "task_force_officer",
}  # fmt: skip
"""By form: who fills it in; the mediator all others."""


def fill(*, people: Mapping[str, Acting], now: dt.datetime) -> int:
    """Put them in; a second time changes nothing. Returns how many documents and drafts were new."""
    new = 0
    for template in forms.known():
        acting = people[BY.get(template.key, "mediator")]
        found = _begun(template.key, NAME, forms.sample(template.key), acting, now)
        if not found.outputs.exists():
            actions.finish(filling=found, revision=found.revision, acting=acting, now=now)
            new += 1
    if not Filling.objects.filter(form="mediation_agreement", name=HALF).exists():
        _half(people["mediator"], now)
        new += 1
    return new


def _begun(form: str, name: str, data: dict[str, Any], acting: Acting, now: dt.datetime) -> Filling:
    there = Filling.objects.filter(form=form, name=name, created_by=acting.user).first()
    return there or actions.begin(form=form, name=name, data=data, acting=acting, now=now)


def _half(mediator: Acting, now: dt.datetime) -> None:
    """The parties and the facts are there; in the terms something is wrong, so that one sees how it is said."""
    sample = forms.sample("mediation_agreement")
    filling = _begun("mediation_agreement", HALF, sample, mediator, now)
    step = step_of(filling.form, "terms")
    if step is None:
        raise LookupError("The agreement has no step of terms.")
    values = {"amount": "一万元", "instalments": sample["instalments"], "confidential": True}
    actions.save_step(filling=filling, step=step, values=values, revision=0, acting=mediator, now=now)
