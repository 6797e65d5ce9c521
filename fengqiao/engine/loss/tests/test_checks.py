"""What is odd about a trade, to the last unit of the price: by the twin and by the kernel."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengqiao.engine.loss import kernel_layout as k
from fengqiao.engine.loss.case_file import parse_case
from fengqiao.engine.loss.checks import first_oversold, row_checks
from fengqiao.engine.loss.market import ordinal
from fengqiao.engine.loss.plan import CasePlan, prepare
from fengqiao.engine.loss.rows import BUY, DIVIDEND, OPENING, SELL, TRANSFER_IN
from fengqiao.engine.loss.tests.invented_case import BASE, by_kernel, by_twin, checks_of
from fengqiao.engine.loss.tests.worked_case import market_of, rows_of, units
from fengqiao.engine.loss.trade import Trade, record_order

MARKET = """
date        close  volume  float_shares  previous_close
2020-02-03  10.00  100     1000          -
2020-02-04  9.00   100     1000          -
2020-02-05  -      0       1000          -
2020-02-06  12.00  100     1000          8.00
2020-02-07  12.00  100     1000          -
"""


@pytest.fixture(scope="module")
def whole() -> CasePlan:
    case = {"name": "样本", "security": "600000", "rules": "cn2022", "direction": "inducing_purchase"}
    dates = {
        "implementation": "2020-01-06", "revelation": "2020-06-15", "benchmark": "2020-07-31", "benchmark_price": "2",
    }  # fmt: skip
    return prepare(parse_case({"case": case, "dates": dates}), market=market_of(MARKET))


def codes(whole: CasePlan, trades: list[Trade]) -> list[str]:
    """Codes by the twin; the kernel must raise the same flags."""
    rows, starts = rows_of([trades])
    fast, exact = (way(rows, starts, whole.segments[0], whole) for way in (by_kernel, by_twin))
    assert fast[k.R_FLAGS, 0] == exact[k.R_FLAGS, 0]
    found = [code for _, code, _ in row_checks(sorted(trades, key=record_order), *checks_of(whole), BASE)]
    flagged = {code for bit, code in k.FLAG_CODES.items() if fast[k.R_FLAGS, 0] & bit}
    assert flagged - {"oversold", "block_trade", "transfer_without_cost"} == set(found)
    return found


def trade(day: str, price: str = "10", **changed: int) -> Trade:
    given = {"side": BUY, "quantity": 100, "time": 1, "sequence": 1, "account": 5} | changed
    return Trade(date=ordinal(dt.date.fromisoformat(day)), price=units(price), **given)


@pytest.mark.parametrize(
    ("day", "price", "odd"),
    [
        ("2020-02-03", "11.50", False),  # the first day's range is its close: 10.00 and 15% more
        ("2020-02-03", "11.5001", True),
        ("2020-02-03", "8.50", False),
        ("2020-02-03", "8.4999", True),
        ("2020-02-04", "11.50", False),  # from 10.00, the close before, to 9.00
        ("2020-02-04", "11.5001", True),
        ("2020-02-04", "7.65", False),
        ("2020-02-04", "7.6499", True),
        ("2020-02-06", "6.80", False),  # from the previous close that the data give, 8.00, to 12.00
        ("2020-02-06", "6.7999", True),
        ("2020-02-06", "13.80", False),
        ("2020-02-06", "13.8001", True),
        ("2020-02-07", "10.20", False),  # the close before was 12.00
        ("2020-02-07", "10.1999", True),
    ],
)
def test_the_plausible_range_is_exact(whole: CasePlan, day: str, price: str, odd: bool) -> None:
    assert codes(whole, [trade(day, price)]) == (["price_out_of_range"] if odd else [])


def test_days(whole: CasePlan) -> None:
    assert codes(whole, [trade("2020-02-05")]) == ["suspended_day"]
    assert codes(whole, [trade("2020-02-08")]) == ["non_trading_day"]
    assert codes(whole, [trade("2020-03-02")]) == []  # beyond the market data nothing is known
    assert codes(whole, [trade("2020-08-03", "99")]) == []  # and after the benchmark date nothing is looked at


def test_repeated_records(whole: CasePlan) -> None:
    one = trade("2020-02-03")
    assert codes(whole, [one, one]) == ["duplicate"]
    assert codes(whole, [one, one._replace(account=6), one]) == ["duplicate"]  # wherever the other account stands
    for changed in ({"quantity": 200}, {"sequence": 2}, {"account": 6}, {"side": SELL}, {"kind": TRANSFER_IN}):
        assert codes(whole, [one, one._replace(**changed)]) == [], changed
    assert codes(whole, [one._replace(kind=OPENING), one._replace(kind=OPENING)]) == []


def test_broken_sequence(whole: CasePlan) -> None:
    one = trade("2020-02-03", sequence=8)
    assert codes(whole, [one, trade("2020-02-03", quantity=200, time=2, sequence=7)]) == ["broken_sequence"]
    assert codes(whole, [one, trade("2020-02-03", quantity=200, time=2, sequence=9)]) == []
    assert codes(whole, [one, trade("2020-02-03", quantity=200, time=2, sequence=7, account=6)]) == []
    assert codes(whole, [one, trade("2020-02-04", time=2, sequence=7)]) == []


def test_the_row_that_sells_more_than_is_known(whole: CasePlan) -> None:
    plan = whole.segments[0]
    rows = [trade("2020-02-03"), trade("2020-02-04", side=SELL), trade("2020-02-06", side=SELL, quantity=1)]
    assert first_oversold(rows, plan) == rows[2]
    assert first_oversold(rows[:2], plan) is None
    assert first_oversold([trade("2020-02-03", kind=DIVIDEND), *rows[1:2]], plan) == rows[1]


ROW = st.tuples(
    st.sampled_from(["2020-02-03", "2020-02-03", "2020-02-04"]), st.sampled_from([-1, 0, 1, 2]),
    st.sampled_from([-1, 0, 1, 2]), st.sampled_from([BUY, BUY, SELL]), st.sampled_from([5, 5, 6]),
    st.sampled_from([100, 100, 200]), st.sampled_from(["10", "10", "99"]),
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(rows=st.lists(ROW, min_size=1, max_size=7), in_order=st.booleans())
def test_rows_that_the_kernel_does_not_look_at_closely_are_as_plain_as_it_takes_them_for(
    whole: CasePlan, rows: list[tuple[str, int, int, int, int, int, str]], in_order: bool
) -> None:
    trades = [
        trade(day, price, time=time, sequence=sequence, side=side, account=account, quantity=quantity)
        for day, time, sequence, side, account, quantity, price in rows
    ]
    codes(whole, sorted(trades, key=record_order) if in_order else trades)
