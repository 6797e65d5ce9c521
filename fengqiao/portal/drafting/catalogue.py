"""Which forms are offered first to whom. Everybody may fill in any form: none of them has effect before it is signed
or handed in."""

from __future__ import annotations

from fengqiao.engine import forms
from fengqiao.engine.forms import FormTemplate
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Role

PERSON = ("complaint", "power_of_attorney", "service_address", "confirmation_application")
MEDIATION = (
    "mediation_agreement", "mediation_record", "undisputed_facts", "termination_notice", "mediator_disclosure",
    "service_address", "confirmation_application",
)  # fmt: skip
BODY = ("defence", "commitment_application", "power_of_attorney", "service_address", "confirmation_application")
FIRST: dict[str, tuple[str, ...]] = {
    Role.Kind.INVESTOR: PERSON,
    Role.Kind.AGENT: ("complaint", "defence", "power_of_attorney", "service_address", "confirmation_application"),
    Role.Kind.COMPLAINT_HANDLER: BODY,
    Role.Kind.HOTLINE_AGENT: PERSON,
    Role.Kind.MEDIATOR: MEDIATION,
    Role.Kind.MEDIATION_MANAGER: MEDIATION,
    Role.Kind.JUDGE: ("rights_announcement",),
    Role.Kind.CLERK: ("rights_announcement", "mediation_record"),
    Role.Kind.REGULATOR: ("commitment_agreement", "commitment_application"),
    Role.Kind.TASK_FORCE_OFFICER: ("taskforce_ledger",),
}


def offered(acting: Acting) -> tuple[list[FormTemplate], list[FormTemplate]]:
    """The forms of one's role, then all others."""
    first = FIRST.get(acting.role.kind if acting.role else "", ())
    return [forms.get(key) for key in first], [one for one in forms.known() if one.key not in first]
