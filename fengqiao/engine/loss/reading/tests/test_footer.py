"""The footer of Parquet files as read here equals what pyarrow says, and damage in it never ends the process."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fengqiao.engine.loss.reading.footer import read_footer
from fengqiao.engine.loss.reading.tests.writing import clean_table


@pytest.mark.parametrize("options", [
    {}, {"write_statistics": False}, {"compression": "zstd"}, {"version": "1.0"}, {"write_page_index": True},
    {"use_dictionary": False}, {"store_schema": False},
])  # fmt: skip
def test_equals_pyarrow(tmp_path: Path, options: dict[str, object]) -> None:
    path = tmp_path / "t.parquet"
    table = clean_table(1000, 4).append_column("a.b", pa.array([[1, 2]] * 1000))
    pq.write_table(table.replace_schema_metadata({"note": "x" * 300}), path, row_group_size=150, **options)
    metadata = pq.ParquetFile(path).metadata
    groups = read_footer(path)
    assert [group.rows for group in groups] == [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)]
    for number, group in enumerate(groups):
        for position in range(metadata.num_columns):
            chunk = metadata.row_group(number).column(position)
            facts = group.columns[chunk.path_in_schema]
            assert (facts.values, facts.size) == (chunk.num_values, chunk.total_uncompressed_size)
            statistics = chunk.statistics
            known = statistics is not None and statistics.has_min_max and chunk.physical_type == "BYTE_ARRAY"
            expected = (statistics.min.encode(), statistics.max.encode()) if known else (None, None)
            assert (facts.smallest, facts.largest) == expected
    assert any(facts.smallest for group in groups for facts in group.columns.values()) == (
        options.get("write_statistics", True) is True
    )


def test_damage_is_a_value_error_or_other_facts(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(clean_table(20, 4), path, row_group_size=5)
    data = path.read_bytes()
    start = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    rng = random.Random(3)
    damaged = 0
    for _ in range(3000):
        piece = bytearray(data)
        for _ in range(rng.randint(1, 3)):
            piece[rng.randrange(start, len(data))] = rng.randrange(256)
        path.write_bytes(piece)
        try:
            read_footer(path)
        except ValueError:
            damaged += 1
    assert 0 < damaged < 3000
    for size in (0, 7, 8, 100, len(data) - 1):
        path.write_bytes(data[:size])
        with pytest.raises(ValueError, match=r"."):
            read_footer(path)
