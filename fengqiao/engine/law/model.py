"""The shapes of law as dated data: instruments, parameters with their dated values, rule sets with their switches."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from fengqiao.engine.errors import InputError, unknown_name
from fengqiao.engine.money import decimal_text, exact

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping

Value = int | Fraction | str | bool | tuple[str, ...]
Kind = Literal["period", "threshold", "rate", "amount", "definition", "rule", "schedule"]
Status = Literal["verified", "待核"]
Mark = Literal["law", "court", "ours"]
Roll = Literal["R", "W", "S", "none"]
Calendar = Literal["natural", "working", "trading", "none"]

UNVERIFIED = "待核"

# unit -> (calendar in which a period of that unit runs, how the number is written in Chinese)
UNITS: dict[str, tuple[Calendar, str]] = {
    "CD": ("natural", "{}日"),
    "WD": ("working", "{}个工作日"),
    "TD": ("trading", "{}个交易日"),
    "M": ("natural", "{}个月"),
    "Y": ("natural", "{}年"),
    "yuan": ("none", "{}元"),
    "persons": ("none", "{}人"),
    "times": ("none", "{}次"),
    "day_of_month": ("none", "{}日"),
    "days_per_year": ("none", "一年{}日"),
    "ratio": ("none", "{}"),
    "percent_per_year": ("none", "{}"),
    "none": ("none", "{}"),
}


@dataclass(frozen=True)
class Instrument:
    """A law, an interpretation, a rule or a recorded practice: what a value rests on.

    `in_force_to` is the last day in force, `None` while it is in force. `document_number` is empty where the text
    that was read carries none.
    """

    key: str
    title: str
    document_number: str
    in_force_from: datetime.date
    in_force_to: datetime.date | None
    status: Status
    missing: str = ""
    note: str = ""


@dataclass(frozen=True)
class Dated:
    """One value with the days on which it is in force (both inclusive; `in_force_to` is `None` while it lasts).

    Ratios and rates are exact: 0.1% is `Fraction(1, 1000)`, and 0.35% a year is `Fraction(7, 2000)`.
    """

    value: Value
    in_force_from: datetime.date
    in_force_to: datetime.date | None
    source: str
    instrument: str
    status: Status
    unit: str = "none"
    missing: str = ""
    note: str = ""

    @property
    def verified(self) -> bool:
        """True where the cited article was read in full text; False for 待核."""
        return self.status != UNVERIFIED

    def covers(self, day: datetime.date) -> bool:
        """True on the days this value is in force, first and last day included."""
        return self.in_force_from <= day and (self.in_force_to is None or day <= self.in_force_to)

    def label(self) -> str:
        """The value as a person reads it, in Chinese; a 待核 value always says so and says what is missing.

        >>> import datetime
        >>> since = datetime.date(2012, 7, 6)
        >>> str(Dated(Fraction(7, 2000), since, None, "《…》", "PBC", "待核", "percent_per_year", missing="未见原件"))
        '0.35%（待核：未见原件）'
        >>> str(Dated(30, since, None, "《…》第24条", "OMR", "verified", "CD"))
        '30日'
        """
        text = _value_text(self.value, self.unit)
        return text if self.verified else f"{text}（待核：{self.missing}）"

    def __str__(self) -> str:
        return self.label()


@dataclass(frozen=True)
class Parameter:
    """A number, a period, a rate or a rule that a law sets, with all its known values in order of their dates.

    ref: its row in the list of time limits (T1, M5, J10 ...). requirements: rows of the requirement
    catalogue it serves. absent: why there are no values (imported or configured by the user), in Chinese; empty where
    there are values.
    """

    id: str
    ref: str
    title: str
    kind: Kind
    unit: str
    start_event: str
    roll: Roll
    values: tuple[Dated, ...]
    absent: str = ""
    requirements: tuple[str, ...] = ()

    @property
    def calendar(self) -> Calendar:
        """In which days a period of this unit runs: natural (自然日), working (工作日), trading (交易日) or none."""
        return UNITS[self.unit][0]


@dataclass(frozen=True)
class Switch:
    """One choice of a rule set: its default value, the values a user may choose from, and on what it rests.

    value: the default; None where the rule set knows no such thing (for example no cap on the number of trading days).
    options: the values that may be chosen; empty where nothing may be chosen. mark: law (rule text), court (published
    judgments), ours (our reading, kept as a setting).
    """

    name: str
    value: Value | None
    source: str
    mark: Mark
    note: str
    options: tuple[str, ...] = ()

    @property
    def ratio(self) -> Fraction:
        """The default as an exact number, for switches that hold a decimal text ("1", "0.03%").

        >>> Switch("commission_rate", "0.03%", "裁判实践", "court", "").ratio
        Fraction(3, 10000)
        """
        if not isinstance(self.value, str):
            raise InputError(f"The switch {self.name} does not hold a decimal text", why=f"its value is {self.value!r}")
        return exact(self.value, self.name)

    def allows(self, value: Value | None) -> bool:
        """True if a case may use this value under the rule set.

        >>> Switch("parts", "combined", "裁判实践", "court", "", ("combined", "separate")).allows("separate")
        True
        """
        return value in self.options if self.options else value == self.value


@dataclass(frozen=True)
class RuleSet:
    """The rules of one judicial interpretation on misrepresentation, as switches and the legal basis of each figure.

    `reason` says in Chinese why this rule set was chosen (filled by `rule_set_for`).
    """

    id: str
    title: str
    instrument: str
    in_force_from: datetime.date
    in_force_to: datetime.date | None
    entries: tuple[Switch, ...]
    basis_entries: tuple[tuple[str, str], ...]
    reason: str = ""

    @property
    def switches(self) -> Mapping[str, Switch]:
        """All switches by name."""
        return {entry.name: entry for entry in self.entries}

    @property
    def basis(self) -> Mapping[str, str]:
        """The legal basis (Chinese citation) of every figure, by the figure's name."""
        return dict(self.basis_entries)

    def switch(self, name: str) -> Switch:
        """One switch by name; an unknown name is an InputError that names the nearest one.

        >>> from fengqiao.engine import law
        >>> law.rule_set("cn2022").switch("max_trading_days").value
        30
        """
        found = self.switches.get(name)
        if found is None:
            raise unknown_name(f"switch of {self.id}", name, self.switches)
        return found

    def legal_basis(self, figure: str) -> str:
        """The citation to print beside a figure; an unknown figure is an InputError.

        >>> from fengqiao.engine import law
        >>> law.rule_set("cn2022").legal_basis("benchmark_price")
        '法释〔2022〕2号第26条第4款'
        """
        found = self.basis.get(figure)
        if found is None:
            raise unknown_name(f"figure of {self.id}", figure, self.basis)
        return found


def _value_text(value: Value, unit: str) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, tuple):
        return "；".join(value)
    if isinstance(value, Fraction):
        return _percent(value)
    if unit == "yuan" and isinstance(value, int) and value >= 10_000 and value % 10_000 == 0:
        return f"{value // 10_000}万元"
    return UNITS[unit][1].format(value)


def _percent(value: Fraction) -> str:
    text = decimal_text(value * 100, 6).rstrip("0").rstrip(".")
    return f"{text}%"
