"""Prices, corporate actions and indices from AKShare, in the columns that measuring reads.

What is asked for, and in which units it comes (AKShare's documentation, stock and index data):
`stock_zh_a_daily` (adjust=""): unadjusted prices in yuan; `volume` in shares (股, not 手); `outstanding_share` in
shares; `turnover` = volume / outstanding_share. `stock_zh_a_hist` counts volume in hands (手) and has no shares
outstanding, so it is not used. `stock_history_dividend_detail`: 送股, 转增 (shares) and 派息 (yuan) for ten shares;
配股方案 (shares) for ten shares, 配股价格 in yuan. `stock_zh_index_daily`: closes in points.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from fengqiao.engine.errors import CannotComputeError, InputError
from fengqiao.engine.loss.broker.securities import security_of

Record = dict[str, str]

INSTALL = "Install the extra: pip install 'fengqiao[market]' (or uv sync --extra market); it needs internet"
CARRIED_OUT = "实施"
TURNOVER_ROOM = 0.01  # of the turnover itself
CLOSE_DECIMALS = 4


def client() -> Any:
    """The AKShare package. Errors: InputError that says how to install it."""
    try:
        import akshare
    except ImportError as error:
        raise InputError("AKShare is not installed (未安装 AKShare)", why=str(error), todo=INSTALL) from error
    return akshare


def asked(call: Any, what: str, **arguments: Any) -> list[dict[str, Any]]:
    """The rows that a call gives. Errors: CannotComputeError in one sentence for whatever goes wrong outside."""
    try:
        frame = call(**arguments)
        return [] if frame is None else list(frame.to_dict("records"))
    except Exception as error:
        why = f"{type(error).__name__}: {str(error).splitlines()[0][:200] if str(error) else 'no reason given'}"
        raise CannotComputeError(
            f"AKShare gave no {what} (没有取到数据)",
            why=why,
            todo="Check the connection and the code, and try again later",
        ) from error


def symbol_of(security: str) -> str:
    """A security as the source names it.

    >>> symbol_of("600518"), symbol_of("1"), symbol_of("000001.SZ")
    ('sh600518', 'sz000001', 'sz000001')
    """
    found = security_of(security)
    digits, _, exchange = (found.code if found else "").partition(".")
    if found is None or not found.share or exchange not in ("SH", "SZ"):
        raise InputError(
            f'"{security}" is not a share of the Shanghai or Shenzhen exchange (不是沪深A股)',
            todo="Give a code such as 600518 or 000001.SZ",
        )
    return f"{exchange.lower()}{digits}"


def index_symbol(index: str) -> str:
    """An index as the source names it.

    >>> index_symbol("000300"), index_symbol("399006"), index_symbol("sh000001")
    ('sh000300', 'sz399006', 'sh000001')
    """
    text = index.strip().lower()
    if text[:2] in ("sh", "sz") and text[2:].isdigit() and len(text) == 8:
        return text
    if not (text.isdigit() and len(text) == 6):
        raise InputError(
            f'"{index}" is not the code of an index (指数代码)', todo="Give one such as 000300 or sz399006"
        )
    return f"{'sz' if text.startswith('399') else 'sh'}{text}"


def market(source: Any, security: str, first: dt.date, last: dt.date) -> list[Record]:
    """Daily closes, volumes and tradable shares of a share, by day, both ends included.

    Days without trading are not in it. Errors: CannotComputeError when the frame is not shaped as documented.
    """
    rows = asked(
        source.stock_zh_a_daily, "prices", symbol=symbol_of(security), start_date=f"{first:%Y%m%d}",
        end_date=f"{last:%Y%m%d}", adjust="",
    )  # fmt: skip
    _require(rows, ("date", "close", "volume", "outstanding_share"), "stock_zh_a_daily")
    code = f"{symbol_of(security)[2:]}.{symbol_of(security)[:2].upper()}"
    out = []
    for day, row in _by_day(rows, "date", first, last):
        volume, shares = _number(row, "volume", day), _number(row, "outstanding_share", day)
        stated = row.get("turnover")
        if isinstance(stated, float) and math.isfinite(stated) and shares and volume:
            measured = float(volume / shares)
            if abs(measured - stated) > TURNOVER_ROOM * max(measured, stated):
                raise CannotComputeError(
                    "Volume and shares do not fit the turnover (成交量、流通股本与换手率不符)",
                    why=f"{day}: {volume} / {shares} is not {stated}", todo="The source may have changed its units",
                )  # fmt: skip
        out.append({
            "date": day.isoformat(), "close": _text(_number(row, "close", day), CLOSE_DECIMALS),
            "volume": _text(volume, 0), "float_shares": _text(shares, 0), "security": code,
        })  # fmt: skip
    return out


def actions(source: Any, security: str, first: dt.date, last: dt.date) -> list[Record]:
    """Corporate actions whose ex-rights day lies between two days, for one share each.

    Bonus and converted shares, cash, rights issues; only those carried out; several on one day are lines of their own.
    """
    symbol = symbol_of(security)[2:]
    out: list[Record] = []
    given = asked(source.stock_history_dividend_detail, "dividends", symbol=symbol, indicator="分红")
    _require(given, ("送股", "转增", "派息", "进度", "除权除息日"), "stock_history_dividend_detail", empty=True)
    for day, row in _by_day(given, "除权除息日", first, last, gaps=True):
        if str(row["进度"]).strip() != CARRIED_OUT:
            continue
        bonus = (_number(row, "送股", day) + _number(row, "转增", day)) / 10
        out.append(_action(symbol, day, bonus_ratio=bonus, cash_per_share=_number(row, "派息", day) / 10))
    rights = asked(source.stock_history_dividend_detail, "rights issues", symbol=symbol, indicator="配股")
    _require(rights, ("配股方案", "配股价格", "除权日"), "stock_history_dividend_detail", empty=True)
    for day, row in _by_day(rights, "除权日", first, last, gaps=True):
        ratio = _number(row, "配股方案", day) / 10
        out.append(_action(symbol, day, rights_ratio=ratio, rights_price=_number(row, "配股价格", day)))
    return sorted(out, key=lambda record: record["ex_date"])


def indices(source: Any, names: Sequence[str], first: dt.date, last: dt.date) -> list[Record]:
    """Daily closes of indices, one index after the other, by day."""
    out = []
    for name in names:
        rows = asked(source.stock_zh_index_daily, f"index {name}", symbol=index_symbol(name))
        _require(rows, ("date", "close"), "stock_zh_index_daily")
        out += [
            {"date": day.isoformat(), "index": name, "close": _text(_number(row, "close", day), CLOSE_DECIMALS)}
            for day, row in _by_day(rows, "date", first, last)
        ]
    return out


def _action(symbol: str, day: dt.date, **ratios: Decimal) -> Record:
    names = ("bonus_ratio", "rights_ratio", "rights_price", "cash_per_share")
    return {"security": symbol, "ex_date": day.isoformat()} | {
        name: _text(ratios[name], 8) if ratios.get(name) else "" for name in names
    }


def _require(rows: Sequence[dict[str, Any]], columns: Sequence[str], call: str, *, empty: bool = False) -> None:
    if not rows:
        if empty:
            return
        raise CannotComputeError(f"{call} gave no rows (没有数据)", todo="Check the code and the days")
    missing = [column for column in columns if column not in rows[0]]
    if missing:
        raise CannotComputeError(
            f"{call} is not shaped as documented (数据源的列变了)", why=f"missing {', '.join(missing)}",
            todo="Use the version of AKShare that the extra names, or give the data as CSV",
        )  # fmt: skip


def _by_day(
    rows: Sequence[dict[str, Any]], column: str, first: dt.date, last: dt.date, *, gaps: bool = False
) -> Iterator[tuple[dt.date, dict[str, Any]]]:
    """The rows between two days with their days, ascending. gaps: rows without a day are left out."""
    dated = []
    for row in rows:
        day = _day(row[column])
        if day is None and not gaps:
            raise CannotComputeError("A row without a date (缺少日期)", why=f"{column}: {row[column]!r}")
        if day is not None and first <= day <= last:
            dated.append((day, row))
    return iter(sorted(dated, key=lambda one: one[0]))


def _day(value: Any) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return None if value != value else value.date()  # noqa: PLR0124 - what is not a time is not equal to itself
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value).strip()[:10])
    except ValueError:
        return None


def _number(row: dict[str, Any], column: str, day: dt.date) -> Decimal:
    value = row[column]
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise CannotComputeError(
            "A number is missing (数据缺失)", why=f"{day}, {column}: {value!r}", todo="Try again later"
        )
    return Decimal(format(number, ".15g"))


def _text(number: Decimal, decimals: int) -> str:
    rounded = format(round(number, decimals), "f")
    return rounded.rstrip("0").rstrip(".") if "." in rounded else rounded
