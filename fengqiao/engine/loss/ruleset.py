"""What a rule set (cn2022, cn2003) allows and demands, read from `engine/law` into the shapes the measurement needs."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, cast

from fengqiao.engine import law
from fengqiao.engine.errors import InputError, OutOfKnownDatesError

if TYPE_CHECKING:
    from fengqiao.engine.law import Dated, RuleSet
    from fengqiao.engine.loss.case import Case, Interest, Rules

METHOD_SWITCHES = (
    "averaging",
    "rounding",
    "floor",
    "after_close",
    "suspended",
    "turnover",
    "dividends",
    "rights",
    "block_trades",
)
DEDUCTION_SWITCHES = ("market_risk", "index_floor", "parts", "combination")


@dataclass(frozen=True)
class BenchmarkRule:
    """How the benchmark date is found: cumulative turnover `threshold` (1 = 100%), not before trading day `shortest`,
    not after trading day `longest` (None: no such limit); `thirtieth_after_t1` counts without T1."""

    threshold: Fraction
    shortest: int | None
    longest: int | None
    thirtieth_after_t1: int
    basis: tuple[str, ...]


@cache
def benchmark_rule(rules: Rules) -> BenchmarkRule:
    """The benchmark rule of a rule set.

    >>> benchmark_rule("cn2022").shortest, benchmark_rule("cn2022").longest, benchmark_rule("cn2003").longest
    (10, 30, None)
    """
    found = law.rule_set(rules)
    limit = {name: found.switch(name).value for name in ("min_trading_days", "max_trading_days")}
    return BenchmarkRule(
        threshold=found.switch("turnover_threshold").ratio,
        shortest=cast("int | None", limit["min_trading_days"]),
        longest=cast("int | None", limit["max_trading_days"]),
        thirtieth_after_t1=cast("int", found.switch("not_reached_trading_days").value),
        basis=(found.legal_basis("benchmark_date"), found.legal_basis("benchmark_price")),
    )


def default_interest(rules: Rules) -> Interest:
    """Whether interest belongs to the loss when a case does not say: only cn2003 art. 30 last paragraph gives it.

    >>> default_interest("cn2022")
    'none'
    """
    return cast("Interest", law.rule_set(rules).switch("interest").value)


def check_against_rules(case: Case) -> None:
    """Refuse settings the rule set does not know (InputError naming the article), for example 诱空 under cn2003."""
    found = law.rule_set(case.rules)
    _check(found, "direction", case.direction, "[case]")
    for name in METHOD_SWITCHES:
        _check(found, name, getattr(case.method, name), "[method]")
    for name in DEDUCTION_SWITCHES:
        _check(found, name, getattr(case.deduction, name), "[deduction]")
    _check(found, "interest", case.fees.interest, "[fees]")
    if found.switch("not_reached").options:
        _check(found, "not_reached", case.method.not_reached, "[method]")
    elif case.method.not_reached != "wait":
        raise InputError(
            f'[method] not_reached = "{case.method.not_reached}" is not possible under {case.rules}',
            why="the benchmark date (基准日) is capped by the rule itself, " + found.switch("not_reached").source,
            todo="Remove not_reached",
        )
    for segment in case.segments:
        if segment.delisting is not None and found.switch("delisted").value is None:
            raise InputError(
                f"delisting (摘牌日) is given, but {case.rules} has no rule for it",
                why=found.switch("delisted").source,
                todo="Give benchmark and benchmark_price instead",
            )


def _check(found: RuleSet, name: str, value: str, where: str) -> None:
    switch = found.switch(name)
    if switch.allows(value):
        return
    allowed = switch.options or (str(switch.value),)
    raise InputError(
        f'{where} {name} = "{value}" is not possible under {found.id}',
        why=switch.source,
        todo=f"Allowed: {', '.join(allowed)}",
    )


def court_commission_rate(rules: Rules) -> Fraction:
    """The commission rate courts use when the case sets none.

    >>> court_commission_rate("cn2022")
    Fraction(3, 10000)
    """
    return law.rule_set(rules).switch("commission_rate").ratio


class RateTable:
    """A dated rate (a year's interest, a tax) as steps: fast to ask, refusing dates outside what is known."""

    def __init__(self, parameter: str) -> None:
        self.parameter = parameter
        self.steps: tuple[Dated, ...] = law.history(parameter)
        self.starts = [step.in_force_from for step in self.steps]
        self.last = self.steps[-1].in_force_to

    def on(self, day: dt.date) -> Fraction:
        """The rate in force on a day.

        >>> RateTable("fees.stamp_duty_sell").on(dt.date(2023, 8, 28))
        Fraction(1, 2000)
        """
        place = bisect_right(self.starts, day) - 1
        if place < 0 or (self.last is not None and day > self.last):
            law.value_on(self.parameter, day)
            raise OutOfKnownDatesError(f"{self.parameter} is not known on {day}")
        return cast("Fraction", self.steps[place].value)


@cache
def rate_table(parameter: str) -> RateTable:
    """The dated rates of a law parameter, read once."""
    return RateTable(parameter)


def interest_factor(start: dt.date, end: dt.date) -> Fraction:
    """Interest on 1 yuan from `start` to `end` at the demand deposit rate, by sub-period, days/365, no compounding.

    The start day is not counted, the end day is. Source: cn2003 art. 30 last paragraph; day count [court].
    Errors: OutOfKnownDatesError before the first known rate.

    >>> interest_factor(dt.date(2013, 1, 1), dt.date(2014, 1, 1))
    Fraction(7, 2000)
    """
    table, basis = rate_table("interest.demand_deposit"), day_count_basis()
    table.on(start)
    total, day = Fraction(0), start
    while day < end:
        following = next((step for step in table.starts if step > day), end)
        until = min(following, end)
        total += table.on(day) * (until - day).days
        day = until
    return total / basis


@cache
def day_count_basis() -> int:
    """Days of a year for interest (365).

    >>> day_count_basis()
    365
    """
    return cast("int", law.history("interest.day_count_basis")[-1].value)
