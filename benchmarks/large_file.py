"""The records by date several times over, each time of other investors: a file that is larger than memory."""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq


def make_large_file(source: Path, target: Path, copies: int) -> None:
    """Write `copies` times as many records, row group after row group, so that all investors stand everywhere."""
    file = pq.ParquetFile(source)
    partial = target.with_suffix(".partial")
    with pq.ParquetWriter(partial, file.schema_arrow, compression="lz4") as writer:
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, use_threads=False)
            for copy in range(copies):
                writer.write_table(renamed(table, copy), row_group_size=1 << 20)
    partial.replace(target)


def renamed(table: pa.Table, copy: int) -> pa.Table:
    """The same records of other investors."""
    for name in ("investor", "account"):
        place = table.schema.get_field_index(name)
        texts = pc.replace_substring(table.column(name), "A000", f"A00{copy}", max_replacements=1)
        table = table.set_column(place, table.schema.field(place), texts)
    return table


if __name__ == "__main__":
    make_large_file(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
