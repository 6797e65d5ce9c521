"""Everything that changes legal holds, and the disposal of what is past its period."""

from __future__ import annotations

import datetime as dt
import hmac
from typing import Any

from django.db import IntegrityError, models, transaction
from django.http import Http404
from django.utils import timezone

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.queries import runs_the_platform
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit import digests
from fengqiao.portal.audit.stamp import system_stamp
from fengqiao.portal.documents.dropping import drop
from fengqiao.portal.keystore import Use, key_store
from fengqiao.portal.parties import queries
from fengqiao.portal.parties.models import ActsConfirmation, Disposal, LegalHold, Party, SpecialNeed
from fengqiao.portal.parties.noting import forget_all
from fengqiao.portal.parties.retention import Rule
from fengqiao.portal.shell.errors import Conflict, Refusal


@transaction.atomic
def place_hold(*, party: Party, reason: str, acting: Acting, now: dt.datetime) -> LegalHold:
    """Keep everything of a party, whatever the periods say."""
    if not runs_the_platform(acting):
        raise Http404
    if not reason.strip():
        raise Refusal("请写明保全的原因，例如“法院来函要求保存，文号……”。")
    Party.objects.select_for_update().get(pk=party.pk)
    hold = LegalHold.objects.create(party=party, reason=reason.strip(), placed_by=acting.user, placed_at=now)
    audit.record(
        stamp=acting.stamp, verb="parties.hold_placed", subject=hold, case=party.case, reason=reason, now=now
    )  # fmt: skip
    return hold


@transaction.atomic
def lift_hold(*, hold: LegalHold, reason: str, acting: Acting, now: dt.datetime) -> None:
    """From now on the periods count again."""
    if not runs_the_platform(acting):
        raise Http404
    if not reason.strip():
        raise Refusal("请写明解除保全的原因，例如“案件已经审结”。")
    lifted = LegalHold.objects.filter(pk=hold.pk, lifted_at=None).update(
        lifted_at=now, lifted_by=acting.user, lift_reason=reason.strip()
    )  # fmt: skip
    if not lifted:
        raise Conflict("这项保全已经解除。请刷新页面查看。")
    audit.record(
        stamp=acting.stamp, verb="parties.hold_lifted", subject=hold, case=hold.party.case, reason=reason, now=now
    )


def whole_row(row: models.Model) -> dict[str, Any]:
    """A row as it is digested: every column, sealed ones by their keyed digests."""
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.name != "seal_row"
    }  # fmt: skip


def digest_of(row: models.Model) -> str:
    """What proves later which row it was: keyed, so that short values cannot be guessed from it."""
    key = key_store().current(Use.AUDIT)
    text = b"fengqiao.parties.disposal/1\0" + digests.canonical(whole_row(row))
    return f"{key.id}:{hmac.new(key.secret, text, 'sha256').hexdigest()}"


@transaction.atomic
def dispose(*, rule: Rule, number: Any, now: dt.datetime) -> Disposal | None:
    """Dispose of one row: its fields are cleared, its file is deleted, the proof stays. None when it may not be after
    all: a hold was placed, or somebody did something for the person a moment ago."""
    row = rule.rows().select_for_update(of=("self",)).filter(pk=number).first()
    if row is None:
        return None
    case = rule.case_of(row)
    list(rule.parties_of(row).select_for_update().order_by("pk"))  # a hold is placed before or after, never between
    if not rule.due(now).filter(pk=number).exists():
        return None
    today = timezone.localtime(now).date()
    started, before, digest = getattr(row, rule.start_field), whole_row(row), digest_of(row)
    file = None
    if rule.file_field:
        file = getattr(row, rule.file_field)
        setattr(row, rule.file_field, None)
    for field, value in rule.clear.items():
        if getattr(row, field) or value:
            setattr(row, field, value)
    if hasattr(row, "disposed_at"):
        row.disposed_at = now
    row.save()
    if file is not None:
        drop(file)
    if rule.with_it is not None:
        rule.with_it(row)
    if isinstance(row, Party):
        clear_what_hangs_on(row, now)
    cleared = [*rule.clear, *([rule.file_field] if rule.file_field else [])]
    try:
        with transaction.atomic():
            proof = Disposal.objects.create(
                rule=rule.name, record_kind=row._meta.label_lower, record_id=str(row.pk), started_at=started,
                period=rule.period_text(today), basis=rule.basis(today), digest=digest, disposed_at=now,
                fields="、".join(str(row._meta.get_field(name).verbose_name) for name in cleared),
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict("这条记录已经处置过。") from error
    audit.record(
        stamp=system_stamp("worker"), verb="parties.disposed", subject=row, case=case, before=before,
        after=whole_row(row), reason=f"{rule.title}：{rule.period_text(today)}", now=now,
    )  # fmt: skip
    return proof


def clear_what_hangs_on(party: Party, now: dt.datetime) -> None:
    """What says something of the person goes with them: special needs and what they rest on, notices with the name."""
    for file in queries.handed_out(party).filter(replaces=None):
        drop(file)
    for one in ActsConfirmation.objects.filter(party=party):
        signed, one.file = one.file, None
        one.words, one.paper = "", ""
        one.save()
        if signed is not None:
            drop(signed)
    forget_all(party, SpecialNeed.Ending.LAPSED, now)
