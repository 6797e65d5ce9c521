"""What the claims have to be done, and what can be found in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import QuerySet
from django.urls import reverse

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.claims import queries
from fengqiao.portal.claims.models import MassCase, MeasurementRun
from fengqiao.portal.jobs.models import Job
from fengqiao.portal.workbench.asking import Question
from fengqiao.portal.workbench.found import AT_MOST, FEW, FOUND_AT_MOST, DueItem, Found, Group, Matter, Matters


def questions(acting: Acting, now: dt.datetime) -> Iterable[Question]:
    """For those who measure: runs that have ended and nobody has looked at, cases that were never measured."""
    if queries.may_work(acting):
        yield Question(queries.not_seen(acting), ended)
        yield Question(queries.without_run(acting), never_measured)


def ended(rows: QuerySet[MeasurementRun]) -> Iterable[DueItem]:
    """Runs to look at."""
    for run in rows[:AT_MOST]:
        done = run.job.state == Job.State.DONE
        state = "结果还没有人看过" if done else "没有完成，请看原因"
        yield DueItem(f"{run.case.title}：第{run.number}次测算", reverse("claims:run", args=(run.pk,)), None, state)


def never_measured(rows: QuerySet[MassCase]) -> Iterable[DueItem]:
    """Cases to measure."""
    for case in rows[:AT_MOST]:
        yield DueItem(case.title, reverse("claims:case", args=(case.pk,)), None, "还没有测算")


def measured(acting: Acting) -> Matters:
    """The newest cases with what the last finished measurement found."""
    found = []
    for case, run in queries.newest_with_result(acting, FEW):
        amount = run.summary["sums"]["total"] if run else None
        state = f"第{run.number}次测算，{run.summary['investors']:,} 名投资者" if run else "还没有测算结果"
        url = reverse("claims:run", args=(run.pk,)) if run else reverse("claims:case", args=(case.pk,))
        found.append(
            Matter(
                case.number, case.title, url, "good" if run else "quiet", state, case.number, amount, "损失合计",
                latest="完成" if run else "", when=run.finished_at if run else None,
            )
        )  # fmt: skip
    return Matters("测算案件", found, reverse("claims:cases"), "measured")


def search(text: str, acting: Acting) -> Group:
    """Cases by the start of their title or security, or by their number."""
    rows = queries.search(text, acting, FOUND_AT_MOST)
    hits = [Found(row.title, reverse("claims:case", args=(row.pk,)), row.number) for row in rows]
    return Group("测算案件", hits)
