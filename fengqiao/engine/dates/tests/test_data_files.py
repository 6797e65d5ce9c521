"""The data files themselves: complete, sourced, and in balance with the law."""

import subprocess
import sys
import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest

from fengqiao.engine import dates
from fengqiao.engine.dates.known import DATA, built_in_years

CASES = Path(__file__).parent / "cases"
YEARS = built_in_years()


def table(name):
    return tomllib.loads((CASES / name).read_text(encoding="utf-8"))


def test_every_year_from_2000_is_there_once():
    assert [y.year for y in YEARS] == list(range(2000, YEARS[-1].year + 1))
    assert YEARS[-1].year >= 2026
    assert all((DATA / f"{y.year}.toml").exists() for y in YEARS)


@pytest.mark.parametrize("year", YEARS, ids=[str(y.year) for y in YEARS])
def test_each_notice_is_named_and_verified_only_if_its_text_was_read(year):
    for announcement in year.announcements:
        assert announcement.notice
        if announcement.verified:
            assert announcement.seen
            assert "号" in announcement.notice
            assert "待核" not in announcement.notice + announcement.remark
        else:
            assert announcement.remark, "say what is still to be checked"
        if announcement.exchange_verified:
            assert "未见原文" not in announcement.exchange_notice


@pytest.mark.parametrize("year", YEARS, ids=[str(y.year) for y in YEARS])
def test_each_weekday_off_is_paid_for_by_a_statutory_day_or_a_makeup_day(year):
    off, makeup, _ = year.content()
    law = [entry["days"] for entry in table("statutory_days.toml")["law"] if entry["from"] <= year.year][-1]
    extra = sum(entry["days"] for entry in table("statutory_days.toml")["extra"] if entry["year"] == year.year)
    assert sum(d.weekday() < 5 for d in off) == law + len(makeup) + extra


def test_the_exchange_closures_are_exactly_those_listed():
    listed = table("exchange_closures.toml")["days"]
    trading, working = dates.trading_calendar(), dates.working_calendar()
    span = (trading.last_known - trading.first_known).days + 1
    every = [trading.first_known + timedelta(days=n) for n in range(span)]
    found = [d for d in every if d.weekday() < 5 and working.is_working_day(d) and not trading.is_trading_day(d)]
    assert found == listed


@pytest.mark.parametrize("day", ["2005-02-07", "2005-02-08", "2006-01-26", "2006-01-27", "2024-02-09"])
def test_announced_closures_are_working_days_without_trading(day):
    day = date.fromisoformat(day)
    status = dates.trading_calendar().status(day)
    assert not dates.trading_calendar().is_trading_day(day)
    assert dates.working_calendar().is_working_day(day)
    assert (status.kind, status.name) == (dates.DayKind.EXCHANGE_CLOSURE, "交易所休市")
    assert str(day.year) in status.source


def test_no_weekend_day_is_ever_traded():
    trading = dates.trading_calendar()
    assert all(d.weekday() < 5 for d in trading.between(trading.first_known, trading.last_known))


def test_loading_needs_no_numpy_and_no_pandas():
    code = (
        "import sys; from fengqiao.engine import dates;"
        "dates.trading_calendar(); dates.working_calendar();"
        "sys.exit(any(m in sys.modules for m in ('numpy', 'pandas', 'polars')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
