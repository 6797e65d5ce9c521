"""Which roles there are in which kind of organisation: one table."""

from __future__ import annotations

from fengqiao.portal.accounts.models import Organisation, Role

K = Organisation.Kind
R = Role.Kind
ROLES_IN: dict[str, tuple[Role.Kind, ...]] = {
    K.FIRM: (R.COMPLAINT_HANDLER,),
    K.LISTED_COMPANY: (R.COMPLAINT_HANDLER,),
    K.MEDIATION: (R.MEDIATOR, R.MEDIATION_MANAGER, R.MEASURER),
    K.COURT: (R.JUDGE, R.CLERK, R.MEASURER, R.TASK_FORCE_OFFICER),
    K.LOCAL_OFFICE: (R.REGULATOR, R.HOTLINE_AGENT, R.TASK_FORCE_OFFICER),
    K.SERVICES_CENTRE: (R.MEASURER, R.MEDIATOR, R.MEDIATION_MANAGER, R.HOTLINE_AGENT),
    K.EDUCATION_BASE: (R.OUTREACH_WORKER,),
    K.TASK_FORCE: (R.TASK_FORCE_OFFICER,),
    K.LAW_FIRM: (R.AGENT,),
    K.PLATFORM: (),
}


def roles_in(organisation: Organisation) -> tuple[Role.Kind, ...]:
    """The roles that an organisation's people can have; every organisation has administrators."""
    return (*ROLES_IN[organisation.kind], R.ADMINISTRATOR)
