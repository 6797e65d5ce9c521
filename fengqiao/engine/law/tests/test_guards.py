"""What must hold for the whole of the law data: sources, temporal coverage, honesty about 待核, every row covered."""

from __future__ import annotations

import datetime
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fengqiao.engine import law
from fengqiao.engine.law.lookup import DATA

ROOT = Path(__file__).parents[4]
DESIGN = ROOT.parent / "shared" / "design" / "time_limits_and_forms.md"

# Every row of the list of time limits. Kept here as well, so that this test cannot pass by finding nothing.
ROWS = {
    *(f"T{n}" for n in range(1, 11)),
    *(f"M{n}" for n in range(1, 13)),
    *(f"J{n}" for n in range(1, 19)),
    *(f"R{n}" for n in range(1, 15)),
    *(f"L{n}" for n in range(1, 7)),
    *(f"S{n}" for n in range(1, 26)),
    *(f"P{n}" for n in range(1, 8)),
}
# Tables and paragraphs of the same list without a row number, and the sections of the loss method that set a rate.
UNNUMBERED = {"2-service", "3-effect", "12-elder", "9-stamp", "9-deposit", "9-LPR", "loss-5", "loss-6", "loss-10"}
LAST_DAY = datetime.date(9999, 12, 31)
DATED = [(p.id, v) for p in law.parameters() for v in p.values]


def test_there_is_data() -> None:
    assert len(law.parameters()) >= 180
    assert [p.id for p in law.parameters()] == sorted({p.id for p in law.parameters()})
    assert {path.stem for path in DATA.glob("*.toml")} == {p.id.partition(".")[0] for p in law.parameters()} | {
        "instruments"
    }


def test_every_row_of_the_list_is_covered_and_nothing_else() -> None:
    assert {p.ref for p in law.parameters()} == ROWS | UNNUMBERED


def test_the_rows_are_those_of_the_design_document() -> None:
    if not DESIGN.exists():
        pytest.skip("the design document is not beside this repository; the list in this test is used alone")
    text = DESIGN.read_text(encoding="utf-8").partition("\n## 2. ")[2].partition("\n## 10. ")[0]
    found = set(re.findall(r"^\| ([TMJRLSP]\d+) \|", text, flags=re.MULTILINE))
    assert found == ROWS


@pytest.mark.parametrize(("id", "dated"), DATED)
def test_every_value_has_a_source(id: str, dated: law.Dated) -> None:
    rests_on = law.instrument(dated.instrument)
    assert dated.source.strip()
    assert rests_on.in_force_from <= dated.in_force_from
    assert (dated.in_force_to or LAST_DAY) <= (rests_on.in_force_to or LAST_DAY)


@pytest.mark.parametrize(("id", "dated"), DATED)
def test_a_doubtful_value_says_what_is_missing(id: str, dated: law.Dated) -> None:
    assert dated.status in ("verified", "待核")
    assert dated.verified == (dated.missing == "")
    assert ("待核" in str(dated)) == (not dated.verified)


@pytest.mark.parametrize("parameter", [p for p in law.parameters() if p.values], ids=lambda p: p.id)
def test_no_day_is_without_a_rule_and_none_has_two(parameter: law.Parameter) -> None:
    first, last = parameter.values[0].in_force_from, parameter.values[-1].in_force_to or datetime.date(2060, 1, 1)
    edges = {v.in_force_from for v in parameter.values} | {v.in_force_to for v in parameter.values if v.in_force_to}
    days = {edge + datetime.timedelta(days=step) for edge in edges for step in (-1, 0, 1)} | {first, last}
    for day in days:
        in_force = sum(v.covers(day) for v in parameter.values)
        assert in_force == (1 if first <= day <= last else 0), day


def test_a_parameter_without_values_says_why() -> None:
    absent = [p for p in law.parameters() if not p.values]
    assert {p.ref for p in absent} == {"M11", "M12", "R11", "L6", "P3", "9-LPR"}
    assert all(p.absent for p in absent)
    assert all(not p.absent for p in law.parameters() if p.values)


def test_periods_can_be_counted() -> None:
    periods = [p for p in law.parameters() if p.kind == "period"]
    assert len(periods) > 60
    for period in periods:
        assert period.calendar != "none", period.id
        assert period.start_event, period.id
        assert (period.roll == "W") == (period.calendar in ("working", "trading")), period.id


def test_every_instrument_of_the_list_is_there() -> None:
    section_1 = {"PCL", "INT", "OMR", "SMR", "OLR", "JC11", "PML", "SL", "FDL", "REP", "M22", "M03", "COM", "FUT"}
    section_1 |= {"CC", "FEE", "STL", "PIPL", "ESL", "BFL"}
    assert section_1 <= {i.key for i in law.instruments()}
    for instrument in law.instruments():
        assert instrument.title
        assert (instrument.status == "verified") == (instrument.missing == "")


def test_importing_reads_no_file() -> None:
    script = (
        "import pathlib, tomllib\n"
        "def refuse(*_): raise SystemExit('a data file was read on import')\n"
        "tomllib.load = tomllib.loads = refuse\n"
        "from fengqiao.engine import law\n"
        "try: law.parameters()\n"
        "except SystemExit: print('read on first use')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.stdout.strip() == "read on first use", done.stderr
