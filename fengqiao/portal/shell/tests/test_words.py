"""Dates, amounts and shortened values read as people here write them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengqiao.portal.shell import words

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_days_and_moments_are_those_of_shanghai() -> None:
    late = dt.datetime(2026, 11, 20, 17, 5, tzinfo=dt.UTC)  # already the next day in Shanghai
    assert words.day_text(late) == "2026年11月21日"
    assert words.moment_text(late) == "2026年11月21日 01:05"
    assert words.day_text(dt.date(2026, 1, 2)) == "2026年1月2日"
    assert words.day_text(None) == words.moment_text(None) == "—"
    assert words.weekday_text(dt.date(2026, 11, 20)) == "星期五"


@pytest.mark.parametrize(
    ("fen", "exact", "large"),
    [
        (0, "0.00 元", "0.00 元"),
        (-5, "-0.05 元", "-0.05 元"),
        (1_234_567, "12,345.67 元", "1.23 万元"),
        (999_999, "9,999.99 元", "9,999.99 元"),
        (1_000_000, "10,000.00 元", "1.00 万元"),
        (-1_235_000, "-12,350.00 元", "-1.24 万元"),  # 1.235: the half goes away from zero
        (9_999_499_999, "99,994,999.99 元", "9,999.50 万元"),
        (9_999_999_999, "99,999,999.99 元", "1.00 亿元"),
        (10_000_000_000, "100,000,000.00 元", "1.00 亿元"),
    ],
)
def test_amounts(fen: int, exact: str, large: str) -> None:
    assert words.amount_text(fen) == exact
    assert words.large_amount_text(fen) == large
    assert words.both_amounts_text(fen) == (exact if exact == large else f"{exact}（{large}）")


@given(st.integers(-(10**15), 10**15))
def test_an_amount_can_be_read_back(fen: int) -> None:
    assert int(words.amount_text(fen).removesuffix(" 元").replace(",", "").replace(".", "")) == fen


@given(st.text(min_size=1))
def test_a_mask_hides_something(value: str) -> None:
    shown = words.masked(value)
    assert "*" in shown
    assert shown != value or set(value) == {"*"} or "*" in value


def test_how_long_there_is() -> None:
    now = dt.datetime(2026, 11, 20, 10, tzinfo=SHANGHAI)
    for hours, said in ((-49, "已逾期2天"), (-1, "今天已逾期"), (3, "今天到期"), (20, "明天到期"), (120, "还有5天")):
        assert words.left_text(now + dt.timedelta(hours=hours), now) == said


def test_sizes() -> None:
    assert [words.size_text(size) for size in (5, 2048, 3_355_443)] == ["5 字节", "2 KB", "3.2 MB"]
