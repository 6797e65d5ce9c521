"""The fast way for clean row groups: Arrow columns to canonical ones, zero-copy or in one pass each.

Only pyarrow and numpy are used here. A row group is clean when it has no empty cell, sensible types, and every
value is one that the general way would take unchanged; of any other row group `clean_chunk` says None, and the
general way (`normalise`) takes it. Both ways give the same rows; tests hold them equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fengqiao.engine.loss.native import address, kernels
from fengqiao.engine.loss.reading import cells
from fengqiao.engine.loss.reading.arrays import numpy_view, visible_ascii
from fengqiao.engine.loss.reading.pages import NotPlainError
from fengqiao.engine.loss.reading.problems import Problem
from fengqiao.engine.loss.rows import ABSENT, DIVIDEND, KINDS, TRADE, Chunk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from fengqiao.engine.loss.reading.pages import EncodedColumn
    from fengqiao.engine.loss.rows import RowSource

DICTIONARIES = ("account", "security", "side", "kind")  # text columns that are few distinct values by nature
SIDE_OF_KIND = np.array([cells.FORCED_SIDE.get(kind, ABSENT) for kind in range(len(KINDS))], np.int8)
MICROSECONDS = {"s": 1_000_000, "ms": 1000, "us": 1}


class _NotCleanError(Exception):
    """Something that the general way has to look at."""


def clean_chunk(
    table: Any, source: RowSource, security: str | None, encoded: Mapping[str, EncodedColumn] | None = None
) -> Chunk | None:
    """The rows of a clean row group; None when anything in it needs a closer look.

    table: Arrow table with canonical names, text columns encoded as dictionaries where that is cheap. encoded: columns
    that are not in it because they are decoded here.
    """
    try:
        return _chunk(_Columns(table, encoded or {}), source, security)
    except (_NotCleanError, NotPlainError):
        return None


class _Columns:
    """The columns of a row group, none of which has an empty cell."""

    def __init__(self, table: Any, encoded: Mapping[str, EncodedColumn]) -> None:
        self._table, self._encoded = table, encoded
        self.names = frozenset((*table.column_names, *encoded))

    def array(self, name: str) -> Any:
        """A column as one Arrow array."""
        column = self._encoded.get(name)
        if column is not None:
            return column.array() if column.distinct is None else column.dictionary_array()
        column = self._table.column(name)
        if column.null_count:
            raise _NotCleanError
        return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()

    def converted(self, name: str, convert: Callable[[Any], NDArray[Any]]) -> NDArray[Any]:
        """What becomes of each cell of a column; worked out for distinct values only where the file has them."""
        column = self._encoded.get(name)
        if column is None or column.distinct is None:
            return convert(self.array(name))
        return column.spread(convert(column.distinct))

    def codes(self, name: str) -> tuple[NDArray[np.int32], Any]:
        """A text column as codes and the distinct texts, which are sound UTF-8."""
        column = self._encoded.get(name)
        if column is not None:
            _require_sound(column.distinct)
            return column.codes(), column.distinct
        array = self.array(name)
        if not isinstance(array, pa.DictionaryArray):
            if not _is_text(array.type):
                raise _NotCleanError
            array = array.dictionary_encode()
        distinct = array.dictionary
        if not _is_text(distinct.type) or distinct.null_count:
            raise _NotCleanError
        _require_sound(distinct)
        code = _numbers(array.indices, (pa.int32(),))
        if len(code) and (code.min() < 0 or code.max() >= len(distinct)):
            raise _NotCleanError
        return code, distinct

    def looked_up(self, name: str, parse: Any) -> NDArray[np.int8]:
        """A text column as small numbers, each distinct text understood once."""
        column = self._encoded.get(name)
        if column is not None:
            _require_sound(column.distinct)
            return column.spread(_understood(column.distinct, parse))
        code, texts = self.codes(name)
        values = _understood(texts, parse)
        if values.tolist() == list(range(len(values))):  # the codes are the values
            return code.astype(np.int8)
        return values[code]

    def one_security(self, security: str) -> bool:
        """Whether every row is of this security."""
        column = self._encoded.get("security")
        if column is not None and not column.optional:  # no cell is empty, and there are no other texts
            _require_sound(column.distinct)
            texts = column.distinct
        else:
            _, texts = self.codes("security")
        return all(cells.same_security(text, security) for text in texts.to_pylist())


def _chunk(table: _Columns, source: RowSource, security: str | None) -> Chunk:
    if security is not None and "security" in table.names and not table.one_security(security):
        raise _NotCleanError
    kind = _kind(table)
    price = _units(table, "price", 1 if kind is None else 0, cells.LARGEST_PRICE)
    if kind is not None and ((price == 0) & ~np.isin(kind, cells.FREE_KINDS)).any():
        raise _NotCleanError
    time, sequence = _time(table), _sequence(table)
    account, accounts = table.codes("account") if "account" in table.names else (None, None)
    return Chunk(
        source=source,
        investor=_investor(table.array("investor")),
        date=table.converted("date", _days),
        side=_side(table, kind),
        quantity=table.converted("quantity", _quantities),
        price=price,
        time=time,
        sequence=sequence,
        kind=kind,
        commission=_fee(table, "commission"),
        stamp_duty=_fee(table, "stamp_duty"),
        account=account,
        accounts=accounts,
    )


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _numbers(array: Any, types: tuple[Any, ...]) -> NDArray[Any]:
    """The values of a fixed-width array, not copied."""
    if array.type not in types:
        raise _NotCleanError
    return numpy_view(array)


def _require_within(values: NDArray[Any], lowest: int, largest: int) -> None:
    name = "outside" if values.dtype == np.int64 else "outside_short"
    limits = np.array([lowest, largest], np.int64)
    if len(values) and kernels()[name](len(values), address(values), address(limits)):
        raise _NotCleanError


def _require_sound(texts: Any) -> NDArray[np.uint8] | None:
    """Texts that need no trimming and cannot break a reader; their bytes when all are visible ASCII signs."""
    data = visible_ascii(texts, cells.LONGEST_IDENTIFIER)
    if data is not None:
        return data
    try:
        texts.validate(full=True)
    except pa.ArrowException:
        raise _NotCleanError from None
    trimmed = pc.utf8_trim(texts, characters=cells.BLANKS)
    if not pc.all(pc.equal(texts, trimmed)).as_py() or pc.min(pc.binary_length(trimmed)).as_py() == 0:
        raise _NotCleanError
    return None


def _investor(array: Any) -> Any:
    """Investors as they are, or not clean: trimmed, no control characters, no digits lost."""
    encoded = isinstance(array, pa.DictionaryArray)
    texts = array.dictionary if encoded else array
    if not _is_text(texts.type) or texts.null_count:
        raise _NotCleanError
    data = _require_sound(texts)
    # a visible ASCII text can only be wrong by being a number that lost digits, which needs a plus sign
    suspect = data is None or bool((data == ord("+")).any())
    if suspect and any(cells.identifier(text)[1] for text in pc.unique(texts).to_pylist()):
        raise _NotCleanError
    if encoded:
        code = _numbers(array.indices, (pa.int32(),))
        _require_within(code, 0, len(texts) - 1)
    if pa.types.is_string(texts.type):
        return array
    small = texts.cast(pa.string())
    return pa.DictionaryArray.from_arrays(array.indices, small) if encoded else small


def _days(array: Any) -> NDArray[np.int32]:
    if array.type != pa.date32():
        raise _NotCleanError
    days: NDArray[np.int32] = _numbers(array.view(pa.int32()), (pa.int32(),))
    _require_within(days, cells.FIRST_DAY, cells.LAST_DAY)
    return days


def _quantities(array: Any) -> NDArray[np.int64]:
    values = _numbers(array, (pa.int64(), pa.int32()))
    _require_within(values, 1, cells.LARGEST_QUANTITY)
    longer: NDArray[np.int64] = values.astype(np.int64, copy=False)
    return longer


def _time(table: _Columns) -> NDArray[np.int64] | None:
    return table.converted("time", _microseconds) if "time" in table.names else None


def _microseconds(array: Any) -> NDArray[np.int64]:
    if pa.types.is_time32(array.type):
        ticks = _numbers(array.view(pa.int32()), (pa.int32(),))
    elif pa.types.is_time64(array.type) and array.type.unit in MICROSECONDS:
        ticks = _numbers(array.view(pa.int64()), (pa.int64(),))
    else:
        raise _NotCleanError
    factor: int = MICROSECONDS[array.type.unit]
    latest = 86_400 * 1_000_000 // factor - 1
    if ticks.dtype == np.int64:
        _require_within(ticks, 0, latest)
        micros: NDArray[np.int64] = ticks * factor
        return micros
    micros = np.empty(len(ticks), np.int64)
    limits = np.array([0, latest, factor], np.int64)
    if len(ticks) and kernels()["clock_ticks"](len(ticks), address(ticks), address(limits), address(micros)):
        raise _NotCleanError
    return micros


def _sequence(table: _Columns) -> NDArray[np.int64] | None:
    return table.converted("sequence", _running_numbers) if "sequence" in table.names else None


def _running_numbers(array: Any) -> NDArray[np.int64]:
    values = _numbers(array, (pa.int64(), pa.int32()))
    _require_within(values, 0, cells.LARGEST_SEQUENCE)
    longer: NDArray[np.int64] = values.astype(np.int64, copy=False)
    return longer


def _kind(table: _Columns) -> NDArray[np.int8] | None:
    """Kinds by a table of the distinct texts; None when all are trades."""
    if "kind" not in table.names:
        return None
    kind = table.looked_up("kind", cells.kind)
    if (kind == DIVIDEND).any():
        raise _NotCleanError  # their quantity may be 0
    return kind if (kind != TRADE).any() else None


def _side(table: _Columns, kind: NDArray[np.int8] | None) -> NDArray[np.int8]:
    side = table.looked_up("side", cells.side)
    if kind is None:
        return side
    forced = SIDE_OF_KIND[kind]
    return np.where(forced >= 0, forced, side)


def _understood(texts: Any, parse: Any) -> NDArray[np.int8]:
    found = [parse(text) for text in texts.to_pylist()]
    if any(problem != Problem.NONE for _, problem in found):
        raise _NotCleanError
    return np.array([value for value, _ in found], np.int8)


def _units(table: _Columns, name: str, lowest: int, largest: int) -> NDArray[np.int64]:
    """Yuan as 1/10000 yuan, where every number means a whole number of them between two limits."""

    def convert(array: Any) -> NDArray[np.int64]:
        yuan = _numbers(array, (pa.float64(),))
        units = np.empty(len(yuan), np.int64)
        limits = np.array([lowest, largest], np.int64)
        if len(yuan) and kernels()["price_units"](len(yuan), address(yuan), address(limits), address(units)):
            raise _NotCleanError
        return units

    return table.converted(name, convert)


def _fee(table: _Columns, name: str) -> NDArray[np.int64] | None:
    return _units(table, name, 0, cells.LARGEST_FEE) if name in table.names else None
