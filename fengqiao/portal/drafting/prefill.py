"""What a form begins with: what the portal knows of the person it is for, and of the one who fills it in."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.views.decorators.debug import sensitive_variables

from fengqiao.engine import forms
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Identity, Organisation, Role
from fengqiao.portal.parties import actions as parties_actions
from fengqiao.portal.parties import queries as parties
from fengqiao.portal.parties.models import Party

OF_PERSON = {
    "complaint": "plaintiffs", "confirmation_application": "applicants_a", "service_address": "party",
    "power_of_attorney": "principals", "mediation_agreement": "claimants", "undisputed_facts": "claimants",
    "termination_notice": "claimants",
}  # fmt: skip
"""By form: where the person it is for stands."""
OF_BODY = {"defence": "defendants", "commitment_application": "applicants"}
"""By form: where the body stands that fills it in."""
ADDRESS, MOBILE, NUMBER = "address", "mobile", "number"
LABELS = {NUMBER: "证件号码", MOBILE: "手机号码", ADDRESS: "联系地址"}


def person_for(form: str, acting: Acting) -> Party | None:
    """The person whom a form is for, when the form has a place for them."""
    if form not in OF_PERSON:
        return None
    if acting.behalf is not None:
        return Party.objects.filter(pk=acting.behalf[0], disposed_at=None).first()
    return parties.own_party(acting)


def known(form: str, acting: Acting) -> tuple[str, ...]:
    """What of the person's sealed data could be filled in, in words: by right, and while they agree to its use."""
    party = person_for(form, acting)
    return tuple(LABELS[field] for field in _usable(party, acting)) if party else ()


def _usable(party: Party, acting: Acting) -> list[str]:
    if not parties.may_reveal(party, acting):
        return []
    if not (parties.is_own(party, acting) or parties.agreed(party, "account")):
        return []
    found = [NUMBER] if party.number and party.kind == Identity.Kind.ID_CARD else []
    found += [MOBILE] if party.contact_mobile else []
    return found + ([ADDRESS] if party.address else [])


@sensitive_variables()
def first_data(form: str, acting: Acting, *, whole: bool, now: dt.datetime) -> dict[str, Any]:
    """What the form begins with. whole: sealed data of the person, too; each look at them is recorded. Call it
    outside of a transaction."""
    data = _of_the_one_who_fills_in(form, acting)
    party = person_for(form, acting)
    if party is None:
        return data
    person: dict[str, Any] = {"kind": "person", "name": party.name}
    seen = {}
    for field in _usable(party, acting) if whole else []:
        seen[field] = parties_actions.reveal(
            party=party, field=field, reason=f"填写《{forms.get(form).title}》", acting=acting, now=now
        )
    if NUMBER in seen:
        number = seen[NUMBER]
        person |= {"identity": number, "born": f"{number[6:10]}-{number[10:12]}-{number[12:14]}",
                   "sex": "male" if int(number[16]) % 2 else "female"}  # fmt: skip
    person |= {key: seen[field] for key, field in (("address", ADDRESS), ("phone", MOBILE)) if field in seen}
    place = next(one for one in forms.get(form).fields if one.key == OF_PERSON[form])
    data[place.key] = [person] if place.many else person
    if ADDRESS in seen and form == "complaint":
        data["service_address"] = seen[ADDRESS]
    if form == "service_address":
        data["recipient"] = party.name
        data |= {key: seen[field] for key, field in (("post_address", ADDRESS), ("mobile", MOBILE)) if field in seen}
    return data


def _of_the_one_who_fills_in(form: str, acting: Acting) -> dict[str, Any]:
    keys = {field.key for field in forms.get(form).fields}
    body, data = acting.organisation, {}
    if body is None:
        return {}
    if "organisation" in keys and body.kind == Organisation.Kind.MEDIATION:
        data["organisation"] = body.name
    if "mediator" in keys and acting.is_a(Role.Kind.MEDIATOR):
        data["mediator"] = acting.user.name
    if "court" in keys and body.kind == Organisation.Kind.COURT:
        data["court"] = body.name
    if form == "taskforce_ledger":
        data["force" if body.kind == Organisation.Kind.TASK_FORCE else "unit"] = body.name
    if form in OF_BODY and acting.behalf is None and body.kind in (Organisation.Kind.FIRM,
                                                                   Organisation.Kind.LISTED_COMPANY):  # fmt: skip
        row = {"kind": "body", "name": body.name, "credit_code": body.credit_code}
        data[OF_BODY[form]] = [{key: value for key, value in row.items() if value}]
    return data
