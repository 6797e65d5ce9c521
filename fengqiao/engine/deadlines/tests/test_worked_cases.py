"""Every rule by worked cases, and every row of the list of time limits by a rule or a reason."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from fengqiao.engine import law
from fengqiao.engine.deadlines import provisions, rule, rules
from fengqiao.engine.deadlines.tests.given import asked, cases
from fengqiao.engine.errors import FengqiaoError

ROOT = Path(__file__).parents[4]
DESIGN = ROOT.parent / "shared" / "design" / "time_limits_and_forms.md"
PERIOD_UNITS = ("CD", "WD", "TD", "M", "Y")
# Periods in the law data that are the longest extension of a rule or a part of how another is counted
PARTS = {
    "confirmation.peoples_decide_extension_days",
    "procedure.trial_ordinary_extension_months",
    "procedure.trial_summary_extension_months",
    "commitment.negotiation_extension_months",
    "services.company_close_extension_days",
    "limitation.suspension_months",
}


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case['rule']}: {case['name']}")
def test_worked_case(case: dict[str, Any]) -> None:
    if "refused" in case:
        with pytest.raises(FengqiaoError) as caught:
            asked(case)
        assert case["refused"] in str(caught.value), case["why"]
        return
    found = asked(case)
    assert found.day == case.get("day"), f"{case['why']}\n{found.explanation()}"
    for name in ("counted_on", "opens", "state", "counted", "left"):
        if name in case:
            assert getattr(found, name) == case[name], f"{name}: {case['why']}\n{found.explanation()}"
    assert found.provisional == case.get("is_provisional", False)
    assert found.explanation()
    assert ("待核" in found.headline()) == (found.day is not None and not found.verified)


def test_every_rule_has_a_worked_case_that_gives_a_day() -> None:
    worked = {rule(case["rule"]).id for case in cases() if "day" in case}
    assert {item.id for item in rules()} == worked


def test_every_legal_period_of_the_law_data_is_a_rule() -> None:
    rows = {item.row for item in provisions()} | {row for item in rules() for row in item.rows}
    periods = {p.id for p in law.parameters() if p.kind == "period" and p.ref in rows}
    lengths = {item.length for item in rules()}
    used = {name for item in rules() for name in item.parameters}
    assert periods - lengths == PARTS
    assert used >= PARTS
    assert {p.unit for p in law.parameters() if p.id in periods} <= set(PERIOD_UNITS)


def test_a_rule_rests_on_the_parameter_of_its_row() -> None:
    for item in rules():
        if item.length:
            assert law.parameter(item.length).ref in item.rows or item.id == "limitation.misrepresentation_years"


def test_every_row_is_a_rule_or_has_a_reason_and_not_both() -> None:
    counted = {row for item in rules() for row in item.rows}
    named = [item.row for item in provisions()]
    rows = {p.ref for p in law.parameters() if re.fullmatch(r"[TMJRLSP]\d+", p.ref)}
    assert len(named) == len(set(named))
    assert not counted & set(named)
    assert counted | set(named) == rows


def test_a_row_without_a_period_has_none_in_the_law_data() -> None:
    for item in provisions():
        kinds = {(p.kind, p.unit) for p in law.parameters() if p.ref == item.row}
        assert not any(kind == "period" for kind, _ in kinds), item.row


def test_the_rows_are_those_of_the_design_document() -> None:
    if not DESIGN.exists():
        pytest.skip("the design document is not beside this repository; the rows of the law data are used alone")
    text = DESIGN.read_text(encoding="utf-8").partition("\n## 2. ")[2].partition("\n## 9. ")[0]
    found = set(re.findall(r"^\| ([TMJRLSP]\d+) \|", text, flags=re.MULTILINE))
    assert len(found) > 80
    assert found == {row for item in rules() for row in item.rows} | {item.row for item in provisions()}
