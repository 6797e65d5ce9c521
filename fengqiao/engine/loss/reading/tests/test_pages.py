"""Columns decoded here equal what pyarrow reads, however the file is written; what is not plain is left to pyarrow."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengqiao.engine.errors import InputError
from fengqiao.engine.loss.reading import open_trades
from fengqiao.engine.loss.reading.headers import TRADES
from fengqiao.engine.loss.reading.pages import EncodedColumn, NotPlainError
from fengqiao.engine.loss.reading.parquet_file import ParquetFile
from fengqiao.engine.loss.reading.tests.writing import clean_table, tuples

CODECS = ["none", "snappy", "gzip", "brotli", "zstd", "lz4"]


def written(path: Path, table: pa.Table, **options: Any) -> ParquetFile:
    pq.write_table(table, path, **options)
    return ParquetFile(path, path.name, TRADES)


def cells_of(column: EncodedColumn) -> list[Any]:
    array = column.array() if column.distinct is None else column.distinct.take(pa.array(column.codes()))
    array.validate(full=True)
    return list(array.to_pylist())


def required(table: pa.Table) -> pa.Table:
    fields = [field.with_nullable(False) for field in table.schema]
    return table.cast(pa.schema(fields))


@settings(max_examples=60, deadline=None)
@given(
    rows=st.integers(1, 3000), seed=st.integers(0, 2**32 - 1), codec=st.sampled_from(CODECS),
    version=st.sampled_from(["1.0", "2.0"]), dictionary=st.booleans() | st.just(["investor", "side", "sequence"]),
    limit=st.sampled_from([100, 2000, 1 << 20]), page=st.sampled_from([64, 1000, 1 << 20]), nullable=st.booleans(),
    distinct=st.sampled_from([1, 2, 9, 300, 5000]),
)  # fmt: skip
def test_equals_pyarrow(
    tmp_path_factory: pytest.TempPathFactory, rows: int, seed: int, codec: str, version: str,
    dictionary: bool | list[str], limit: int, page: int, nullable: bool, distinct: int,
) -> None:  # fmt: skip
    table = clean_table(rows, seed, distinct)
    rng = np.random.default_rng(seed)
    runs = np.repeat(rng.integers(0, distinct, rows), rng.integers(1, 40, rows))[:rows]
    table = table.set_column(5, "sequence", pa.array(runs * 10**9))
    table = table if nullable else required(table)
    file = written(
        tmp_path_factory.mktemp("pages") / "t.parquet", table, compression=codec, data_page_version=version,
        use_dictionary=dictionary, dictionary_pagesize_limit=limit, data_page_size=page, write_batch_size=64,
    )  # fmt: skip
    encoded = file.encoded(0)
    for name, column in encoded.items():
        assert cells_of(column) == table.column(name).to_pylist(), name
    fixed = {name for name in table.column_names if not pa.types.is_string(table.schema.field(name).type)}
    assert fixed <= encoded.keys()
    if dictionary is True and limit == 1 << 20:
        assert encoded.keys() == set(table.column_names)


def test_a_table_gives_each_row_its_entry(tmp_path: Path) -> None:
    numbers = np.repeat(np.arange(50_000), 2) % 40_000
    table = clean_table(100_000, 1).set_column(5, "sequence", pa.array(numbers))
    column = written(tmp_path / "t.parquet", table).encoded(0)["sequence"]
    positions = np.array(column.distinct)
    for dtype, factor in ((np.int8, 0), (np.int32, 3), (np.int64, 3), (np.int64, 10**12), (np.int64, -5)):
        made = column.spread((positions * factor).astype(dtype))
        assert made.dtype == dtype
        assert np.array_equal(made, (numbers * factor).astype(dtype))


@pytest.mark.parametrize("name", ["date", "side", "sequence", "price", "account"])
def test_an_empty_cell_is_left_to_pyarrow(tmp_path: Path, name: str) -> None:
    table = clean_table(5000, 2)
    position = table.column_names.index(name)
    for place in (0, 7, 4999):
        cells = table.column(name).to_pylist()
        cells[place] = None
        spoilt = table.set_column(position, name, pa.array(cells, table.column(name).type))
        for version in ("1.0", "2.0"):
            path = tmp_path / f"{place}{version}.parquet"
            column = written(path, spoilt, data_page_version=version).encoded(0).get(name)
            if column is not None:
                with pytest.raises(NotPlainError):
                    cells_of(column)
            general = open_trades([path], "600074").load(0)
            assert general.rows_read == 5000


def test_other_securities_are_left_out_whatever_the_statistics_say(tmp_path: Path) -> None:
    codes = ["600074"] * 900 + ["000001"] + ["600074"] * 99
    table = clean_table(1000, 3).set_column(2, "security", pa.array(codes))
    for number, (one, statistics) in enumerate(
        (one, statistics) for one in (table, required(table)) for statistics in (True, False)
    ):
        first, second = tmp_path / f"a{number}.parquet", tmp_path / f"b{number}.parquet"
        pq.write_table(one.slice(0, 500), first, row_group_size=100, write_statistics=statistics)
        pq.write_table(one.slice(500), second, row_group_size=100, write_statistics=statistics)
        source = open_trades([first, second], "600074")
        loaded = [source.load(part) for part in range(source.parts)]
        assert sum(len(part.chunk) for part in loaded) == 999
        assert [len(part.chunk) for part in loaded] == [100] * 9 + [99]


@pytest.mark.parametrize("codec", CODECS)
def test_damaged_pages_never_end_the_process(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "t.parquet"
    rng = random.Random(CODECS.index(codec))
    pq.write_table(clean_table(400, 4, 30), path, compression=codec, data_page_size=200, write_batch_size=64)
    data = path.read_bytes()
    end = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    intact = tuples(open_trades([path], "600074").load(0).chunk)
    same = refused = 0
    for _ in range(400):
        piece = bytearray(data)
        for _ in range(rng.randint(1, 4)):
            piece[rng.randrange(4, end)] = rng.choice([0, 1, 255, 127, rng.randrange(256)])
        path.write_bytes(piece)
        with suppress(InputError):
            loaded = open_trades([path], "600074").load(0)
            assert loaded.rows_read == 400
            same += tuples(loaded.chunk) == intact
            continue
        refused += 1
    assert refused
    assert refused + same < 400 or codec != "none"


def test_files_of_other_writers(tmp_path: Path) -> None:
    table = clean_table(30_000, 6, 700)
    paths = [tmp_path / f"polars_{codec}.parquet" for codec in ("lz4", "snappy", "zstd", "uncompressed")]
    for path in paths:
        pl.DataFrame(pl.from_arrow(table)).write_parquet(path, compression=path.stem.split("_")[1], row_group_size=9000)  # type: ignore[arg-type]
    paths.append(tmp_path / "duckdb.parquet")
    duckdb.from_arrow(table).write_parquet(str(paths[-1]), compression="snappy", row_group_size=9000)
    for path in paths:
        file = ParquetFile(path, path.name, TRADES)
        cells: dict[str, list[Any]] = {}
        for part in range(file.parts):
            for name, column in file.encoded(part).items():
                cells.setdefault(name, []).extend(cells_of(column))
        assert {"investor", "date", "side", "quantity"} <= cells.keys(), path.name
        for name, found in cells.items():
            assert found == table.column(name).to_pylist(), (path.name, name)


def test_a_file_that_lost_its_middle_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(clean_table(400, 4, 30), path)
    whole = path.read_bytes()
    footer = 8 + int.from_bytes(whole[-8:-4], "little")
    path.write_bytes(whole[:200] + whole[-footer:])
    with pytest.raises(InputError, match=r"damaged"):
        open_trades([path], "600074").load(0)
