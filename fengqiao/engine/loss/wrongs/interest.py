"""Interest by dated rates: which table, which days, exact. Used by the wrongs whose texts give interest."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Literal, get_args

from fengqiao.engine import law
from fengqiao.engine.errors import InputError, OutOfKnownDatesError
from fengqiao.engine.loss.case_values import Parser, choice_of, date_value, parsed_table, ratio_value, text_value
from fengqiao.engine.loss.ruleset import day_count_basis

Rate = Literal["none", "demand_deposit", "deposit_one_year", "loan_or_lpr", "fixed", "table"]
LAW_TABLES: dict[str, tuple[str, ...]] = {
    "demand_deposit": ("interest.demand_deposit",),
    "deposit_one_year": ("interest.deposit_one_year",),
    "loan_or_lpr": ("interest.loan_one_year", "interest.lpr_one_year"),
}
RATE_WORDS = {
    "none": "不计", "demand_deposit": "活期存款基准利率，分段计算", "deposit_one_year": "一年期存款基准利率，分段计算",
    "loan_or_lpr": "2019年8月19日前为一年期贷款基准利率，其后为一年期LPR，分段计算",
    "fixed": "固定年利率", "table": "案件给定的利率表",
}  # fmt: skip


@dataclass(frozen=True)
class InterestTerms:
    """What a case says on interest. until: the last day that counts (None: the wrong's own default)."""

    rate: Rate = "none"
    fixed: Fraction | None = None
    reason: str = ""
    table: tuple[tuple[dt.date, Fraction], ...] = ()
    until: dt.date | None = None


def _steps(value: object, what: str, base: object) -> tuple[tuple[dt.date, Fraction], ...]:
    if not isinstance(value, list) or not value:
        raise InputError(f'{what} must be a list such as [{{ from = 2019-08-20, rate = "4.25%" }}]')
    known: dict[str, Parser] = {"from": date_value, "rate": ratio_value}
    rows = [parsed_table(item, known, what, base, ("from", "rate")) for item in value if isinstance(item, dict)]  # type: ignore[arg-type]
    days = [row["from"] for row in rows]
    if len(rows) != len(value) or days != sorted(set(days)):
        raise InputError(f"{what} must be tables with from and rate, ascending by date, each date once")
    return tuple((row["from"], row["rate"]) for row in rows)


INTEREST_KEYS: dict[str, Parser] = {
    "rate": choice_of(get_args(Rate)),
    "fixed": ratio_value,
    "reason": text_value,
    "table": _steps,
    "until": date_value,
}


def check_interest(terms: InterestTerms) -> None:
    """Refuse terms that do not fit together: a fixed rate without its value or reason, a table without rows."""
    for rate, key in (("fixed", "fixed"), ("table", "table")):
        given = bool(getattr(terms, key)) or getattr(terms, key) == 0
        if terms.rate == rate and not given:
            raise InputError(f'[interest] rate = "{rate}" needs {key}', todo=f"Add {key} to [interest]")
        if terms.rate != rate and getattr(terms, key) not in (None, ()):
            raise InputError(
                f'[interest] {key} is given but rate is "{terms.rate}"', todo=f'Set rate = "{rate}" or remove {key}'
            )
    if terms.rate in ("fixed", "table") and not terms.reason:
        raise InputError(
            f'[interest] rate = "{terms.rate}" needs its reason', todo='Add reason = "…" (合同、判决或公布的利率表)'
        )


@dataclass(frozen=True)
class RateSteps:
    """Rates a year by day, as steps; `last` is the last day known, None without end."""

    name: str
    starts: tuple[dt.date, ...]
    rates: tuple[Fraction, ...]
    last: dt.date | None

    def on(self, day: dt.date) -> Fraction:
        """The rate of a day. Errors: OutOfKnownDatesError outside what is known; nothing is carried over."""
        place = bisect_right(self.starts, day) - 1
        if place < 0 or (self.last is not None and day > self.last):
            raise OutOfKnownDatesError(
                f"The interest rate ({self.name}) is not known on {day}",
                why=f"it is known from {self.starts[0]} to {self.last or 'now'}",
                todo='Give the rates in the case: [interest] rate = "table", with their source as reason',
            )
        return self.rates[place]

    def factor(self, start: dt.date, end: dt.date) -> Fraction:
        """Interest on 1 yuan from `start` to `end`: by sub-period, days/365, no compounding; 0 if end is not later.

        The start day is not counted, the end day is; a day's interest is that of the rate in force when it begins.

        >>> RateSteps("x", (dt.date(2020, 1, 1),), (Fraction(1, 100),), None).factor(
        ...     dt.date(2021, 1, 1), dt.date(2022, 1, 1)
        ... )
        Fraction(1, 100)
        """
        total, day = Fraction(0), start
        while day < end:
            rate = self.on(day)
            following = next((step for step in self.starts if step > day), end)
            until = min(following, end)
            if self.last is not None and until - dt.timedelta(days=1) > self.last:
                self.on(until - dt.timedelta(days=1))
            total += rate * (until - day).days
            day = until
        return total / day_count_basis()


@cache
def rate_steps(terms: InterestTerms) -> RateSteps | None:
    """The rates that a case's terms mean; None where no interest is counted.

    >>> rate_steps(InterestTerms("loan_or_lpr")).on(dt.date(2019, 8, 20))
    Fraction(17, 400)
    """
    if terms.rate == "none":
        return None
    if terms.rate == "fixed":
        return RateSteps("fixed", (dt.date(1990, 1, 1),), (terms.fixed or Fraction(0),), None)
    if terms.rate == "table":
        return RateSteps("table", tuple(day for day, _ in terms.table), tuple(rate for _, rate in terms.table), None)
    steps = [step for parameter in LAW_TABLES[terms.rate] for step in law.history(parameter)]
    return RateSteps(
        terms.rate, tuple(step.in_force_from for step in steps), tuple(Fraction(step.value) for step in steps),  # type: ignore[arg-type]
        steps[-1].in_force_to,
    )  # fmt: skip


def law_tables(terms: InterestTerms) -> tuple[str, ...]:
    """The law parameters that the interest of a case rests on."""
    return LAW_TABLES.get(terms.rate, ())
