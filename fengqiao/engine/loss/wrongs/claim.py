"""A case of one of the other wrongs made ready: its rules, what it rests on, how one investor is settled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fengqiao.engine import dates
from fengqiao.engine.errors import InputError
from fengqiao.engine.loss.market import ordinal
from fengqiao.engine.loss.wrongs import bond_terms, bonds, futures, suitability, trading_wrongs
from fengqiao.engine.loss.wrongs.interest import law_tables
from fengqiao.engine.loss.wrongs.kinds import MISREPRESENTATION
from fengqiao.engine.loss.wrongs.wrong_case import Section

if TYPE_CHECKING:
    from fengqiao.engine.dates import TradingCalendar
    from fengqiao.engine.loss.market import Market, Series
    from fengqiao.engine.loss.trade import Trade
    from fengqiao.engine.loss.wrongs.shape import Award, Trace
    from fengqiao.engine.loss.wrongs.wrong_case import WrongCase

SECTIONS: dict[str, Section] = {
    "bond_misrepresentation": bond_terms.MISREPRESENTATION,
    "bond_default": bond_terms.DEFAULT_SECTION,
    "insider_dealing": trading_wrongs.SECTION,
    "manipulation": trading_wrongs.SECTION,
    "futures_misconduct": futures.SECTION,
    "unsuitable_sale": suitability.SECTION,
}
DETAILS: dict[str, tuple[str, ...]] = {
    "bond_misrepresentation": bonds.DETAILS, "bond_default": bonds.DETAILS, "insider_dealing": trading_wrongs.DETAILS,
    "manipulation": trading_wrongs.DETAILS, "futures_misconduct": futures.DETAILS,
    "unsuitable_sale": suitability.DETAILS,
}  # fmt: skip


def section_of(wrong: str) -> Section:
    """The section that a wrong adds to a case file.

    >>> section_of("unsuitable_sale").name
    'sale'
    """
    if wrong == MISREPRESENTATION:
        raise KeyError(wrong)
    return SECTIONS[wrong]


@dataclass(frozen=True)
class Claim:
    """A case made ready for any number of investors.

    conduct: set for insider dealing and manipulation. last: day number after which rows are not looked at. law: the
    law parameters the figures rest on. on_trading_days: whether trades on other days are odd.
    """

    case: WrongCase
    calendar: TradingCalendar
    last: int
    law: tuple[str, ...]
    market: Market | None = None
    conduct: trading_wrongs.Conduct | None = None
    on_trading_days: bool = False
    notes: tuple[str, ...] = ()

    @property
    def details(self) -> tuple[str, ...]:
        """Names of the wrong's own amounts, after the columns that all results have."""
        return DETAILS[self.case.wrong]

    @property
    def securities(self) -> tuple[str, ...]:
        """Codes whose rows count, one source of records for each."""
        if self.case.wrong == "futures_misconduct":
            return tuple(contract.code for contract in self.case.terms.contracts)
        return (self.case.security,)

    @property
    def called(self) -> str:
        """The codes of the securities as sentences name them."""
        return "、".join(self.securities)

    @property
    def interest_days(self) -> tuple[dt.date, dt.date]:
        """First and last day on which interest can run."""
        terms = self.case.terms
        end = terms.judgment if self.case.wrong.startswith("bond_") else terms.end
        start = getattr(terms, "implementation", None) or getattr(terms, "start", None) or dt.date(1990, 1, 1)
        return start, self.case.interest.until or end

    def settle(self, groups: Mapping[int, Sequence[Trade]], trace: Trace | None = None) -> Award:
        """The award of one investor. groups: rows by place in `securities`."""
        if self.case.wrong == "futures_misconduct":
            return futures.settle_futures(groups, self.case, trace)
        trades = groups.get(0, ())
        if self.conduct is not None:
            return trading_wrongs.settle_trading(trades, self.conduct, trace)
        settle: Callable[..., Award] = suitability.settle_sale
        if self.case.wrong.startswith("bond_"):
            settle = bonds.settle_bonds
        return settle(trades, self.case, trace)


NO_MEASURE = "条文只规定责任，没有规定损失的算法；同期交易者的范围和模拟价格的算法是本平台的约定，由案件设置选定。"
RECORD = "所依据的会议纪要不是司法解释，其原文尚未核对（待核）。"
CAP = "条文规定的比例是上限（“不超过”）；没有另外给定比例的，按上限计算。"


def prepare_claim(
    case: WrongCase,
    *,
    path: Series | None = None,
    market: Market | None = None,
    calendar: TradingCalendar | None = None,
) -> Claim:
    """Look up all that investors share. path: the price without the wrong, for insider dealing and manipulation.

    Errors: InputError and OutOfKnownDatesError say what is missing.
    """
    calendar = calendar or dates.trading_calendar()
    interest = law_tables(case.interest)
    terms = case.terms
    if case.wrong in trading_wrongs.LAW:
        if path is None:
            raise InputError("[conduct] needs a price path (模拟价格)", todo="Set path in [conduct]")
        conduct = trading_wrongs.prepare_conduct(case, path, calendar)
        liability = trading_wrongs.LAW[case.wrong]
        return Claim(conduct.case, calendar, conduct.last, liability, market, conduct, True, (NO_MEASURE,))
    if case.wrong == "futures_misconduct":
        law = (*futures.law_of(terms), *interest)
        notes = (CAP,) if terms.share is None else ()
        return Claim(case, calendar, ordinal(terms.end), law, market, None, True, notes)
    if case.wrong == "unsuitable_sale":
        return Claim(case, calendar, ordinal(terms.end), (*suitability.LAW, *interest), notes=(RECORD,))
    return Claim(case, calendar, ordinal(terms.judgment) - 1, (*bonds.LAW, *interest), notes=(RECORD,))
