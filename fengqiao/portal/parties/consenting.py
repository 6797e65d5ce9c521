"""Everything that changes consents, and requests for correction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.actions import correct_identity
from fengqiao.portal.accounts.models import Organisation
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.parties import queries
from fengqiao.portal.parties.actions import change_contact, take_in, touch, values_of
from fengqiao.portal.parties.models import Consent, Correction, Handling, Party, SpecialNeed
from fengqiao.portal.parties.noting import forget_all, note_age, note_need
from fengqiao.portal.parties.purposes import purposes
from fengqiao.portal.shell.errors import Conflict, Refusal
from fengqiao.portal.vault.kinds import Kind, normal
from fengqiao.portal.vault.sealed import open_sealed


@transaction.atomic
def give(
    *, party: Party, purpose: str, passed_to: Organisation | None, on_paper: str, acting: Acting, now: dt.datetime
) -> Consent:
    """Note that somebody agrees, in the words of today: themself, or on a paper that staff keep."""
    asked = purposes().get(purpose)
    own = queries.is_own(party, acting)
    if asked is None or not asked.consent or not (own or queries.may_handle(party, acting)):
        raise Http404
    if asked.passes_on != (passed_to is not None):
        raise Refusal("请写明把信息提供给哪一家机构。")
    if not own and not on_paper.strip():
        raise Refusal("没有登记同意：工作人员代为登记时，须写明本人签名的同意书的编号或者存放处。")
    if Consent.objects.filter(party=party, purpose=purpose, passed_to=passed_to, withdrawn_at=None).exists():
        raise Conflict("已经同意过，不用重复。请刷新页面查看。")
    try:
        with transaction.atomic():
            consent = Consent.objects.create(
                party=party, purpose=purpose, version=asked.version, text=asked.text, text_sha256=asked.sha256,
                data=list(asked.data), passed_to=passed_to, given_by=acting.user, on_paper=on_paper.strip(),
                given_at=now,
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict("已经同意过，不用重复。请刷新页面查看。") from error
    touch(party, now)
    audit.record(
        stamp=acting.stamp if own else acting.for_person(party.pk, party.name).stamp, verb="parties.consent_given",
        subject=consent, case=party.case, now=now,
        after={
            "purpose": purpose, "version": asked.version, "text_sha256": asked.sha256,
            "passed_to": passed_to and passed_to.pk,
        },
    )  # fmt: skip
    return consent


@sensitive_variables()
@transaction.atomic
def take_in_with_consents(
    *,
    papers: dict[str, str],
    address: str,
    mobile: str,
    bank_account: str,
    kinds: Sequence[str],
    on_paper: str,
    acting: Acting,
    now: dt.datetime,
) -> Party:
    """Take somebody in with all that they agreed to on one paper: all of it, or nothing."""
    party = take_in(**papers, mobile=mobile, address=address, acting=acting, now=now)
    wanted = ["account", *(["bank_account"] if bank_account else []), *(["special_needs"] if kinds else [])]
    for purpose in wanted:
        give(party=party, purpose=purpose, passed_to=None, on_paper=on_paper, acting=acting, now=now)
    if bank_account:
        change_contact(party=party, address=None, mobile=None, bank_account=bank_account, acting=acting, now=now)
    held = {need.key for need in queries.needs_of(party)}
    for kind in kinds:
        if kind not in held:
            note_need(
                party=party, kind=kind, since=timezone.localtime(now).date(), evidence="登记时由本人说明",
                acting=acting,
                now=now,
            )  # fmt: skip
    return party


@sensitive_variables()
@transaction.atomic
def note_need_with_consent(
    *, party: Party, on_paper: str, acting: Acting, now: dt.datetime, **need: Any
) -> SpecialNeed:
    """Note a need and, if it was not given before, the separate consent to it: both or neither."""
    if not queries.agreed(party, "special_needs"):
        give(party=party, purpose="special_needs", passed_to=None, on_paper=on_paper, acting=acting, now=now)
    return note_need(party=party, acting=acting, now=now, **need)


@transaction.atomic
def withdraw(*, consent: Consent, acting: Acting, now: dt.datetime) -> int:
    """Withdraw a consent. Who got the data by it sees them no longer; returns how many organisations that were."""
    party = consent.party
    own = queries.is_own(party, acting)
    if not (own or (party.user_id is None and queries.may_handle(party, acting))):
        raise Http404
    if not Consent.objects.filter(pk=consent.pk, withdrawn_at=None).update(withdrawn_at=now):
        raise Conflict("已经撤回。请刷新页面查看。")
    closed = Handling.objects.filter(consent=consent, ended_at=None).update(ended_at=now)
    if consent.purpose == "bank_account":
        party = Party.objects.select_for_update().get(pk=party.pk)
        party.bank_account = ""
        party.save(update_fields=("bank_account", "bank_account_index"))
    if consent.purpose == "special_needs":
        forget_all(party, SpecialNeed.Ending.CONSENT, now)
    audit.record(
        stamp=acting.stamp if own else acting.for_person(party.pk, party.name).stamp,
        verb="parties.consent_withdrawn", subject=consent, case=party.case, before={"withdrawn_at": None},
        after={"withdrawn_at": now, "handlings_ended": closed}, now=now,
    )  # fmt: skip
    return closed


@sensitive_variables()
@transaction.atomic
def ask_correction(
    *, party: Party, name: str, kind: str, number: str, reason: str, acting: Acting, now: dt.datetime
) -> Correction:
    """Ask that name or papers be put right; what is kept and what is wanted stay sealed until it is decided."""
    own = queries.is_own(party, acting)
    if not own and not queries.may_handle(party, acting):
        raise Http404
    if (name, kind, number) == (party.name, party.kind, open_sealed(party.number)):
        raise Refusal("填写的内容与现在登记的相同，不用更正。")
    correction = Correction(
        party=party, asked_by=acting.user, asked_at=now, reason=reason, old_kind=party.kind, new_kind=kind
    )
    correction.old_name, correction.old_number = party.name, open_sealed(party.number)
    correction.new_name, correction.new_number = name, number
    try:
        with transaction.atomic():
            correction.save()
    except IntegrityError as error:
        raise Conflict("已经有一份更正申请在等待决定。决定以后才能再次申请。") from error
    touch(party, now)
    audit.record(
        stamp=acting.stamp if own else acting.for_person(party.pk, party.name).stamp, verb="parties.correction_asked",
        subject=correction, case=party.case, reason=reason, now=now,
        before={"name": correction.old_name, "kind": party.kind, "number": correction.old_number},
        after={"name": correction.new_name, "kind": kind, "number": correction.new_number},
    )  # fmt: skip
    return correction


@sensitive_variables()
@transaction.atomic
def decide_correction(
    *, correction: Correction, accepted: bool, seen_number: str, reason: str, acting: Acting, now: dt.datetime
) -> None:
    """Put it right, or say why not. The account's own papers go with it; then the old values are let go.

    seen_number: as whoever decides reads it off the papers. It must be the one asked for, so nobody accepts unseen.
    """
    if not queries.may_decide_correction(correction, acting):
        raise Http404
    if not reason.strip():
        raise Refusal("请写明决定的理由，例如“已核对证件原件”。申请人会看到。")
    if accepted and normal(Kind.IDENTITY_NUMBER, seen_number) != normal(
        Kind.IDENTITY_NUMBER, open_sealed(correction.new_number)
    ):
        raise Refusal("没有更正：照证件输入的号码与申请更正的号码不一致。请再核对证件原件；确实不一致的，请不予更正。")
    state = Correction.State.ACCEPTED if accepted else Correction.State.DECLINED
    waiting = Correction.objects.filter(pk=correction.pk, state=Correction.State.SUBMITTED)
    if not waiting.update(state=state, decided_by=acting.user, decided_at=now, decision_reason=reason.strip()):
        raise Conflict("这份申请已经有人决定。请刷新页面查看。")
    party = Party.objects.select_for_update().get(pk=correction.party_id)
    before = values_of(party)
    if accepted:
        name, number = open_sealed(correction.new_name), open_sealed(correction.new_number)
        party.name, party.kind, party.number, party.last_act_at = name, correction.new_kind, number, now
        party.save()
        note_age(party, now)
        if party.user:
            correct_identity(
                user=party.user, name=name, kind=correction.new_kind, number=number, stamp=acting.stamp, now=now
            )  # fmt: skip
    decided = Correction.objects.get(pk=correction.pk)
    for field in ("old_name", "old_number", "new_name", "new_number"):  # kept only until it is decided
        setattr(decided, field, "")
    decided.save(update_fields=("old_name", "old_number", "new_name", "new_number"))
    audit.record(
        stamp=acting.stamp, verb="parties.correction_accepted" if accepted else "parties.correction_declined",
        subject=correction, case=party.case, before=before, after=values_of(party), reason=reason, now=now,
    )  # fmt: skip
