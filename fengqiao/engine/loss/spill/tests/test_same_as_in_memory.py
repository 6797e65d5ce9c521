"""Through partitions on the disk or in memory: the same batches, findings and totals, whatever the records are."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengqiao.cli.tests.measuring import frame, trade_rows, write_csv
from fengqiao.engine.errors import InputError
from fengqiao.engine.findings import DataFinding
from fengqiao.engine.loss.pipeline import Emit, run
from fengqiao.engine.loss.plan import CasePlan
from fengqiao.engine.loss.reading import open_trades
from fengqiao.engine.loss.run_result import RunTotals
from fengqiao.engine.loss.spill.bounded import BoundedInput, run_spilled
from fengqiao.engine.loss.spill.limit import SLICE, Bounds, Budget
from fengqiao.engine.loss.tests.invented_case import plan_of

ROWS = trade_rows(150, seed=8)
FEW = trade_rows(60, seed=8)
SETTINGS = {
    "case": {"name": "样本", "security": "600000", "rules": "cn2022", "direction": "inducing_purchase"},
    "dates": {"implementation": "2022-03-01", "revelation": "2023-07-20"},
}
BAD = (
    {"price": "12,3a"}, {"price": ""}, {"quantity": "0"}, {"date": "2022-02-30"}, {"side": "?"}, {"investor": ""},
    {"security": "000001"}, {"security": "300001"}, {"price": "9.12345"}, {"kind": "?"}, {"time": "25:00"},
)  # fmt: skip


class Heard:
    """What a run passes on."""

    def __init__(self) -> None:
        self.batches: list[pa.RecordBatch] = []
        self.findings: list[DataFinding] = []
        self.emit = Emit(self.batches.append, self.findings.extend)

    def all(self, totals: RunTotals) -> tuple[pa.Table, list[DataFinding], RunTotals]:
        return pa.Table.from_batches(self.batches).combine_chunks(), self.findings, totals


def in_memory(plan: CasePlan, files: list[Path]) -> tuple[pa.Table, list[DataFinding], RunTotals]:
    heard = Heard()
    source = open_trades(files, plan.case.security)
    source.disjoint = False
    return heard.all(run(plan, source, heard.emit, jobs=2)[0])


def tiny(room: int, piece: int = 64, jobs: int = 2) -> Budget:
    """A budget of a few kilobytes besides what slices take."""
    return Budget(1 << 30, jobs, jobs * (SLICE + room), piece)


def spilled(
    plan: CasePlan, files: list[Path], out: Path, budget: Budget
) -> tuple[pa.Table, list[DataFinding], RunTotals]:
    heard = Heard()
    source = open_trades(files, plan.case.security)
    source.disjoint = False
    start = BoundedInput(plan, source, out, budget.jobs, Bounds(1 << 30), lambda: {"trades": "sha256:1"})
    totals, _ = run_spilled(start, budget, heard.emit)
    assert not list(out.parent.glob(".*.spill")), "spilled records were left"
    return heard.all(totals)


def write(rows: list[dict[str, str]], path: Path, group: int) -> Path:
    """Rows in the format that the name says; what cannot be typed is written as text."""
    if path.suffix == ".csv":
        return write_csv(path, rows)
    table = pl.DataFrame(rows)
    if path.suffix == ".xlsx":
        table.write_excel(path)
    else:
        with suppress(pl.exceptions.PolarsError):
            table = frame(rows)
        table.write_parquet(path, row_group_size=group)
    return path


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    order=st.sampled_from(["investor", "date", "shuffled"]),
    endings=st.lists(st.sampled_from([".parquet", ".parquet", ".csv", ".xlsx"]), min_size=1, max_size=3),
    bad=st.sampled_from([0, 0, 3, 60, 400]),
    room=st.sampled_from([4_000, 20_000, 100_000, 10_000_000]),
    piece=st.sampled_from([7, 64, 5000]),
    columns=st.sets(st.sampled_from(["account", "time", "sequence", "kind", "security"])),
    fees=st.booleans(),
)
def test_same_as_in_memory(
    seed: int, order: str, endings: list[str], bad: int, room: int, piece: int, columns: set[str], fees: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    directory = tmp_path_factory.mktemp("any")
    rng = random.Random(seed)
    rows = [dict(row) for row in rng.sample(FEW, rng.randint(1, len(FEW)))]
    rows.sort(key=lambda row: (row["investor"], row["date"]))
    if order == "date":
        rows.sort(key=lambda row: row["date"])
    elif order == "shuffled":
        rng.shuffle(rows)
    rows += [dict(row) for row in rng.sample(rows, min(len(rows), 5))]
    for number in range(bad):
        row = rng.choice(rows)
        if number % 5 == 0:
            row["investor"] = rng.choice([f"Z{number}", "甲", "", "A0"])
        row |= rng.choice(BAD)
    for row in rows:
        for name in columns:
            row.pop(name, None)
        if fees:
            row["commission"], row["stamp_duty"] = rng.choice(["", "5", "1.25"]), rng.choice(["", "0.1"])
    cuts = sorted(rng.randrange(len(rows) + 1) for _ in endings[1:])
    files = []
    for place, (a, b) in enumerate(zip([0, *cuts], [*cuts, len(rows)], strict=True)):
        if a < b:
            files.append(write(rows[a:b], directory / f"{place}{endings[place]}", rng.choice([10, 100, 10_000])))
    table = SETTINGS | ({"fees": {"mode": "recorded"}} if fees and rng.random() < 0.3 else {})
    plan = plan_of(table)
    wanted = in_memory(plan, files)
    found = spilled(plan, files, directory / "out", tiny(room, piece))
    assert found[2] == wanted[2]
    assert found[1] == wanted[1]
    assert found[0].equals(wanted[0])


def test_an_investor_with_most_of_the_records(tmp_path: Path) -> None:
    rows = [row | {"investor": "A000003"} for row in ROWS[:1500]] + ROWS[1500:]
    random.Random(1).shuffle(rows)
    path = write(rows, tmp_path / "skewed.parquet", 300)
    plan = plan_of(SETTINGS)
    wanted = in_memory(plan, [path])
    assert spilled(plan, [path], tmp_path / "out", tiny(30_000)) == wanted


@pytest.mark.parametrize("room", [300_000, 150_000_000])
def test_an_investor_who_does_not_fit(room: int, tmp_path: Path) -> None:
    """More rows than are unpacked at once: measured when all threads together have room for them, else refused."""
    count = 120_000
    table = pl.DataFrame({
        "investor": ["大户"] * count, "date": pl.Series([19_300] * count).cast(pl.Date), "side": ["buy"] * count,
        "quantity": [100] * count, "price": [9.5] * count,
    })  # fmt: skip
    table = pl.concat([table, table.head(9).with_columns(investor=pl.lit("A1"))])
    table.write_parquet(tmp_path / "heavy.parquet", row_group_size=50_000)
    plan = plan_of(SETTINGS)
    files = [tmp_path / "heavy.parquet"]
    if room == 300_000:
        with pytest.raises(InputError, match=r"大户.* has 120,000 records.* Give --memory \d+GiB or more"):
            spilled(plan, files, tmp_path / "out", tiny(room, 50_000))
        assert [path.name for path in tmp_path.iterdir()] == ["heavy.parquet"]
    else:
        assert spilled(plan, files, tmp_path / "out", tiny(room, 50_000)) == in_memory(plan, files)
