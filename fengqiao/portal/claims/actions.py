"""Everything that changes cases, their files and runs."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import Http404

import fengqiao
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.stamp import Channel, Stamp
from fengqiao.portal.claims import frames, queries, telling
from fengqiao.portal.claims.models import (
    CaseInput,
    MassCase,
    MeasuredFinding,
    MeasuredInvestor,
    MeasurementRun,
    ResultSet,
)
from fengqiao.portal.documents.models import Document
from fengqiao.portal.documents.queries import place_of
from fengqiao.portal.jobs import actions as jobs
from fengqiao.portal.refusal import Conflict, Refusal
from fengqiao.portal.shell.words import moment_text

FIELDS = ("title", "security", "note")
TRADE_FILES_AT_MOST = 200
ROWS_REMOVED_AT_ONCE = 20_000


def required(case: MassCase | int, acting: Acting) -> MassCase:
    """The case, locked until the end of the transaction, if this person may work on it."""
    number = case if isinstance(case, int) else case.pk
    found = queries.workable_by(acting).select_for_update().filter(pk=number).first()
    if found is None:
        raise Http404
    return found


@transaction.atomic
def create_case(
    *, title: str, security: str, note: str, acting: Acting, now: dt.datetime, demo_key: str | None = None
) -> MassCase:
    """Open a case for one's organisation. demo_key: for the invented case, of which there is one only."""
    if not queries.may_work(acting):
        raise Http404
    case = MassCase.objects.create(
        title=title, security=security, note=note, organisation=acting.organisation, created_by=acting.user,
        created_at=now, updated_by=acting.user, updated_at=now, demo_key=demo_key,
    )  # fmt: skip
    audit.record(
        stamp=acting.stamp, verb="claims.case_created", subject=case, case=case.number,
        after={name: getattr(case, name) for name in FIELDS}, now=now,
    )  # fmt: skip
    return case


@transaction.atomic
def change_case(
    *, case: MassCase, version: int, title: str, security: str, note: str, acting: Acting, now: dt.datetime
) -> MassCase:
    """Change a case as it was seen at a version; who was slower is told who changed what."""
    before = {name: getattr(required(case, acting), name) for name in FIELDS}
    after = {"title": title, "security": security, "note": note}
    changed = MassCase.objects.filter(pk=case.pk, version=version).update(
        **after, version=F("version") + 1, updated_by=acting.user, updated_at=now
    )
    now_there = MassCase.objects.select_related("updated_by").get(pk=case.pk)
    if not changed:
        raise Conflict(
            f"没有保存：{now_there.updated_by.name} 已在 {moment_text(now_there.updated_at)} 修改过这个案件，"
            "您填写的内容还在下面。请对照现在的内容决定是否再次保存。"
        )
    audit.record(
        stamp=acting.stamp, verb="claims.case_changed", subject=now_there, case=now_there.number,
        before=before, after=after, now=now,
    )  # fmt: skip
    return now_there


def given(case: MassCase) -> list[frames.GivenFile]:
    """The files of a case as the engine takes them."""
    return [frames.GivenFile(row.part, row.document.name, place_of(row.document)) for row in queries.inputs_of(case)]


def add_file(*, case: MassCase, part: str, document: Document, acting: Acting, now: dt.datetime) -> CaseInput:
    """Use a stored file in a part of a case: looked at first, then put in the place of the one before."""
    files = given(case)
    at_hand = next((file.place for file in files if file.part == CaseInput.Part.CASE), None)
    look = frames.check_file(frames.GivenFile(part, document.name, place_of(document)), at_hand)
    return _add(case=case, part=part, document=document, look=look, acting=acting, now=now)


@transaction.atomic
def _add(
    *, case: MassCase, part: str, document: Document, look: frames.Check, acting: Acting, now: dt.datetime
) -> CaseInput:
    case = required(case, acting)
    present = CaseInput.objects.filter(case=case, part=part, removed_at=None).select_related("document")
    twin = present.filter(document__content_id=document.content_id).first()
    if twin:
        raise Refusal(
            f"内容相同的文件“{twin.document.name}”已在 {moment_text(twin.added_at)} 上传到{twin.get_part_display()}，"
            "没有重复登记。"
        )
    single = part != CaseInput.Part.TRADES
    if not single and present.count() >= TRADE_FILES_AT_MOST:
        raise Refusal(f"交易记录最多 {TRADE_FILES_AT_MOST} 个文件，没有登记。请合并后再上传。")
    replaced = present.update(removed_at=now) if single else 0
    row = CaseInput.objects.create(
        case=case, part=part, document=document, checked=look.checked, said=look.said, added_at=now
    )
    audit.record(
        stamp=acting.stamp, verb="claims.file_replaced" if replaced else "claims.file_added", subject=row,
        case=case.number, after={"part": part, "document": str(document.pk), "checked": str(look.checked)}, now=now,
    )  # fmt: skip
    return row


@transaction.atomic
def remove_file(*, row: CaseInput, acting: Acting, now: dt.datetime) -> None:
    """No longer use a file; the file itself is kept."""
    case = required(row.case_id, acting)
    if not CaseInput.objects.filter(pk=row.pk, case=case, removed_at=None).update(removed_at=now):
        raise Conflict("这个文件已经被移除或者更换，没有再次移除。请刷新页面查看现在的文件。")
    audit.record(stamp=acting.stamp, verb="claims.file_removed", subject=row, case=case.number, now=now)


def start_run(*, case: MassCase, acting: Acting, now: dt.datetime) -> MeasurementRun:
    """Measure a case on its present files; what is missing or wrong is refused before anything starts."""
    rows = queries.inputs_of(case)
    bad = [row for row in rows if row.checked == CaseInput.Checked.BAD]
    if bad:
        names = "、".join(f"“{row.document.name}”" for row in bad)
        raise Refusal(f"{names}不能使用，没有开始测算。请按文件旁的说明更换后再开始。")
    problems = frames.readiness(given(case)).problems
    if problems:
        raise Refusal(f"没有开始测算：{''.join(problems)}")
    files = [
        {"part": row.part, "name": row.document.name, "sha256": row.document.content_id,
         "document": str(row.document_id), "input": row.pk}
        for row in rows
    ]  # fmt: skip
    return _start(case=case, files=files, acting=acting, now=now)


@transaction.atomic
def _start(*, case: MassCase, files: list[dict[str, Any]], acting: Acting, now: dt.datetime) -> MeasurementRun:
    case = required(case, acting)
    at_work = queries.open_run_of(case)
    if at_work:
        raise Conflict(
            f"{at_work.started_by.name} 已在 {moment_text(at_work.started_at)} 开始了第{at_work.number}次测算，"
            "没有重复开始。"
            "请等它完成，或者先取消它。"
        )
    present = {row.pk for row in queries.inputs_of(case)}
    if present != {one["input"] for one in files}:
        raise Conflict("刚才有人更换了这个案件的文件，没有开始测算。请核对现在的文件后再开始。")
    number = case.runs_made + 1
    digest = hashlib.sha256(repr(sorted((one["part"], one["sha256"]) for one in files)).encode()).hexdigest()
    MassCase.objects.filter(pk=case.pk).update(runs_made=number)
    job = jobs.start(
        kind="claims.measure", title=f"{case.title}：第{number}次测算",
        arguments={"case": case.pk, "number": number, "files": digest}, stamp=acting.stamp, subject=case.number,
        once_key=f"claims.measure:{case.pk}:{number}", now=now,
    )  # fmt: skip
    run = MeasurementRun.objects.create(
        case=case, number=number, inputs=files, engine_version=fengqiao.__version__, job=job,
        started_by=acting.user, started_at=now,
    )  # fmt: skip
    audit.record(
        stamp=acting.stamp, verb="claims.run_started", subject=run, case=case.number,
        after={"number": number, "files": digest, "engine_version": run.engine_version}, now=now,
    )  # fmt: skip
    return run


@transaction.atomic
def cancel_run(*, run: MeasurementRun, acting: Acting, now: dt.datetime) -> None:
    """Ask for a run to be stopped."""
    required(run.case_id, acting)
    if not jobs.cancel(job=run.job, stamp=acting.stamp, now=now):
        raise Conflict("这次测算在取消之前已经结束，没有取消。请刷新页面查看结果。")
    audit.record(stamp=acting.stamp, verb="claims.run_cancelled", subject=run, case=run.case.number, now=now)


def clear_leftovers(*, run: MeasurementRun, before_attempt: int) -> None:
    """Remove the rows of earlier attempts at a run."""
    for made in queries.leftovers(run, before_attempt=before_attempt):
        remove_result_set(made)


def remove_result_set(made: ResultSet) -> None:
    """Remove rows that nobody sees, some at a time, so that others can write between."""
    for model in (MeasuredInvestor, MeasuredFinding):
        while True:
            rows = model.objects.filter(result_set=made)
            edge = rows.order_by("pk").values_list("pk", flat=True)[ROWS_REMOVED_AT_ONCE : ROWS_REMOVED_AT_ONCE + 1]
            last = next(iter(edge), None)
            some = rows if last is None else rows.filter(pk__lt=last)
            some._raw_delete(some.db)
            if last is None:
                break
    made.delete()


def begin_results(*, run: MeasurementRun, attempt: int, now: dt.datetime) -> ResultSet:
    """A set for the rows of an attempt, seen by nobody yet."""
    try:
        return ResultSet.objects.create(run=run, attempt=attempt, made_at=now)
    except IntegrityError as error:
        raise Refusal("这次测算的结果正在由另一个进程写入，没有重复写入。请刷新页面查看。") from error


def finish_run(
    *,
    run: MeasurementRun,
    results: ResultSet,
    folder: str,
    summary: Mapping[str, Any],
    stamp: Mapping[str, Any],
    now: dt.datetime,
) -> None:
    """Make results visible: in the transaction that finishes the job."""
    changed = MeasurementRun.objects.filter(pk=run.pk, finished_at=None).update(
        finished_at=now, results=results, folder=folder, summary=summary, version=F("version") + 1
    )
    if not changed:
        raise Refusal("这次测算已经有了结果，没有重复写入。")
    audit.record(
        stamp=worker_stamp(stamp), verb="claims.run_finished", subject=run, case=run.case.number,
        after={"investors": summary["investors"], "total": summary["sums"]["total"]}, now=now,
    )  # fmt: skip
    if MassCase.objects.filter(pk=run.case_id, published=run).exists():
        telling.tell_later(case=run.case, stamp=worker_stamp(stamp), now=now)


def note_ended(*, run: MeasurementRun, state: str, stamp: Mapping[str, Any], now: dt.datetime) -> None:
    """Leave an event of a run without a result."""
    audit.record(
        stamp=worker_stamp(stamp), verb="claims.run_ended", subject=run, case=run.case.number,
        after={"state": state}, now=now,
    )  # fmt: skip


def worker_stamp(stamp: Mapping[str, Any]) -> Stamp:
    """Who asked for the work, done in the background."""
    return Stamp(**{**stamp, "channel": Channel.WORKER})


@transaction.atomic
def note_seen(*, run: MeasurementRun, acting: Acting, now: dt.datetime) -> None:
    """The first look at an ended run: it is no longer due."""
    if MeasurementRun.objects.filter(pk=run.pk, seen_at=None).update(seen_at=now):
        audit.record(stamp=acting.stamp, verb="claims.run_seen", subject=run, case=run.case.number, now=now)


@transaction.atomic
def note(*, verb: str, run: MeasurementRun, what: str, acting: Acting, now: dt.datetime) -> None:
    """Leave an event of reading: a statement, a download, a search."""
    audit.record(
        stamp=acting.stamp, verb=f"claims.{verb}", subject=run, case=run.case.number, after={"what": what}, now=now
    )
