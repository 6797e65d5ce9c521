"""Reading parties and what belongs to them. What is not there for a person is not found: 404."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Identity, Organisation, Role, User
from fengqiao.portal.accounts.queries import runs_the_platform
from fengqiao.portal.audit.models import Event
from fengqiao.portal.documents.models import Document
from fengqiao.portal.parties.models import (
    ActsConfirmation,
    Authorisation,
    Consent,
    Correction,
    Disposal,
    Handling,
    LegalHold,
    Party,
    Scope,
    SpecialNeed,
)
from fengqiao.portal.vault.fields import lookup
from fengqiao.portal.vault.sealed import open_sealed

PARTY_FILES = "parties.party"
NEED_FILES = "parties.need"
ASSISTANTS = (
    Role.Kind.COMPLAINT_HANDLER, Role.Kind.HOTLINE_AGENT, Role.Kind.MEDIATOR, Role.Kind.MEDIATION_MANAGER,
)  # fmt: skip
"""Roles whose people take parties in and help them with filing."""
OF_COURTS = (Role.Kind.JUDGE, Role.Kind.CLERK)
"""Roles whose people read and reach those who were handed over to their court; they take nobody in."""
REVIEWERS = (Role.Kind.HOTLINE_AGENT, Role.Kind.MEDIATOR, Role.Kind.MEDIATION_MANAGER)
"""Roles whose people accept authorisations for a party, in the organisations of `Authorisation.REVIEWERS`."""
READERS = (*ASSISTANTS, *OF_COURTS, Role.Kind.ADMINISTRATOR)
NEVER_BY_STAFF = (Scope.SETTLE, Scope.SIGN, Scope.RECEIVE_MONEY)
"""What those who assist never do for a party: it would be their own house that settles, signs or takes the money."""


def is_own(party: Party, acting: Acting | None) -> bool:
    """True for the person themself, as an investor, not while acting for somebody else."""
    return bool(
        acting and acting.is_a(Role.Kind.INVESTOR) and acting.behalf is None and party.user_id == acting.user.pk
    )


def handled_by(organisation: Organisation) -> QuerySet[Party]:
    """Parties whose matters an organisation deals with: it took them in, or they were handed over to it."""
    handed = Handling.objects.filter(party=OuterRef("pk"), organisation=organisation, ended_at=None)
    return Party.objects.filter(Q(taken_in_by=organisation) | Exists(handed))


def visible_to(acting: Acting | None) -> QuerySet[Party]:
    """The person themself; those in the organisation who deal with the matter, and its administrators."""
    if acting is None:
        return Party.objects.none()
    if acting.is_a(Role.Kind.INVESTOR):
        return Party.objects.filter(user=acting.user)
    if acting.organisation and acting.is_a(*READERS):
        return handled_by(acting.organisation)
    return Party.objects.none()


def taken_in_by(acting: Acting | None) -> QuerySet[Party]:
    """The list of an organisation: those it took in."""
    if acting is None or not acting.organisation or not acting.is_a(*READERS):
        return Party.objects.none()
    return Party.objects.filter(taken_in_by=acting.organisation)


def handed_over_to(acting: Acting | None) -> QuerySet[Handling]:
    """The parties that others handed over to the organisation."""
    if acting is None or not acting.organisation or not acting.is_a(*READERS):
        return Handling.objects.none()
    rows = Handling.objects.filter(organisation=acting.organisation, ended_at=None)
    return rows.select_related("party").order_by("-party__priority", "-begun_at")


def may_take_in(acting: Acting | None) -> bool:
    """True for those who may put a person without an account into the system."""
    return bool(acting and acting.organisation and acting.is_a(*ASSISTANTS))


def may_handle(party: Party, acting: Acting | None) -> bool:
    """True for staff who deal with the party's matter."""
    return may_take_in(acting) and visible_to(acting).filter(pk=party.pk, disposed_at=None).exists()


def may_change_contact(party: Party, acting: Acting | None) -> bool:
    """The person themself; for those without an account the staff who deal with the matter."""
    return is_own(party, acting) or (party.user_id is None and may_handle(party, acting))


def may_reveal(party: Party, acting: Acting | None) -> bool:
    """Who deals with the party's matter, administrators of that organisation, and the person themself."""
    return acting is not None and visible_to(acting).filter(pk=party.pk, disposed_at=None).exists()


def may_assist(party: Party, acting: Acting | None) -> bool:
    """Staff help those who have no account, and those with a special need."""
    if not may_handle(party, acting):
        return False
    return party.user_id is None or needs_of(party).exists()


def assistable_by(acting: Acting | None) -> QuerySet[Party]:
    """Those of the organisation's list whom staff may act for, the most pressing first."""
    if not may_take_in(acting):
        return Party.objects.none()
    needed = SpecialNeed.objects.filter(party=OuterRef("pk"), ended_at=None)
    rows = handled_by(acting.organisation).filter(Q(user=None) | Exists(needed), disposed_at=None)
    return rows.order_by("-priority", "-id")


def without_noted_age() -> QuerySet[Party]:
    """People with an identity card of whom it was never noted from their papers that they are elderly."""
    noted = SpecialNeed.objects.filter(party=OuterRef("pk"), source=SpecialNeed.Source.PAPERS)
    return Party.objects.filter(~Exists(noted), kind=Identity.Kind.ID_CARD, disposed_at=None).order_by("pk")


def needs_of(party: Party) -> QuerySet[SpecialNeed]:
    """The needs that hold now."""
    return party.needs.filter(ended_at=None).order_by("noted_at", "pk")


def needs_visible_to(acting: Acting | None) -> QuerySet[SpecialNeed]:
    """Needs of the person themself, and of those whose matters the person at the screen deals with; administrators
    see that somebody comes first, not why."""
    rows = SpecialNeed.objects.select_related("party", "file")
    if acting is None or not (acting.is_a(Role.Kind.INVESTOR) or may_take_in(acting)):
        return rows.none()
    return rows.filter(party__in=visible_to(acting).filter(disposed_at=None))


def needs_to_review(acting: Acting, today: dt.date) -> QuerySet[SpecialNeed]:
    """What passes and is to be looked at again, of one's own or of the organisation's people."""
    rows = needs_visible_to(acting).filter(ended_at=None, review_on__lte=today)
    return rows.order_by("review_on", "pk")


def lapsed_needs(today: dt.date) -> QuerySet[SpecialNeed]:
    """Needs whose last day is over."""
    return SpecialNeed.objects.filter(ended_at=None, until__lt=today).select_related("party").order_by("pk")


def untold_needs(acting: Acting) -> QuerySet[SpecialNeed]:
    """Needs of people whom nobody has told yet of social assistance and legal aid."""
    if not may_take_in(acting):
        return SpecialNeed.objects.none()
    rows = SpecialNeed.objects.filter(ended_at=None, told_at=None, party__in=handled_by(acting.organisation))
    return rows.select_related("party").order_by("-party__priority", "noted_at")


def authorisations_visible_to(acting: Acting | None) -> QuerySet[Authorisation]:
    """The agent's own; those of the party themself; those that an organisation is to review."""
    if acting is None:
        return Authorisation.objects.none()
    rows = Authorisation.objects.select_related("agent", "party", "reviewer", "paper__content")
    if acting.is_a(Role.Kind.AGENT):
        return rows.filter(agent=acting.user)
    if acting.is_a(Role.Kind.INVESTOR):
        return rows.filter(party__user=acting.user)
    if is_reviewer(acting):
        return rows.filter(reviewer=acting.organisation)
    return Authorisation.objects.none()


def is_reviewer(acting: Acting | None) -> bool:
    """True for staff of a mediation organisation or services centre who accept authorisations."""
    return bool(
        acting
        and acting.organisation
        and acting.organisation.kind in Authorisation.REVIEWERS
        and acting.is_a(*REVIEWERS)
    )


def may_decide(authorisation: Authorisation, acting: Acting | None) -> bool:
    """The party themself, of a guardian not; or staff of the reviewing organisation; never the agent."""
    if acting is None or authorisation.agent_id == acting.user.pk:
        return False
    own = is_own(authorisation.party, acting) and not authorisation.is_guardian
    return own or (is_reviewer(acting) and authorisation.reviewer_id == acting.organisation.pk)


def reviewers() -> QuerySet[Organisation]:
    """The organisations that review authorisations."""
    return Organisation.objects.filter(kind__in=Authorisation.REVIEWERS, is_active=True).order_by("name")


def not_over(day: dt.date) -> Q:
    """Authorisations whose last day has not passed, or that have none."""
    return Q(valid_until=None) | Q(valid_until__gte=day)


def in_force_for(acting: Acting | None, now: dt.datetime) -> QuerySet[Authorisation]:
    """The authorisations an agent can use today."""
    if acting is None or not acting.is_a(Role.Kind.AGENT):
        return Authorisation.objects.none()
    day = timezone.localtime(now).date()
    rows = Authorisation.objects.filter(
        not_over(day), agent=acting.user, state=Authorisation.State.ACCEPTED, valid_from__lte=day,
        party__disposed_at=None,
    )  # fmt: skip
    return rows.select_related("party").order_by("party__name", "valid_until", "id")


def guardianships_of(party: Party, now: dt.datetime) -> QuerySet[Authorisation]:
    """By what right somebody acts for a party by law today."""
    day = timezone.localtime(now).date()
    return Authorisation.objects.filter(
        not_over(day), party=party, kind=Authorisation.Kind.GUARDIAN, state=Authorisation.State.ACCEPTED,
        valid_from__lte=day, agent__is_active=True,
    )  # fmt: skip


def guardians_of(party: Party, now: dt.datetime) -> QuerySet[User]:
    """Who acts for a party by law today."""
    held = guardianships_of(party, now)
    return User.objects.filter(authorisations__in=held, is_active=True).distinct().order_by("pk")


def assisted_by(acting: Acting | None, number: object) -> Party | None:
    """The party with this number if the person may act for them as staff."""
    if not may_take_in(acting):
        return None
    party = visible_to(acting).filter(pk=number, disposed_at=None).first()
    return party if party and may_assist(party, acting) else None


def represented_by(acting: Acting | None, number: object, now: dt.datetime) -> Party | None:
    """The party with this number if the person may act for them now, as agent or as staff."""
    authorisation = in_force_for(acting, now).filter(party=number).first()
    return authorisation.party if authorisation else assisted_by(acting, number)


def own_party(acting: Acting | None) -> Party | None:
    """The record of the person themself."""
    if acting is None or not acting.is_a(Role.Kind.INVESTOR):
        return None
    return Party.objects.filter(user=acting.user).first()


def account_with_number_of(party: Party) -> Identity | None:
    """An account that was registered with the number of somebody who was taken in without one."""
    if party.user_id is not None or not party.number:
        return None
    same = lookup(Identity, "number", open_sealed(party.number))
    same_person = Identity.objects.filter(same, kind=party.kind, user__is_active=True, user__name=party.name)
    return same_person.select_related("user").first()


def corrections_visible_to(acting: Acting | None) -> QuerySet[Correction]:
    """Those of the person themself; those that the organisation decides; of people with no organisation the
    platform's administrators decide."""
    rows = Correction.objects.select_related("party", "asked_by")
    if acting is None:
        return rows.none()
    if acting.is_a(Role.Kind.INVESTOR):
        return rows.filter(party__user=acting.user)
    nobody = Q(party__taken_in_by=None)
    if runs_the_platform(acting):
        return rows.filter(nobody | Q(party__taken_in_by=acting.organisation))
    if may_take_in(acting):
        return rows.filter(party__taken_in_by=acting.organisation)
    return rows.none()


def may_decide_correction(correction: Correction, acting: Acting | None) -> bool:
    """Who sees it and did not ask for it, and is not the person it is about."""
    if acting is None or acting.is_a(Role.Kind.INVESTOR):
        return False
    if acting.user.pk in (correction.asked_by_id, correction.party.user_id):
        return False
    return corrections_visible_to(acting).filter(pk=correction.pk).exists()


def consents_of(party: Party) -> QuerySet[Consent]:
    """What somebody agreed to, the newest first."""
    return party.consents.select_related("passed_to", "given_by").order_by("-given_at", "-id")


def agreed(party: Party, purpose: str) -> bool:
    """True while a consent to this purpose holds."""
    return party.consents.filter(purpose=purpose, withdrawn_at=None).exists()


def holds_visible_to(acting: Acting | None) -> QuerySet[LegalHold]:
    """Legal holds: administrators of the platform see all."""
    rows = LegalHold.objects.select_related("party", "placed_by")
    return rows if runs_the_platform(acting) else rows.none()


def disposals_visible_to(acting: Acting | None) -> QuerySet[Disposal]:
    """Proofs of disposal: administrators of the platform see all."""
    return Disposal.objects.all() if runs_the_platform(acting) else Disposal.objects.none()


def revealed(party: Party) -> QuerySet[Event]:
    """Who saw this person's data whole, the newest first."""
    events = Event.objects.filter(subject_kind="parties.party", subject_id=str(party.pk), verb="vault.revealed")
    return events.order_by("-number")


def done_on_behalf(party: Party, acting: Acting, since: dt.datetime) -> QuerySet[Event]:
    """What the person at the screen did for a party, for the sheet that the party signs."""
    events = Event.objects.filter(user_id=acting.user.pk, on_behalf_of_id=party.pk, at__gte=since)
    return events.order_by("number")


def acts_to_confirm(party: Party, acting: Acting) -> QuerySet[Event]:
    """What this member of staff did for a party and has not put before them yet."""
    before = party.act_confirmations.filter(staff=acting.user).order_by("-last").values_list("last", flat=True).first()
    rows = Event.objects.filter(user_id=acting.user.pk, on_behalf_of_id=party.pk, number__gt=before or 0)
    return rows.exclude(verb__startswith="parties.confirmation").order_by("number")


def acts_of(confirmation: ActsConfirmation) -> QuerySet[Event]:
    """The acts that a confirmation is about."""
    rows = Event.objects.filter(user_id=confirmation.staff_id, on_behalf_of_id=confirmation.party_id)
    rows = rows.filter(number__gte=confirmation.first, number__lte=confirmation.last)
    return rows.exclude(verb__startswith="parties.confirmation").order_by("number")


def words_of(confirmation: ActsConfirmation) -> str:
    """What the person said, for those who see the confirmation: it was said to them."""
    return open_sealed(confirmation.words) if confirmation.words else ""


def confirmations_visible_to(acting: Acting | None) -> QuerySet[ActsConfirmation]:
    """Those of the person themself, and of people whose matters one deals with."""
    rows = ActsConfirmation.objects.select_related("party", "staff", "organisation", "file")
    if acting is None or not (acting.is_a(Role.Kind.INVESTOR) or may_take_in(acting)):
        return rows.none()
    rows = rows.filter(party__in=visible_to(acting).filter(disposed_at=None))
    return rows if acting.is_a(Role.Kind.INVESTOR) else rows.filter(organisation=acting.organisation)


def find_exactly(text: str, acting: Acting) -> QuerySet[Party]:
    """Parties by their whole number or mobile, through the blind index, where the person may see them."""
    by_account = lookup(Identity, "mobile", text, path="user__identity__")
    same = lookup(Party, "number", text) | lookup(Party, "mobile", text) | by_account
    return visible_to(acting).filter(same, disposed_at=None)


def may_read_papers(acting: Acting | None, number: str) -> bool:
    """Whether somebody may read the paper of an authorisation: whoever sees the authorisation."""
    return authorisations_visible_to(acting).filter(paper__subject_id=number, disposed_at=None).exists()


def may_read_evidence(acting: Acting | None, number: str) -> bool:
    """Whether somebody may read what a special need rests on, or a signed sheet."""
    signed = confirmations_visible_to(acting).filter(file__subject_id=number)
    return needs_visible_to(acting).filter(file__subject_id=number).exists() or signed.exists()


def may_read_files(acting: Acting | None, number: str) -> bool:
    """Whether somebody may read what was handed to a party: whoever sees the party."""
    return number.isdecimal() and visible_to(acting).filter(pk=int(number), disposed_at=None).exists()


def handed_out(party: Party) -> QuerySet[Document]:
    """The notices that were made for a party, the newest first."""
    rows = Document.objects.filter(subject_kind=PARTY_FILES, subject_id=str(party.pk))
    return rows.select_related("uploaded_by").order_by("-uploaded_at")
