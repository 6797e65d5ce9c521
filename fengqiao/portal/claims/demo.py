"""The invented case of `fengqiao demo` as a case of the portal: made-up prices, simulated investors."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import replace
from pathlib import Path

from django.db import IntegrityError, transaction

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.claims import actions, publishing, queries
from fengqiao.portal.claims.models import CaseInput, MassCase, MeasurementRun
from fengqiao.portal.documents.actions import keep_incoming
from fengqiao.portal.documents.models import Content
from fengqiao.portal.documents.store import Incoming

INVESTORS = 2_000
SEED = 20_261_120
KEY = "demo:1"
TITLE = "枫桥样本虚假陈述责任纠纷（虚构示例）"
NOTE = "公司、行情、指数、投资者和交易记录均为虚构，只有交易日是真实的。"
FILES = {"case": "case.toml", "trades": "trades.parquet", "market": "market.csv", "indices": "indices.csv",
         "actions": "actions.csv"}  # fmt: skip
SHOWN = "A000000672"
"""The number in the records whose result the demo's investor sees."""
KINDS = tuple(Content.Kind)


def simulated_trades(folder: Path, investors: int) -> Path:
    """Records of invented investors on the invented prices; the same every time."""
    from fengqiao.engine.loss.case import Deduction
    from fengqiao.engine.loss.case_file import load_case
    from fengqiao.engine.loss.plan import prepare
    from fengqiao.engine.loss.reading import read_market
    from fengqiao.engine.loss.simulate import SimulationSpec, simulate_to_file

    case = replace(load_case(folder / FILES["case"]), deduction=Deduction())
    market = read_market(folder / FILES["market"], case.security)
    segment = prepare(case, market=market).segments[0]
    spec = SimulationSpec(
        security=case.security, market=market, window_from=segment.segment.implementation, window_to=segment.t1,
        benchmark=segment.benchmark, investors=investors, seed=SEED,
    )  # fmt: skip
    simulate_to_file(spec, folder / FILES["trades"])
    return folder / FILES["trades"]


def fill(*, measurer: Acting, now: dt.datetime, investors: int = INVESTORS) -> MeasurementRun:
    """Put the invented case into the portal for a measurer and ask for its measurement; a second time changes nothing.

    A worker does the measuring. Every step that was reached before is gone on from.
    """
    case = _case(measurer, now)
    with tempfile.TemporaryDirectory(prefix="fengqiao-demo-") as name:
        folder = Path(name)
        there = {row.part for row in queries.inputs_of(case)}
        if set(FILES) - there:
            _write(folder, investors)
        for part, file in FILES.items():
            if part not in there:
                _add(case, part, folder / file, measurer, now)
    return queries.runs_of(case).first() or actions.start_run(case=case, acting=measurer, now=now)


def show_to(run: MeasurementRun, *, number: str, mobile: str, measurer: Acting, now: dt.datetime) -> None:
    """Let an invented person see the result of one of the investors, as soon as it is there."""
    case = run.case
    if case.people.exists():
        return
    people = [publishing.Person(SHOWN, number, mobile)]
    publishing.note_people(case=case, people=people, acting=measurer, now=now)
    publishing.publish(run=run, acting=measurer, now=now, when_done=True)


def _write(folder: Path, investors: int) -> None:
    from fengqiao.engine.loss.simulate.madeup import write_demo_case

    write_demo_case(folder)
    simulated_trades(folder, investors)


def _case(measurer: Acting, now: dt.datetime) -> MassCase:
    key = f"{KEY}:{measurer.organisation.pk if measurer.organisation else 0}"
    found = MassCase.objects.filter(demo_key=key).first()
    if found:
        return found
    try:
        with transaction.atomic():
            return actions.create_case(
                title=TITLE, security="999001", note=NOTE, acting=measurer, now=now, demo_key=key
            )  # fmt: skip
    except IntegrityError:  # another process was quicker
        return MassCase.objects.get(demo_key=key)


def _add(case: MassCase, part: str, path: Path, measurer: Acting, now: dt.datetime) -> CaseInput:
    incoming = Incoming()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            incoming.write(block)
    document = keep_incoming(
        incoming=incoming, digests=incoming.finish(), name=path.name, subject=("claims.masscase", str(case.pk)),
        kinds=KINDS, acting=measurer, case=case.number, now=now,
    )  # fmt: skip
    return actions.add_file(case=case, part=part, document=document, acting=measurer, now=now)
