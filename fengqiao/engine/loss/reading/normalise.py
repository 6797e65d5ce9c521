"""The general way from a table as found to canonical rows: every cell checked, every rejected row explained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa

from fengqiao.engine.loss.reading import cells, columns
from fengqiao.engine.loss.reading.accounts import account_codes
from fengqiao.engine.loss.reading.arrays import int32_array, taken, visible_ascii
from fengqiao.engine.loss.reading.columns import Parsed
from fengqiao.engine.loss.reading.noticed import COLUMN_NAMES, COLUMN_NUMBERS, RowFindings, left_out
from fengqiao.engine.loss.reading.problems import QUOTED, Problem
from fengqiao.engine.loss.rows import ABSENT, DIVIDEND, KINDS, TRADE, Chunk, Loaded, RowSource

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.findings import DataFinding
    from fengqiao.engine.loss.reading.raw import RawPart

SIDE_OF_KIND = np.array([cells.FORCED_SIDE.get(kind, ABSENT) for kind in range(len(KINDS))], np.int64)
FREE = np.isin(np.arange(len(KINDS)), cells.FREE_KINDS)
COSTLESS = np.isin(np.arange(len(KINDS)), cells.COSTLESS_KINDS)


@dataclass(frozen=True)
class Identifiers:
    """Investors of a part: code int32[n] (-1 where empty) into the distinct texts, problem int8[n]."""

    code: NDArray[np.int32]
    distinct: pa.Array
    problem: NDArray[np.int8]

    def dictionary(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> pa.Array:
        """The texts of some rows as a dictionary array of which every value is used."""
        code = self.code[rows]
        used = np.zeros(len(self.distinct), np.bool_)
        used[code] = True
        renumbered = np.cumsum(used, dtype=np.int32) - np.int32(1)
        kept = taken(self.distinct, np.flatnonzero(used))
        return pa.DictionaryArray.from_arrays(int32_array(renumbered[code]), kept)

    def texts(self, rows: NDArray[np.int64]) -> pa.Array:
        """The texts of some rows as a string array, "" where empty."""
        return taken(self.distinct, self.code[rows])


def normalise(raw: RawPart, file: str, security: str | None) -> Loaded:
    """Canonical rows and findings of one part.

    Rows of other securities are left out and told once for each code; any other row with a bad cell is left out with
    a finding on its first bad cell; prices that had to be rounded are told and used. Every record is either in the
    chunk or in a finding with used=False: rows_read = rows of the chunk + rows explained.
    """
    frame, row = (_without_blank_rows if raw.blank_rows else _as_is)(raw)
    rows_read = len(row) + len(raw.unreadable)
    own, tail = _own_security(frame, row, raw, file, security)
    if not own.all():
        frame, row = frame.filter(pl.Series(own)), row[own]
    investors = _identifiers(frame["investor"])
    parsed = _understood(frame)
    first, column = _first_problem(investors.problem, parsed)
    used = first <= Problem.ROUNDED
    findings = _findings(frame, row, investors, first, column, raw, file, tail)
    chunk = _chunk(parsed, investors, frame, used, row, RowSource(file, raw.sheet))
    return Loaded(chunk, findings, rows_read)


def _as_is(raw: RawPart) -> tuple[pl.DataFrame, NDArray[np.int64]]:
    return raw.frame, raw.row


def _without_blank_rows(raw: RawPart) -> tuple[pl.DataFrame, NDArray[np.int64]]:
    frame = raw.frame.with_columns(columns.text_of(raw.frame[name]) for name in raw.frame.columns)
    filled = frame.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    if filled.all():
        return frame, raw.row
    return frame.filter(filled), raw.row[filled.to_numpy()]


def _own_security(
    frame: pl.DataFrame, row: NDArray[np.int64], raw: RawPart, file: str, security: str | None
) -> tuple[NDArray[np.bool_], tuple[DataFinding, ...]]:
    """Which rows are of the security asked for (all when none is, or where a row states none), and what is left out."""
    if security is None or "security" not in frame.columns:
        return np.ones(len(row), np.bool_), ()
    code, distinct = columns.encoded(columns.text_of(frame["security"]))
    names = distinct.to_pylist()
    foreign = [not cells.same_security(name, security) for name in names]
    own = ~np.array([*foreign, False])[code]  # code -1, no security stated, takes the last
    tail: list[DataFinding] = []
    for number in np.flatnonzero(foreign):
        rows = np.flatnonzero(code == number)
        tail.append(left_out(names[number][:QUOTED], security, len(rows), file, raw.sheet, int(row[rows[0]])))
    tail.sort(key=lambda finding: finding.row)
    return own, tuple(tail)


def _identifiers(raw: pl.Series) -> Identifiers:
    code, distinct = columns.encoded(columns.text_of(raw))
    return Identifiers(code, distinct, np.append(_of_texts(distinct), np.int8(Problem.MISSING))[code])


def _of_texts(distinct: pa.Array) -> NDArray[np.int8]:
    data = visible_ascii(distinct, cells.LONGEST_IDENTIFIER)
    if data is not None and not (data == ord("+")).any():  # only a number that lost its digits has a plus sign
        return np.zeros(len(distinct), np.int8)
    return np.array([cells.identifier(text)[1] for text in distinct.to_pylist()], np.int8)


def _understood(frame: pl.DataFrame) -> dict[str, Parsed]:
    """Every column there is but investor, account and security, with the rules that depend on the kind applied."""
    parsed = {"date": columns.date_column(frame["date"])}
    kind = columns.kind_column(frame["kind"]) if "kind" in frame.columns else None
    parsed["side"] = columns.side_column(frame["side"])
    parsed["quantity"] = columns.quantity_column(frame["quantity"])
    parsed["price"] = columns.price_column(frame["price"])
    if kind is not None:
        parsed["kind"] = kind
        forced = SIDE_OF_KIND[kind.value]
        side = parsed["side"]
        parsed["side"] = Parsed(
            np.where(forced >= 0, forced, side.value), np.where(forced >= 0, 0, side.problem).astype(np.int8)
        )
    kinds = kind.value if kind is not None else np.full(len(frame), TRADE, np.int64)
    parsed["quantity"] = _zero_refused(parsed["quantity"], kinds == DIVIDEND)
    costless = COSTLESS[kinds] & (parsed["price"].problem == Problem.MISSING)
    price = Parsed(parsed["price"].value, np.where(costless, 0, parsed["price"].problem).astype(np.int8))
    parsed["price"] = _zero_refused(price, FREE[kinds])
    others = {
        "time": columns.time_column, "sequence": columns.sequence_column,
        "commission": columns.fee_column, "stamp_duty": columns.fee_column,
    }  # fmt: skip
    for name, understand in others.items():
        if name in frame.columns:
            parsed[name] = understand(frame[name])
    return parsed


def _zero_refused(parsed: Parsed, allowed: NDArray[np.bool_]) -> Parsed:
    refused = (parsed.value == 0) & (parsed.problem <= Problem.ROUNDED) & ~allowed
    return Parsed(parsed.value, np.where(refused, Problem.ZERO, parsed.problem).astype(np.int8))


def _first_problem(investor: NDArray[np.int8], parsed: dict[str, Parsed]) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Of each row the first problem that takes it out, else whether its price was rounded; and the column it is in."""
    first = investor.copy()
    column = np.full(len(first), COLUMN_NUMBERS["investor"], np.int8)
    for name, found in parsed.items():
        worse = (first <= Problem.ROUNDED) & (found.problem > first)
        if worse.any():
            first[worse] = found.problem[worse]
            column[worse] = COLUMN_NUMBERS[name]
    return first, column


def _findings(
    frame: pl.DataFrame, row: NDArray[np.int64], investors: Identifiers, first: NDArray[np.int8],
    column: NDArray[np.int8], raw: RawPart, file: str, tail: tuple[DataFinding, ...],
) -> RowFindings | tuple[DataFinding, ...]:  # fmt: skip
    at = np.flatnonzero(first)
    if not len(at) and not raw.unreadable:
        return tail
    value = np.full(len(at), "", object)
    for number in np.unique(column[at]):
        here = np.flatnonzero(column[at] == number)
        text = columns.text_of(frame[COLUMN_NAMES[number]].gather(at[here]))
        value[here] = text.str.slice(0, QUOTED + 1).fill_null("").to_numpy()
    broken = raw.unreadable
    rows = np.concatenate([row[at], np.array([one.row for one in broken], np.int64)])
    order = np.argsort(rows, kind="stable")
    texts = [*value, *(one.text[: QUOTED + 1] for one in broken)]
    names = pa.concat_arrays([investors.texts(at), pa.array([""] * len(broken), pa.string())])
    return RowFindings(
        file, raw.sheet, rows[order],
        np.concatenate([first[at], np.full(len(broken), Problem.SHAPE, np.int8)])[order],
        np.concatenate([column[at], np.zeros(len(broken), np.int8)])[order],
        taken(names, order), taken(pa.array(texts, pa.string()), order), tail,
    )  # fmt: skip


def _chunk(
    parsed: dict[str, Parsed], investors: Identifiers, frame: pl.DataFrame, used: NDArray[np.bool_],
    row: NDArray[np.int64], source: RowSource,
) -> Chunk:  # fmt: skip
    def given(name: str, nothing: int = ABSENT) -> NDArray[np.int64] | None:
        if name not in parsed:
            return None
        value = parsed[name].value[used]
        return value if (value != nothing).any() else None

    kept = row[used]
    gapless = len(kept) > 0 and int(kept[-1]) - int(kept[0]) == len(kept) - 1
    kind = given("kind", TRADE)
    return Chunk(
        source=RowSource(source.file, source.sheet, int(kept[0])) if gapless else source,
        investor=investors.dictionary(used),
        date=parsed["date"].value[used].astype(np.int32),
        side=parsed["side"].value[used].astype(np.int8),
        quantity=parsed["quantity"].value[used],
        price=parsed["price"].value[used],
        time=given("time"),
        sequence=given("sequence"),
        kind=None if kind is None else kind.astype(np.int8),
        commission=given("commission"),
        stamp_duty=given("stamp_duty"),
        account=_accounts(frame, used),
        row=None if gapless or not len(kept) else kept,
    )


def _accounts(frame: pl.DataFrame, used: NDArray[np.bool_]) -> NDArray[np.int32] | None:
    if "account" not in frame.columns:
        return None
    code, distinct = columns.encoded(columns.text_of(frame["account"]))
    code = code[used]
    if (code < 0).all():
        return None
    return np.append(account_codes(distinct), np.int32(ABSENT))[code]
