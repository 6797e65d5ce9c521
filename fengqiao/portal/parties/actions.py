"""Taking people in, their contact data, who deals with them."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Identity, Organisation
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.documents.models import Document
from fengqiao.portal.parties import own_data, queries
from fengqiao.portal.parties.models import Consent, Handling, Party, SpecialNeed
from fengqiao.portal.parties.noting import note_age, set_priority
from fengqiao.portal.shell.errors import Conflict, Refusal
from fengqiao.portal.vault import actions as vault
from fengqiao.portal.vault.fields import lookup
from fengqiao.portal.vault.sealed import open_sealed

KNOWN_ALREADY = "本机构已经登记过使用这个证件号码的当事人。请在当事人名单中用完整的证件号码搜索，不要重复登记。"


def touch(party: Party, now: dt.datetime) -> None:
    """Something was done for a party: the period of keeping begins anew. Later apps call it, too."""
    Party.objects.filter(pk=party.pk).update(last_act_at=now)


def open_own_party(*, acting: Acting, now: dt.datetime) -> Party:
    """The record of an investor with an account: made from their registration when it is first needed."""
    found = queries.own_party(acting)
    return found or make_own_party(acting=acting, now=now)


def make_own_party(*, acting: Acting, now: dt.datetime) -> Party:
    """As above, when there is none; of two requests at once both get the same."""
    try:
        return _make_own_party(acting=acting, now=now)
    except IntegrityError:
        return Party.objects.get(user=acting.user)


@transaction.atomic
def _make_own_party(*, acting: Acting, now: dt.datetime) -> Party:
    if not acting.is_a("investor"):
        raise Http404
    party = party_of_account(acting.user, now)
    audit.record(
        stamp=acting.stamp, verb="parties.opened", subject=party, case=party.case, after={"name": party.name}, now=now
    )
    return party


def party_of_account(user: Any, now: dt.datetime) -> Party:
    """Make the record of somebody with an account, within the caller's transaction."""
    identity = Identity.objects.filter(user=user).first()
    party = Party(user=user, name=user.name, created_at=now, last_act_at=now)
    if identity:
        party.kind, party.number, party.mobile = identity.kind, identity.number, identity.mobile
    party.save()
    note_age(party, now)
    return party


@sensitive_variables()
@transaction.atomic
def take_in(*, name: str, kind: str, number: str, mobile: str, address: str, acting: Acting, now: dt.datetime) -> Party:
    """Put somebody without an account into the system: staff help them with filing."""
    if not queries.may_take_in(acting):
        raise Http404
    if number:
        # One row is locked by all who take people in for an organisation: the same person is not put in twice at once.
        Organisation.objects.select_for_update().get(pk=acting.organisation.pk)
        if Party.objects.filter(lookup(Party, "number", number), kind=kind, taken_in_by=acting.organisation).exists():
            raise Conflict(KNOWN_ALREADY)
    party = Party(name=name, kind=kind, taken_in_by=acting.organisation, created_at=now, last_act_at=now)
    party.number, party.mobile, party.address = number, mobile, address
    party.save()
    note_age(party, now)
    audit.record(
        stamp=acting.for_person(party.pk, party.name).stamp, verb="parties.taken_in", subject=party, case=party.case,
        after=values_of(party), now=now,
    )  # fmt: skip
    return party


def values_of(party: Party) -> dict[str, Any]:
    """What an audit event digests of a party; sealed values by their keyed digests."""
    return {
        "name": party.name, "kind": party.kind, "number": party.number, "mobile": party.mobile,
        "address": party.address, "bank_account": party.bank_account,
    }  # fmt: skip


@sensitive_variables()
@transaction.atomic
def change_contact(
    *, party: Party, address: str | None, bank_account: str | None, mobile: str | None, acting: Acting, now: dt.datetime
) -> Party:
    """Write new contact data; None leaves a value as it is. The mobile of people with an account is that of the
    account, which is confirmed by a code, and is changed there."""
    if not queries.may_change_contact(party, acting):
        raise Http404
    party = Party.objects.select_for_update().get(pk=party.pk)
    before = values_of(party)
    if bank_account and not queries.agreed(party, "bank_account"):
        raise Refusal("收款账户没有登记：还没有单独同意处理银行账号。请先勾选同意，再提交。")
    if address is not None:
        party.address = address
    if bank_account is not None:
        party.bank_account = bank_account
    if mobile is not None and party.user_id is None:
        party.mobile = mobile
    party.last_act_at = now
    party.save()
    stamp = acting.stamp if queries.is_own(party, acting) else acting.for_person(party.pk, party.name).stamp
    audit.record(
        stamp=stamp, verb="parties.contact_changed", subject=party, case=party.case, before=before,
        after=values_of(party), now=now,
    )  # fmt: skip
    return party


def reveal(*, party: Party, field: str, reason: str, acting: Acting, now: dt.datetime) -> str:
    """The whole value of one field, for whoever may see it; the event is committed before it is handed out."""
    if field not in Party.REVEALABLE or not queries.may_reveal(party, acting):
        raise Http404
    sealed = party.contact_mobile if field == "mobile" else getattr(party, field)
    if not sealed:
        raise Http404
    return vault.reveal(sealed=sealed, subject=party, stamp=acting.stamp, reason=reason, case=party.case, now=now)


@transaction.atomic
def hand_over(
    *, party: Party, organisation: Organisation, matter: str, basis: str, acting: Acting, now: dt.datetime
) -> Handling:
    """Let another organisation deal with a party's matter. It gets to see the data, so it needs the person's separate
    consent to passing them on to that organisation, or a law that makes consent unnecessary, named in `basis`."""
    if not queries.is_own(party, acting) and not queries.may_handle(party, acting):
        raise Http404
    return pass_to(party, organisation, matter, basis, acting, now)


def pass_to(
    party: Party, organisation: Organisation, matter: str, basis: str, acting: Acting, now: dt.datetime
) -> Handling:
    """As above, by whoever was found to be allowed to."""
    if not Organisation.objects.filter(pk=organisation.pk, is_active=True).exists():
        raise Conflict(f"没有转交：{organisation.name}已经在本平台停用。请选择另一家机构。")
    consent = Consent.objects.filter(
        party=party, purpose="pass_on", passed_to=organisation, withdrawn_at=None
    ).first()  # fmt: skip
    if consent is None and not basis.strip():
        raise Refusal(
            f"没有转交：{party.name}还没有单独同意把信息提供给{organisation.name}（个人信息保护法第二十三条）。"
            "请先取得本人的单独同意；依法无须同意的，请写明依据。"
        )
    if Handling.objects.filter(party=party, organisation=organisation, ended_at=None).exists():
        raise Conflict(f"{organisation.name}已经在办理。请刷新页面查看。")
    handling = Handling.objects.create(
        party=party, organisation=organisation, matter=matter, consent=consent,
        basis="" if consent else basis.strip(), begun_at=now,
    )  # fmt: skip
    touch(party, now)
    audit.record(
        stamp=acting.stamp, verb="parties.handed_over", subject=handling, case=party.case,
        after={"organisation": organisation.pk, "matter": matter, "consent": consent and consent.pk}, reason=basis,
        now=now,
    )  # fmt: skip
    return handling


@transaction.atomic
def link_account(*, party: Party, acting: Acting, now: dt.datetime) -> Party:
    """Somebody who was taken in has registered since: after their papers were seen, both become one.

    What hangs on the record that came with the account moves to the one that stays, whichever app it belongs to.
    """
    if not queries.may_handle(party, acting):
        raise Http404
    party = Party.objects.select_for_update().get(pk=party.pk)
    identity = queries.account_with_number_of(party)
    if identity is None:
        raise Conflict("没有找到使用同一证件号码的账号，或者已经关联。请刷新页面查看。")
    other = Party.objects.select_for_update().filter(user=identity.user).first()
    try:
        with transaction.atomic():
            if other:
                for relation in Party._meta.related_objects:
                    name = relation.field.name
                    relation.related_model.objects.filter(**{name: other}).update(**{name: party})
                same = Document.objects.filter(subject_kind=queries.PARTY_FILES, subject_id=str(other.pk))
                same.update(subject_id=str(party.pk))  # what was handed to them goes when the rest does
                for field in ("address", "bank_account"):
                    if getattr(other, field) and not getattr(party, field):
                        setattr(party, field, open_sealed(getattr(other, field)))
                other.delete()
            party.user, party.last_act_at = identity.user, now
            party.save()
            end_double_needs(party, now)
    except IntegrityError as error:
        raise Conflict("两份登记中有相互重复的授权或者同意，不能自动合并。请先终止重复的一项再关联。") from error
    set_priority(party)
    audit.record(
        stamp=acting.stamp, verb="parties.account_linked", subject=party, case=party.case,
        after={"user": identity.user.pk, "merged": other and other.pk}, now=now,
    )  # fmt: skip
    return party


def end_double_needs(party: Party, now: dt.datetime) -> None:
    """Both records may say the same, of age always: the one that was noted first stays."""
    seen: set[str] = set()
    for need in queries.needs_of(party).order_by("noted_at", "pk"):
        if need.key in seen:
            SpecialNeed.objects.filter(pk=need.pk).update(ended_at=now, ending=SpecialNeed.Ending.DOUBLE)
        seen.add(need.key)


@sensitive_variables()
def export_own(*, party: Party, acting: Acting, now: dt.datetime) -> bytes:
    """All that is kept of the person, for themself; the event is committed before the file is handed out."""
    if not queries.is_own(party, acting):
        raise Http404
    content = own_data.archive_of(party, timezone.localtime(now).isoformat())
    with transaction.atomic(durable=True):
        audit.record(
            stamp=acting.stamp, verb="parties.exported", subject=party, case=party.case,
            after={"sha256": hashlib.sha256(content).hexdigest()}, now=now,
        )  # fmt: skip
    return content
