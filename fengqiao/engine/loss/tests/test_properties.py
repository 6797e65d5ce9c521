"""Properties that the method demands of every measurement (section 9), on drawn records and settings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fengqiao.engine.loss import kernel_layout as k
from fengqiao.engine.loss.block import measure_block
from fengqiao.engine.loss.case_file import parse_case
from fengqiao.engine.loss.exact import Tally, walk
from fengqiao.engine.loss.kernel_plan import kernel_plan
from fengqiao.engine.loss.market import CorporateAction, Series, day_of, ordinal
from fengqiao.engine.loss.plan import CasePlan, prepare
from fengqiao.engine.loss.rows import BUY, OPENING, SELL
from fengqiao.engine.loss.settle import Outcome, settle
from fengqiao.engine.loss.tests.invented_case import BASE, checks_of, market, series
from fengqiao.engine.loss.tests.worked_case import rows_of
from fengqiao.engine.loss.trade import Trade

AVERAGINGS = ("moving_weighted", "fifo_weighted", "weighted", "actual_cost")
AMOUNTS = [k.R_DIFFERENCE, k.R_AWARD, k.R_COMMISSION, k.R_STAMP_DUTY, k.R_INTEREST, k.R_TOTAL]
DAYS = [int(day) for day in market().date[market().traded]]
T1, BENCHMARK = dt.date(2023, 7, 20), dt.date(2023, 8, 31)
W = [day for day in DAYS if ordinal(dt.date(2022, 3, 1)) <= day < ordinal(T1)]
P = [day for day in DAYS if ordinal(T1) <= day <= ordinal(BENCHMARK)]
BEFORE = [day for day in DAYS if day < ordinal(dt.date(2022, 3, 1))]

often = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
seldom = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def table(variant: tuple[str, ...], price: str = "3.5") -> dict[str, Any]:
    """A CASE.toml: rules, direction, averaging, floor, market risk, fees."""
    rules, direction, averaging, floor, risk, fees = variant
    deduction: dict[str, Any] = {"market_risk": risk}
    if risk == "fixed":
        deduction |= {"ratio": "0.37", "reason": "甲", "other_ratio": "0.1", "other_reason": "乙"}
    elif risk == "synchronised_index":
        deduction["indices"] = ["000300", "000905"]
    elif risk == "simulated_price":
        deduction["path"] = "path.csv"
    return {
        "case": {"name": "样本", "security": "600000", "rules": rules, "direction": direction},
        "dates": {
            "implementation": "2022-03-01", "revelation": T1.isoformat(), "benchmark": BENCHMARK.isoformat(),
            "benchmark_price": price,
        },
        "method": {"averaging": averaging, "floor": floor},
        "deduction": deduction,
        "fees": {"mode": fees},
    }  # fmt: skip


def made(variant: tuple[str, ...], actions: Sequence[CorporateAction] = (), price: str = "3.5",
         path: Series | None = None) -> CasePlan:  # fmt: skip
    return prepare(
        parse_case(table(variant, price)), market=market(), actions=actions,
        indices=[series("000300"), series("000905")], path=path or series("path", 9),
    )  # fmt: skip


@cache
def plan(variant: tuple[str, ...]) -> CasePlan:
    return made(variant)


@cache
def compiled(variant: tuple[str, ...]) -> Any:
    found = kernel_plan(plan(variant).segments[0], plan(variant))
    return None if isinstance(found, str) else found


variants = st.one_of(
    st.tuples(
        st.just("cn2022"), st.sampled_from(["inducing_purchase", "inducing_sale"]), st.sampled_from(AVERAGINGS),
        st.sampled_from(["total", "each_part"]),
        st.sampled_from(["none", "fixed", "synchronised_index", "simulated_price"]),
        st.sampled_from(["flat", "flat", "recorded"]),
    ),
    st.tuples(
        st.just("cn2003"), st.just("inducing_purchase"), st.sampled_from(AVERAGINGS), st.just("total"),
        st.sampled_from(["none", "synchronised_index"]), st.just("flat"),
    ),
)  # fmt: skip


@st.composite
def records(draw: st.DrawFn, sell_in_w: bool = True, most: int = 14) -> list[Trade]:
    """Rows of one investor; prices are even numbers of 1/10000 yuan so that a split can halve them."""
    out = []
    for _ in range(draw(st.integers(1, most))):
        days = draw(st.sampled_from([BEFORE, W, W, W, P]))
        side = draw(st.sampled_from([BUY, BUY, SELL])) if sell_in_w or days is P else BUY
        out.append(
            Trade(
                draw(st.sampled_from(days)), side, draw(st.sampled_from([1, 50, 100, 300, 1234])),
                2 * draw(st.integers(1, 60_000)), sequence=draw(st.sampled_from([-1, -1, 1, 2])),
                kind=draw(st.sampled_from([0, 0, 0, 0, OPENING])) if side == BUY else 0,
                commission=draw(st.sampled_from([-1, 50_000])), account=draw(st.sampled_from([-1, 7])),
            )
        )  # fmt: skip
    return out


def measured(groups: Sequence[Sequence[Trade]], variant: tuple[str, ...]) -> np.ndarray:
    """Results of some investors, the way a run computes them."""
    rows, starts = rows_of(groups)
    whole = plan(variant)
    return measure_block(rows, starts, whole.segments[0], whole, compiled(variant), checks_of_plan(variant), BASE)[0]


@cache
def checks_of_plan(variant: tuple[str, ...]) -> Any:
    return checks_of(plan(variant))


def exact_figures(trades: Sequence[Trade], whole: CasePlan) -> tuple[Tally, Outcome]:
    tally = walk(trades, whole.segments[0])
    return tally, settle(tally, whole.segments[0], whole)


@often
@given(records(), variants, st.lists(st.integers(1, 5), min_size=14, max_size=14))
def test_merging_or_splitting_accounts_changes_nothing(
    trades: list[Trade], variant: tuple[str, ...], accounts: list[int]
) -> None:
    split = [trade._replace(account=accounts[i]) for i, trade in enumerate(trades)]
    merged = [trade._replace(account=-1) for trade in trades]
    out = measured([split, merged], variant)
    assert np.delete(out[:, 0], k.R_FLAGS).tolist() == np.delete(out[:, 1], k.R_FLAGS).tolist()


@often
@given(records(sell_in_w=False), variants)
def test_averages_agree_when_nothing_is_sold_in_the_window(trades: list[Trade], variant: tuple[str, ...]) -> None:
    assume(variant[1] == "inducing_purchase")
    ways = [measured([trades], (*variant[:2], averaging, *variant[3:]))[:, 0].tolist() for averaging in AVERAGINGS]
    assert ways[0] == ways[1] == ways[2] == ways[3]


@often
@given(records(), variants, st.randoms(use_true_random=False))
def test_the_order_of_rows_in_the_file_changes_nothing(trades: list[Trade], variant: tuple[str, ...], rng: Any) -> None:
    shuffled = list(trades)
    rng.shuffle(shuffled)
    out = measured([trades, shuffled], variant)
    assert out[:, 0].tolist() == out[:, 1].tolist()


@often
@given(records(), variants)
def test_scope_parts_add_up(trades: list[Trade], variant: tuple[str, ...]) -> None:
    out = measured([trades], variant)[:, 0]
    assert out[k.R_BOUGHT] == out[k.R_LEFT] + out[k.R_EXITED] + out[k.R_HELD]
    assert out[k.R_SCOPE] == out[k.R_EXITED] + out[k.R_HELD]
    window = [trade for trade in trades if trade.date in W and trade.kind != OPENING]
    enters = BUY if variant[1] == "inducing_purchase" else SELL
    assert out[k.R_BOUGHT] == 10_000 * sum(trade.quantity for trade in window if trade.side == enters)


@often
@given(records(), variants)
def test_no_loss_is_negative_and_no_deduction_adds(trades: list[Trade], variant: tuple[str, ...]) -> None:
    out = measured([trades], variant)[:, 0]
    assert all(out[field] >= 0 for field in AMOUNTS)
    assert out[k.R_AWARD] <= out[k.R_DIFFERENCE]
    assert 0 <= out[k.R_RATIO] <= 1_000_000
    assert out[k.R_TOTAL] == sum(out[field] for field in AMOUNTS[1:5])


@often
@given(records(), variants)
def test_doubling_all_quantities_doubles_every_exact_amount(trades: list[Trade], variant: tuple[str, ...]) -> None:
    twice = [
        trade._replace(quantity=2 * trade.quantity, commission=2 * trade.commission if trade.commission > 0 else -1)
        for trade in trades
    ]
    (tally, one), (tally_2, two) = exact_figures(trades, plan(variant)), exact_figures(twice, plan(variant))
    for name in ("scope", "exited", "held", "difference", "award", "exited_part", "held_part"):
        assert getattr(two, name) == 2 * getattr(one, name), name
    assert (two.entry_average, two.exit_average) == (one.entry_average, one.exit_average)
    assert (two.ratio, two.drops, two.stock_drop, two.duty_rate) == (
        one.ratio,
        one.drops,
        one.stock_drop,
        one.duty_rate,
    )
    assert tally_2.commission == 2 * tally.commission
    assert tally_2.oversold == 2 * tally.oversold


@seldom
@given(st.lists(records(most=6), min_size=2, max_size=7), variants, st.integers(1, 6))
def test_two_partitions_of_the_investors_give_the_same(
    groups: list[list[Trade]], variant: tuple[str, ...], cut: int
) -> None:
    # the same columns in every part: a column that nobody fills is left out of a block
    groups = [[trade._replace(time=0, sequence=max(trade.sequence, 0)) for trade in group] for group in groups]
    together = measured(groups, variant)
    cut = min(cut, len(groups) - 1)
    apart = np.concatenate([measured(groups[:cut], variant), measured(groups[cut:], variant)], axis=1)
    assert (together == apart).all()
    assert (measured(groups[::-1], variant)[:, ::-1] == together).all()


def split_series(path: Series, day: int) -> Series:
    close = np.where(path.date >= day, path.close // 2, path.close)
    return replace(path, close=close)


@seldom
@given(records(), variants, st.sampled_from([*BEFORE[-3:], *W[::40], *P[::4], DAYS[-5]]))
def test_a_split_inserted_anywhere_changes_nothing(trades: list[Trade], variant: tuple[str, ...], day: int) -> None:
    """10送10 on any day: twice the shares at half the price from then on, the same loss."""
    action = CorporateAction(day_of(day), bonus_ratio=Fraction(1))
    in_time = day <= ordinal(BENCHMARK)
    # an opening position stands first, whatever its date; it is stated in the shares of that date
    after = [
        trade._replace(quantity=2 * trade.quantity, price=trade.price // 2) if trade.date >= day else trade
        for trade in trades
    ]
    path = series("path", 9)
    path = replace(path, close=path.close // 2 * 2)
    whole = made(variant, path=path)
    later = made(variant, (action,), price="1.75" if in_time else "3.5", path=split_series(path, day))
    (_, one), (_, two) = exact_figures(trades, whole), exact_figures(after, later)
    grown = 2 if in_time else 1
    for name in ("difference", "award", "ratio", "stock_drop", "drops", "difference_fen", "award_fen", "commission_fen",
                 "stamp_duty_fen", "interest_fen", "exited_part", "held_part", "duty_rate", "marks"):  # fmt: skip
        assert getattr(one, name) == getattr(two, name), name
    assert (two.scope, two.exited, two.held) == (grown * one.scope, grown * one.exited, grown * one.held)
    if one.entry_average is not None:
        assert two.entry_average == one.entry_average / grown
    # and by the kernels
    rows, starts = rows_of([after])
    fast = kernel_plan(later.segments[0], later)
    fast_results, _ = measure_block(
        rows, starts, later.segments[0], later, None if isinstance(fast, str) else fast, checks_of(later), BASE
    )
    assert fast_results[k.R_AWARD, 0] == one.award_fen
    assert fast_results[k.R_TOTAL, 0] == one.total_fen
