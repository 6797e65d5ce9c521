"""Statements in the layouts of the common trading clients: the same story gives the same rows."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from fengqiao.engine.loss.broker import Statements, canonical_table, read_statements, write_trades
from fengqiao.engine.loss.broker.tests.layouts import WRITTEN
from fengqiao.engine.loss.broker.tests.writing import STORY, expected
from fengqiao.engine.loss.reading import open_trades


def rows_of(done: Statements) -> list[tuple[object, ...]]:
    """(date, security, side, quantity, price, kind) of the rows, in order."""
    table = pl.DataFrame(pl.from_arrow(canonical_table(done.rows)))
    return table.select("date", "security", "side", "quantity", "price", "kind").rows()


@pytest.mark.parametrize("name", WRITTEN)
def test_every_layout_tells_the_same_story(name: str, tmp_path: Path) -> None:
    done = read_statements([WRITTEN[name](tmp_path)])
    assert rows_of(done) == expected()
    assert done.rows_in == len(done.rows) + done.rows_explained
    assert done.rows_in >= len(STORY) + 1
    assert len([finding for finding in done.findings if not finding.used]) == done.rows_explained
    assert not [finding for finding in done.findings if finding.code == "not_understood"]
    assert {finding.file for finding in done.findings} == {done.files[0].name}


@pytest.mark.parametrize("name", WRITTEN)
def test_what_is_written_is_what_measuring_reads(name: str, tmp_path: Path) -> None:
    done = read_statements([WRITTEN[name](tmp_path)])
    for target in (tmp_path / "trades.parquet", tmp_path / "trades.csv"):
        write_trades(done.rows, target)
        source = open_trades([target], None)
        loaded = [source.load(part) for part in range(source.parts)]
        assert sum(len(one.chunk) for one in loaded) == len(done.rows)
        assert not any(list(one.findings) for one in loaded)
        assert [int(price) for one in loaded for price in one.chunk.price] == [entry.price for entry in done.rows]


def test_times_and_fees_are_kept_and_rows_keep_their_order(tmp_path: Path) -> None:
    done = read_statements([WRITTEN["workbook with titles and totals"](tmp_path)])
    table = pl.DataFrame(pl.from_arrow(canonical_table(done.rows)))
    assert table["sequence"].to_list() == list(range(1, len(table) + 1))
    assert str(table["time"][0]) == "09:31:02"
    assert table["commission"][0] == 7.6
    assert table.filter(pl.col("side") == "sell")["stamp_duty"][0] == 12.81
    assert set(table["investor"]) == {"投资者A 100200300"}
    assert set(table["account"]) == {"A100000001", "0100000002"}
