"""Worked cases as data: small tables in TOML that a lawyer can read, made into plans, rows and input files.

A table is text: the first line names the columns, blanks separate the cells, "-" is an empty cell.
"""

from __future__ import annotations

import csv
import datetime as dt
import tomllib
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from fengqiao.engine.loss.block import Rows
from fengqiao.engine.loss.case_file import parse_case
from fengqiao.engine.loss.market import NO_PRICE, CorporateAction, Market, Series, ordinal
from fengqiao.engine.loss.plan import CasePlan, prepare
from fengqiao.engine.loss.rows import ABSENT, KINDS, SIDES
from fengqiao.engine.loss.trade import Trade, record_order

CASES = Path(__file__).parent / "cases"
INVESTOR = "甲"
FEES = ("commission", "stamp_duty")


def table(text: str) -> list[dict[str, str]]:
    """The rows of a table, by column name; empty cells are left out."""
    lines = [line.split("#")[0].split() for line in text.strip().splitlines()]
    header, *rows = [line for line in lines if line]
    assert all(len(row) == len(header) for row in rows), text
    return [{name: cell for name, cell in zip(header, row, strict=True) if cell != "-"} for row in rows]


def worked(file: str) -> list[dict[str, Any]]:
    """The cases of one file; what [usual] says holds where a case says nothing else."""
    content = tomllib.loads((CASES / file).read_text(encoding="utf-8"))
    usual = content["usual"]
    cases = []
    for case in content["case"]:
        sections = set(usual) | set(case["settings"])
        settings = {name: merged(usual.get(name), case["settings"].get(name)) for name in sections}
        if "segments" in settings:
            settings.pop("dates", None)
        cases.append({**case, "settings": settings, "file": file})
    return cases


def merged(usual: Any, own: Any) -> Any:
    """A section with the usual keys where it does not give its own; "" takes a usual key away."""
    if own is None or usual is None or isinstance(own, list):
        return usual if own is None else own
    return {key: value for key, value in {**usual, **own}.items() if value != ""}


def units(text: str) -> int:
    """Yuan as 1/10000 yuan."""
    scaled = Decimal(text) * 10_000
    assert scaled == int(scaled), text
    return int(scaled)


def trades_of(text: str) -> list[Trade]:
    """The rows of a trade table as the exact twin takes them."""
    out = []
    for place, row in enumerate(table(text)):
        clock = row.get("time")
        micros = ABSENT if clock is None else int(Decimal(dt.time.fromisoformat(clock).strftime("%H%M%S%f")))
        fees = {name: units(row[name]) for name in FEES if name in row}
        out.append(
            Trade(
                date=ordinal(dt.date.fromisoformat(row["date"])), side=SIDES.index(row["side"]),
                quantity=int(row["quantity"]), price=units(row.get("price", "0")), time=micros,
                sequence=int(row.get("sequence", ABSENT)), kind=KINDS.index(row.get("kind", "trade")),
                source=(0, place), **fees,
            )
        )  # fmt: skip
    return out


def rows_of(groups: Sequence[Sequence[Trade]], *, order: bool = False) -> tuple[Rows, np.ndarray]:
    """Trades of several investors as columns; columns that nobody fills are left out. order: in execution order."""
    trades = [trade for group in groups for trade in (sorted(group, key=record_order) if order else group)]
    starts = np.cumsum([0, *(len(group) for group in groups)]).astype(np.int64)
    kinds = {"date": np.int32, "side": np.int8, "kind": np.int8, "account": np.int32}
    columns = {
        name: np.array([getattr(trade, name) for trade in trades], dtype=kinds.get(name, np.int64))
        for name in ("date", "side", "quantity", "price", "time", "sequence", "kind", "account", *FEES)
    }
    for name in ("time", "sequence", "kind", "account", *FEES):
        if (columns[name] == (0 if name == "kind" else ABSENT)).all():
            columns[name] = None
    return Rows(**columns, origin=np.arange(len(trades), dtype=np.int64)), starts


def market_of(text: str) -> Market:
    """A market table (date close volume float_shares [previous_close]) as a reader of files would give it."""
    rows = table(text)
    volume = np.array([int(row.get("volume", 0)) for row in rows], dtype=np.int64)
    close = np.array([units(row["close"]) if "close" in row else NO_PRICE for row in rows], dtype=np.int64)
    return Market(
        "600000", np.array([ordinal(dt.date.fromisoformat(row["date"])) for row in rows], dtype=np.int32),
        np.where(volume > 0, close, NO_PRICE), volume,
        np.array([int(row.get("float_shares", 0)) for row in rows], dtype=np.int64),
        np.array([units(row.get("previous_close", "-0.0001")) for row in rows], dtype=np.int64),
        "market.csv",
    )  # fmt: skip


def stepped(text: str, first: dt.date, last: dt.date) -> dict[dt.date, str]:
    """A value for every trading day from a short table (from value): each holds until the next one."""
    from fengqiao.engine.dates import trading_calendar

    steps = [(dt.date.fromisoformat(row["from"]), row["value"]) for row in table(text)]
    days = trading_calendar().between(first, last)
    return {day: next(value for start, value in reversed(steps) if start <= day) for day in days}


def series_of(name: str, text: str, first: dt.date, last: dt.date) -> Series:
    """An index or price path from a table of steps."""
    values = stepped(text, first, last)
    return Series(
        name, np.array([ordinal(day) for day in values], dtype=np.int32),
        np.array([units(value) for value in values.values()], dtype=np.int64), "indices.csv",
    )  # fmt: skip


def actions_of(text: str) -> tuple[CorporateAction, ...]:
    """Corporate actions from a table."""
    columns = ("bonus_ratio", "rights_ratio", "rights_price", "cash_per_share")
    return tuple(
        CorporateAction(dt.date.fromisoformat(row["ex_date"]), *(Fraction(row.get(name, "0")) for name in columns))
        for row in table(text)
    )


def span(case: dict[str, Any]) -> tuple[dt.date, dt.date]:
    """First implementation date and last benchmark date of a case."""
    segments = case["settings"].get("segments") or [case["settings"]["dates"]]
    days = [dt.date.fromisoformat(item[key]) for item in segments for key in ("implementation", "benchmark")]
    return min(days), max(days)


def plan_of(case: dict[str, Any]) -> CasePlan:
    """A worked case made ready."""
    given = parse_case(case["settings"])
    indices = [series_of(name, text, *span(case)) for name, text in case.get("indices", {}).items()]
    path = series_of("path", case["path"], *span(case)) if "path" in case else None
    return prepare(
        given, market=market_of(case["market"]) if "market" in case else None, indices=indices, path=path,
        actions=actions_of(case.get("actions", "ex_date")),
    )  # fmt: skip


def toml_text(settings: dict[str, Any]) -> str:
    """Settings as the text of a CASE.toml."""
    lines: list[str] = []
    for section, values in settings.items():
        for part in values if isinstance(values, list) else [values]:
            lines.append(f"[[{section}]]" if isinstance(values, list) else f"[{section}]")
            lines += [f"{key} = {literal(value)}" for key, value in part.items()]
    return "\n".join(lines) + "\n"


def literal(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    return str(value) if isinstance(value, int) else f'"{value}"'


def write_csv(path: Path, rows: Sequence[dict[str, str]]) -> Path:
    """Rows as a CSV file with the columns that occur."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_inputs(case: dict[str, Any], directory: Path) -> dict[str, Path]:
    """The files of a worked case, by role."""
    files = {"case": directory / "CASE.toml"}
    files["case"].write_text(toml_text(case["settings"]), encoding="utf-8")
    records = [{"investor": INVESTOR, "security": "600000", **row} for row in table(case["trades"])]
    files["trades"] = write_csv(directory / "trades.csv", records)
    if "market" in case:
        files["market"] = write_csv(directory / "market.csv", table(case["market"]))
    if "actions" in case:
        files["actions"] = write_csv(directory / "actions.csv", table(case["actions"]))
    if "indices" in case:
        rows = [
            {"date": day.isoformat(), "index": name, "close": value}
            for name, text in case["indices"].items()
            for day, value in stepped(text, *span(case)).items()
        ]
        files["indices"] = write_csv(directory / "indices.csv", rows)
    if "path" in case:
        values = stepped(case["path"], *span(case)).items()
        write_csv(directory / "path.csv", [{"date": day.isoformat(), "price": value} for day, value in values])
    return files
