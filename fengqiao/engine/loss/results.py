"""Kernel results as the result table (Arrow), and their sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fengqiao.engine.findings import CODES
from fengqiao.engine.loss import kernel_layout as k
from fengqiao.engine.loss.case import exact_text
from fengqiao.engine.loss.grouping import text_array
from fengqiao.engine.loss.reading.arrays import int32_array, int64_array, numpy_view
from fengqiao.engine.loss.run_result import AMOUNT, FALL, PRICE, QUANTITY, RATIO, RunTotals, result_schema
from fengqiao.engine.money import PRICE_UNITS_PER_YUAN, round_fraction

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.loss.plan import CasePlan

MICRO = 10**6
SUMMED = {
    "difference_loss": k.R_DIFFERENCE, "awarded_loss": k.R_AWARD, "commission": k.R_COMMISSION,
    "stamp_duty": k.R_STAMP_DUTY, "interest": k.R_INTEREST, "total": k.R_TOTAL,
}  # fmt: skip
SHARES = {"scope_quantity": k.R_SCOPE, "sold_quantity": k.R_EXITED, "held_quantity": k.R_HELD}
NOT_BOUGHT, ALL_LEFT, NO_LOSS = 1 << 20, 1 << 21, 1 << 22
# notes on an investor's computation that are no findings on rows
NOTES = (k.G_INDEX, k.G_BLOCK, k.G_NO_COST, k.G_BONUS, k.G_LIMITS)
REASONS = {
    True: {
        NOT_BOUGHT: "实施日至揭露日之前没有买入",
        ALL_LEFT: "揭露日之前买入的股份已全部卖出",
        NO_LOSS: "没有投资差额损失",
    },
    False: {
        NOT_BOUGHT: "实施日至揭露日之前没有卖出",
        ALL_LEFT: "揭露日之前卖出的股份已全部买回",
        NO_LOSS: "没有投资差额损失",
    },
}


def decimals(values: NDArray[np.int64], kind: pa.DataType) -> pa.Array:
    """Integers scaled as the decimal type says, as an Arrow decimal array; k.NONE becomes null.

    >>> decimals(np.array([1234]), AMOUNT)[0].as_py()
    Decimal('12.34')
    """
    n = len(values)
    words = np.empty((n, 2), dtype=np.int64)
    words[:, 0] = values
    np.right_shift(values, 63, out=words[:, 1])
    missing = values == k.NONE
    validity = None
    if missing.any():
        validity = pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(kind, n, [validity, pa.py_buffer(words)], null_count=int(missing.sum()))


def result_batch(
    ids: pa.Array, outs: Sequence[NDArray[np.int64]], whole: CasePlan, noticed: Mapping[str, Sequence[str]]
) -> pa.RecordBatch:
    """Results of some investors as a record batch of `result_schema`: by investor, then by segment.

    outs: one int64[fields, investors] a segment. noticed: investor -> finding codes of rows that were left out.
    """
    segments, investors = len(whole.segments), len(ids)
    names = [replay.name for replay in whole.segments[0].replay]
    out = outs[0] if segments == 1 else np.stack(outs, axis=2).reshape(outs[0].shape[0], investors * segments)
    n = investors * segments
    who = ids if segments == 1 else ids.take(int32_array(np.repeat(np.arange(investors), segments)))
    prices = np.array([round_fraction(plan.price * PRICE_UNITS_PER_YUAN) for plan in whole.segments])
    other = round_fraction((whole.case.deduction.other_ratio or 0) * MICRO)  # type: ignore[arg-type]
    columns: dict[str, pa.Array] = {
        "investor": who,
        "security": _same(whole.case.security, n),
        "segment": _repeated([plan.segment.name for plan in whole.segments], investors),
        "purchase_average": decimals(_average(out, whole, entry=True), PRICE),
        "sale_average": decimals(_average(out, whole, entry=False), PRICE),
        "benchmark_price": decimals(np.tile(prices, investors), PRICE),
        "market_risk_ratio": decimals(out[k.R_RATIO], RATIO),
        "other_ratio": decimals(np.full(n, other, dtype=np.int64), RATIO),
        "findings": findings_text(who, out, whole, noticed),
        "bought_quantity": decimals(out[k.R_BOUGHT], QUANTITY),
        "left_quantity": decimals(out[k.R_LEFT], QUANTITY),
        "oversold_quantity": decimals(out[k.R_OVERSOLD], QUANTITY),
        "stock_drop": decimals(out[k.R_STOCK_DROP], FALL),
    }
    columns |= {name: decimals(out[field], QUANTITY) for name, field in SHARES.items()}
    columns |= {name: decimals(out[field], AMOUNT) for name, field in SUMMED.items()}
    columns |= {f"drop_{name}": decimals(out[k.R_DROPS + j], FALL) for j, name in enumerate(names)}
    schema = result_schema(names)
    return pa.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema)


def _average(out: NDArray[np.int64], whole: CasePlan, *, entry: bool) -> NDArray[np.int64]:
    """Purchase or sale average; in an inducing sale (诱空) the sale is the entry, the buy-back the exit."""
    purchases = whole.case.direction == "inducing_purchase"
    average: NDArray[np.int64] = out[k.R_ENTRY_AVERAGE if entry == purchases else k.R_EXIT_AVERAGE]
    return average


def _same(text: str, n: int) -> pa.Array:
    return text_array([text]).take(int32_array(np.zeros(n, dtype=np.int32)))


def _repeated(texts: list[str], times: int) -> pa.Array:
    places = np.tile(np.arange(len(texts), dtype=np.int32), times)
    return text_array(texts).take(int32_array(places))


def findings_text(
    who: pa.Array, out: NDArray[np.int64], whole: CasePlan, noticed: Mapping[str, Sequence[str]]
) -> pa.Array:
    """What is to be said about each result: why it is zero, what is odd about its rows, which rows were left out."""
    keys = out[k.R_FLAGS].copy()
    nothing = (out[k.R_SCOPE] == 0) & (keys & k.G_LIMITS == 0)
    keys[nothing & (out[k.R_BOUGHT] == 0)] |= NOT_BOUGHT
    keys[nothing & (out[k.R_BOUGHT] > 0)] |= ALL_LEFT
    keys[(out[k.R_SCOPE] > 0) & (out[k.R_DIFFERENCE] == 0)] |= NO_LOSS
    encoded = pc.dictionary_encode(int64_array(keys))
    distinct, places = numpy_view(encoded.dictionary), numpy_view(encoded.indices).copy()
    reasons = REASONS[whole.case.direction == "inducing_purchase"]
    texts = [_flag_text(int(key), reasons) for key in distinct]
    for i in np.flatnonzero(out[k.R_FLAGS] & k.G_OVERSOLD).tolist():
        shares = f"{CODES['oversold']}{exact_text(Fraction(int(out[k.R_OVERSOLD, i]), 10_000))}股"
        texts.append(texts[places[i]].replace(CODES["oversold"], shares))
        places[i] = len(texts) - 1
    for i in _places_of(who, noticed):
        codes = dict.fromkeys(noticed[who[i].as_py()])
        said = [f"{CODES[code]}（该行未参与计算）" for code in codes]
        texts.append("；".join([part for part in (texts[places[i]], *said) if part]))
        places[i] = len(texts) - 1
    return text_array(texts).take(int32_array(places))


def _places_of(who: pa.Array, noticed: Mapping[str, Sequence[str]]) -> list[int]:
    """Where the investors of whom rows were left out stand."""
    if not noticed:
        return []
    found = pc.index_in(who, value_set=text_array(list(noticed)))
    places: list[int] = pc.indices_nonzero(pc.is_valid(found)).to_pylist()
    return places


def _flag_text(key: int, reasons: Mapping[int, str]) -> str:
    said = [text for bit, text in reasons.items() if key & bit]
    return "；".join(said + [CODES[code] for bit, code in k.FLAG_CODES.items() if key & bit])


def _total(values: NDArray[np.int64]) -> int:
    """The sum of a column, also where impossible records make it larger than 64 bits."""
    if len(values) == 0 or float(np.abs(values).max()) * len(values) < 2.0**62:
        return int(values.sum())
    return sum(values.tolist())


class Sums:
    """Adds up results as they come."""

    def __init__(self, whole: CasePlan) -> None:
        self.names = [plan.segment.name for plan in whole.segments]
        self.by_segment = {name: dict.fromkeys([*SUMMED, *SHARES], 0) for name in self.names}
        self.investors = self.in_scope = self.awarded = self.exact = 0
        self.codes: dict[str, int] = {}

    def add(self, outs: Sequence[NDArray[np.int64]], exact: int) -> None:
        self.investors += outs[0].shape[1]
        self.exact += exact
        self.in_scope += int(np.logical_or.reduce([out[k.R_SCOPE] > 0 for out in outs]).sum())
        self.awarded += int(np.logical_or.reduce([out[k.R_AWARD] > 0 for out in outs]).sum())
        for name, out in zip(self.names, outs, strict=True):
            for column, field in (SUMMED | SHARES).items():
                self.by_segment[name][column] += _total(out[field])
        flags = np.bitwise_or.reduce([out[k.R_FLAGS] for out in outs])
        for bit in NOTES:
            self.count(k.FLAG_CODES[bit], int(((flags & bit) != 0).sum()))

    def count(self, code: str, times: int = 1) -> None:
        """More findings of a kind."""
        if times:
            self.codes[code] = self.codes.get(code, 0) + times

    def totals(self, rows_read: int, rows_used: int) -> RunTotals:
        sums = {column: sum(part[column] for part in self.by_segment.values()) for column in SUMMED}
        return RunTotals(
            investors=self.investors, investors_in_scope=self.in_scope, investors_awarded=self.awarded,
            rows_read=rows_read, rows_used=rows_used, rows_left_out=rows_read - rows_used, sums=sums,
            by_segment=self.by_segment, findings_by_code=dict(sorted(self.codes.items())),
            recomputed_exactly=self.exact,
        )  # fmt: skip
