"""Measuring in the background: safe to be killed anywhere and to be run again."""

from __future__ import annotations

import datetime as dt
import os
from functools import partial
from typing import Any

from django.conf import settings
from django.utils import timezone

from fengqiao.portal.claims import actions, frames, people_files, queries, result_rows, run_folders
from fengqiao.portal.claims.models import MeasurementRun
from fengqiao.portal.documents.store import full_disk_said, place_of
from fengqiao.portal.jobs.registry import Outcome, kind
from fengqiao.portal.jobs.running import Running
from fengqiao.portal.refusal import Refusal

FULL = "服务器的存储空间不足，测算没有完成，没有留下结果，原有内容没有改变。请告诉平台管理员清理空间，之后重新开始。"
STEPS = {"load": "读入交易记录", "spill": "按内存上限把交易记录分到磁盘上的分区",
         "write csv": "写出结果表", "write xlsx": "写出工作簿", "write pdf": "写出报告",
         "write svg": "画图", "write": "写出结果"}  # fmt: skip


def said(running: Running, what: str, done: int, total: int) -> None:
    """Progress of the engine in the words of the page."""
    if what.startswith("measure"):
        investors = what.partition(" ")[2]
        step = f"逐人测算（已完成 {int(investors):,} 名投资者），数据块" if investors else "逐人测算，数据块"
        running.progress(done, total, step)
    else:
        running.progress(done, total, STEPS.get(what, "测算"))


def ended(job: Any, state: str) -> None:
    """The job came to no result: the run says so in its events."""
    run = MeasurementRun.objects.select_related("case").filter(job_id=job.pk).first()
    if run:
        actions.note_ended(run=run, state=state, stamp=job.stamp, now=timezone.now())


@kind("claims.measure", title="损失测算", ended=ended)
def measure(running: Running) -> Outcome:
    """Measure a case on the files its run was started with."""
    wanted = {"case": running.arguments["case"], "number": running.arguments["number"]}
    run = MeasurementRun.objects.select_related("case").filter(**wanted).first()
    if run is None:
        raise Refusal("要测算的案件已经不在了，没有得到结果。")
    attempt = running.job.attempt
    running.progress(0, 0, "准备文件")
    actions.clear_leftovers(run=run, before_attempt=attempt)
    run_folders.remove_leftovers(run, before_attempt=attempt)
    given = [frames.GivenFile(one["part"], one["name"], place_of(one["sha256"])) for one in run.inputs]
    with full_disk_said(FULL):
        files = frames.place_files(given, running.folder / "inputs")
        done, memory = frames.measure(
            files, running.folder / "results", threads=os.cpu_count() or 1, progress=partial(said, running),
            memory=settings.ENVIRONMENT.measure_memory,
        )  # fmt: skip
        summary = frames.summary_of(done, memory)
        made = actions.begin_results(run=run, attempt=attempt, now=running.now())
        investors = summary["investors"]
        result_rows.load(
            running.folder / "results", made, lambda count: running.progress(count, investors, "整理结果，投资者")
        )
        folder = run_folders.publish(running.folder / "results", run, attempt)
    effect = partial(
        actions.finish_run, run=run, results=made, folder=folder, summary=summary, stamp=running.job.stamp,
        now=running.now(),
    )  # fmt: skip
    return Outcome({"investors": investors, "total": summary["sums"]["total"]}, effect)


@kind("claims.tidy", every=dt.timedelta(hours=1), title="清理中断的测算和名单文件")
def tidy(running: Running) -> Outcome:
    """Remove from the tables what no run names and no attempt works on, and files of people that nobody reads."""
    removed = people_files.remove_abandoned(running.now())
    for made in queries.abandoned().select_related("run")[:200]:
        actions.remove_result_set(made)
        removed += 1
        running.progress(removed, 0, "清理")
    return Outcome({"removed": removed})
