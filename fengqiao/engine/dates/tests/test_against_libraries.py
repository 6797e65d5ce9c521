"""Our days against chinesecalendar, exchange_calendars and real index data: every day, every deviation listed."""

import csv
import os
import tomllib
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import exchange_calendars
import pytest
from chinese_calendar import constants

from fengqiao.engine import dates

CASES = Path(__file__).parent / "cases"
ANSWERS = Path(__file__).parent / "answers"


def days(first, last):
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def deviations(library):
    table = tomllib.loads((CASES / "deviations.toml").read_text(encoding="utf-8"))
    return {entry["day"]: entry for entry in table.get(library, [])}


def test_working_days_equal_chinesecalendar_but_for_the_days_listed():
    calendar = dates.working_calendar()
    last = min(date(max(constants.holidays).year, 12, 31), calendar.last_known)
    span = days(date(2004, 1, 1), last)
    differing = {d for d in span if calendar.is_working_day(d) != chinese_calendar.is_workday(d)}
    listed = deviations("chinesecalendar")
    assert last.year >= 2026
    assert differing == set(listed)
    assert all(calendar.is_working_day(d) is entry["ours_works"] for d, entry in listed.items())


def test_makeup_days_are_the_weekend_days_chinesecalendar_works():
    calendar = dates.working_calendar()
    span = days(date(2004, 1, 1), date(2026, 12, 31))
    ours = {d for d in span if calendar.is_makeup_day(d)}
    theirs = {d for d in span if d.weekday() >= 5 and chinese_calendar.is_workday(d)}
    assert ours ^ theirs == set(deviations("chinesecalendar"))


def test_trading_days_equal_exchange_calendars_but_for_the_days_listed():
    calendar = dates.trading_calendar()
    xshg = exchange_calendars.get_calendar("XSHG", start="2000-01-01")
    last = min(xshg.last_session.date(), calendar.last_known)
    theirs = {session.date() for session in xshg.sessions if session.date() <= last}
    ours = set(calendar.between(date(2000, 1, 1), last))
    assert last >= date(2026, 1, 1)
    assert ours ^ theirs == set(deviations("exchange_calendars"))


def quoted_days(file):
    with file.open(encoding="utf-8") as rows:
        return sorted({date.fromisoformat(row["date"]) for row in csv.DictReader(rows)})


def test_trading_days_equal_the_days_on_which_the_indices_were_quoted():
    quoted = quoted_days(ANSWERS / "quoted_days_2014_2018.csv")
    assert len(quoted) == 1220
    assert dates.trading_calendar().between(quoted[0], quoted[-1]) == quoted


def test_trading_days_equal_the_days_of_the_market_data_at_hand():
    folder = os.environ.get("FENGQIAO_MARKET_DATA")
    file = Path(folder or "data/market") / "indices.csv"
    if not file.exists():
        pytest.skip(f"no market data: {file} is not there; set FENGQIAO_MARKET_DATA to a folder with indices.csv")
    quoted = quoted_days(file)
    assert len(quoted) > 1000
    assert dates.trading_calendar().between(quoted[0], quoted[-1]) == quoted
