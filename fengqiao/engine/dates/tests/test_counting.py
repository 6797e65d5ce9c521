"""Counting holds together: next, shift, between, count, status and the ordinals say the same."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengqiao.engine import dates

TRADING, WORKING = dates.trading_calendar(), dates.working_calendar()
EPOCH = date(1970, 1, 1)
CALENDARS = st.sampled_from([TRADING, WORKING])
# kept some weeks from both ends, so that every step stays within the known days
DAYS = st.dates(TRADING.first_known + timedelta(days=40), TRADING.last_known - timedelta(days=40))


def is_open(calendar, day):
    return calendar.is_trading_day(day) if calendar is TRADING else calendar.is_working_day(day)


def following(calendar, day):
    return calendar.next_trading_day(day) if calendar is TRADING else calendar.next_working_day(day)


def days(first, last):
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@given(CALENDARS, DAYS)
def test_the_next_open_day_is_open_and_nothing_open_lies_between(calendar, day):
    found = following(calendar, day)
    assert found > day
    assert [d for d in days(day + timedelta(days=1), found) if is_open(calendar, d)] == [found]


@given(CALENDARS, DAYS)
def test_on_or_after_and_on_or_before_enclose_the_day(calendar, day):
    before, after = calendar.on_or_before(day), calendar.on_or_after(day)
    assert before <= day <= after
    assert (before == after == day) is is_open(calendar, day)
    assert before == after or following(calendar, before) == after


@given(CALENDARS, DAYS, st.integers(-15, 15), st.integers(-10, 10))
def test_shifts_add_up_and_turn_back(calendar, day, n, m):
    start = calendar.on_or_after(day)
    there = calendar.shift(start, n)
    assert calendar.shift(there, -n) == start
    assert is_open(calendar, there)
    first, last = sorted([start, there])
    assert calendar.count(first, last) == abs(n) + 1
    if abs(n + m) <= 15:
        assert calendar.shift(there, m) == calendar.shift(start, n + m)


@given(CALENDARS, DAYS, DAYS)
def test_between_is_what_asking_day_by_day_gives(calendar, a, b):
    first, last = sorted([a, min(b, a + timedelta(days=400)) if b > a else max(b, a - timedelta(days=400))])
    listed = calendar.between(first, last)
    assert listed == [d for d in days(first, last) if is_open(calendar, d)]
    assert calendar.count(first, last) == len(listed)


@given(DAYS)
def test_status_agrees_with_the_plain_questions(day):
    trading, working = TRADING.status(day), WORKING.status(day)
    assert trading.is_open is TRADING.is_trading_day(day)
    assert working.is_open is WORKING.is_working_day(day) is not WORKING.is_statutory_holiday(day)
    assert (working.kind is dates.DayKind.MAKEUP) is WORKING.is_makeup_day(day)
    assert not trading.provisional
    assert not working.provisional
    if TRADING.is_trading_day(day):
        assert WORKING.is_working_day(day), "the exchanges never traded on a day off"


@pytest.mark.parametrize("calendar", [TRADING, WORKING], ids=["trading", "working"])
def test_ordinals_are_all_open_days_counted_from_1970(calendar):
    import numpy as np

    ordinals = calendar.as_ordinals()
    assert ordinals.dtype == np.int32
    assert not ordinals.flags.writeable
    assert ordinals is calendar.as_ordinals()
    expected = calendar.between(calendar.first_known, calendar.last_known)
    assert [EPOCH + timedelta(days=int(n)) for n in ordinals] == expected


def test_calendars_are_made_once():
    assert dates.trading_calendar() is TRADING
    assert dates.working_calendar() is WORKING


@pytest.mark.parametrize(
    ("day", "kind", "name", "verified"),
    [
        (date(2024, 2, 12), dates.DayKind.HOLIDAY, "春节", True),
        (date(2024, 2, 9), dates.DayKind.EXCHANGE_CLOSURE, "交易所休市", True),
        (date(2005, 2, 7), dates.DayKind.EXCHANGE_CLOSURE, "交易所休市", False),
        (date(2024, 2, 18), dates.DayKind.WEEKEND, "周末", False),
        (date(2024, 2, 19), dates.DayKind.TRADING, "交易日", True),
        (date(2015, 9, 4), dates.DayKind.HOLIDAY, "抗战胜利70周年纪念日", True),
    ],
)
def test_why_the_exchanges_are_closed(day, kind, name, verified):
    status = TRADING.status(day)
    assert (status.kind, status.name) == (kind, name)
    assert status.verified is verified


def test_a_worked_sunday_says_that_the_exchanges_do_not_trade():
    assert TRADING.status(date(2024, 2, 18)).note == "调休上班日,交易所不开市"
    assert TRADING.status(date(2024, 2, 25)).note == ""


def test_years_derived_without_the_notice_are_not_verified():
    assert not WORKING.status(date(2000, 2, 8)).verified
    assert not WORKING.status(date(2003, 2, 8)).verified
    assert WORKING.status(date(2001, 1, 20)).verified
