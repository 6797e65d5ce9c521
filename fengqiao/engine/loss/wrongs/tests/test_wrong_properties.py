"""What must hold of every loss: two ways give the same figure, more harm is never less loss, doubling doubles."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengqiao.engine import dates
from fengqiao.engine.loss.market import Series, ordinal
from fengqiao.engine.loss.rows import BUY, KINDS, SELL, Chunk, Loaded, RowSource
from fengqiao.engine.loss.trade import Trade, execution_order
from fengqiao.engine.loss.wrongs.claim import Claim, prepare_claim, section_of
from fengqiao.engine.loss.wrongs.contemporaneous import harms
from fengqiao.engine.loss.wrongs.records import Records, load_records
from fengqiao.engine.loss.wrongs.run import measure_records, rows_by_place
from fengqiao.engine.loss.wrongs.trading_wrongs import award_of
from fengqiao.engine.loss.wrongs.wrong_case import parse_wrong_case

FIRST = dt.date(2023, 2, 20)
DAYS = 40
HEAD = {"name": "样本", "security": "600000"}
CONDUCT = {
    "harmed": "buyers",
    "start": dt.date(2023, 3, 1),
    "end": dt.date(2023, 3, 10),
    "effect_end": dt.date(2023, 3, 17),
}
BOND = {
    "implementation": dt.date(2023, 3, 1), "revelation": dt.date(2023, 3, 14), "judgment": dt.date(2023, 3, 27),
    "face": "100",
    "repayments": [
        {"date": dt.date(2023, 3, 8), "amount": "30"},
        {"date": dt.date(2023, 3, 20), "amount": "70", "paid": False},
    ],
    "coupons": [{"date": dt.date(2023, 3, 20), "amount": "4.7", "paid": False}],
}  # fmt: skip
SALE = {"start": dt.date(2023, 2, 25), "end": dt.date(2023, 3, 25)}
FUTURES = {
    "liable": "firm", "misconduct": "full_discretion", "start": dt.date(2023, 3, 1), "end": dt.date(2023, 3, 17),
    "contracts": [{"code": "600000", "multiplier": "10", "start_price": "9.37", "end_price": "11.13"}],
}  # fmt: skip


def claim_of(wrong: str, **own: Any) -> Claim:
    """A case made ready, with keys of its own section changed."""
    usual = {"conduct": CONDUCT, "bond": BOND, "sale": SALE, "futures": FUTURES}
    name = section_of(wrong).name
    data = {"case": {**HEAD, "wrong": wrong}, name: {**usual[name], **own}}
    case = parse_wrong_case(data, section_of)
    days = np.array([ordinal(FIRST) + k for k in range(DAYS)], dtype=np.int32)
    prices = np.array([100_000 + 137 * (k % 7) - 61 * k for k in range(DAYS)], dtype=np.int64)
    return prepare_claim(case, path=Series("path", days, prices), calendar=dates.trading_calendar())


class InMemory:
    """Rows of several investors as a source of one part."""

    parts, disjoint = 1, False

    def __init__(self, groups: Sequence[Sequence[Trade]]) -> None:
        rows = [(f"I{place:04d}", trade) for place, group in enumerate(groups) for trade in group]
        columns = {
            name: [getattr(trade, name) for _, trade in rows] for name in ("date", "side", "quantity", "price", "kind")
        }
        self.chunk = Chunk(
            RowSource("t.csv"), pa.array([name for name, _ in rows], pa.string()), np.array(columns["date"], np.int32),
            np.array(columns["side"], np.int8), np.array(columns["quantity"], np.int64),
            np.array(columns["price"], np.int64), kind=np.array(columns["kind"], np.int8),
        )  # fmt: skip

    def load(self, part: int) -> Loaded:
        return Loaded(self.chunk, (), len(self.chunk))


def records_of(groups: Sequence[Sequence[Trade]]) -> Records:
    return load_records([InMemory(groups)], 1, "600000")


KINDS_DRAWN = ("trade", "trade", "trade", "trade", "block", "transfer_out", "transfer_in", "opening", "dividend")
FORCED = {"transfer_out": SELL, "transfer_in": BUY, "opening": BUY, "dividend": BUY}


@st.composite
def trades(draw: st.DrawFn, plain: bool = False) -> Trade:
    kind = "trade" if plain else draw(st.sampled_from(KINDS_DRAWN))
    return Trade(
        date=ordinal(FIRST) + draw(st.integers(0, DAYS - 1)), side=FORCED.get(kind, draw(st.sampled_from((BUY, SELL)))),
        quantity=draw(st.integers(1, 900)), price=draw(st.integers(50_000, 150_000)), kind=KINDS.index(kind),
    )  # fmt: skip


GROUPS = st.lists(st.lists(trades(), min_size=1, max_size=14), min_size=1, max_size=4)
WRONGS = ("bond_misrepresentation", "insider_dealing", "manipulation", "futures_misconduct", "unsuitable_sale")


@given(groups=GROUPS, harmed=st.sampled_from(("buyers", "sellers")), netting=st.sampled_from(("fifo", "none")),
       blocks=st.sampled_from(("count", "exclude")), days=st.booleans())  # fmt: skip
@settings(max_examples=250, deadline=None)
def test_columns_and_plain_twin_agree(groups: Any, harmed: str, netting: str, blocks: str, days: bool) -> None:
    own: dict[str, Any] = {"harmed": harmed, "netting": netting, "block_trades": blocks}
    if days:
        own |= {"contemporaneous": "days", "days": [dt.date(2023, 3, 2), dt.date(2023, 3, 7)]}
    claim = claim_of("insider_dealing", **own)
    records = records_of(groups)
    found = harms(records, claim.conduct)
    assert found is not None
    for at, harm in enumerate(found):
        assert award_of(harm, claim.conduct) == claim.settle(rows_by_place(records, at))


def test_sums_that_might_not_fit_are_left_to_the_plain_twin() -> None:
    claim = claim_of("manipulation")
    huge = Trade(ordinal(dt.date(2023, 3, 2)), BUY, 10**12, 10**11)
    records = records_of([[huge] * 3])
    assert harms(records, claim.conduct) is None
    result = measure_records(claim, records, lambda what, done, total: None)
    assert result.totals.recomputed_exactly == 1
    assert "数额超出可计算范围" in result.table["findings"][0].as_py()


def brute_force(rows: Sequence[Trade], claim: Claim) -> Fraction:
    """Harm share by share: every share is an object of its own in a list."""
    queue: list[tuple[bool, int]] = []
    harm = 0
    for trade in sorted(rows, key=execution_order):
        if trade.date > claim.last:
            break
        share = trade.price - claim.conduct.path.on(trade.date)  # type: ignore[union-attr]
        if trade.side == BUY:
            scope = claim.conduct.counts(trade.date)  # type: ignore[union-attr]
            queue += [(scope, share)] * trade.quantity
            harm += share * trade.quantity if scope else 0
        else:
            gone, queue = queue[: trade.quantity], queue[trade.quantity :]
            harm -= share * sum(scope for scope, _ in gone)
    return max(Fraction(harm, 10_000), Fraction(0))


@given(rows=st.lists(trades(plain=True), max_size=12))
@settings(max_examples=150, deadline=None)
def test_trading_wrongs_against_counting_single_shares(rows: list[Trade]) -> None:
    claim = claim_of("manipulation")
    assert claim.settle({0: rows}).difference == brute_force(rows, claim)


@given(rows=st.lists(trades(plain=True), max_size=12))
@settings(max_examples=150, deadline=None)
def test_futures_against_cash_flows(rows: list[Trade]) -> None:
    """All positions: the loss is what was paid less what was received, with positions at settlement prices."""
    claim = claim_of("futures_misconduct")
    start, end = ordinal(FUTURES["start"]), ordinal(FUTURES["end"])  # type: ignore[arg-type]
    signed = [(row, row.quantity if row.side == BUY else -row.quantity) for row in rows if row.date <= end]
    before = sum(quantity for row, quantity in signed if row.date < start)
    after = sum(quantity for _, quantity in signed)
    paid = sum((Fraction(row.price, 10_000) * quantity for row, quantity in signed if row.date >= start), Fraction(0))
    expected = (paid + before * Fraction("9.37") - after * Fraction("11.13")) * 10
    award = claim.settle({0: rows})
    assert award.difference == max(expected, Fraction(0))
    assert award.award == award.difference * Fraction(4, 5)


@given(rows=st.lists(trades(plain=True), max_size=12), residual=st.integers(0, 20))
@settings(max_examples=100, deadline=None)
def test_sales_against_cash_flows(rows: list[Trade], residual: int) -> None:
    claim = claim_of("unsuitable_sale", residual_price=str(residual), residual_reason="样本")
    paid = back = Fraction(0)
    held = 0
    for row in sorted(rows, key=execution_order):
        if not ordinal(SALE["start"]) <= row.date <= ordinal(SALE["end"]):
            continue
        if row.side == BUY:
            paid, held = paid + Fraction(row.price * row.quantity, 10_000), held + row.quantity
        else:
            out = min(held, row.quantity)
            back, held = back + Fraction(row.price * out, 10_000), held - out
    assert claim.settle({0: rows}).difference == max(paid - back - held * residual, Fraction(0))


@given(rows=st.lists(trades(plain=True), max_size=10))
@settings(max_examples=100, deadline=None)
def test_bonds_against_single_bonds(rows: list[Trade]) -> None:
    """First in, first out, every bond an object of its own."""
    claim = claim_of("bond_misrepresentation", averaging="fifo_weighted")
    terms = claim.case.terms
    queue: list[tuple[int, int, bool]] = []
    sold = Fraction(0)
    for row in sorted(rows, key=execution_order):
        if row.date >= ordinal(terms.judgment):
            break
        if row.side == BUY:
            scope = ordinal(terms.implementation) <= row.date < ordinal(terms.revelation)
            queue += [(row.date, row.price, scope)] * row.quantity
            continue
        gone, queue = queue[: row.quantity], queue[row.quantity :]
        if row.date >= ordinal(terms.revelation):
            repaid_on = ordinal(dt.date(2023, 3, 8))
            for day, price, scope in gone:
                repaid = 300_000 if day < repaid_on <= row.date else 0
                sold += Fraction(price - repaid - row.price, 10_000) if scope else 0
    held = sum(scope for _, _, scope in queue)
    award = claim.settle({0: rows})
    assert award.difference == max(sold, Fraction(0)) + 70 * held
    assert award.held == held
    assert award.bought == award.left + award.sold + award.held


@pytest.mark.parametrize("wrong", WRONGS)
@given(rows=st.lists(trades(), min_size=1, max_size=10), factor=st.integers(2, 5))
@settings(max_examples=40, deadline=None)
def test_more_of_everything_is_that_much_more_loss(wrong: str, rows: list[Trade], factor: int) -> None:
    claim = claim_of(wrong)
    once = claim.settle({0: rows})
    more = claim.settle({0: [row._replace(quantity=row.quantity * factor) for row in rows]})
    assert more.difference == once.difference * factor
    assert more.award == once.award * factor
    assert min(once.difference_fen, once.award_fen, once.total_fen) >= 0
    assert once.award <= once.difference


@pytest.mark.parametrize("wrong", WRONGS)
@given(rows=st.lists(trades(), min_size=1, max_size=10), seed=st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_the_order_of_rows_in_the_file_does_not_matter(wrong: str, rows: list[Trade], seed: Any) -> None:
    claim, shuffled = claim_of(wrong), list(rows)
    seed.shuffle(shuffled)
    assert claim.settle({0: shuffled}) == claim.settle({0: rows})


@pytest.mark.parametrize("wrong", WRONGS)
@given(groups=GROUPS)
@settings(max_examples=25, deadline=None)
def test_results_add_up_and_do_not_depend_on_the_others(wrong: str, groups: list[list[Trade]]) -> None:
    claim = claim_of(wrong)

    def quiet(what: str, done: int, total: int) -> None:
        return None

    together = measure_records(claim, records_of(groups), quiet)
    alone = [measure_records(claim, records_of([group]), quiet).totals.sums["total"] for group in groups]
    assert together.totals.sums["total"] == sum(alone)
    assert together.totals.investors == len(groups)


@given(rows=st.lists(trades(plain=True), min_size=1, max_size=8), dearer=st.integers(1, 5000))
@settings(max_examples=80, deadline=None)
def test_a_dearer_purchase_is_never_a_smaller_loss(rows: list[Trade], dearer: int) -> None:
    for wrong in ("manipulation", "unsuitable_sale", "bond_misrepresentation", "futures_misconduct"):
        claim = claim_of(wrong)
        place = next((at for at, row in enumerate(rows) if row.side == BUY), None)
        if place is None:
            return
        others = [row for row in rows if row is not rows[place]]
        lone_day = all(row.date != rows[place].date for row in others)
        if not lone_day:
            return  # a dearer row may come later among those of its day
        changed = [*others, rows[place]._replace(price=rows[place].price + dearer)]
        assert claim.settle({0: changed}).difference >= claim.settle({0: rows}).difference


@given(rows=st.lists(trades(), min_size=1, max_size=10), percent=st.integers(0, 100))
@settings(max_examples=60, deadline=None)
def test_a_larger_share_for_other_causes_is_never_a_larger_award(rows: list[Trade], percent: int) -> None:
    for wrong in WRONGS:
        claim = claim_of(wrong)
        less = replace(claim.case, other_ratio=Fraction(percent, 100))
        reduced = replace(claim, case=less)
        if claim.conduct is not None:
            reduced = replace(
                reduced, conduct=replace(claim.conduct, case=replace(claim.conduct.case, other_ratio=less.other_ratio))
            )
        whole, part = claim.settle({0: rows}), reduced.settle({0: rows})
        assert part.award == whole.award * (1 - less.other_ratio)
        assert part.total_fen <= whole.total_fen
