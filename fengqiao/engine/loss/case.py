"""A case to be measured, as values: what was misstated, its key dates, and every setting that changes a figure.

Nothing here reads files (`case_file` does) or computes; two equal cases give equal results.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import datetime as dt
    from fractions import Fraction
    from pathlib import Path

    from fengqiao.engine.money import Rounding

Rules = Literal["cn2022", "cn2003"]
Direction = Literal["inducing_purchase", "inducing_sale"]
Trading = Literal["central_bidding", "other"]
AfterClose = Literal["next_day", "same_day"]
Averaging = Literal["moving_weighted", "fifo_weighted", "weighted", "actual_cost"]
Floor = Literal["total", "each_part"]
Suspended = Literal["skip", "count", "day_before", "resume"]
Turnover = Literal["daily_float", "float_at_t1"]
NotReached = Literal["wait", "thirtieth_day"]
Dividends = Literal["ignore", "deduct", "adjust"]
Rights = Literal["adjust", "ignore"]
Overlap = Literal["earliest", "latest"]
BlockTrades = Literal["exclude", "count"]
Duplicates = Literal["keep", "drop"]
MarketRisk = Literal["none", "fixed", "synchronised_index", "simulated_price"]
IndexFloor = Literal["after_mean", "each"]
Parts = Literal["combined", "separate"]
Combination = Literal["multiply", "add"]
FeeMode = Literal["flat", "recorded"]
Interest = Literal["none", "demand_deposit"]


@dataclass(frozen=True)
class Segment:
    """One misstatement with its own key dates (三日一价).

    revelation: calendar date of the revelation (揭露日) or correction (更正日), whichever the case uses.
    benchmark and benchmark_price are None when they are to be derived from market data;
    benchmark_price is in yuan, exact; benchmark_reason says on what given values rest (a judgment, an expert's opinion:
    cn2022 art. 26 last paragraph). delisting: the day the security left the market (摘牌日), cn2003 only.
    """

    name: str
    implementation: dt.date
    revelation: dt.date
    revelation_after_close: bool = False
    revelation_kind: Literal["revelation", "correction"] = "revelation"
    benchmark: dt.date | None = None
    benchmark_price: Fraction | None = None
    benchmark_reason: str = ""
    delisting: dt.date | None = None


@dataclass(frozen=True)
class Method:
    """Choices of the method (sections 1 to 4 and 7 of the method), each with the default of the rule set."""

    averaging: Averaging = "moving_weighted"
    rounding: Rounding = "half_up"
    floor: Floor = "total"
    benchmark_price_digits: int | None = None
    ratio_digits: int | None = None
    after_close: AfterClose = "next_day"
    suspended: Suspended = "skip"
    turnover: Turnover = "daily_float"
    not_reached: NotReached = "wait"
    dividends: Dividends = "ignore"
    rights: Rights = "adjust"
    overlap: Overlap | None = None
    block_trades: BlockTrades = "exclude"
    duplicates: Duplicates = "keep"


@dataclass(frozen=True)
class Deduction:
    """What is taken off for causes other than the misstatement (section 5 of the method)."""

    market_risk: MarketRisk = "none"
    ratio: Fraction | None = None
    reason: str = ""
    indices: tuple[str, ...] = ()
    index_floor: IndexFloor = "after_mean"
    parts: Parts = "combined"
    path: Path | None = None
    other_ratio: Fraction | None = None
    other_reason: str = ""
    combination: Combination = "multiply"


@dataclass(frozen=True)
class Fees:
    """Commission, stamp duty and interest (section 6 of the method).

    stamp_duty_rate None: the dated statutory rate, by the date of the in-scope sale, the benchmark date for
    shares held. commission_rate None: the rate courts use, from `engine/law`.
    """

    mode: FeeMode = "flat"
    commission_rate: Fraction | None = None
    stamp_duty_rate: Fraction | None = None
    interest: Interest = "none"


@dataclass(frozen=True)
class Case:
    """Everything a measurement depends on, except the records and the market data.

    trading: "other" for a security or market without central bidding (集中竞价), for which arts. 27 and 28 do not
    speak; results then say that applying the method is our reading.
    """

    name: str
    security: str
    rules: Rules
    direction: Direction
    segments: tuple[Segment, ...]
    method: Method = Method()
    deduction: Deduction = Deduction()
    fees: Fees = Fees()
    trading: Trading = "central_bidding"
    file: str = ""

    @property
    def first_implementation(self) -> dt.date:
        """The earliest implementation date of all segments: where the records begin to matter."""
        return min(segment.implementation for segment in self.segments)


def on_path(case: Case, path: Path | None) -> Case:
    """The same case with its market risk taken from a simulated price path (None: with no market risk deducted).

    The ratio for other causes stays as it is.
    """
    kind: MarketRisk = "none" if path is None else "simulated_price"
    deduction = replace(case.deduction, market_risk=kind, path=path, ratio=None, reason="", indices=())
    return replace(case, deduction=deduction)


def settings_of(case: Case) -> dict[str, str]:
    """Every setting as text, in a fixed order, as it is printed on every result.

    Keys are "section.key"; None becomes "" (not set). Exact numbers are printed exactly.

    >>> from fractions import Fraction
    >>> Fees(commission_rate=Fraction(3, 10000)).commission_rate
    Fraction(3, 10000)
    """
    out = {
        "case.name": case.name,
        "case.security": case.security,
        "case.rules": case.rules,
        "case.direction": case.direction,
        "case.trading": case.trading,
    }
    for section in ("method", "deduction", "fees"):
        group = getattr(case, section)
        for item in fields(group):
            out[f"{section}.{item.name}"] = setting_text(getattr(group, item.name))
    return out


def setting_text(value: object) -> str:
    """One setting as text: exact decimals where possible, names joined by commas, None as "".

    >>> from fractions import Fraction
    >>> setting_text(Fraction(3, 10000)), setting_text(Fraction(1, 3)), setting_text(("a", "b")), setting_text(True)
    ('0.0003', '1/3', 'a,b', 'true')
    """
    from fractions import Fraction as Exact

    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Exact):
        return exact_text(value)
    if isinstance(value, tuple):
        return ",".join(str(item) for item in value)
    return getattr(value, "name", None) or str(value)


def exact_text(value: Fraction) -> str:
    """An exact number as a terminating decimal, or as a fraction where it does not terminate.

    >>> from fractions import Fraction
    >>> exact_text(Fraction(1, 8)), exact_text(Fraction(381, 30))
    ('0.125', '12.7')
    """
    denominator, twos, fives = value.denominator, 0, 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    if denominator != 1:
        return f"{value.numerator}/{value.denominator}"
    digits = max(twos, fives)
    if digits == 0:
        return str(value.numerator)
    scaled = abs(value.numerator) * 10**digits // value.denominator
    sign = "-" if value < 0 else ""
    return f"{sign}{scaled // 10**digits}.{scaled % 10**digits:0{digits}d}"
