"""The fast way for Parquet row groups equals the general way, from any thread, and leaves odd cells to it."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengqiao.engine.errors import InputError
from fengqiao.engine.loss.reading import open_trades
from fengqiao.engine.loss.reading.clean_group import DICTIONARIES, clean_chunk
from fengqiao.engine.loss.reading.headers import TRADES
from fengqiao.engine.loss.reading.normalise import normalise
from fengqiao.engine.loss.reading.parquet_file import ParquetFile
from fengqiao.engine.loss.reading.tests.writing import check_shape, clean_table, tuples
from fengqiao.engine.loss.rows import Chunk, RowSource


def both_ways(path: Path, part: int = 0) -> tuple[Chunk | None, Chunk]:
    file = ParquetFile(path, path.name, TRADES)
    names = [
        name for name in (*DICTIONARIES, "investor") if name in file.types and pa.types.is_string(file.types[name])
    ]
    source = RowSource(path.name, first_row=file.first_rows[part])
    return clean_chunk(file.table(part, tuple(names)), source, "600074"), normalise(
        file.part(part), path.name, "600074"
    ).chunk


def assert_equal(fast: Chunk, general: Chunk) -> None:
    assert tuples(fast) == tuples(general)
    for name in ("time", "sequence", "kind", "commission", "stamp_duty", "account", "row"):
        one, other = getattr(fast.comparable(), name), getattr(general, name)
        assert (one is None) == (other is None), name
        if one is not None:
            assert np.array_equal(one, other), name
    assert fast.source == general.source


@settings(max_examples=40, deadline=None)
@given(rows=st.integers(1, 400), seed=st.integers(0, 2**32 - 1), left=st.sets(st.sampled_from(
    ["account", "security", "time", "sequence", "commission", "stamp_duty", "kind"])))  # fmt: skip
def test_fast_equals_general(tmp_path_factory: pytest.TempPathFactory, rows: int, seed: int, left: set[str]) -> None:
    path = tmp_path_factory.mktemp("equal") / "t.parquet"
    pq.write_table(clean_table(rows, seed).drop_columns(sorted(left)), path)
    fast, general = both_ways(path)
    assert fast is not None
    assert_equal(fast, general)


SPOILT: list[tuple[str, Any]] = [
    ("investor", None), ("investor", ""), ("investor", " A1"), ("investor", "A1\u3000"), ("investor", "1.1E+17"),
    ("investor", "\x01"), ("investor", "x" * 201), ("date", None), ("date", dt.date(1989, 12, 31)),
    ("date", dt.date(2101, 1, 1)), ("time", None), ("sequence", -1), ("sequence", None), ("side", "?"), ("side", None),
    ("quantity", 0), ("quantity", -1), ("quantity", 10**12 + 1), ("quantity", None), ("price", 0.0), ("price", -1.0),
    ("price", float("nan")), ("price", float("inf")), ("price", 1.00005), ("price", 1e7 + 1), ("price", None),
    ("commission", None), ("commission", -1.0), ("commission", float("nan")), ("kind", None), ("kind", "?"),
    ("kind", "dividend"), ("security", "000001"), ("security", None), ("account", None), ("account", ""),
]  # fmt: skip


@pytest.mark.parametrize(("column", "value"), SPOILT)
def test_one_odd_cell_sends_the_group_the_general_way(tmp_path: Path, column: str, value: object) -> None:
    table = clean_table(20, 1).set_column(11, "kind", pa.array(["trade"] * 20))
    cells = table.column(column).to_pylist()
    cells[7] = value
    table = table.set_column(table.column_names.index(column), column, pa.array(cells, table.column(column).type))
    path = tmp_path / "t.parquet"
    pq.write_table(table, path)
    fast, general = both_ways(path)
    assert fast is None
    source = open_trades([path], "600074")
    loaded = source.load(0)
    check_shape(loaded)
    assert tuples(loaded.chunk) == tuples(general)
    assert loaded.rows_read == 20
    others = [row for row in range(20) if row != 7]
    assert set(range(2, 22)) - set(loaded.chunk.row_numbers().tolist()) <= {9}
    assert {number - 2 for number in loaded.chunk.row_numbers().tolist()} >= set(others)


def test_threads_load_the_same(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    table = clean_table(40_000, 3, 2_000)
    spoilt = table.column("quantity").to_pylist()
    spoilt[12_345] = 0
    pq.write_table(table.set_column(7, "quantity", pa.array(spoilt)), path, row_group_size=1000)
    source = open_trades([path], "600074")
    alone = [tuples(source.load(part).chunk) for part in range(source.parts)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda part: tuples(source.load(part).chunk), list(range(source.parts)) * 3))
    assert together == alone * 3
    assert [row[0] for part in alone for row in part] == [n for n in range(2, 40_002) if n != 12_347]


def test_disjoint_when_the_statistics_say_so(tmp_path: Path) -> None:
    sorted_path, mixed_path = tmp_path / "sorted.parquet", tmp_path / "mixed.parquet"
    table = clean_table(5_000, 5)
    pq.write_table(table, sorted_path, row_group_size=500)
    pq.write_table(table.sort_by("date"), mixed_path, row_group_size=500)
    bare_path = tmp_path / "bare.parquet"
    pq.write_table(table, bare_path, row_group_size=500, write_statistics=False)
    later_path = tmp_path / "later.parquet"
    pq.write_table(table.set_column(0, "investor", pa.array(["B"] * 5_000)), later_path, row_group_size=500)
    opened = {path.stem: open_trades([path], None) for path in (sorted_path, mixed_path, bare_path)}
    assert {name: source.disjoint for name, source in opened.items()} == {
        "sorted": True, "mixed": False, "bare": False,
    }  # fmt: skip
    assert open_trades([sorted_path, later_path], None).disjoint
    assert not open_trades([later_path, sorted_path], None).disjoint
    investors = [opened["sorted"].load(part).chunk.investor.to_pylist() for part in range(10)]
    assert all(max(one) <= min(other) for one, other in pairwise(investors))


def test_order_that_proves_false_is_refused(tmp_path: Path) -> None:
    # sorted with the blanks, not without them
    path = tmp_path / "t.parquet"
    names = pa.array([" B", "A", "B", "C"])
    pq.write_table(clean_table(4, 1).set_column(0, "investor", names), path, row_group_size=2)
    source = open_trades([path], None)
    assert source.disjoint
    with pytest.raises(InputError, match=r"^t.parquet: The statistics of the file do not fit its contents"):
        source.load(0)
    assert len(source.load(1).chunk) == 2


def test_the_fast_way_imports_neither_polars_nor_pandas(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(clean_table(100, 1), path)
    script = (
        "import sys, pathlib; from fengqiao.engine.loss.reading import open_trades; "
        f"source = open_trades([pathlib.Path({str(path)!r})], '600074'); n = source.load(0).rows_read; "
        "print(n, [name for name in ('polars', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "100 []\n"


def test_large_groups_cross_the_steps_of_the_conversion(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    table = clean_table(150_000, 9).drop_columns(["kind"])
    pq.write_table(table, path)
    fast, general = both_ways(path)
    assert fast is not None
    assert np.array_equal(fast.price, np.rint(table.column("price").to_numpy() * 10_000).astype(np.int64))
    assert np.array_equal(fast.price, general.price)
    assert np.array_equal(fast.side, general.side)
