"""Values on days: worked cases, first and last days, and the refusal of days outside what is known."""

from __future__ import annotations

import datetime
import tomllib
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengqiao.engine import law
from fengqiao.engine.errors import InputError, OutOfKnownDatesError
from fengqiao.engine.law.model import Dated

CASES = tomllib.loads((Path(__file__).parent / "cases" / "values.toml").read_text(encoding="utf-8"))["case"]
GIVEN = [(case["id"], datetime.date.fromisoformat(day), value) for case in CASES for day, value in case["days"].items()]
REFUSED = [(case["id"], day) for case in CASES for day in case.get("refused", [])]


@pytest.mark.parametrize(("id", "day", "expected"), GIVEN)
def test_worked_case(id: str, day: datetime.date, expected: object) -> None:
    found = law.value_on(id, day).value
    assert found == (Fraction(expected) if isinstance(expected, str) else expected)
    assert isinstance(found, bool) == isinstance(expected, bool)


@pytest.mark.parametrize(("id", "day"), REFUSED)
def test_day_outside_what_is_known_is_refused(id: str, day: datetime.date) -> None:
    with pytest.raises(OutOfKnownDatesError) as caught:
        law.value_on(id, day)
    sentence = str(caught.value)
    assert id in sentence
    assert law.parameter(id).title in sentence
    assert day.isoformat() in sentence


def test_refusal_names_the_known_range_and_what_to_do() -> None:
    with pytest.raises(OutOfKnownDatesError) as caught:
        law.value_on("limitation.old_misrepresentation_years", datetime.date(2022, 1, 22))
    assert "2003-02-01 to 2022-01-21" in str(caught.value)
    assert caught.value.todo


def test_refusal_of_an_imported_parameter_says_so() -> None:
    with pytest.raises(OutOfKnownDatesError, match="须导入"):
        law.value_on("interest.lpr", datetime.date(2024, 1, 1))
    assert law.history("interest.lpr") == ()


def test_a_time_of_day_is_refused() -> None:
    with pytest.raises(InputError, match="must be a date"):
        law.value_on("confirmation.apply_days", datetime.datetime(2024, 5, 1, 9, tzinfo=datetime.UTC))


def test_unknown_ids_name_the_nearest() -> None:
    with pytest.raises(InputError, match=r'did you mean "fees\.stamp_duty_sell"'):
        law.parameter("fees.stamp_duty_sel")
    with pytest.raises(InputError, match=r'did you mean "fees\.stamp_duty_sell"'):
        law.parameter("fee.stamp_duty_sell")
    with pytest.raises(InputError, match=r"counting\.…"):
        law.parameter("qqqqqqqq")
    with pytest.raises(InputError, match='did you mean "M22"'):
        law.instrument("M222")


@given(
    parameter=st.sampled_from([p for p in law.parameters() if p.values]),
    day=st.dates(datetime.date(1990, 1, 1), datetime.date(2060, 12, 31)),
)
def test_a_day_has_at_most_one_value_and_value_on_finds_it(parameter: law.Parameter, day: datetime.date) -> None:
    in_force = [v for v in parameter.values if v.in_force_from <= day <= (v.in_force_to or datetime.date(9999, 12, 31))]
    if in_force:
        assert in_force == [law.value_on(parameter.id, day)]
    else:
        with pytest.raises(OutOfKnownDatesError):
            law.value_on(parameter.id, day)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (3, "WD", "3个工作日"),
        (5, "TD", "5个交易日"),
        (30, "CD", "30日"),
        (6, "M", "6个月"),
        (2, "Y", "2年"),
        (50000, "yuan", "5万元"),
        (300, "yuan", "300元"),
        (0, "yuan", "0元"),
        (50, "persons", "50人"),
        (Fraction(4, 5), "ratio", "80%"),
        (Fraction(1, 2000), "ratio", "0.05%"),
        (Fraction(0), "ratio", "0%"),
        (Fraction(7, 2000), "percent_per_year", "0.35%"),
        (365, "days_per_year", "一年365日"),
        (False, "none", "否"),
        (True, "none", "是"),
        (("甲", "乙"), "none", "甲；乙"),
        ("文字", "none", "文字"),
    ],
)
def test_label_reads_as_chinese(value: object, unit: str, expected: str) -> None:
    since = datetime.date(2020, 1, 1)
    plain = Dated(value, since, None, "《…》第1条", "SL", "verified", unit)
    doubtful = Dated(value, since, None, "《…》第1条", "SL", "待核", unit, missing="原文未读")
    assert plain.label() == str(plain) == expected
    assert str(doubtful) == f"{expected}（待核：原文未读）"


def test_calendar_follows_the_unit() -> None:
    assert law.parameter("mediation.appoint_days").calendar == "working"
    assert law.parameter("mediation.before_filing_days").calendar == "natural"
    assert law.parameter("compensation.repurchase_offer_days").calendar == "trading"
    assert law.parameter("fees.stamp_duty_sell").calendar == "none"
