"""The invented market is a market: real trading days, possible prices, and the story it is made for."""

from __future__ import annotations

import csv
import datetime as dt
import tomllib
from fractions import Fraction

import pytest

from fengqiao.engine.dates import trading_calendar
from fengqiao.engine.loss.simulate.madeup import (
    BONUS_DAY,
    FIRST,
    IMPLEMENTATION,
    LAST,
    REVELATION,
    SUSPENDED,
    MadeUpDay,
    made_up_market,
    write_demo_case,
)


@pytest.fixture(scope="module")
def days() -> list[MadeUpDay]:
    return made_up_market()[0]


def traded_from(days: list[MadeUpDay], first: dt.date) -> list[MadeUpDay]:
    return [day for day in days if day.date >= first and day.close is not None]


def test_days_are_the_real_trading_days(days):
    assert [day.date for day in days] == trading_calendar().between(FIRST, LAST)


def test_cumulative_turnover_reaches_the_whole_between_t18_and_t25(days):
    total, number = Fraction(0), 0
    for number, day in enumerate(traded_from(days, REVELATION), start=1):  # noqa: B007
        total += Fraction(day.volume, day.float_shares)
        if total >= 1:
            break
    assert 18 <= number <= 25


def test_turnover_before_the_revelation_is_ordinary(days):
    shares = [day.volume / day.float_shares for day in traded_from(days, IMPLEMENTATION) if day.date < REVELATION]
    assert min(shares) > 0.002
    assert max(shares) < 0.03


def test_the_price_falls_after_the_revelation_and_stays_down(days):
    before = [day.close for day in traded_from(days, IMPLEMENTATION) if day.date < REVELATION]
    after = [day.close for day in traded_from(days, REVELATION)[:22]]
    assert after[0] < before[-1] * 0.91
    assert sum(after) / len(after) < 0.8 * before[-1]
    assert sum(after) / len(after) < 0.85 * sum(before) / len(before)


def test_changes_stay_within_the_daily_limit(days):
    for day in days:
        if day.close is not None:
            assert abs(day.close - day.previous_close) <= day.previous_close * 0.1 + 1, day
            assert day.close > 100


def test_previous_closes_follow_on_but_for_the_bonus_day(days):
    close = days[0].previous_close
    for day in days:
        if day.date == BONUS_DAY:
            assert day.previous_close == close * 10 // 13
            assert day.float_shares * 10 == days[0].float_shares * 13
        else:
            assert day.previous_close == close, day
        close = close if day.close is None and day.date != BONUS_DAY else day.close
    assert len({day.float_shares for day in days}) == 2


def test_suspended_days(days):
    silent = {day.date for day in days if day.close is None}
    assert silent == {day.date for day in days if day.volume == 0}
    assert silent == {day.date for day in days if any(first <= day.date <= last for first, last in SUSPENDED)}
    assert any(IMPLEMENTATION < day < REVELATION for day in silent)
    assert any(day > REVELATION for day in silent)


def test_indices_have_every_day_and_move_like_indices():
    days, indices = made_up_market()
    assert list(indices) == ["M00001", "M00300", "M00905"]
    for name, closes in indices.items():
        assert len(closes) == len(days)
        changes = abs(closes[1:] - closes[:-1]) / closes[:-1]
        assert 0.003 < changes.mean() < 0.02, name
        assert changes.max() < 0.08, name
        assert 0.5 < closes.min() / closes.max() < 0.9, name


def test_the_demo_case_is_written_the_same_every_time(tmp_path):
    case = write_demo_case(tmp_path / "one")
    write_demo_case(tmp_path / "two")
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == ["actions.csv", "case.toml", "indices.csv", "market.csv"]
    assert case == tmp_path / "one" / "case.toml"
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_case_file(tmp_path):
    text = write_demo_case(tmp_path).read_text(encoding="utf-8")
    assert text.startswith("# Invented")
    case = tomllib.loads(text)
    assert case == {
        "case": {
            "name": "枫桥样本虚假陈述（虚构示例）", "security": "999001", "rules": "cn2022",
            "direction": "inducing_purchase",
        },
        "dates": {
            "implementation": dt.date(2017, 4, 28), "revelation": dt.date(2019, 5, 17),
            "revelation_after_close": False,
        },
        "method": {"averaging": "moving_weighted"},
        "deduction": {"market_risk": "synchronised_index", "indices": ["M00001", "M00300", "M00905"]},
        "fees": {"mode": "flat"},
    }  # fmt: skip


def test_the_files_hold_the_made_up_figures(tmp_path):
    write_demo_case(tmp_path)
    days, indices = made_up_market()
    with (tmp_path / "market.csv").open(encoding="utf-8", newline="") as file:
        market = list(csv.DictReader(file))
    assert list(market[0]) == ["date", "close", "volume", "float_shares", "previous_close"]
    assert [row["close"] for row in market] == ["" if d.close is None else f"{d.close / 100:.2f}" for d in days]
    with (tmp_path / "indices.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["date", "index", "close"]
    assert [row["close"] for row in rows if row["index"] == "M00300"] == [f"{c / 100:.2f}" for c in indices["M00300"]]
    with (tmp_path / "actions.csv").open(encoding="utf-8", newline="") as file:
        (action,) = csv.DictReader(file)
    assert action["bonus_ratio"] == "0.3"
    assert dt.date.fromisoformat(action["ex_date"]) == BONUS_DAY < IMPLEMENTATION
