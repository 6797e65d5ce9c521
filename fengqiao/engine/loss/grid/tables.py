"""scenarios.parquet, scenarios.csv and pairs.csv: one row a scenario, one row a pair."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from fengqiao.engine.loss.findings_file import neutral
from fengqiao.engine.loss.grid.figures import QUANTILES, Figures, Pair
from fengqiao.engine.loss.grid.result import key_dates_text, settings_text, varied_keys
from fengqiao.engine.money import yuan

if TYPE_CHECKING:
    from fengqiao.engine.loss.grid.result import Comparison

MONEY = ("total", "mean", "median", *(f"p{share}" for share in QUANTILES), "highest", "difference_to_base")
PAIR_COLUMNS = ("a", "b", "a_name", "b_name", "gain", "lose", "stay", "gained", "lost", "net")


def scenario_rows(comparison: Comparison) -> list[dict[str, Any]]:
    """One dictionary a scenario; money in fen, None where there are no figures."""
    keys = varied_keys([item.scenario for item in comparison.figures])
    against = _against_base(comparison)
    return [_row(item, keys, against.get(item.scenario.id)) for item in comparison.figures]


def _row(item: Figures, keys: Sequence[str], pair: Pair | None) -> dict[str, Any]:
    scenario, settings = item.scenario, settings_text(item.scenario)
    row: dict[str, Any] = {
        "id": scenario.id, "name": scenario.name, "base": scenario.base, "computed": scenario.computed,
        "reason": scenario.reason, **{key: settings.get(key, "") for key in keys}, **key_dates_text(scenario),
    }  # fmt: skip
    money = (item.total, item.mean, item.median, *item.quantiles, item.highest, item.difference)
    row["investors_awarded"] = item.awarded if scenario.computed else None
    row |= {name: value if scenario.computed else None for name, value in zip(MONEY, money, strict=True)}
    row |= {
        "gain_against_base": pair.gain if pair else (0 if scenario.base else None),
        "lose_against_base": pair.lose if pair else (0 if scenario.base else None),
    }
    return row


def _against_base(comparison: Comparison) -> dict[str, Pair]:
    """The pair of each scenario with the base as a."""
    from fengqiao.engine.loss.grid.figures import turned

    out = {}
    for pair in comparison.pairs:
        if pair.a.base:
            out[pair.b.id] = pair
        elif pair.b.base:
            out[pair.a.id] = turned(pair)
    return out


def write_scenarios(comparison: Comparison, directory: Path) -> None:
    """scenarios.parquet (money in fen) and scenarios.csv (money in yuan)."""
    rows = scenario_rows(comparison)
    kinds = {"base": pa.bool_(), "computed": pa.bool_()} | dict.fromkeys(
        [*MONEY, "investors_awarded", "gain_against_base", "lose_against_base"], pa.int64()
    )
    schema = pa.schema(
        [pa.field(name, kinds.get(name, pa.string())) for name in rows[0]], metadata={"fengqiao.unit": "fen"}
    )
    columns = [pa.array([_whole(row[name]) for row in rows], schema.field(name).type) for name in rows[0]]
    pq.write_table(pa.Table.from_arrays(columns, schema=schema), directory / "scenarios.parquet")
    with (directory / "scenarios.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(list(rows[0]))
        writer.writerows([_cell(name, row[name]) for name in row] for row in rows)


def _whole(value: Any) -> Any:
    """Sums of impossible records that no column holds become empty; scenarios.csv has them."""
    return None if isinstance(value, int) and abs(value) >= 1 << 63 else value


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in MONEY:
        return yuan(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return neutral(value) if isinstance(value, str) else str(value)


def write_pairs(pairs: Sequence[Pair], path: Path) -> None:
    """pairs.csv: how many investors get more, less and the same under b than under a, and the sums in yuan."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(PAIR_COLUMNS)
        for pair in pairs:
            writer.writerow([
                pair.a.id, pair.b.id, neutral(pair.a.name), neutral(pair.b.name), pair.gain, pair.lose, pair.stay,
                yuan(pair.gained), yuan(pair.lost), yuan(pair.net),
            ])  # fmt: skip


def write_between(comparison: Comparison, a: str, b: str, path: Path) -> None:
    """Who gains and who loses between two scenarios (ids): one line an investor, money in yuan, all investors."""
    import polars as pl

    from fengqiao.engine.loss.grid.writing import AWARDS

    def amount(name: str) -> pl.Expr:
        fen = pl.col(name)
        sign = pl.when(fen < 0).then(pl.lit("-")).otherwise(pl.lit(""))
        cents = (fen.abs() % 100).cast(pl.String).str.zfill(2)
        return pl.concat_str(sign, (fen.abs() // 100).cast(pl.String), pl.lit("."), cents).alias(name)

    table = pq.read_table(comparison.directory / AWARDS, columns=["investor", a, b])
    frame = pl.DataFrame(pl.from_arrow(table)).with_columns(difference=pl.col(b) - pl.col(a))
    result = pl.when(pl.col("difference") > 0).then(pl.lit("gain"))
    frame = frame.with_columns(
        result=result.when(pl.col("difference") < 0).then(pl.lit("lose")).otherwise(pl.lit("stay"))
    )
    shown = frame.with_columns(
        pl.col("investor").str.replace(FORMULA, "'$1"), *(amount(name) for name in (a, b, "difference"))
    )
    shown.write_csv(path)


FORMULA = r"^([=+\-@\t\r])"
