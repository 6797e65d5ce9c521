"""What initiators do: put a text before people to sign, take it back, replace it by another text."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.http import Http404

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.stamp import Channel, Stamp, system_stamp
from fengqiao.portal.documents.actions import keep_made
from fengqiao.portal.documents.queries import place_of
from fengqiao.portal.jobs import actions as jobs
from fengqiao.portal.parties.needs import care_of
from fengqiao.portal.refusal import Conflict, Refusal
from fengqiao.portal.signing import due, formed, queries, reading, service, telling
from fengqiao.portal.signing.models import Batch, Evidence, Signatory, SigningRound
from fengqiao.portal.signing.recording import note

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
AT_MOST = 10
"""Signatories of one round: what the sheet at the end has room for."""
SUBJECT = "signing.signinground"
State = SigningRound.State
COPIED = ("kind", "role_title", "name", "party", "user", "organisation", "field", "place", "position")


def required(round_: SigningRound, acting: Acting, *states: str) -> SigningRound:
    """The round, locked until the end of the transaction, if this person may work on it and it is at that point."""
    found = queries.visible_to(acting).select_for_update(of=("self",)).filter(pk=round_.pk).first()
    if found is None:
        raise Http404
    if found.disposed_at is not None:
        raise Conflict("这份文书已超过保存期限，内容已经处置，这一步没有办理。需要时请重新发起签署。")
    if found.state not in states:
        raise Conflict(f"这份文书现在是“{found.get_state_display()}”，这一步没有办理。请刷新页面查看现在的情况。")
    return found


@transaction.atomic
def create_round(
    *, title: str, data: bytes, name: str, order: str, level: str, due_at: dt.datetime, acting: Acting,
    now: dt.datetime, case: str = "", subject: tuple[str, str] = ("", ""), replaces: SigningRound | None = None,
    form: str = "", places: list[dict[str, Any]] | None = None, demo_key: str | None = None,
) -> SigningRound:  # fmt: skip
    """A text that is to be signed; nobody is asked yet."""
    if not queries.may_initiate(acting):
        raise Http404
    if due_at <= now:
        raise Refusal("签署期限已经过去，没有保存。请填写以后的日期。")
    pages = reading.require_signable(data)
    made = SigningRound.objects.create(
        title=title, pages=pages, text_sha256="", code="".join(secrets.choice(LETTERS) for _ in range(12)),
        form=form, places=places or [], order=order, level=level, due_at=due_at, case=case, subject_kind=subject[0],
        subject_id=subject[1],
        organisation=acting.organisation, created_by=acting.user, created_at=now, replaces=replaces, demo_key=demo_key,
    )  # fmt: skip
    document = keep_made(
        data=data, name=name, subject=(SUBJECT, str(made.pk)), acting=acting, case=made.number, now=now
    )  # fmt: skip
    made.text, made.text_sha256 = document, document.content_id
    SigningRound.objects.filter(pk=made.pk).update(text=document, text_sha256=document.content_id)
    audit.record(
        stamp=acting.stamp, verb="signing.created", subject=made, case=made.number,
        after={"title": title, "text": document.content_id, "order": order, "level": level}, now=now,
    )  # fmt: skip
    return made


@transaction.atomic
def add_signatory(
    *, round_: SigningRound, kind: str, role_title: str, acting: Acting, now: dt.datetime, name: str = "",
    mobile: str = "", place: list[float] | None = None, **who: Any,
) -> Signatory:  # fmt: skip
    """Name somebody who is to sign. who: party, user or organisation, by the kind."""
    found = required(round_, acting, State.DRAFT)
    rows = Signatory.objects.filter(round=found)
    if rows.count() >= AT_MOST:
        raise Refusal(f"一份文书最多 {AT_MOST} 个签署人，没有添加。人数更多的，请分成几份文书。")
    if any(rows.filter(**{key: value}).exists() for key, value in who.items() if value is not None):
        raise Refusal("这位签署人已经在名单里，没有重复添加。")
    if kind == Signatory.Kind.STAFF and not queries.staff_of(found.organisation).filter(pk=who["user"].pk).exists():
        raise Refusal("没有添加：工作人员签署须是本机构现在的调解员或者调解管理员。请重新选择。")
    position = (rows.aggregate(last=Max("position"))["last"] or 0) + 1
    subject = who.get("party") or who.get("user") or who.get("organisation")
    made = Signatory.objects.create(
        round=found, kind=kind, role_title=role_title, name=name or subject.name, mobile=mobile,
        field=f"Signature{position}",
        place=place or formed.place_for(found, name or subject.name), position=position, **who,
    )  # fmt: skip
    audit.record(
        stamp=acting.stamp, verb="signing.signatory_added", subject=made, case=found.number,
        after={"kind": kind, "role": role_title, "name": made.name}, now=now,
    )  # fmt: skip
    return made


@transaction.atomic
def remove_signatory(*, signatory: Signatory, acting: Acting, now: dt.datetime) -> None:
    """Take somebody off the list before it is opened."""
    found = required(signatory.round, acting, State.DRAFT)
    if not Signatory.objects.filter(pk=signatory.pk, round=found).delete()[0]:
        raise Conflict("这位签署人已经移除，没有再次移除。")
    audit.record(
        stamp=acting.stamp, verb="signing.signatory_removed", subject=("signing.signatory", signatory.pk),
        case=found.number, before={"role": signatory.role_title, "name": signatory.name}, now=now,
    )  # fmt: skip


def open_round(*, round_: SigningRound, acting: Acting, now: dt.datetime) -> SigningRound:
    """Put the text before its signers: every place gets its empty signature field, then all are told."""
    rows = queries.signatories_of(round_)
    if not rows:
        raise Refusal("还没有签署人，没有发起。请先添加签署人。")
    if all(row.kind == Signatory.Kind.SEAL for row in rows):
        raise Refusal("只有机构盖章，没有人签署，没有发起。请先添加签署人。")
    for row in rows:
        if row.kind == Signatory.Kind.PARTY and care_of(row.party, now).has("capacity"):
            raise Refusal(
                f"没有发起：还没有确认{row.name}由本人还是由法定代理人办理（民事诉讼法第六十条）。"
                "请先向本人和家人确认，在当事人登记的特殊需要中复核，选明由谁办理，再发起。"
            )
    prepared = service.prepare(place_of(round_.text).read_bytes(), round_, rows)
    return _open(round_=round_, rows=rows, prepared=prepared, acting=acting, now=now)


@transaction.atomic
def _open(
    *, round_: SigningRound, rows: list[Signatory], prepared: bytes, acting: Acting, now: dt.datetime
) -> SigningRound:
    found = required(round_, acting, State.DRAFT)
    if {row.pk for row in rows} != set(found.signatories.values_list("pk", flat=True)):
        raise Conflict("刚才有人更改了签署人，没有发起。请核对现在的名单后再发起。")
    if found.due_at <= now:
        raise Refusal("签署期限已经过去，没有发起。请重新登记这份文书，填写以后的期限。")
    document = keep_made(
        data=prepared, name=service.file_name(found), subject=(SUBJECT, str(found.pk)), acting=acting,
        case=found.number, replaces=found.text, now=now,
    )  # fmt: skip
    pages = reading.count_pages(prepared)
    SigningRound.objects.filter(pk=found.pk).update(
        state=State.OPEN, opened_at=now, current=document, pages=pages, version=F("version") + 1
    )
    opened = SigningRound.objects.get(pk=found.pk)
    note(
        what=Evidence.What.OPENED, round_=opened, stamp=acting.stamp, file_sha256=document.content_id,
        reason=f"{len(rows)} 个签署位置，{opened.get_order_display()}", now=now,
    )  # fmt: skip
    due.opened(opened, acting, now)
    telling.opened(opened, now)
    return opened


@transaction.atomic
def void_round(*, round_: SigningRound, reason: str, acting: Acting, now: dt.datetime) -> None:
    """Take a text back: what was signed so far counts no longer, and all are told."""
    found = required(round_, acting, State.DRAFT, State.OPEN, State.DECLINED, State.EXPIRED)
    was_open = found.state != State.DRAFT
    _close(found, State.VOID, reason, Evidence.What.VOIDED, acting.stamp, now)
    if was_open:
        telling.ended(found, "voided", now)


def reissue(
    *, round_: SigningRound, data: bytes, name: str, reason: str, due_at: dt.datetime, acting: Acting, now: dt.datetime
) -> SigningRound:
    """Another text in place of this one: all signatures under the old one are void, the same people sign anew. Both
    happen, or neither."""
    reading.require_signable(data)
    with transaction.atomic():
        found = required(round_, acting, State.OPEN, State.DECLINED, State.EXPIRED, State.COMPLETE)
        if SigningRound.objects.filter(replaces=found).exists():
            raise Conflict("这份文书已经有了新的文本，没有再次更换。请在新的文本上继续。")
        if found.text_sha256 == _digest(data):
            raise Refusal("新文本与原文本完全一样，没有更换。请上传修改后的文本。")
        _close(found, State.VOID, reason, Evidence.What.VOIDED, acting.stamp, now)
        made = create_round(
            title=found.title, data=data, name=name, form=found.form, order=found.order, level=found.level,
            due_at=due_at, case=found.case, subject=(found.subject_kind, found.subject_id), replaces=found,
            acting=acting, now=now,
        )  # fmt: skip
        for row in queries.signatories_of(found):
            Signatory.objects.create(
                round=made, mobile=row.mobile, **{each: getattr(row, each) for each in COPIED if each != "place"}
            )
        telling.ended(found, "replaced", now)
        return open_round(round_=made, acting=acting, now=now)


def _digest(data: bytes) -> str:
    import hashlib

    return hashlib.sha256(data).hexdigest()


def _close(round_: SigningRound, state: str, reason: str, what: str, stamp: Stamp, now: dt.datetime) -> None:
    SigningRound.objects.filter(pk=round_.pk).update(
        state=state, closed_at=now, reason=reason, version=F("version") + 1
    )
    Signatory.objects.filter(round=round_).update(drawn=b"")
    due.over(round_, reason, now)
    note(what=what, round_=round_, stamp=stamp, reason=reason, now=now)


@transaction.atomic
def expire(*, round_: SigningRound, now: dt.datetime) -> bool:
    """The day has passed; False when it was closed otherwise."""
    found = SigningRound.objects.select_for_update().filter(pk=round_.pk, state=State.OPEN, due_at__lte=now).first()
    if found is None:
        return False
    _close(found, State.EXPIRED, "期限届满，没有签齐", Evidence.What.EXPIRED, system_stamp(Channel.WORKER), now)
    telling.ended(found, "expired", now)
    return True


@transaction.atomic
def start_batch(*, chosen: list[int], once: str, acting: Acting, device: str, now: dt.datetime) -> Batch:
    """Sign or seal at several places in the background. once: the form's own key, so that it is not started twice."""
    allowed = {row.pk for row in queries.batchable(acting, now)}
    places = [number for number in dict.fromkeys(chosen) if number in allowed]
    key = f"signing.batch:{acting.user.pk}:{once}"
    there = Batch.objects.filter(job__once_key=key).first()
    if there:
        return there
    if not places:
        raise Refusal("没有选中可以签署的文书，没有开始。请勾选后再提交。")
    job = jobs.start(
        kind="signing.batch", title=f"批量签署：{len(places)} 份",
        arguments={"role": acting.role.pk if acting.role else 0},
        stamp=acting.stamp, subject="", once_key=key, now=now,
    )  # fmt: skip
    made = Batch.objects.create(
        job=job, organisation=acting.organisation, started_by=acting.user, started_at=now, signatories=places,
        device=device[:300],
    )  # fmt: skip
    audit.record(
        stamp=acting.stamp, verb="signing.batch_started", subject=made, after={"places": places}, now=now
    )  # fmt: skip
    return made


@transaction.atomic
def note_downloaded(*, round_: SigningRound, what: str, stamp: Stamp, now: dt.datetime) -> None:
    """Leave an event of who took a file away."""
    audit.record(
        stamp=stamp, verb="signing.downloaded", subject=round_, case=round_.number, after={"what": what},
        organisation_id=round_.organisation_id, now=now,
    )  # fmt: skip
