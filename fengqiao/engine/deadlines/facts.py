"""What happened to a period: suspensions (中止), interruptions (中断), extensions (延长), a length set by somebody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fengqiao.engine.errors import InputError

if TYPE_CHECKING:
    from datetime import date

    from fengqiao.engine.deadlines.periods import Period


@dataclass(frozen=True)
class Suspension:
    """Days that do not count: from `first` to `last`, both included; `last` is None while it lasts.

    For a limitation period (诉讼时效) `last` is the day on which the obstacle was removed (原因消除之日).

    >>> from datetime import date
    >>> Suspension(date(2026, 3, 5), date(2026, 3, 1))
    Traceback (most recent call last):
    fengqiao.engine.errors.InputError: A suspension (中止) ends before it begins: 2026-03-05 to 2026-03-01.
    """

    first: date
    last: date | None
    reason: str = ""

    def __post_init__(self) -> None:
        if self.last is not None and self.last < self.first:
            raise InputError("A suspension (中止) ends before it begins", why=f"{self.first} to {self.last}")

    def overlaps(self, first: date, last: date) -> bool:
        """Whether any day from first to last lies in it."""
        return self.first <= last and (self.last is None or self.last >= first)


@dataclass(frozen=True)
class Interruption:
    """The period begins anew: from the day itself, or from the end of the proceedings that interrupted it.

    on: day of the interruption. restarts_on: day on which the proceedings ended (有关程序终结), that day again not
    counted; None: the day of the interruption. pending: the proceedings go on, nothing runs yet.
    """

    on: date
    reason: str = ""
    restarts_on: date | None = None
    pending: bool = False

    def __post_init__(self) -> None:
        if self.restarts_on is not None and self.restarts_on < self.on:
            why = f"interrupted on {self.on}, restarted on {self.restarts_on}"
            raise InputError("A period cannot restart before it is interrupted (中断)", why=why)
        if self.pending and self.restarts_on is not None:
            raise InputError("An interruption (中断) that is pending has no day of restart", why=f"{self.restarts_on}")


@dataclass(frozen=True)
class Extension:
    """A longer period: by a length, or up to a day (exactly one of the two).

    agreed_on: day of the agreement or approval. by: who agreed or approved, one of the names the rule gives.
    """

    agreed_on: date
    by: str
    length: Period | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        if (self.length is None) == (self.until is None):
            raise InputError("An extension (延长) has either a length or a last day", why=f"agreed on {self.agreed_on}")
        if self.length is not None and self.length.unit == "H":
            raise InputError("A period of days is not extended (延长) by hours", why=str(self.length))


@dataclass(frozen=True)
class GivenLength:
    """A length that an organisation or a text not in the law data sets, with its source, for rules without a number.

    >>> from fengqiao.engine.deadlines.periods import Period
    >>> GivenLength(Period(20, "WD"), "调解规则第12条").source
    '调解规则第12条'
    """

    period: Period
    source: str

    def __post_init__(self) -> None:
        if not self.source.strip():
            raise InputError(
                "A length that is given needs its source (依据)", todo="Say which rule or contract sets it"
            )
