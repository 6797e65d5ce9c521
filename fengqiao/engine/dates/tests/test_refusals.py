"""Past the known days nothing is guessed, unless a guess is asked for by name."""

import tomllib
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from chinese_calendar import solar_terms
from korean_lunar_calendar import KoreanLunarCalendar

from fengqiao.engine import dates
from fengqiao.engine.dates.provisional import FESTIVALS, tabled_festivals
from fengqiao.engine.errors import InputError, OutOfKnownDatesError

TRADING, WORKING = dates.trading_calendar(), dates.working_calendar()
LAST, FIRST = TRADING.last_known, TRADING.first_known
BEYOND, BEFORE = LAST + timedelta(days=4), FIRST - timedelta(days=1)
DAY = timedelta(days=1)
DEVIATIONS = Path(__file__).parent / "cases" / "deviations.toml"

QUESTIONS = {
    "is_trading_day": TRADING.is_trading_day,
    "next_trading_day": TRADING.next_trading_day,
    "trading on_or_after": TRADING.on_or_after,
    "trading on_or_before": TRADING.on_or_before,
    "trading shift": lambda d: TRADING.shift(d, 0),
    "trading between, first": lambda d: TRADING.between(d, date(2020, 1, 1)),
    "trading count, last": lambda d: TRADING.count(date(2020, 1, 1), d),
    "trading status": TRADING.status,
    "is_working_day": WORKING.is_working_day,
    "next_working_day": WORKING.next_working_day,
    "is_statutory_holiday": WORKING.is_statutory_holiday,
    "is_makeup_day": WORKING.is_makeup_day,
    "working status": WORKING.status,
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_every_question_is_refused_beyond_both_ends(question):
    with pytest.raises(OutOfKnownDatesError) as beyond:
        question(BEYOND)
    with pytest.raises(OutOfKnownDatesError) as before:
        question(BEFORE)
    assert str(BEYOND) in str(beyond.value)
    assert str(FIRST) in str(before.value)


def test_the_refusal_says_how_far_it_is_known_from_what_and_what_to_do():
    with pytest.raises(OutOfKnownDatesError) as refused:
        WORKING.is_working_day(BEYOND)
    sentence = str(refused.value)
    notice = WORKING.status(date(LAST.year, 1, 1)).source
    for word in (str(BEYOND), str(LAST), notice, str(LAST.year + 1), "TOML", "`overrides`", "new_calendar_year.md"):
        assert word in sentence
    assert "FENGQIAO_CALENDAR_OVERRIDES" in sentence


@pytest.mark.parametrize(
    "reach",
    [
        lambda: TRADING.next_trading_day(LAST),
        lambda: TRADING.shift(TRADING.on_or_before(LAST), 1),
        lambda: WORKING.shift(WORKING.on_or_before(LAST), 30),
    ],
)
def test_an_answer_beyond_the_end_is_refused_too(reach):
    with pytest.raises(OutOfKnownDatesError, match=str(LAST)):
        reach()


@pytest.mark.parametrize(
    "reach",
    [
        lambda: TRADING.on_or_before(FIRST),
        lambda: TRADING.shift(TRADING.on_or_after(FIRST), -1),
        lambda: WORKING.shift(date(2000, 1, 10), -30),
    ],
)
def test_an_answer_before_the_beginning_is_refused_too(reach):
    with pytest.raises(OutOfKnownDatesError, match=str(FIRST)):
        reach()


def test_the_engine_does_not_read_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("FENGQIAO_CALENDAR_OVERRIDES", str(tmp_path / "none.toml"))
    assert dates.trading_calendar().last_known == LAST


@pytest.mark.parametrize("value", [datetime(2024, 1, 2, 9, 30, tzinfo=UTC), "2024-01-02", None])
def test_a_moment_or_a_text_is_no_day(value):
    for question in (TRADING.is_trading_day, WORKING.provisional):
        with pytest.raises(InputError, match="counts days"):
            question(value)


def test_shift_starts_from_an_open_day_only():
    with pytest.raises(InputError, match="not a trading day"):
        TRADING.shift(date(2024, 2, 9), 1)


def test_a_span_runs_forward():
    with pytest.raises(InputError, match="before it begins"):
        TRADING.count(date(2024, 2, 9), date(2024, 2, 8))


def test_the_last_week_of_the_last_known_year_is_not_settled():
    for calendar in (TRADING, WORKING):
        status = calendar.status(date(LAST.year, 12, 28))
        assert not status.verified
        assert "待核" in status.note
        assert calendar.status(date(LAST.year, 12, 24)).note == ""
        assert calendar.status(date(LAST.year - 1, 12, 29)).note == ""


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        (date(2027, 1, 1), dates.DayKind.HOLIDAY, "元旦"),
        (date(2027, 2, 5), dates.DayKind.HOLIDAY, "春节"),
        (date(2027, 2, 8), dates.DayKind.HOLIDAY, "春节"),
        (date(2027, 2, 9), dates.DayKind.WORKING, "工作日"),
        (date(2027, 4, 5), dates.DayKind.HOLIDAY, "清明节"),
        (date(2027, 5, 2), dates.DayKind.HOLIDAY, "劳动节"),
        (date(2027, 6, 9), dates.DayKind.HOLIDAY, "端午节"),
        (date(2027, 9, 15), dates.DayKind.HOLIDAY, "中秋节"),
        (date(2027, 10, 3), dates.DayKind.HOLIDAY, "国庆节"),
        (date(2027, 10, 9), dates.DayKind.WEEKEND, "周末"),
    ],
)
def test_a_guess_is_flagged(day, kind, name):
    status = WORKING.provisional(day)
    assert (status.kind, status.name) == (kind, name)
    assert status.provisional
    assert not status.verified
    assert "暂算" in status.note


def test_a_known_day_is_not_guessed():
    assert WORKING.provisional(date(2024, 10, 12)) == WORKING.status(date(2024, 10, 12))
    with pytest.raises(OutOfKnownDatesError):
        WORKING.provisional(BEFORE)


def test_no_guess_beyond_the_tabled_festivals():
    last_year = tabled_festivals().last_year
    assert WORKING.provisional(date(last_year, 12, 31)).provisional
    with pytest.raises(OutOfKnownDatesError, match=FESTIVALS.name):
        WORKING.provisional(date(last_year + 1, 1, 1))


def test_the_festivals_are_tabled_for_years_on_end_and_thirteen_days_each():
    table = tabled_festivals()
    years = sorted({d.year for d in table.days})
    assert years[0] <= 2027
    assert all(b - a == 1 for a, b in pairwise(years))
    for year in years:
        overlap = sum(name == "中秋节" for d, name in table.days.items() if d.year == year) == 0
        assert sum(d.year == year for d in table.days) == 13 - overlap


def almanac_day(year, month, day):
    """The day by another almanac; it reckons in Seoul time, one hour ahead of Beijing."""
    almanac = KoreanLunarCalendar()
    almanac.setLunarDate(year, month, day, False)
    return date.fromisoformat(almanac.SolarIsoFormat())


@pytest.mark.parametrize(("name", "month", "day"), [("端午节", 5, 5), ("中秋节", 8, 15)])
def test_lunar_festivals_fall_where_another_almanac_puts_them(name, month, day):
    table = tabled_festivals()
    for year in sorted({d.year for d in table.days}):
        found = almanac_day(year, month, day)
        in_national_day = found.month == 10 and found.day <= 3
        assert table.days[found] == ("国庆节" if in_national_day else name)


def test_spring_festival_begins_on_the_eve():
    table = tabled_festivals()
    listed = tomllib.loads(DEVIATIONS.read_text(encoding="utf-8"))["korean_lunar_calendar"]
    later = {entry["day"]: entry["theirs"] for entry in listed}
    found = {}
    for year in sorted({d.year for d in table.days}):
        eve, first, second, third = sorted(d for d, n in table.days.items() if n == "春节" and d.year == year)
        assert [second - first, first - eve, third - second] == [DAY] * 3
        if almanac_day(year, 1, 1) != first:
            found[first] = almanac_day(year, 1, 1)
    assert found == later


def test_qingming_falls_where_the_solar_terms_put_it():
    found = {d for d, n in tabled_festivals().days.items() if n == "清明节"}
    span = (min(found).replace(month=3, day=1), max(found).replace(month=5, day=1))
    days = solar_terms_between(*span)
    assert found == days


def solar_terms_between(first, last):
    from chinese_calendar.utils import get_solar_terms

    return {d for d, name in get_solar_terms(first, last) if name == solar_terms.SolarTerms.pure_brightness.value[1]}
