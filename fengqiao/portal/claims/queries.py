"""Reading cases, runs and results."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Role
from fengqiao.portal.claims.models import (
    CaseInput,
    MassCase,
    MeasuredFinding,
    MeasuredInvestor,
    MeasurementRun,
    PeopleFile,
    ResultSet,
)
from fengqiao.portal.documents.models import Document
from fengqiao.portal.jobs.models import Job

WORKERS = (Role.Kind.MEASURER,)
READERS = (*WORKERS, Role.Kind.JUDGE, Role.Kind.CLERK, Role.Kind.MEDIATOR, Role.Kind.MEDIATION_MANAGER)
ENDED = (Job.State.DONE, Job.State.FAILED)
PEOPLE_FILES = "claims.peoplefile"
"""What files of people belong to: with the number of their case."""


def visible_to(acting: Acting | None) -> QuerySet[MassCase]:
    """The cases of the organisation for which the person acts."""
    if acting is None or acting.organisation is None or not acting.is_a(*READERS):
        return MassCase.objects.none()
    return MassCase.objects.filter(organisation=acting.organisation)


def with_states(cases: QuerySet[MassCase]) -> QuerySet[MassCase]:
    """The cases with the state of the job of their newest run (`newest_state`); null where there was none."""
    newest = MeasurementRun.objects.filter(case=OuterRef("pk")).order_by("-number")
    return cases.annotate(newest_state=Subquery(newest.values("job__state")[:1]))


def in_state(cases: QuerySet[MassCase], state: str | None) -> QuerySet[MassCase]:
    """Those of `with_states` that are in a state; "not_measured": without any run. None: all."""
    if state is None:
        return cases
    return cases.filter(newest_state=None if state == "not_measured" else state)


def may_work(acting: Acting | None) -> bool:
    """True for those who may open cases, upload, and measure."""
    return acting is not None and acting.organisation is not None and acting.is_a(*WORKERS)


def workable_by(acting: Acting | None) -> QuerySet[MassCase]:
    """The cases on which the person may work."""
    return visible_to(acting) if may_work(acting) else MassCase.objects.none()


def runs_visible_to(acting: Acting | None) -> QuerySet[MeasurementRun]:
    """The runs of those cases."""
    return MeasurementRun.objects.filter(case__in=visible_to(acting)).select_related("case", "job", "started_by")


def may_read_files(acting: Acting | None, number: str) -> bool:
    """True when the files of this case may be read: asked by the app of the documents."""
    return number.isdecimal() and visible_to(acting).filter(pk=int(number)).exists()


def inputs_of(case: MassCase) -> list[CaseInput]:
    """The present files of a case, in the order of their parts."""
    order = list(CaseInput.Part)
    rows = case.inputs.filter(removed_at=None).select_related("document__content", "document__uploaded_by")
    return sorted(rows.order_by("id"), key=lambda row: order.index(CaseInput.Part(row.part)))


def inputs_ever_of(case: MassCase) -> QuerySet[CaseInput]:
    """All files a case ever had, newest first."""
    return case.inputs.select_related("document__uploaded_by").order_by("-id")


def runs_of(case: MassCase) -> QuerySet[MeasurementRun]:
    """The runs of a case, newest first."""
    return case.runs.select_related("job", "started_by").order_by("-id")


def open_run_of(case: MassCase) -> MeasurementRun | None:
    """The run that waits or runs now."""
    return runs_of(case).filter(job__state__in=Job.OPEN).first()


def run_of_these(case: MassCase, inputs: list[CaseInput]) -> MeasurementRun | None:
    """The newest finished run, when it was started on just these files."""
    run = runs_of(case).exclude(finished_at=None).first()
    if run is None or {one["input"] for one in run.inputs} != {row.pk for row in inputs}:
        return None
    return run


def investors_of(run: MeasurementRun) -> QuerySet[MeasuredInvestor]:
    """The results of a run; none until it is finished."""
    return MeasuredInvestor.objects.filter(result_set=run.results_id) if run.results_id else (
        MeasuredInvestor.objects.none()
    )  # fmt: skip


def not_measured(case: MassCase, investors: list[str]) -> tuple[MeasurementRun | None, list[str]]:
    """The last finished run, and which of these numbers it does not have; (None, []) before there is one."""
    run = runs_of(case).exclude(finished_at=None).first()
    if run is None:
        return None, []
    there = set(investors_of(run).filter(investor__in=investors).values_list("investor", flat=True))
    return run, [name for name in investors if name not in there]


def people_files_of(acting: Acting | None) -> QuerySet[PeopleFile]:
    """Files that say whose the numbers of a case are, of the cases on which the person may work."""
    return PeopleFile.objects.filter(case__in=workable_by(acting)).select_related("case", "job", "added_by")


def abandoned_people_files(now: dt.datetime) -> QuerySet[Document]:
    """Such files that came in long enough ago and that nobody reads: their record could not be written."""
    named = PeopleFile.objects.filter(document=OuterRef("pk"))
    before = now - dt.timedelta(hours=1)
    return Document.objects.filter(~Exists(named), subject_kind=PEOPLE_FILES, uploaded_at__lt=before)


def findings_of(run: MeasurementRun) -> QuerySet[MeasuredFinding]:
    """What was noticed about its data."""
    return MeasuredFinding.objects.filter(result_set=run.results_id) if run.results_id else (
        MeasuredFinding.objects.none()
    )  # fmt: skip


def folder_of(run: MeasurementRun) -> Path:
    """Where the files of a finished run lie."""
    return runs_root() / run.folder


def runs_root() -> Path:
    """The folder of all results."""
    return Path(settings.ENVIRONMENT.home) / "runs"


def leftovers(run: MeasurementRun, *, before_attempt: int) -> QuerySet[ResultSet]:
    """What earlier attempts at a run left in the tables."""
    rows = ResultSet.objects.filter(run=run, attempt__lt=before_attempt)
    return rows.exclude(pk=run.results_id) if run.results_id else rows


def abandoned() -> QuerySet[ResultSet]:
    """What is seen by no run and belongs to no attempt that is at work."""
    at_work = MeasurementRun.objects.filter(pk=OuterRef("run"), job__state=Job.State.RUNNING)
    named = MeasurementRun.objects.filter(results=OuterRef("pk"))
    return ResultSet.objects.filter(~Exists(at_work), ~Exists(named))


def not_seen(acting: Acting) -> QuerySet[MeasurementRun]:
    """Runs that have ended and whose result nobody has looked at."""
    return runs_visible_to(acting).filter(seen_at=None, job__state__in=ENDED).order_by("-id")


def without_run(acting: Acting) -> QuerySet[MassCase]:
    """Cases that were never measured."""
    return visible_to(acting).filter(runs_made=0).order_by("-id")


def newest_with_result(acting: Acting, most: int) -> list[tuple[MassCase, MeasurementRun | None]]:
    """The newest cases, each with its last finished run, in two questions."""
    last = MeasurementRun.objects.filter(case=OuterRef("pk"), finished_at__isnull=False).order_by("-number")
    cases = list(visible_to(acting).annotate(last=Subquery(last.values("pk")[:1])).order_by("-id")[:most])
    runs = MeasurementRun.objects.in_bulk([case.last for case in cases if case.last])
    return [(case, runs.get(case.last)) for case in cases]


def search(text: str, acting: Acting, most: int) -> list[MassCase]:
    """Cases by the start of their title or security, or by their number."""
    seen = visible_to(acting)
    found: dict[Any, MassCase] = {}
    number = text.upper().partition("-")[2] if text.upper().startswith("MC") else ""
    if number.isdecimal() and len(number) < 12:
        found |= {row.pk: row for row in seen.filter(pk=int(number))}
    for name in ("title", "security"):
        rows = seen.filter(**{f"{name}__gte": text, f"{name}__lt": text + "\U0010ffff"}).order_by(name)
        found |= {row.pk: row for row in rows[:most]}
    return list(found.values())[:most]
