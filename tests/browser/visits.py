"""Every page a browser looks at: one line an address. A guard finds addresses without a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.browser.deadlines import make_deadlines
from tests.browser.drafting import make_fillings

Arguments = Callable[[Any], dict[str, Any]]


@dataclass(frozen=True)
class Visit:
    """One page, by the name of its address, as somebody of the cast sees it."""

    name: str
    who: str = "visitor"
    arguments: Arguments = field(default=lambda cast: {})
    """The parts of its address, from the cast."""
    query: str = ""
    status: int = 200
    behalf: str = ""
    """For whom they act, by the key in the cast's people: an agent, or staff who assist."""
    note: str = ""
    """What tells it from other visits to the same address."""

    @property
    def label(self) -> str:
        """What the test and its pictures are called."""
        behalf = f"for-{self.behalf}" if self.behalf else ""
        parts = (self.name.replace(":", "-"), self.query.replace("=", "-"), self.note, self.who, behalf)
        return "-".join(part for part in parts if part)


def the_need(cast: Any) -> dict[str, Any]:
    """The special need of somebody who was taken in."""
    return {"number": cast.people["helped"], "need": cast.people["need"]}


def numbered(what: str, **more: Any) -> Arguments:
    """The address of one of the cast's parties, authorisations or holds."""
    return lambda cast: {"number": cast.people[what], **more}


def user_number(who: str) -> Arguments:
    """The address of somebody's account."""
    return lambda cast: {"number": cast.users[who].pk}


def deadlines_there(cast: Any) -> dict[str, Any]:
    """There are deadlines to see; the address has no parts."""
    make_deadlines(cast.users)
    return {}


def deadline_of(what: str, **more: Any) -> Arguments:
    """The address of a deadline."""
    return lambda cast: {"number": make_deadlines(cast.users)[what], **more}


def filling(what: str, **more: Any) -> Arguments:
    """The address of a form that the mediator fills in."""
    return lambda cast: {"number": make_fillings(cast.users)[what], **more}


def signing(what: str, **more: Any) -> Arguments:
    """The address of one of the cast's documents to sign, or of a place in one."""
    return lambda cast: {"number": cast.signing[what], **more}


def serving(what: str, **more: Any) -> Arguments:
    """The address of one of the cast's services."""
    return lambda cast: {"number": cast.services[what], **more}


def notice_number(cast: Any) -> Any:
    """A message to the investor."""
    from tests.permission_objects import notice

    return notice(cast).pk


def failed_notice_number(cast: Any) -> Any:
    """A message to the investor that did not get there."""
    from tests.permission_objects import failed_notice

    return failed_notice(cast).pk


def failed_notice_there(cast: Any) -> dict[str, Any]:
    """There is one; the address has no parts."""
    failed_notice_number(cast)
    return {}


def device_there(cast: Any) -> dict[str, Any]:
    """The investor has a device that is remembered; the address has no parts."""
    from tests.permission_objects import device

    device(cast)
    return {}


def by_staff_number(cast: Any) -> Any:
    """A message that staff are to tell."""
    from tests.permission_objects import told_by_staff

    return told_by_staff(cast).pk


def unsubscribe_token(cast: Any) -> str:
    """Of the link in a message to the investor."""
    from fengqiao.portal.notices.actions import unsubscribe_path

    return unsubscribe_path(cast.users["investor"], None).rstrip("/").rpartition("/")[2]


VISITS = (
    Visit("workbench:start"),
    Visit("workbench:start", "measurer"),
    Visit("workbench:start", "investor"),
    Visit("workbench:search", "measurer"),
    Visit("workbench:organisations", "measurer"),
    Visit("workbench:organisations", "measurer", query="name=不存在"),
    Visit("accounts:me", "measurer"),
    Visit("accounts:me", "investor"),
    Visit("accounts:close_account", "investor"),
    Visit("accounts:close_account", "agent"),
    Visit("accounts:close_account", "agent_b"),
    Visit("accounts:devices", "investor"),
    Visit("accounts:devices", "investor", arguments=device_there, note="one"),
    Visit("accounts:people", "administrator", arguments=lambda cast: {"number": cast.platform.pk}),
    Visit("accounts:organisation_contact", "administrator", arguments=lambda cast: {"number": cast.platform.pk}),
    Visit("accounts:invitations", "administrator", arguments=lambda cast: {"number": cast.platform.pk}),
    Visit("accounts:invite", "administrator", arguments=lambda cast: {"number": cast.platform.pk}),
    Visit("accounts:new_organisation", "administrator"),
    Visit("accounts:end_role", "administrator", arguments=lambda cast: {"number": cast.role_to_end.pk}),
    Visit("accounts:find_person", "administrator"),
    Visit("accounts:person", "administrator", arguments=user_number("mediator")),
    Visit("accounts:end_sessions", "administrator", arguments=user_number("mediator")),
    Visit("accounts:suspend", "administrator", arguments=user_number("mediator")),
    Visit("accounts:change_mobile", "administrator", arguments=user_number("mediator")),
    Visit("accounts:reset_second_factor", "administrator", arguments=user_number("mediator")),
    Visit("accounts:accept_invitation", arguments=lambda cast: {"token": cast.token}),
    Visit("accounts:accept_invitation", "investor", arguments=lambda cast: {"token": cast.token}),
    Visit("claims:cases", "measurer"),
    Visit("claims:cases", "measurer", query="title=不存在"),
    Visit("claims:cases", "investor", status=404),
    Visit("claims:new_case", "measurer"),
    Visit("claims:case", "measurer", arguments=lambda cast: {"number": cast.claims.case.pk}),
    Visit("claims:case", "measurer", arguments=lambda cast: {"number": cast.claims.empty.pk}, note="wrong-file"),
    Visit("claims:edit_case", "measurer", arguments=lambda cast: {"number": cast.claims.case.pk}),
    Visit("documents:preview", "measurer", arguments=lambda cast: {"number": cast.claims.scan.pk}, query="page=2"),
    Visit(
        "documents:preview", "measurer", arguments=lambda cast: {"number": cast.claims.file.document_id}, note="table"
    ),
    Visit("claims:upload", "measurer", arguments=lambda cast: {"number": cast.claims.case.pk, "part": "trades"}),
    Visit("claims:run", "measurer", arguments=lambda cast: {"number": cast.claims.finished.pk}, note="finished"),
    Visit("claims:run", "measurer", arguments=lambda cast: {"number": cast.claims.waiting.pk}, note="waiting"),
    Visit("shell:session_back", "investor"),
    Visit("claims:people", "measurer", arguments=lambda cast: {"number": cast.claims.case.pk}),
    Visit("claims:people", "measurer", arguments=lambda cast: {"number": cast.claims.empty.pk}, note="nobody"),
    Visit(
        "claims:forget_person",
        "measurer",
        arguments=lambda cast: {"number": cast.claims.case.pk, "row": cast.claims.person.pk},
    ),
    Visit("claims:people_upload", "measurer", arguments=lambda cast: {"number": cast.claims.case.pk}),
    Visit("claims:people_file", "measurer", arguments=lambda cast: {"number": cast.claims.listed.pk}, note="done"),
    Visit("claims:people_file", "measurer", arguments=lambda cast: {"number": cast.claims.listing.pk}, note="waiting"),
    Visit("claims:people_refused", "measurer", arguments=lambda cast: {"number": cast.claims.listed.pk}),
    Visit("claims:own", "investor", arguments=lambda cast: {"number": cast.claims.person.pk}),
    Visit("claims:investors", "measurer", arguments=lambda cast: {"number": cast.claims.finished.pk}),
    Visit("claims:findings", "measurer", arguments=lambda cast: {"number": cast.claims.finished.pk}),
    Visit(
        "claims:statement",
        "measurer",
        arguments=lambda cast: {"number": cast.claims.finished.pk, "row": cast.claims.investor.pk},
    ),
    Visit("account_login"),
    Visit("account_signup"),
    Visit("account_request_login_code"),
    Visit("account_logout", "investor"),
    Visit("account_change_password", "investor"),
    Visit("account_change_phone", "investor"),
    Visit("account_reauthenticate", "investor"),
    Visit("mfa_reauthenticate", "judge"),
    Visit("mfa_deactivate_totp", "judge"),
    Visit("mfa_generate_recovery_codes", "judge"),
    Visit("mfa_index", "measurer"),
    Visit("mfa_activate_totp", "investor"),
    Visit("mfa_add_webauthn", "investor"),
    Visit("mfa_list_webauthn", "measurer"),
    Visit("usersessions_list", "investor"),
    Visit("parties:mine", "investor"),
    Visit("parties:export_mine", "investor"),
    Visit("parties:my_consents", "investor"),
    Visit("parties:agree_to_pass_on", "investor"),
    Visit("parties:my_agents", "investor"),
    Visit("parties:reveal", "investor", arguments=numbered("own", field="number")),
    Visit("parties:reveal", "mediator", arguments=numbered("helped", field="mobile")),
    Visit("parties:contact", "investor", arguments=numbered("own")),
    Visit("parties:contact", "mediator", arguments=numbered("helped")),
    Visit("parties:ask_correction", "investor", arguments=numbered("own")),
    Visit("parties:note_need", "investor", arguments=numbered("own")),
    Visit("parties:note_need", "mediator", arguments=numbered("helped")),
    Visit("parties:reveal_need", "mediator", arguments=the_need),
    Visit("parties:review_need", "mediator", arguments=the_need),
    Visit("parties:notice", "mediator", arguments=numbered("helped")),
    Visit("parties:confirmation", "mediator", arguments=numbered("helped")),
    Visit("parties:answer_confirmation", "mediator", arguments=numbered("confirmation")),
    Visit("parties:settle_dispute", "mediation_manager", arguments=numbered("dispute")),
    Visit("parties:people", "mediator"),
    Visit("parties:people", "administrator"),
    Visit("parties:take_in", "mediator"),
    Visit("parties:party", "mediator", arguments=numbered("helped")),
    Visit("parties:party", "measurer", arguments=numbered("helped"), status=404),
    Visit("parties:note_consent_to_pass_on", "mediator", arguments=numbered("helped")),
    Visit("parties:hand_over", "mediator", arguments=numbered("helped")),
    Visit("parties:decide_correction", "mediation_manager", arguments=numbered("correction")),
    Visit("parties:authorisations", "agent"),
    Visit("parties:authorisations", "mediator"),
    Visit("parties:submit_authorisation", "agent"),
    Visit("parties:submit_guardian", "agent"),
    Visit("parties:authorisation", "agent", arguments=numbered("accepted")),
    Visit("parties:authorisation", "investor", arguments=numbered("waiting")),
    Visit("parties:accept_authorisation", "investor", arguments=numbered("waiting")),
    Visit("parties:decline_authorisation", "mediator", arguments=numbered("waiting")),
    Visit("parties:end_authorisation", "agent", arguments=numbered("accepted")),
    Visit("parties:represented", "agent"),
    Visit("parties:represented", "mediator"),
    Visit("parties:represented", "agent", behalf="helped"),
    Visit("parties:authorisation", "agent", arguments=numbered("accepted"), behalf="helped"),
    Visit("parties:party", "mediator", arguments=numbered("helped"), behalf="helped"),
    Visit("workbench:start", "agent"),
    Visit("workbench:start", "agent", behalf="helped"),
    Visit("workbench:start", "mediator", behalf="helped"),
    Visit("parties:retention", "administrator"),
    Visit("parties:disposals", "administrator"),
    Visit("parties:place_hold", "administrator"),
    Visit("parties:lift_hold", "administrator", arguments=numbered("hold")),
    Visit("deadlines:mine", "mediator", arguments=deadlines_there),
    Visit("deadlines:mine", "investor"),
    Visit("deadlines:organisation", "mediation_manager", arguments=deadlines_there),
    Visit("deadlines:new", "mediator"),
    Visit("deadlines:step", "mediator", arguments=deadline_of("limitation", step="interrupt"), note="interrupt"),
    Visit("deadlines:step", "mediator", arguments=deadline_of("interrupted", step="restart"), note="restart"),
    Visit("deadlines:deadline", "mediator", arguments=deadline_of("hours"), note="hours"),
    Visit("deadlines:mine_closed", "mediator", arguments=deadlines_there),
    Visit("deadlines:organisation_closed", "mediation_manager", arguments=deadlines_there),
    Visit("deadlines:calendar", "mediator", query="month=2026-10", arguments=deadlines_there),
    Visit("deadlines:deadline", "mediator", arguments=deadline_of("rolled"), note="rolled"),
    Visit("deadlines:deadline", "mediator", arguments=deadline_of("paused"), note="paused"),
    Visit("deadlines:deadline", "mediation_manager", arguments=deadline_of("overdue"), note="overdue"),
    Visit("deadlines:step", "mediator", arguments=deadline_of("running", step="pause"), note="pause"),
    Visit("deadlines:step", "mediator", arguments=deadline_of("running", step="extend"), note="extend"),
    Visit("deadlines:feed_settings", "mediator"),
    Visit("notices:mine", "investor"),
    Visit("notices:notice", "investor", arguments=lambda cast: {"number": notice_number(cast)}),
    Visit("notices:preferences", "investor"),
    Visit("notices:unsubscribe", arguments=lambda cast: {"token": unsubscribe_token(cast)}),
    Visit("notices:templates", "administrator"),
    Visit("notices:sent", "mediator", arguments=failed_notice_there),
    Visit("notices:sent", "administrator"),
    Visit("notices:sent", "investor", status=404),
    Visit("notices:delivery", "mediator", arguments=lambda cast: {"number": failed_notice_number(cast)}),
    Visit("notices:delivery", "mediator", arguments=lambda cast: {"number": by_staff_number(cast)}, note="by-staff"),
    Visit("notices:letter", "mediator", arguments=lambda cast: {"number": by_staff_number(cast)}),
    Visit("service:services", "mediator"),
    Visit("service:services", "investor", status=404),
    Visit("service:new", "mediator"),
    Visit("service:service", "mediator", arguments=serving("service")),
    Visit("service:recipient", "mediator", arguments=serving("read"), note="read"),
    Visit("service:recipient", "mediator", arguments=serving("back"), note="back"),
    Visit("service:recipient", "mediator", arguments=serving("sending"), note="sending"),
    Visit("service:recipient", "mediator", arguments=serving("unheard"), note="guardian-not-asked"),
    Visit("service:other_way", "mediator", arguments=serving("back")),
    Visit("service:proved", "mediator", arguments=serving("read")),
    Visit("service:address", "investor"),
    Visit("service:address", "complaint_handler"),
    Visit("service:address", "agent_b", behalf="ward"),
    Visit("service:withdraw", "investor", arguments=serving("address")),
    Visit("service:address_on_paper", "mediator", arguments=serving("helped")),
    Visit("service:address_on_paper", "mediator", arguments=serving("ward"), note="guardian"),
    Visit("service:mine", "investor"),
    Visit("service:received", "agent_b", arguments=serving("of_ward"), note="choose"),
    Visit("service:received", "agent_b", arguments=serving("of_ward"), behalf="ward"),
    Visit("service:mine", "agent"),
    Visit("service:received", "investor", arguments=serving("unread"), note="unread"),
    Visit("service:received", "investor", arguments=serving("read"), note="read"),
    Visit("service:open", "investor", arguments=serving("read", document=1)),
    Visit("service:link", arguments=lambda cast: {"token": cast.services["token"]}),
    Visit("service:verify"),
    Visit("service:record", arguments=lambda cast: {"code": cast.services["code"]}),
    Visit("signing:rounds", "mediator"),
    Visit("signing:new_round", "mediator"),
    Visit("drafting:filling", "mediator", arguments=filling("填了一半"), note="half"),
    Visit("drafting:filling", "mediator", arguments=filling("已完成"), note="done"),
    Visit("drafting:fillings", "mediator"),
    Visit("drafting:fillings", "investor"),
    Visit("drafting:new", "mediator"),
    Visit("drafting:begin", "investor", arguments=lambda cast: {"form": "complaint"}),
    Visit("drafting:step", "mediator", arguments=filling("填了一半", step="parties-claimants"), note="people"),
    Visit("drafting:step", "mediator", arguments=filling("填了一半", step="terms"), query="check=1"),
    Visit("signing:round", "mediator", arguments=signing("draft"), note="draft"),
    Visit("signing:round", "mediator", arguments=signing("open"), note="open"),
    Visit("signing:add_signatory", "mediator", arguments=signing("draft", kind="guest")),
    Visit("signing:void_round", "mediator", arguments=signing("open")),
    Visit("signing:reissue", "mediator", arguments=signing("open")),
    Visit("signing:differences", "mediator", arguments=signing("changed")),
    Visit("signing:batch", "mediation_manager"),
    Visit("signing:batch_done", "mediation_manager", arguments=signing("batch")),
    Visit("signing:mine", "investor"),
    Visit("signing:link", arguments=lambda cast: {"token": cast.signing["token"]}),
    Visit("signing:place", "investor", arguments=signing("place")),
    Visit("signing:read", "investor", arguments=signing("place", page=1)),
    Visit("signing:sign", "investor", arguments=signing("read_place")),
    Visit("signing:decline", "investor", arguments=signing("place")),
    Visit("signing:verify"),
    Visit("signing:record", arguments=lambda cast: {"code": cast.signing["code"]}),
    Visit("shell:help"),
    Visit("shell:help", "measurer"),
    Visit("shell:accessibility"),
    Visit("shell:privacy"),
)
NO_PAGE = {
    "drafting:preview": "gives a PDF, looked at in drafting/tests",
    "drafting:finish": "takes a button's form and leads back to the form",
    "drafting:remove": "takes a button's form and leads back to the list",
    "deadlines:feed": "gives a calendar file, read in deadlines/tests",
    "deadlines:calendar_file": "gives a calendar file, read in deadlines/tests",
    "deadlines:ended_feed": "a sentence for programs, read in deadlines/tests",
    "deadlines:revoke_feed": "takes a button's form and leads back to the address",
    "notices:again": "takes a button's form and leads to the message",
    "notices:called": "takes a form and leads back to the message",
    "notices:report": "for the SMS gateway: JSON",
    "service:try_again": "takes a button's form and leads back to the recipient",
    "service:make_proof": "takes a button's form and leads back to the recipient",
    "service:give_paper": "takes a form and leads back to the recipient",
    "service:ask_paper": "takes a button's form and leads back to the service",
    "service:page_picture": "gives a picture, seen on the page of the document",
    "service:take": "gives a file",
    "service:proof": "gives a file",
    "signing:remove_signatory": "takes a button's form and leads back to the document",
    "signing:keep_drawing": "asked by the script of the page of signing",
    "signing:make_link": "shows a link once, after a button's form",
    "signing:open_round": "takes a button's form and leads back to the document",
    "signing:download": "gives a file",
    "signing:picture": "gives a picture, seen on the page of the text",
    "signing:find_record": "takes a code and leads to its record",
    "documents:download": "gives a file",
    "documents:page_picture": "gives a picture, seen on the page of the preview",
    "claims:remove_file": "takes a button's form and leads back to the case",
    "claims:start_run": "takes a button's form and leads to the run",
    "claims:cancel_run": "takes a button's form and leads back to the run",
    "claims:people_cancel": "takes a button's form and leads back to the file",
    "claims:find_investor": "takes a number and leads to the statement",
    "claims:statement_pdf": "gives a file",
    "claims:result_file": "gives a file",
    "shell:session": "answers a script before a form is sent",
    "claims:publish": "takes a button's form and leads back to the run",
    "claims:withdraw": "takes a button's form and leads back to the case",
    "claims:own_pdf": "gives a file",
    "claims:chart": "gives a picture, seen on the page of the results",
    "operations:health": "for machines: JSON",
    "operations:ready": "for machines: JSON",
    "operations:metrics": "for machines: figures as text",
    "parties:withdraw_consent": "takes a button's form and leads back to the consents",
    "parties:agree": "takes a button's form and leads back to the consents",
    "parties:ask_confirmation": "takes a button's form and leads back to the sheet",
    "parties:end_need": "takes a button's form and leads back",
    "parties:link_account": "takes a button's form and leads back to the party",
    "parties:authorisation_document": "gives the uploaded file",
    "parties:act_for": "takes a button's form and leads to the person chosen",
    "parties:stop_acting": "takes a button's form and leads to the start page",
    "shell:save_draft": "takes what is filled in and answers with one line",
    "accounts:my_people": "leads to the people of one's own organisation",
    "accounts:new_password": "needs a log-in by code just before: walked through in accounts/tests",
    "accounts:revoke_invitation": "takes a button's form and leads back to the list",
    "account_verify_phone": "the second step of registering: walked through in test_registration.py",
    "account_confirm_login_code": "the second step of a log-in: walked through in test_coming_in.py",
    "account_login_password": "the third step of a log-in by code: walked through in test_coming_in.py",
    "account_forgotten_password": "the same, for who forgot it: walked through in test_coming_in.py",
    "accounts:invitation": "where accounts:accept_invitation leads to: only from the link",
    "signing:by_link": "where signing:link leads to: only from the link",
    "service:by_link": "where service:link leads to: only from the link",
    "notices:opt_out": "where notices:unsubscribe leads to: only from the link",
    "accounts:end_device": "takes a button's form and leads back to the list",
    "account_inactive": "leads to the log-in page unless an account was closed",
    "mfa_authenticate": "the second step of a log-in: walked through in test_coming_in.py",
    "mfa_reauthenticate_webauthn": "needs a passkey",
    "mfa_edit_webauthn": "needs a passkey",
    "mfa_remove_webauthn": "needs a passkey",
    "mfa_view_recovery_codes": "needs a factor: walked through in test_registration.py",
    "mfa_download_recovery_codes": "gives a text file",
    "mfa_login_webauthn": "answers the browser's script with JSON",
    "accounts:end_own_session": "takes a button's form and leads back to the list",
    "accounts:elder_mode": "takes a button's form and leads back",
    "accounts:become_agent": "takes a button's form and leads to the list of authorisations",
    "accounts:wear_role": "takes a button's form and leads to the start page",
}
"""Addresses that show no page of their own, each with its reason."""
