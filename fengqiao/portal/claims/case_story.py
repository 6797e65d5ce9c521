"""The head of a case and what happened in it: its files, its runs, what was published."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from fengqiao.portal.claims import queries
from fengqiao.portal.claims.models import CaseInput, MassCase, MeasurementRun
from fengqiao.portal.jobs.models import Job
from fengqiao.portal.shell.timeline import CaseHead, Entry, stages_of
from fengqiao.portal.shell.words import day_text

AT_MOST = 30
"""Entries of a time line: the newest."""
STAGES = ["上传文件", "测算", "公布结果"]


def head_of(case: MassCase, *, ready: bool, at_work: bool, measured: bool) -> CaseHead:
    """Where a case stands. ready: its files are complete; measured: there are results of these files."""
    published = case.published_id is not None
    if at_work:
        state, kind = "正在测算", "running"
    elif published:
        state, kind = "已经公布", "good"
    elif measured:
        state, kind = "已经测算", "good"
    else:
        state, kind = ("可以测算", "waiting") if ready else ("等待文件", "waiting")
    now = 3 if published and not at_work else 2 if measured else 1 if ready or at_work else 0
    facts = (
        ("证券代码", case.security or "没有填写"),
        ("登记", f"{day_text(case.created_at)}，{case.created_by.name}"),
        ("测算次数", f"{case.runs_made} 次"),
    )
    return CaseHead(case.number, state, kind, facts, stages=stages_of(STAGES, now))


def story_of(case: MassCase, runs: Sequence[MeasurementRun]) -> list[Entry]:
    """What happened, newest first; of one moment, what comes later in the way of a case."""
    found = [Entry(case.published_at, "向投资者公布结果", kind="good")] if case.published_at else []
    for run in runs:
        found.extend(_of_run(run))
    for row in queries.inputs_ever_of(case)[:AT_MOST]:
        found.extend(_of_file(row))
    found.append(Entry(case.created_at, "登记案件", case.created_by.name))
    return sorted(found, key=lambda entry: entry.when, reverse=True)[:AT_MOST]


def _of_file(row: CaseInput) -> list[Entry]:
    """A file came, and perhaps went."""
    what, bad = f"上传{row.get_part_display()}", row.checked == CaseInput.Checked.BAD
    came = Entry(
        row.added_at, what, row.document.uploaded_by.name, row.document.name, kind="warning" if bad else "note",
        sign="upload",
    )  # fmt: skip
    if row.removed_at is None:
        return [came]
    gone = Entry(row.removed_at, f"更换或者移除{row.get_part_display()}", detail=row.document.name, sign="x")
    return [gone, came]


def _of_run(run: MeasurementRun) -> list[Entry]:
    """A run began, and perhaps ended."""
    url, title = reverse("claims:run", args=(run.pk,)), f"第{run.number}次测算"
    began = Entry(run.started_at, f"开始{title}", run.started_by.name, url=url, sign="calculator")
    if run.finished_at is not None:
        return [Entry(run.finished_at, f"{title}完成", kind="good", url=url), began]
    ended = run.job.finished_at
    if ended is None:
        return [began]
    cancelled = run.job.state == Job.State.CANCELLED
    what = f"{title}已经取消" if cancelled else f"{title}没有完成"
    return [Entry(ended, what, detail=run.job.message, kind="note" if cancelled else "bad", url=url), began]
