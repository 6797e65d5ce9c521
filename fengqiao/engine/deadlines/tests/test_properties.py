"""What holds for every start and every suspension; the plain counter goes day by day and knows no arithmetic."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fengqiao.engine.deadlines import Due, Period, Suspension, due, known_calendars, remaining
from fengqiao.engine.deadlines.counting import count_backward, count_forward, merged, rolled
from fengqiao.engine.deadlines.periods import corresponding_day, nominal_last

ONE_DAY = dt.timedelta(days=1)
CALENDARS = known_calendars()
DAYS = st.dates(dt.date(2005, 1, 1), dt.date(2025, 6, 30))
RECENT = st.dates(dt.date(2024, 1, 1), dt.date(2026, 6, 30))
PERIODS = st.one_of(
    st.builds(Period, st.integers(1, 90), st.just("CD")),
    st.builds(Period, st.integers(1, 40), st.sampled_from(["WD", "TD"])),
    st.builds(Period, st.integers(1, 9), st.just("M")),
    st.builds(Period, st.integers(1, 1), st.just("Y")),
)
# first day after the start, length
PAUSES = st.lists(st.tuples(st.integers(-5, 120), st.integers(0, 15)), max_size=3)


def suspended(start: dt.date, pauses: list[tuple[int, int]]) -> list[Suspension]:
    return [Suspension(start + dt.timedelta(a), start + dt.timedelta(a + n)) for a, n in pauses]


def plainly(start: dt.date, period: Period, suspensions: list[Suspension]) -> dt.date:
    """Day by day: how many days the period has, and the day on which that many have counted."""
    if period.unit in ("WD", "TD"):
        calendar = CALENDARS.working.is_working_day if period.unit == "WD" else CALENDARS.trading.is_trading_day
        left = period.number
    else:
        left = (nominal_last(start, period) - start).days

        def calendar(_: dt.date) -> bool:
            return True

    day = start
    while left:
        day += ONE_DAY
        if calendar(day) and not any(item.first <= day <= item.last for item in suspensions if item.last):
            left -= 1
    return day


@given(start=DAYS, period=PERIODS, pauses=PAUSES)
def test_the_count_is_that_of_the_plain_counter(start: dt.date, period: Period, pauses: list[tuple[int, int]]) -> None:
    suspensions = suspended(start, pauses)
    found = count_forward(start, period, CALENDARS, merged(suspensions))
    assert found.last == plainly(start, period, suspensions)
    assert found.left == 0


@given(start=DAYS, later=st.integers(0, 40), period=PERIODS)
def test_a_later_start_never_ends_earlier(start: dt.date, later: int, period: Period) -> None:
    first = count_forward(start, period, CALENDARS).last
    second = count_forward(start + dt.timedelta(later), period, CALENDARS).last
    assert first is not None
    assert second is not None
    assert first <= second
    assert (rolled(first, CALENDARS)[0] or first) <= (rolled(second, CALENDARS)[0] or second)


@given(start=DAYS, number=st.integers(1, 90), pauses=PAUSES)
def test_suspensions_add_up(start: dt.date, number: int, pauses: list[tuple[int, int]]) -> None:
    """Suspended days within the count add exactly themselves, in whatever order and pieces they are given."""
    suspensions = suspended(start, pauses)
    period = Period(number, "CD")
    last = count_forward(start, period, CALENDARS, merged(suspensions)).last
    assert last is not None
    days = {
        item.first + n * ONE_DAY for item in suspensions if item.last for n in range((item.last - item.first).days + 1)
    }
    inside = [day for day in days if start < day <= last]
    assert last == start + dt.timedelta(number + len(inside))
    pieces = [Suspension(day, day) for day in sorted(days, reverse=True)]
    assert count_forward(start, period, CALENDARS, merged(pieces)).last == last


@given(start=DAYS, pauses=PAUSES)
def test_gaps_are_in_order_and_apart(start: dt.date, pauses: list[tuple[int, int]]) -> None:
    gaps = merged(suspended(start, pauses))
    for before, after in pairwise(gaps):
        assert before.last is not None
        assert before.last + ONE_DAY < after.first


@given(start=DAYS, period=PERIODS, pauses=PAUSES)
def test_a_last_day_that_rolled_is_worked_and_not_suspended(
    start: dt.date, period: Period, pauses: list[tuple[int, int]]
) -> None:
    gaps = merged(suspended(start, pauses))
    counted = count_forward(start, period, CALENDARS, gaps).last
    assert counted is not None
    last, passed = rolled(counted, CALENDARS, gaps)
    assert last is not None
    assert CALENDARS.working.is_working_day(last)
    assert not any(gap.holds(last) for gap in gaps)
    assert last >= counted
    assert not any(status.is_open for _, status in passed)


@given(start=DAYS, number=st.integers(1, 60), unit=st.sampled_from(["CD", "WD", "TD"]))
def test_backwards_undoes_forwards(start: dt.date, number: int, unit: str) -> None:
    period = Period(number, unit)  # type: ignore[arg-type]
    if unit != "CD":
        start = (CALENDARS.working if unit == "WD" else CALENDARS.trading).on_or_after(start)
    last = count_forward(start, period, CALENDARS).last
    assert last is not None
    assert count_backward(last, period, CALENDARS) == start


@given(start=DAYS, months=st.integers(1, 60))
def test_months_keep_the_day_or_take_the_months_last(start: dt.date, months: int) -> None:
    end = corresponding_day(start, months)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or (end.day < start.day and (end + ONE_DAY).day == 1)
    if start.day <= 28:
        assert corresponding_day(end, -months) == start


@given(start=RECENT, on=st.integers(1, 120))
def test_what_is_left_and_what_is_gone_make_the_whole(start: dt.date, on: int) -> None:
    as_of = start + dt.timedelta(on)
    found = due("procedure.filing_days", start, as_of=as_of, calendars=CALENDARS)
    left = remaining(found, as_of)
    assert found.day is not None
    assert left is not None
    signed = -left.natural_days if left.overdue else left.natural_days
    assert left.elapsed_days + signed == left.total_days
    assert left.overdue == (found.state == "expired")


def answered(rule: str, start: dt.date, suspensions: list[Suspension]) -> Due:
    return due(rule, start, as_of=start, calendars=CALENDARS, suspensions=suspensions)


@given(start=RECENT, pauses=PAUSES)
def test_the_whole_answer_agrees_with_its_steps(start: dt.date, pauses: list[tuple[int, int]]) -> None:
    found = answered("mediation.before_filing_days", start, suspended(start, pauses))
    assert found.day == found.steps[-1].last
    assert found.counted_on == plainly(start, Period(30, "CD"), suspended(start, pauses))
    assert ("rolled" in {step.kind for step in found.steps}) == (found.day != found.counted_on)
