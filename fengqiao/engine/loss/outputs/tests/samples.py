"""Runs and statements made of the real engine on made-up prices: what the writers are tested on."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa

from fengqiao.engine.dates import trading_calendar
from fengqiao.engine.findings import DataFinding
from fengqiao.engine.loss.case import settings_of
from fengqiao.engine.loss.case_file import parse_case
from fengqiao.engine.loss.exact import Step, walk
from fengqiao.engine.loss.market import NO_PRICE, CorporateAction, Market, Series, ordinal
from fengqiao.engine.loss.plan import CasePlan, prepare
from fengqiao.engine.loss.rows import BUY, OPENING, SELL
from fengqiao.engine.loss.run_result import RunResult, RunTotals, SegmentStatement, Statement, result_schema
from fengqiao.engine.loss.settle import settle
from fengqiao.engine.loss.trade import Trade
from fengqiao.engine.money import round_digits

DIGESTS = {
    "trades: trades.csv": "sha256:" + "0123456789abcdef" * 4, "market: market.csv": "sha256:" + "fedcba9876543210" * 4
}  # fmt: skip
START, END = dt.date(2018, 1, 2), dt.date(2020, 6, 30)


def made_market(seed: int = 7) -> Market:
    """A falling random walk with one long suspension before, and one short one after the revelation."""
    days = trading_calendar().between(START, END)
    rng = np.random.default_rng(seed)
    steps = rng.normal(0, 0.018, len(days))
    revealed = next(k for k, day in enumerate(days) if day >= dt.date(2019, 5, 17))
    steps[revealed : revealed + 6] = -0.07
    closes = np.round(10 * np.exp(np.cumsum(steps)) * 100).astype(np.int64) * 100
    volume = rng.integers(2_000_000, 9_000_000, len(days))
    volume[revealed : revealed + 20] *= 3
    close = np.maximum(closes, 10_000)
    gap = np.array([dt.date(2018, 7, 2) <= day <= dt.date(2018, 8, 20) or day == days[revealed + 3] for day in days])
    close[gap], volume[gap] = NO_PRICE, 0
    dates = np.array([ordinal(day) for day in days], dtype=np.int32)
    shares = np.full(len(days), 400_000_000, dtype=np.int64)
    return Market("999001", dates, close, volume, shares, np.full(len(days), NO_PRICE, dtype=np.int64), "market.csv")


def made_index(name: str, seed: int) -> Series:
    days = trading_calendar().between(START, END)
    rng = np.random.default_rng(seed)
    close = np.round(3000 * np.exp(np.cumsum(rng.normal(-0.0004, 0.009, len(days)))) * 10_000).astype(np.int64)
    return Series(name, np.array([ordinal(day) for day in days], dtype=np.int32), close, "indices.csv")


def case_table(**sections: dict[str, Any]) -> dict[str, Any]:
    table: dict[str, Any] = {
        "case": {
            "name": "样本股份证券虚假陈述责任纠纷", "security": "999001", "rules": "cn2022",
            "direction": "inducing_purchase",
        },
        "dates": {"implementation": "2018-04-28", "revelation": "2019-05-17"},
    }  # fmt: skip
    for name, values in sections.items():
        if isinstance(values, list):
            table[name] = values
        else:
            table[name] = {**table.get(name, {}), **values}
    if "segments" in sections:
        del table["dates"]
    return table


def made_plan(
    market: Market | None = None, actions: tuple[CorporateAction, ...] = (), **sections: dict[str, Any]
) -> CasePlan:
    case = parse_case(case_table(**sections))
    indices = [made_index(name, place) for place, name in enumerate(case.deduction.indices)]
    path = made_index("模拟价格", 5) if case.deduction.market_risk == "simulated_price" else None
    return prepare(case, market=market, indices=indices, actions=actions, path=path)


def made_trades(plan: CasePlan, seed: int) -> list[Trade]:
    rng = random.Random(seed)
    days = trading_calendar().between(dt.date(2018, 2, 1), dt.date(2019, 9, 30))
    trades, holding = [], 0
    if seed % 3 == 0:
        holding = 500
        trades.append(Trade(ordinal(days[0]), BUY, 500, 95_000, kind=OPENING))
    for place in sorted(rng.sample(range(len(days)), rng.randint(2, 12))):
        price = 100_000 - place * 110 + rng.randint(-9_000, 9_000)
        if holding and rng.random() < 0.4:
            quantity = min(holding, rng.randint(1, 20) * 100)
            holding -= quantity
            trades.append(
                Trade(ordinal(days[place]), SELL, quantity, price, commission=price // 100, stamp_duty=200_000)
            )
        else:
            quantity = rng.randint(1, 40) * 100
            holding += quantity
            trades.append(Trade(ordinal(days[place]), BUY, quantity, price, commission=50_000))
    return trades


def _decimal(value: Fraction, digits: int) -> Decimal:
    return Decimal(round_digits(value, digits).numerator) / Decimal(round_digits(value, digits).denominator)


def _number(value: Fraction | None, digits: int) -> Decimal | None:
    if value is None:
        return None
    return _decimal(value, digits).quantize(Decimal(1).scaleb(-digits))


def result_row(plan: CasePlan, place: int, investor: str, trades: list[Trade], findings: str = "") -> dict[str, Any]:
    segment = plan.segments[place]
    tally = walk(trades, segment)
    got = settle(tally, segment, plan)
    other = plan.case.deduction.other_ratio or Fraction(0)
    bought, sold = (got.entry_average, got.exit_average) if segment.purchases else (got.exit_average, got.entry_average)
    money = {
        "difference_loss": got.difference_fen, "awarded_loss": got.award_fen, "commission": got.commission_fen,
        "stamp_duty": got.stamp_duty_fen, "interest": got.interest_fen, "total": got.total_fen,
    }  # fmt: skip
    row: dict[str, Any] = {
        "investor": investor, "security": plan.case.security, "segment": segment.segment.name,
        "scope_quantity": _number(got.scope, 4), "purchase_average": _number(bought, 4),
        "sold_quantity": _number(got.exited, 4), "sale_average": _number(sold, 4),
        "held_quantity": _number(got.held, 4), "benchmark_price": _number(segment.price, 4),
        "market_risk_ratio": _number(got.ratio, 6), "other_ratio": _number(other, 6), "findings": findings,
        "bought_quantity": _number(tally.entered_quantity, 4), "left_quantity": _number(tally.left_quantity, 4),
        "oversold_quantity": _number(tally.oversold, 4), "stock_drop": _number(got.stock_drop, 6),
    }  # fmt: skip
    row |= {name: Decimal(fen).scaleb(-2) for name, fen in money.items()}
    row |= {f"drop_{r.name}": _number(d, 6) for r, d in zip(segment.replay, got.drops or [None] * 9, strict=False)}
    return row


def made_result(plan: CasePlan, investors: int = 60, findings: tuple[DataFinding, ...] | None = None) -> RunResult:
    rows = [
        result_row(plan, place, f"A{number:09d}", made_trades(plan, number))
        for number in range(investors)
        for place in range(len(plan.segments))
    ]
    return result_of(plan, rows, made_findings() if findings is None else findings)


def result_of(plan: CasePlan, rows: list[dict[str, Any]], findings: tuple[DataFinding, ...] = ()) -> RunResult:
    names = [replay.name for replay in plan.segments[0].replay]
    table = pa.Table.from_pylist(rows, schema=result_schema(names))
    people = {row["investor"] for row in rows}
    inside = {row["investor"] for row in rows if row["scope_quantity"]}
    awarded = {row["investor"] for row in rows if row["total"]}
    totals = RunTotals(len(people), len(inside), len(awarded), len(people) * 7, len(people) * 7, 3)
    return RunResult(plan, table, totals, findings, DIGESTS, settings_of(plan.case), "0.1.0")


def repeated(result: RunResult, times: int) -> RunResult:
    """The same rows many times over, each time with other investors."""
    table = pa.concat_tables([result.table] * times)
    ids = pa.array([f"B{number:09d}" for number in range(len(table))])
    totals = RunTotals(len(table), len(table), len(table), len(table) * 7, len(table) * 7)
    return dataclasses.replace(result, table=table.set_column(0, "investor", ids), totals=totals)


def made_findings() -> tuple[DataFinding, ...]:
    return (
        DataFinding("bad_price", "价格“12,3a”不是数字，该行未参与计算。", "trades.csv", row=318),
        DataFinding(
            "oversold", "卖出比记录买入多300股，多出部分视为期初持股。", "trades.csv", "", 4021, "A000000003", True
        ),
        DataFinding("duplicate", "与第17行完全相同，已保留。", "补充.xlsx", "Sheet1", 18, "A000000005", True),
        DataFinding("unknown_security", "证券600000不是本案证券，未参与计算。", "trades.csv", "", 77, "=cmd()", False),
    )


def made_statement(
    plan: CasePlan, trades: list[Trade], investor: str = "A000000003", findings: tuple[DataFinding, ...] | None = None
) -> Statement:
    parts = []
    for segment in plan.segments:
        steps: list[Step] = []
        tally = walk(trades, segment, steps)
        parts.append(SegmentStatement(segment, steps, tally, settle(tally, segment, plan)))
    found = made_findings()[1:2] if findings is None else findings
    return Statement(plan, investor, parts, found, DIGESTS, settings_of(plan.case), "0.1.0")
