"""Everything that changes special needs: noting, reviewing, ending, age, and telling of help."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from fengqiao.engine import forms, law
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.stamp import system_stamp
from fengqiao.portal.documents.actions import keep_made
from fengqiao.portal.documents.dropping import drop
from fengqiao.portal.documents.models import Document
from fengqiao.portal.parties import needs, queries
from fengqiao.portal.parties.measures import need_kinds
from fengqiao.portal.parties.models import Party, SpecialNeed
from fengqiao.portal.shell.errors import Conflict, Refusal
from fengqiao.portal.vault import actions as vault

NOTICE_FORM = "help_notice"
Kind, Source, Ending = SpecialNeed.Kind, SpecialNeed.Source, SpecialNeed.Ending
TOLD: list[Callable[[Party, needs.Care, dt.datetime], None]] = []
"""Told inside the transaction that noted a need by which somebody may get help: later apps send messages."""


def set_priority(party: Party) -> None:
    """Put the party's place in lists and queues right, from the needs that hold."""
    party.priority = needs.priority_of(need.key for need in queries.needs_of(party))
    Party.objects.filter(pk=party.pk).update(priority=party.priority)


def note_age(party: Party, now: dt.datetime) -> None:
    """Note that somebody is elderly when their papers say so; within the caller's transaction."""
    if needs.elderly_now(party, now) and not any(need.key == Kind.ELDERLY for need in queries.needs_of(party)):
        SpecialNeed.objects.create(
            party=party, kind=Kind.ELDERLY, since=timezone.localtime(now).date(), evidence="证件上的出生日期",
            source=Source.PAPERS, noted_at=now,
        )  # fmt: skip
        set_priority(party)
        tell_later_apps(party, now)


@transaction.atomic
def note_age_later(*, party: Party, now: dt.datetime) -> bool:
    """Somebody has reached the age since they came in: noted with priority. False when it was noted meanwhile, or when
    the person or staff ended it by hand."""
    party = Party.objects.select_for_update().get(pk=party.pk)
    if needs.age_was_noted(party) or not needs.elderly_now(party, now):
        return False
    note_age(party, now)
    audit.record(
        stamp=system_stamp("worker"), verb="parties.age_noted", subject=party, case=party.case, now=now
    )  # fmt: skip
    return True


def tell_later_apps(party: Party, now: dt.datetime) -> None:
    """Hand on that somebody may get help."""
    care = needs.care_of(Party.objects.get(pk=party.pk), now)
    for told in TOLD:
        told(party, care, now)


def may_note(party: Party, acting: Acting) -> bool:
    """The person themself; staff who deal with the matter, with the person's word. No agent: it is nobody else's."""
    return queries.is_own(party, acting) or queries.may_handle(party, acting)


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day months later, the last of the month where there is none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def next_review(kind: str, now: dt.datetime) -> dt.date | None:
    """When what passes is looked at again."""
    if not need_kinds()[kind].reviewed:
        return None
    today = timezone.localtime(now).date()
    return months_later(today, int(law.value_on("special_needs.review_months", today).value))


@sensitive_variables()
@transaction.atomic
def note_need(
    *, party: Party, kind: str, since: dt.date, evidence: str, acting: Acting, now: dt.datetime, detail: str = "",
    until: dt.date | None = None, review_on: dt.date | None = None, file: Document | None = None,
) -> SpecialNeed:  # fmt: skip
    """Note a special need: the person themself, or staff who deal with them and have their word for it. What passes is
    reviewed after a while, if no day is given."""
    if not may_note(party, acting):
        raise Http404
    if not queries.agreed(party, "special_needs"):
        raise Refusal("特殊需要没有记录：还没有单独同意记录特殊需要。请先取得同意，再提交。")
    today = timezone.localtime(now).date()
    if detail and not need_kinds()[kind].title_of(detail):
        raise Refusal(f"没有记录：所选的具体情形不属于“{Kind(kind).label}”。请重新选择，或者留空。")
    if since > today:
        raise Refusal("没有记录：“自何时起”在今天以后。请更正日期。")
    if until is not None and until < max(since, today):
        raise Refusal("没有记录：“到何时止”已经过去，或者早于“自何时起”。请更正日期，不确定的留空。")
    party = Party.objects.select_for_update().get(pk=party.pk)
    if any(need.key == kind for need in needs.held(party, now)):
        raise Conflict(f"“{Kind(kind).label}”已经记录过。请刷新页面查看；情况有变化的，先结束原来的记录。")
    own = queries.is_own(party, acting)
    need = SpecialNeed.objects.create(
        party=party, kind=kind, detail=detail, since=since, until=until, evidence=evidence, file=file,
        review_on=review_on or next_review(kind, now), source=Source.OWN if own else Source.WORD,
        noted_by=acting.user, noted_at=now,
    )  # fmt: skip
    Party.objects.filter(pk=party.pk).update(last_act_at=now)
    set_priority(party)
    tell_later_apps(party, now)
    audit.record(
        stamp=stamp_of(party, acting), verb="parties.need_noted", subject=need, case=party.case, now=now,
        after={
            "kind": need.kind, "detail": need.detail, "since": since, "until": until, "review_on": need.review_on,
            "evidence": need.evidence, "file": file.content_id if file else "", "source": need.source,
        },
    )  # fmt: skip
    return need


def stamp_of(party: Party, acting: Acting) -> Any:
    """Who did it; for staff both names."""
    return acting.stamp if queries.is_own(party, acting) else acting.for_person(party.pk, party.name).stamp


@transaction.atomic
def review_need(
    *, need: SpecialNeed, detail: str, review_on: dt.date, evidence: str, acting: Acting, now: dt.datetime
) -> None:
    """It was looked at again and still holds: until when, and what it rests on now."""
    if not may_note(need.party, acting):
        raise Http404
    if review_on <= timezone.localtime(now).date():
        raise Refusal("没有保存：下一次复核的日期须在今天以后。请更正日期。")
    held = SpecialNeed.objects.select_for_update(of=("self",)).filter(pk=need.pk, ended_at=None).first()
    if held is None:
        raise Conflict("这一项已经结束。请刷新页面查看。")
    if detail and not (held.known and held.known.title_of(detail)):
        raise Refusal("没有保存：所选的具体情形不属于这一项特殊需要。请重新选择。")
    before = {"detail": held.detail, "review_on": held.review_on, "evidence": held.evidence}
    held.review_on = review_on
    if detail:
        held.detail = detail
    if evidence.strip():
        held.evidence = evidence.strip()
    held.save()
    Party.objects.filter(pk=held.party_id).update(last_act_at=now)
    audit.record(
        stamp=stamp_of(need.party, acting), verb="parties.need_reviewed", subject=held, case=need.party.case,
        before=before, after={"detail": held.detail, "review_on": review_on, "evidence": held.evidence}, now=now,
    )  # fmt: skip


@transaction.atomic
def end_need(*, need: SpecialNeed, acting: Acting, now: dt.datetime) -> None:
    """A special need holds no longer, was noted by mistake, or the person wants it no longer known."""
    party = need.party
    if not may_note(party, acting):
        raise Http404
    ending = Ending.OWN if queries.is_own(party, acting) else Ending.STAFF
    if not SpecialNeed.objects.filter(pk=need.pk, ended_at=None).update(ended_at=now, ending=ending):
        raise Conflict("这一项已经结束。请刷新页面查看。")
    set_priority(party)
    audit.record(
        stamp=stamp_of(party, acting), verb="parties.need_ended", subject=need, case=party.case,
        before={"kind": need.kind}, after={"ending": ending}, now=now,
    )  # fmt: skip


@transaction.atomic
def lapse(*, need: SpecialNeed, now: dt.datetime) -> bool:
    """Its last day is over; False when somebody ended it meanwhile."""
    if not SpecialNeed.objects.filter(pk=need.pk, ended_at=None).update(ended_at=now, ending=Ending.LAPSED):
        return False
    set_priority(need.party)
    audit.record(
        stamp=system_stamp("worker"), verb="parties.need_lapsed", subject=need, case=need.party.case, now=now
    )  # fmt: skip
    return True


def forget_all(party: Party, ending: str, now: dt.datetime) -> None:
    """The consent is withdrawn, or the person's record is disposed of: what needs there were is not kept. That there
    was one stays, without what it was. In the caller's transaction, which leaves the event."""
    for need in SpecialNeed.objects.filter(party=party):
        file, need.file = need.file, None
        need.kind = need.detail = need.evidence = ""
        if need.ended_at is None:
            need.ended_at, need.ending = now, ending
        need.save()
        if file is not None:
            drop(file)
    set_priority(party)


@sensitive_variables()
def reveal_need(*, need: SpecialNeed, reason: str, acting: Acting, now: dt.datetime) -> dict[str, str]:
    """Which need it is, with its details, for whoever deals with the matter; the event is committed before that."""
    if not may_note(need.party, acting):
        raise Http404
    if not need.kind:
        raise Refusal("这一项的内容已经清除：本人撤回了同意，或者超过了保存期限。")
    vault.reveal(sealed=need.kind, subject=need.party, stamp=acting.stamp, reason=reason, case=need.party.case, now=now)
    return {
        "种类": need.label, "具体情形": need.detail_label,
        "依据": vault.opened(need.evidence) if need.evidence else "", "来源": str(need.get_source_display()),
    }  # fmt: skip


def note_told(*, party: Party, how: str, acting: Acting, now: dt.datetime) -> Document:
    """Hand out the notice on social assistance and legal aid: it is made for this person, kept with their record, and
    noted, all or nothing. It is drawn outside of the transaction."""
    if not queries.may_handle(party, acting):
        raise Http404
    social, legal = needs.told_of(needs.kinds_of(party, now))
    if not social and not legal:
        raise Refusal("没有需要告知社会救助或者法律援助的情形，没有记录。请先记录特殊需要。")
    today = timezone.localtime(now).date()
    data = {
        "name": party.name, "number": str(party.pk), "social": social, "legal": legal, "how": how,
        "organisation": acting.organisation.name, "staff": acting.user.name, "told_on": today.isoformat(),
    }  # fmt: skip
    drawn = forms.render_pdf(NOTICE_FORM, data, as_of=today, large=needs.care_of(party, now).has("large_print"))
    acting = acting.for_person(party.pk, party.name)
    with transaction.atomic():
        party = Party.objects.select_for_update().get(pk=party.pk)
        if not needs.age_was_noted(party):
            note_age(party, now)
        if not queries.needs_of(party).filter(told_at=None).exists():
            raise Conflict("已经记录过告知，不用再记。请刷新页面查看。")
        queries.needs_of(party).filter(told_at=None).update(told_at=now)
        file = keep_made(
            data=drawn, name=f"社会救助和法律援助告知书-{today:%Y%m%d}.pdf",
            subject=(queries.PARTY_FILES, str(party.pk)), acting=acting, case=party.case, now=now,
        )  # fmt: skip
        Party.objects.filter(pk=party.pk).update(last_act_at=now)
        audit.record(
            stamp=acting.stamp, verb="parties.told_of_help", subject=party, case=party.case,
            after={"how": how, "document": str(file.pk), "sha256": file.content_id}, now=now,
        )  # fmt: skip
    return file
