"""Everything that changes authorisations: handing in, accepting, declining, ending."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Identity, Organisation, Role
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.stamp import system_stamp
from fengqiao.portal.parties import guardians, queries
from fengqiao.portal.parties.actions import party_of_account, touch
from fengqiao.portal.parties.models import Authorisation, Party, Scope
from fengqiao.portal.parties.noting import note_age
from fengqiao.portal.parties.uploaded import give_up, keep_paper
from fengqiao.portal.shell.errors import Conflict, Refusal
from fengqiao.portal.vault.fields import lookup

State, Ending = Authorisation.State, Authorisation.Ending
TOLD: list[Callable[[Authorisation, str, dt.datetime], None]] = []
"""Later apps send messages: the party and the agent hear what became of an authorisation, by whomever it was done."""


@sensitive_variables()
def named_party(*, name: str, kind: str, number: str, now: dt.datetime) -> Party:
    """The party an agent means: known by number and name, or put in as the agent says. The agent learns nothing of
    which it was, so nobody finds out by asking who is in the system."""
    same = lookup(Party, "number", number)
    known = Party.objects.filter(same, kind=kind, name=name, disposed_at=None).order_by("user_id", "id")
    party = known.exclude(user=None).first() or known.first()
    if party:
        return party
    account = Identity.objects.filter(lookup(Identity, "number", number), kind=kind, user__name=name).first()
    if account and not Party.objects.filter(user=account.user).exists():
        return party_of_account(account.user, now)
    party = Party(name=name, kind=kind, created_at=now, last_act_at=now)
    party.number = number
    party.save()
    note_age(party, now)
    return party


@sensitive_variables()
def submit(
    *,
    name: str,
    kind: str,
    number: str,
    reviewer: Organisation,
    scopes: Sequence[str],
    valid_from: dt.date,
    valid_until: dt.date,
    document: UploadedFile,
    acting: Acting,
    now: dt.datetime,
) -> Authorisation:
    """Hand in an authorisation. The paper is examined and kept first; it goes when the rest comes to nothing."""
    if not scopes or set(scopes) - set(Scope.values):
        raise Refusal("没有选择授权范围。请按授权委托书上写的逐项勾选。")
    if valid_until < max(valid_from, timezone.localtime(now).date()):
        raise Refusal("授权的截止日早于开始日，或者已经过去。请核对授权委托书上的期限。")
    authorisation = Authorisation(
        scopes=[scope for scope in Scope.values if scope in scopes], valid_from=valid_from, valid_until=valid_until
    )
    return hand_in(
        authorisation, (name, kind, number), document=document, reviewer=reviewer, acting=acting, now=now
    )  # fmt: skip


@sensitive_variables()
def submit_guardian(
    *, name: str, kind: str, number: str, reviewer: Organisation, ground: str, relation: str,
    valid_until: dt.date | None, document: UploadedFile, acting: Acting, now: dt.datetime,
) -> Authorisation:  # fmt: skip
    """Hand in what proves that the law has one act for somebody as their guardian: for everything, until it ends."""
    guardians.require_fitting(ground, relation)
    today = timezone.localtime(now).date()
    until = guardians.last_day(ground=ground, kind=kind, number=number, given=valid_until, today=today)
    if until is not None and until < today:
        raise Refusal("没有提交：截止日已经过去。请核对监护证明上的期限。")
    authorisation = Authorisation(
        kind=Authorisation.Kind.GUARDIAN, ground=ground, relation=relation, scopes=list(guardians.ALL),
        valid_from=today, valid_until=until,
    )  # fmt: skip
    return hand_in(
        authorisation, (name, kind, number), document=document, reviewer=reviewer, acting=acting, now=now
    )  # fmt: skip


@sensitive_variables()
def hand_in(
    authorisation: Authorisation, papers: tuple[str, str, str], *, document: UploadedFile, reviewer: Organisation,
    acting: Acting, now: dt.datetime,
) -> Authorisation:  # fmt: skip
    """Keep the paper, then the rows; the paper goes when they come to nothing."""
    if not acting.is_a(Role.Kind.AGENT) or reviewer not in queries.reviewers():
        raise Http404
    name, kind, number = papers
    paper = keep_paper(document, acting=acting, now=now)
    authorisation.agent, authorisation.reviewer, authorisation.submitted_at = acting.user, reviewer, now
    authorisation.paper, authorisation.document_sha256 = paper, paper.content_id
    try:
        with transaction.atomic():
            return keep_submitted(authorisation, name=name, kind=kind, number=number, acting=acting, now=now)
    except BaseException:
        give_up(paper)
        raise


@sensitive_variables()
def keep_submitted(
    authorisation: Authorisation, *, name: str, kind: str, number: str, acting: Acting, now: dt.datetime
) -> Authorisation:
    """The rows of a new authorisation, within a transaction."""
    # All who hand in for one organisation come one after the other: the same party is not put in twice.
    Organisation.objects.select_for_update().get(pk=authorisation.reviewer_id)
    party = named_party(name=name, kind=kind, number=number, now=now)
    if party.user_id == acting.user.pk:
        raise Refusal("不能给自己提交授权：您本人的事项，请把页面上方的身份换成“投资者”后办理。")
    waiting = Authorisation.objects.filter(agent=acting.user, party=party, state=State.SUBMITTED)
    if waiting.exists():
        raise Conflict(f"您为{name}提交的授权还在等待接受，不用重复提交。请在“授权”中查看。")
    authorisation.party = party
    authorisation.save()
    touch(party, now)
    audit.record(
        stamp=acting.for_person(party.pk, party.name).stamp, verb="parties.authorisation_submitted",
        subject=authorisation, case=party.case, after=values_of(authorisation), now=now,
    )  # fmt: skip
    tell(authorisation, State.SUBMITTED, now)
    return authorisation


def values_of(authorisation: Authorisation) -> dict[str, object]:
    """What an audit event digests of an authorisation."""
    return {
        "agent": authorisation.agent_id, "party": authorisation.party_id, "scopes": authorisation.scopes,
        "kind": authorisation.kind, "relation": authorisation.relation, "ground": authorisation.ground,
        "valid_from": authorisation.valid_from, "valid_until": authorisation.valid_until,
        "document_sha256": authorisation.document_sha256,
    }  # fmt: skip


@transaction.atomic
def accept(*, authorisation: Authorisation, acting: Acting, now: dt.datetime, checked: str = "") -> None:
    """Accept an authorisation: from now on the agent may act within it. checked: what papers of a guardian were looked
    at."""
    if not queries.may_decide(authorisation, acting):
        raise Http404
    late = authorisation.valid_until is not None and timezone.localtime(now).date() > authorisation.valid_until
    if late:
        raise Refusal("没有接受：授权的截止日已经过去。请让代理人按新的授权委托书重新提交。")
    if authorisation.is_guardian and not checked.strip():
        raise Refusal("没有接受：请写明核对了哪些材料，例如“户口簿、出生医学证明和监护人身份证原件”。")
    if queries.is_own(authorisation.party, acting) and guardians.represented(authorisation.party, now):
        raise Refusal(
            "没有接受：登记写明您的事项由法定代理人办理，委托他人也由法定代理人决定（民事诉讼法第六十条、第六十一条）。"
            f"请由法定代理人在委托书上签名，交{authorisation.reviewer.name}核对后接受。"
        )
    waiting = Authorisation.objects.filter(pk=authorisation.pk, state=State.SUBMITTED)
    if not waiting.update(state=State.ACCEPTED, decided_at=now, decided_by=acting.user, checked=checked.strip()):
        raise Conflict("这份授权已经有人处理。请刷新页面查看当前状态。")
    party = authorisation.party
    if party.user_id is None and party.taken_in_by_id is None and acting.organisation:
        Party.objects.filter(pk=party.pk, taken_in_by=None).update(taken_in_by=acting.organisation)
    touch(party, now)
    audit.record(
        stamp=acting.stamp, verb="parties.authorisation_accepted", subject=authorisation, case=party.case,
        before={"state": State.SUBMITTED}, after={"state": State.ACCEPTED, "kind": authorisation.kind}, reason=checked,
        now=now,
    )  # fmt: skip
    tell(authorisation, State.ACCEPTED, now)


@transaction.atomic
def decline(*, authorisation: Authorisation, reason: str, acting: Acting, now: dt.datetime) -> None:
    """Not accept an authorisation, with the reason, which the agent sees."""
    if not queries.may_decide(authorisation, acting):
        raise Http404
    if not reason.strip():
        raise Refusal("请写明不接受的原因，例如“委托书没有签名”。代理人会看到。")
    waiting = Authorisation.objects.filter(pk=authorisation.pk, state=State.SUBMITTED)
    if not waiting.update(
        state=State.DECLINED, decided_at=now, decided_by=acting.user, decline_reason=reason.strip(), ended_at=now
    ):
        raise Conflict("这份授权已经有人处理。请刷新页面查看当前状态。")
    audit.record(
        stamp=acting.stamp, verb="parties.authorisation_declined", subject=authorisation,
        case=authorisation.party.case, before={"state": State.SUBMITTED}, after={"state": State.DECLINED},
        reason=reason, now=now,
    )  # fmt: skip
    tell(authorisation, State.DECLINED, now)


@transaction.atomic
def end(
    *, authorisation: Authorisation, reason: str, acting: Acting, now: dt.datetime, ending: str = Ending.REVOKED
) -> None:
    """End an authorisation at once: the party withdraws it, the agent resigns, or the staff of the reviewing body note
    how it came to an end. ending: what staff say; a guardian's right is not withdrawn by the ward."""
    agent = acting.is_a(Role.Kind.AGENT) and authorisation.agent_id == acting.user.pk
    own = queries.is_own(authorisation.party, acting)
    if not agent and not queries.may_decide(authorisation, acting):
        raise Http404
    if not reason.strip() and not own:
        raise Refusal("请写明终止的原因，例如“当事人书面撤销委托”。")
    if agent or own:
        ending = Ending.RESIGNED if agent else Ending.REVOKED
    elif ending not in (guardians.BY_LAW if authorisation.is_guardian else guardians.BY_PARTY):
        raise Refusal("没有终止：请选择怎样终止。")
    held = Authorisation.objects.filter(pk=authorisation.pk, state__in=(State.ACCEPTED, State.SUBMITTED))
    if not held.update(state=State.ENDED, ending=ending, end_reason=reason.strip(), ended_at=now):
        raise Conflict("这份授权已经终止。请刷新页面查看当前状态。")
    touch(authorisation.party, now)
    audit.record(
        stamp=acting.stamp, verb="parties.authorisation_ended", subject=authorisation,
        case=authorisation.party.case, before={"state": authorisation.state}, after={"state": State.ENDED,
        "ending": ending},
        reason=reason, now=now,
    )  # fmt: skip
    tell(authorisation, State.ENDED, now)


@transaction.atomic
def end_expired(*, authorisation: Authorisation, now: dt.datetime) -> bool:
    """Write down that an authorisation ran out; it could not be used since its last day. False when somebody was
    quicker."""
    day = timezone.localtime(now).date()
    of_age = authorisation.ground == Authorisation.Ground.MINOR
    ending = Ending.MAJORITY if of_age else Ending.EXPIRED
    held = Authorisation.objects.filter(pk=authorisation.pk, state=State.ACCEPTED, valid_until__lt=day)
    if not held.update(state=State.ENDED, ending=ending, ended_at=now):
        return False
    audit.record(
        stamp=system_stamp("worker"), verb="parties.authorisation_ended", subject=authorisation,
        case=authorisation.party.case, before={"state": State.ACCEPTED},
        after={"state": State.ENDED, "ending": ending}, now=now,
    )  # fmt: skip
    tell(authorisation, State.ENDED, now)
    return True


def tell(authorisation: Authorisation, state: str, now: dt.datetime) -> None:
    """Hand on, in the transaction of what happened, that somebody acts for a person now, or does no longer."""
    authorisation.refresh_from_db(fields=("state", "ending", "end_reason", "decline_reason"))
    for told in TOLD:
        told(authorisation, state, now)


@transaction.atomic
def note_choice(*, acting: Acting, party: Party, now: dt.datetime) -> None:
    """Leave an event when somebody begins to act for a person."""
    if queries.represented_by(acting, party.pk, now) is None:
        raise Http404
    audit.record(
        stamp=acting.for_person(party.pk, party.name).stamp, verb="parties.chosen", subject=party, case=party.case,
        now=now,
    )  # fmt: skip
