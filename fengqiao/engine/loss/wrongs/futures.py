"""Losses in futures accounts and the caps on them: 期货纠纷规定 arts. 16, 17, 26, 32, 34, 35, 39, 40.

The loss of a period is what the positions lost between their prices and the settlement prices at its edges, with the
fees; how much of it the firm or the exchange bears at most is law data. Exact fractions. See docs/methods/futures.md.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from fengqiao.engine import law
from fengqiao.engine.errors import InputError
from fengqiao.engine.loss.case_values import (
    Parser,
    choice_of,
    date_value,
    parsed_table,
    price_value,
    ratio_value,
    text_value,
)  # fmt: skip
from fengqiao.engine.loss.market import day_of, ordinal
from fengqiao.engine.loss.rows import BUY, DIVIDEND, OPENING
from fengqiao.engine.loss.trade import execution_order
from fengqiao.engine.loss.wrongs.interest import rate_steps
from fengqiao.engine.loss.wrongs.shape import (
    ZERO,
    Award,
    Row,
    Trace,
    average,
    count_text,
    fees_of,
    fen,
    fen_text,
    not_below_zero,
    price_of,
    yuan_text,
)  # fmt: skip
from fengqiao.engine.loss.wrongs.wrong_case import Section
from fengqiao.engine.money import decimal_text

if TYPE_CHECKING:
    from fengqiao.engine.loss.trade import Trade
    from fengqiao.engine.loss.wrongs.wrong_case import WrongCase

Misconduct = Literal[
    "full_discretion", "settlement_notice", "margin_call", "overdraft", "shared_overdraft", "risk_disclosure",
    "excessive_liquidation",
]  # fmt: skip
CAPS: dict[tuple[str, str], str] = {
    ("firm", "full_discretion"): "futures.firm_full_discretion_cap",
    ("firm", "settlement_notice"): "futures.firm_settlement_notice_cap",
    ("firm", "margin_call"): "futures.firm_margin_call_cap",
    ("firm", "overdraft"): "futures.firm_overdraft_cap",
    ("exchange", "margin_call"): "futures.exchange_margin_call_cap",
    ("exchange", "overdraft"): "futures.exchange_overdraft_cap",
}
UNCAPPED: dict[tuple[str, str], str] = {
    ("firm", "risk_disclosure"): "futures.risk_disclosure",
    ("firm", "shared_overdraft"): "futures.shared_overdraft",
    ("exchange", "shared_overdraft"): "futures.shared_overdraft",
    ("firm", "excessive_liquidation"): "futures.excessive_liquidation",
    ("exchange", "excessive_liquidation"): "futures.excessive_liquidation",
}
POSITIONS: dict[str, Literal["all", "kept", "opened"]] = {
    "full_discretion": "all", "settlement_notice": "kept", "margin_call": "kept", "overdraft": "opened",
    "shared_overdraft": "opened", "risk_disclosure": "all", "excessive_liquidation": "kept",
}  # fmt: skip
DETAILS = ("trading_loss", "fees")


@dataclass(frozen=True)
class Contract:
    """One contract: code, units a lot, settlement price before the period (None: no positions then) and at its end."""

    code: str
    multiplier: Fraction
    start_price: Fraction | None = None
    end_price: Fraction | None = None


@dataclass(frozen=True)
class FuturesTerms:
    """What a case says. start, end: first and last day of the period that the loss is taken of.

    positions: which count: all, those kept since before the period, those opened in it (default by the misconduct).
    share: what the liable side bears; None takes the cap of the law, more than the cap is refused. fees: whether fees
    recorded with the trades belong to the loss.
    """

    liable: Literal["firm", "exchange"]
    misconduct: Misconduct
    start: dt.date
    end: dt.date
    contracts: tuple[Contract, ...]
    positions: Literal["all", "kept", "opened"] | None = None
    share: Fraction | None = None
    share_reason: str = ""
    fees: Literal["include", "exclude"] = "include"


def _contracts(value: object, what: str, base: Path) -> tuple[Contract, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
        raise InputError(f"{what} must be given as [[futures.contracts]] tables")
    keys: dict[str, Parser] = {
        "code": text_value, "multiplier": price_value, "start_price": price_value, "end_price": price_value,
    }  # fmt: skip
    found = tuple(Contract(**parsed_table(item, keys, what, base, ("code", "multiplier"))) for item in value)
    if len({item.code for item in found}) < len(found):
        raise InputError(f"{what} names a contract twice")
    return found


FUTURES_KEYS: dict[str, Parser] = {
    "liable": choice_of(("firm", "exchange")), "misconduct": choice_of(tuple(POSITIONS)), "start": date_value,
    "end": date_value, "contracts": _contracts, "positions": choice_of(("all", "kept", "opened")),
    "share": ratio_value, "share_reason": text_value, "fees": choice_of(("include", "exclude")),
}  # fmt: skip


def _check(terms: FuturesTerms) -> None:
    pair = (terms.liable, terms.misconduct)
    if pair not in CAPS and pair not in UNCAPPED:
        raise InputError(
            f'[futures] misconduct = "{terms.misconduct}" is not known of the {terms.liable}',
            todo='Set liable = "firm", or check the misconduct',
        )  # fmt: skip
    if terms.start > terms.end:
        raise InputError("[futures] start is after end", why=f"{terms.start} and {terms.end}", todo="Check the dates")
    if pair in UNCAPPED and terms.share is None:
        raise InputError(
            "[futures] share is needed: the text gives no ratio for this misconduct",
            why=law.history(UNCAPPED[pair])[-1].source, todo="Add share with its share_reason",
        )  # fmt: skip
    if terms.share is not None and not terms.share_reason:
        raise InputError("[futures] share needs share_reason", todo="Say why this share (判决、双方过错)")
    if pair in CAPS and terms.share is not None:
        cap = law.value_on(CAPS[pair], terms.end)
        if terms.share > cap.value:  # type: ignore[operator]
            raise InputError(
                f"[futures] share lies above the cap of {cap}",
                why=cap.source,
                todo="Lower it, or leave it out to take the cap",
            )


SECTION = Section("futures", FUTURES_KEYS, ("liable", "misconduct", "start", "end", "contracts"), FuturesTerms, _check)


def law_of(terms: FuturesTerms) -> tuple[str, ...]:
    """The law parameter that the share rests on."""
    pair = (terms.liable, terms.misconduct)
    return (CAPS.get(pair) or UNCAPPED[pair],)


def share_of(terms: FuturesTerms) -> tuple[Fraction, str]:
    """The share that is borne, and its source: the case's, else the cap in force at the end of the period.

    A cap is the most that may be awarded ("不超过"); taking it in full is our default.
    """
    source = law.history(law_of(terms)[0])[-1].source
    if terms.share is not None:
        return terms.share, source
    found = law.value_on(law_of(terms)[0], terms.end)
    return Fraction(found.value), found.source  # type: ignore[arg-type]


@dataclass(slots=True)
class _Position:
    """Lots of a contract: quantity (below 0: short), price they are counted from, fee of one, whether they count."""

    quantity: int
    price: Fraction
    fee: Fraction
    counted: bool


@dataclass(slots=True)
class Account:
    """Sums of one investor over all contracts. pnl, fees: yuan; opened, closed, kept: lots that count."""

    pnl: Fraction = ZERO
    fees: Fraction = ZERO
    opened: int = 0
    closed: int = 0
    kept: int = 0
    bought: tuple[int, Fraction] = (0, ZERO)
    sold: tuple[int, Fraction] = (0, ZERO)
    unpriced: list[str] = field(default_factory=list)


class _Walk:
    """Replays the rows of one investor and contract, first in, first out between long and short."""

    def __init__(self, contract: Contract, terms: FuturesTerms, account: Account) -> None:
        self.contract, self.terms, self.account = contract, terms, account
        self.kind = terms.positions or POSITIONS[terms.misconduct]
        self.open: deque[_Position] = deque()
        self.started = False
        self.start, self.end = ordinal(terms.start), ordinal(terms.end)

    def begin(self) -> None:
        """Positions from before the period count from the settlement price before it, or not at all."""
        self.started = True
        for lot in self.open:
            lot.counted = self.kind != "opened"
            lot.fee = ZERO
            if lot.counted:
                if self.contract.start_price is None:
                    self.account.unpriced.append(self.contract.code)
                lot.price = self.contract.start_price or lot.price
                self.account.opened += abs(lot.quantity)

    def take(self, trade: Trade) -> str:
        """One row; returns what it did, in Chinese."""
        if trade.kind == DIVIDEND:
            return "不影响计算"
        inside = trade.date >= self.start and trade.kind != OPENING
        if inside and not self.started:
            self.begin()
        sign, price, fee = (1 if trade.side == BUY else -1), price_of(trade), fees_of(trade) / trade.quantity
        rest, closed, result = trade.quantity, 0, ZERO
        while rest and self.open and self.open[0].quantity * sign < 0:
            lot = self.open[0]
            part = min(rest, abs(lot.quantity))
            if lot.counted and inside:
                gained = (lot.price - price) * part * sign * self.contract.multiplier
                result += gained
                closed += part
                self.count(trade.side, part, price, gained, (lot.fee + fee) * part)
            lot.quantity += part * sign
            rest -= part
            if lot.quantity == 0:
                self.open.popleft()
        if rest:
            counts = inside and self.kind != "kept"
            self.open.append(_Position(rest * sign, price, fee if counts else ZERO, counts))
            if counts:
                self.account.opened += rest
                self.tally(trade.side, rest, price)
        return self.said(rest, closed, result, inside)

    def count(self, side: int, part: int, price: Fraction, gained: Fraction, fees: Fraction) -> None:
        self.account.pnl += gained
        self.account.fees += fees
        self.account.closed += part
        self.tally(side, part, price)

    def tally(self, side: int, part: int, price: Fraction) -> None:
        account = self.account
        if side == BUY:
            account.bought = (account.bought[0] + part, account.bought[1] + part * price)
        else:
            account.sold = (account.sold[0] + part, account.sold[1] + part * price)

    def said(self, rest: int, closed: int, result: Fraction, inside: bool) -> str:
        if not inside:
            return "期间以前"
        parts = [f"平仓{closed}手，盈亏{yuan_text(result)}元"] if closed else []
        parts += [f"开仓{rest}手" + ("" if self.kind != "kept" else "，不在范围内")] if rest else []
        return "；".join(parts) or "不在范围内"

    def finish(self) -> None:
        """What is still open at the end of the period counts at its settlement price."""
        if not self.started:
            self.begin()
        for lot in self.open:
            if not lot.counted:
                continue
            if self.contract.end_price is None:
                self.account.unpriced.append(self.contract.code)
                continue
            self.account.pnl += (self.contract.end_price - lot.price) * lot.quantity * self.contract.multiplier
            self.account.fees += lot.fee * abs(lot.quantity)
            self.account.kept += abs(lot.quantity)


def settle_futures(groups: Mapping[int, Sequence[Trade]], case: WrongCase, trace: Trace | None = None) -> Award:
    """The award of one investor. groups: rows by place of the contract in the case. Profits of one contract set off
    losses of another: the text speaks of the loss, not of the loss of each contract [ours]."""
    terms: FuturesTerms = case.terms
    account = Account()
    for place, contract in enumerate(terms.contracts):
        walk = _Walk(contract, terms, account)
        for trade in sorted(groups.get(place, ()), key=execution_order):
            if trade.kind != OPENING and day_of(trade.date) > terms.end:
                break
            effect = walk.take(trade)
            if trace is not None:
                held = sum(abs(lot.quantity) for lot in walk.open if lot.counted)
                trace.rows.append(Row(trade, f"{contract.code}：{effect}", Fraction(held), None))
        walk.finish()
    return _award(account, case, trace)


def _award(account: Account, case: WrongCase, trace: Trace | None) -> Award:
    terms, rounding = case.terms, case.rounding
    fees = account.fees if terms.fees == "include" else ZERO
    share, source = share_of(terms)
    if account.unpriced:
        codes = "、".join(dict.fromkeys(account.unpriced))
        return Award(said=(f"合约{codes}在期间的起点或终点有持仓，案件没有给出结算价，不能计算",), details=(0, 0))
    difference = max(fees - account.pnl, ZERO)
    kept = share * (1 - case.other_ratio)
    award_fen = fen(difference * kept, rounding)
    single = terms.contracts[0] if len(terms.contracts) == 1 else None
    rates = rate_steps(case.interest)
    until = case.interest.until or terms.end
    factor = rates.factor(terms.end, until) if rates else ZERO
    award = Award(
        scope=Fraction(account.opened), sold=Fraction(account.closed), held=Fraction(account.kept),
        purchase_average=average(account.bought[1], account.bought[0]) if single else None,
        sale_average=average(account.sold[1], account.sold[0]) if single else None,
        reference_price=(single.end_price or ZERO) if single else ZERO,
        difference=difference, award=difference * kept, difference_fen=fen(difference, rounding), award_fen=award_fen,
        interest_fen=fen(Fraction(award_fen, 100) * factor, rounding), bought=Fraction(account.opened),
        details=(fen(-account.pnl, rounding), fen(fees, rounding)),
        said=() if difference else ("没有范围内的持仓" if not account.opened else "没有损失",),
    )  # fmt: skip
    if trace is not None:
        trace.line("范围内的持仓", "", f"{count_text(account.opened)} 手")
        trace.line("期间的交易盈亏", "平仓盈亏加期末持仓按结算价的盈亏", f"{yuan_text(account.pnl)} 元")
        trace.line("手续费", "" if terms.fees == "include" else "不计入", f"{yuan_text(fees)} 元")
        trace.line("损失", not_below_zero(fees, account.pnl), fen_text(award.difference_fen))
        trace.line("承担的比例", terms.share_reason or "条文的上限", f"{decimal_text(share * 100, 2)}%", source)
        trace.line("其他因素比例", case.other_reason, f"{decimal_text(case.other_ratio * 100, 2)}%")
        trace.line("认定的损失", "按比例并扣除其他因素后，舍入到分", fen_text(award.award_fen), source)
        if factor:
            trace.line("利息", f"计至{until}", fen_text(award.interest_fen))
        trace.line("合计", "", fen_text(award.total_fen), strong=True)
    return award
