"""What those who serve do: begin a service, try again, note another way, put a moment right, give paper."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from fengqiao.engine.deadlines import Calendars, known_calendars
from fengqiao.engine.deadlines.service import WAYS, Way, electronic, otherwise, ways
from fengqiao.engine.errors import FengqiaoError
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import User
from fengqiao.portal.deadlines import actions as deadlines
from fengqiao.portal.documents.models import Document
from fengqiao.portal.parties import actions as parties
from fengqiao.portal.parties.models import Party
from fengqiao.portal.refusal import Conflict, Refusal
from fengqiao.portal.service import dispatching, queries, settling
from fengqiao.portal.service.models import Recipient, ServedDocument, Service, Trace
from fengqiao.portal.service.recording import note
from fengqiao.portal.shell.words import day_text

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
DOCUMENTS_AT_MOST, RECIPIENTS_AT_MOST = 20, 500
State = Recipient.State


@transaction.atomic
def serve(
    *, title: str, documents: Sequence[tuple[Document, str]], to: Sequence[Party | User], stage: str, acting: Acting,
    now: dt.datetime, case: str = "", summary: bool = False, deadline_rule: str = "", deadline_title: str = "",
    again_reason: str = "", subject: tuple[str, str] = ("", ""), once_key: str | None = None, checked: bool = False,
) -> Service:  # fmt: skip
    """Serve documents (each with its kind) on one or several. checked: the calling app has looked at the right to serve
    them on these people itself. Twice in one stage of a case needs a reason (一次性送达)."""
    if once_key and (there := Service.objects.filter(once_key=once_key).first()):
        return there
    require(documents, to, acting, checked=checked)
    for person in to:
        require_once(person, case=case, stage=stage, reason=again_reason, acting=acting)
    if deadline_rule and deadline_rule not in {rule.id for rule, _ in queries.rules_from_service()}:
        raise ValueError(f"{deadline_rule} is no period that begins with a service.")
    try:
        with transaction.atomic():
            made = Service.objects.create(
                title=title[:120], case=case, stage=stage, summary=summary, subject_kind=subject[0],
                subject_id=subject[1], organisation=acting.organisation, deadline_rule=deadline_rule,
                deadline_title=deadline_title[:200], again_reason=again_reason.strip()[:300], created_by=acting.user,
                created_at=now, once_key=once_key,
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict("没有送达：刚才已经提交过同样的送达。请刷新页面查看。") from error
    for position, (document, kind) in enumerate(documents, 1):
        ServedDocument.objects.create(
            service=made, document=document, kind=kind, position=position, sha256=document.content_id
        )
    for person in to:
        begin(made, person, acting=acting, now=now)
    return made


def require(
    documents: Sequence[tuple[Document, str]], to: Sequence[Party | User], acting: Acting, *, checked: bool
) -> None:  # fmt: skip
    """Who may serve what on whom."""
    if acting.organisation is None or (not checked and not queries.may_serve(acting)):
        raise Http404
    if not documents or not to:
        raise Refusal("没有送达：至少要有一份文书和一位受送达人。请补充后再提交。")
    if len(documents) > DOCUMENTS_AT_MOST or len(to) > RECIPIENTS_AT_MOST:
        raise Refusal(
            f"没有送达：一次最多 {DOCUMENTS_AT_MOST} 份文书、{RECIPIENTS_AT_MOST} 位受送达人。请分成几次送达。"
        )
    twice = len({document.pk for document, _ in documents}) < len(documents)
    if twice or len(set(keys(to))) < len(to):
        raise Refusal("没有送达：有文书或者受送达人重复。请去掉重复的再提交。")
    if checked:
        return
    wanted = {one.pk for one in to if isinstance(one, Party)}
    if wanted - set(queries.parties_at_hand(acting).filter(pk__in=wanted).values_list("pk", flat=True)):
        raise Http404


def keys(to: Sequence[Party | User]) -> list[tuple[str, int]]:
    """Each by kind and number."""
    return [(type(one).__name__, one.pk) for one in to]


def require_once(to: Party | User, *, case: str, stage: str, reason: str, acting: Acting) -> None:
    """Everything of a stage is served at once; a second time is said, and needs its reason."""
    if acting.organisation is None:
        raise Http404
    before = queries.earlier_in_stage(organisation=acting.organisation, case=case, stage=stage, to=to)
    if before is not None and not reason.strip():
        raise Refusal(
            f"没有送达：{before.name}在本案“{before.service.get_stage_display()}”阶段已经由本机构送达过一次"
            f"（{before.number}，{day_text(timezone.localtime(before.created_at).date())}）。"
            "同一阶段的文书应当一次送齐；确有必要再次送达的，请写明理由。"
        )


def begin(service: Service, to: Party | User, *, acting: Acting, now: dt.datetime) -> Recipient:
    """One person: the row, then to every confirmed address."""
    whose = {"party": to} if isinstance(to, Party) else {"user": to}
    made = Recipient.objects.create(
        service=service, organisation=service.organisation, name=to.name, created_at=now,
        code="".join(secrets.choice(LETTERS) for _ in range(12)), **whose,
    )  # fmt: skip
    said = f"《{service.title}》{service.documents.count()} 份，{service.get_stage_display()}阶段"
    if service.again_reason:
        said += f"；同一阶段再次送达：{service.again_reason}"
    note(what=Trace.What.BEGUN, recipient=made, stamp=acting.stamp, note=said, now=now)
    dispatching.send_out(made, stamp=acting.stamp, now=now)
    if isinstance(to, Party):
        parties.touch(to, now)
    return made


def required(recipient: Recipient, acting: Acting, *states: str) -> Recipient:
    """The row, held, if this organisation serves it and it is at that point."""
    if not queries.visible_to(acting).filter(pk=recipient.pk).exists():
        raise Http404
    found = settling.held(recipient.pk)
    if found.state not in states:
        raise Conflict(f"这份送达现在是“{found.get_state_display()}”，这一步没有办理。请刷新页面查看现在的情况。")
    return found


@transaction.atomic
def try_again(*, recipient: Recipient, acting: Acting, now: dt.datetime) -> Recipient:
    """Electronically once more: the person has confirmed an address since, or the gateway is back."""
    found = required(recipient, acting, State.OTHER_WAY)
    confirmation = queries.address_for(dispatching.person_of(found), found.service.case, now)
    if confirmation is None or not confirmation.electronic:
        why = dispatching.why_not(dispatching.person_of(found), now)
        raise Refusal(f"没有再次发送：{found.name}{why}。请先请其确认，或者以其他方式送达。")
    dispatching.send_out(found, stamp=acting.stamp, now=now)
    return found


@transaction.atomic
def serve_otherwise(
    *, recipient: Recipient, way: str, day: dt.date, remark: str, paper: Document | None, acting: Acting,
    now: dt.datetime, calendars: Calendars | None = None,
) -> Recipient:  # fmt: skip
    """It was served in another way: the day by the receipt, the receipt kept."""
    found = required(recipient, acting, State.OTHER_WAY, State.SENDING)
    if way not in {one.value for one in allowed_ways(found)}:
        raise Refusal("没有登记：这种文书不能用这种方式送达。请另选送达方式。")
    try:
        result = otherwise(
            Way(way), day, calendars=calendars or known_calendars(), as_of=timezone.localtime(now).date()
        )
    except FengqiaoError as error:
        raise Refusal("没有登记：日期在今天以后，或者公告期的届满日还不能计算。请核对日期。") from error
    found.state, found.way, found.way_paper, found.problem = State.SERVED_OTHERWISE, way, paper, ""
    found.served_on, found.why, found.basis, found.watch_until = result.on, result.why[:300], list(result.basis), None
    found.save()
    said = f"{result.why}，{day_text(day)}" + (f"；{remark.strip()}" if remark.strip() else "")
    note(what=Trace.What.OTHERWISE, recipient=found, stamp=acting.stamp, note=said, now=now)
    settling.open_deadline(found, now=now)
    return found


def allowed_ways(recipient: Recipient) -> tuple[Way, ...]:
    """What may be tried, by the kinds of the documents and the procedure."""
    kinds = {one.kind for one in queries.documents_of(recipient)}
    return ways(mediation_statement=ServedDocument.Kind.MEDIATION_STATEMENT in kinds, summary=recipient.service.summary)


def described(recipient: Recipient) -> list[tuple[str, str]]:
    """What may be tried, by name, with the article it rests on."""
    return [(WAYS[way].name, WAYS[way].source) for way in allowed_ways(recipient)]


@transaction.atomic
def prove_arrival(
    *, recipient: Recipient, at: dt.datetime, reason: str, acting: Acting, now: dt.datetime
) -> Recipient:  # fmt: skip
    """The recipient proved that it reached their system at another time: the period runs from there (司法解释 135)."""
    found = required(recipient, acting, State.SERVED)
    if not reason.strip():
        raise Refusal("没有更正：请写明受送达人提交了什么证明。")
    if at > now or at < found.created_at:
        raise Refusal("没有更正：到达时间应当在发起送达以后、现在以前。请核对。")
    result = electronic(
        settling.traces_of(found), proved_at=at, taker=settling.GUARDIAN if found.guardianship else settling.SELF
    )
    if result is None:
        raise Conflict("没有更正：这份送达没有电子送达的记录。请刷新页面查看。")
    found.proved_at, found.served_at, found.served_on = at, result.at, result.on
    found.why, found.basis = result.why[:300], list(result.basis)
    found.save(update_fields=("proved_at", "served_at", "served_on", "why", "basis"))
    if found.deadline and found.deadline.is_open:  # its row is held before the heads of the audit's chains
        deadlines.withdraw(
            deadline=found.deadline, reason="送达日期更正，期限重新起算", acting=acting, now=now, checked=True
        )
    note(what=Trace.What.PROVED, recipient=found, stamp=acting.stamp, note=reason.strip(), now=now)
    settling.open_deadline(found, now=now)
    return found


@transaction.atomic
def give_paper(*, recipient: Recipient, remark: str, acting: Acting, now: dt.datetime) -> Recipient:
    """Documents on paper were given to who asked for them."""
    found = required(recipient, acting, *State)
    if found.paper_asked_at is None or found.paper_given_at is not None:
        raise Conflict("没有登记：对方没有要求纸质文书，或者已经登记过。请刷新页面查看。")
    found.paper_given_at = now
    found.save(update_fields=("paper_given_at",))
    note(what=Trace.What.PAPER_GIVEN, recipient=found, stamp=acting.stamp, note=remark, now=now)
    return found
