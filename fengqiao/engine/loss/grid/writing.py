"""awards.parquet and ranges.parquet, written as investors come."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from fengqiao.engine.loss.findings_file import FindingsFile
from fengqiao.engine.loss.grid.run import RANGE_COLUMNS, grid_schema
from fengqiao.engine.loss.measure import FINDINGS_KEPT, ROWS_A_GROUP

if TYPE_CHECKING:
    from fengqiao.engine.findings import DataFinding

AWARDS, RANGES, FINDINGS = "awards.parquet", "ranges.parquet", "findings.csv"


class GridFiles:
    """Takes batches of `run.grid_schema` and findings, and writes them to a directory."""

    def __init__(self, directory: Path, ids: Sequence[str]) -> None:
        self.directory, self.ids = directory, list(ids)
        self.schema = grid_schema(self.ids)
        self.open()

    def open(self) -> None:
        """Begin all files."""
        names = ["investor", *(name for name, _ in RANGE_COLUMNS)]
        range_schema = pa.schema([self.schema.field(name) for name in names])
        award_schema = pa.schema(
            [self.schema.field(name) for name in ("investor", *self.ids)], metadata={"fengqiao.unit": "fen"}
        )
        encoding = {"investor": "DELTA_BYTE_ARRAY", **dict.fromkeys(self.ids, "DELTA_BINARY_PACKED")}
        self.awards = pq.ParquetWriter(
            self.directory / AWARDS, award_schema, compression="none", use_dictionary=False,
            write_statistics=["investor"], column_encoding=encoding,
        )  # fmt: skip
        self.ranges = pq.ParquetWriter(
            self.directory / RANGES, range_schema, compression="snappy", store_decimal_as_integer=True,
            use_dictionary=["lowest_scenario", "highest_scenario", "scenarios_with_zero"],
            write_statistics=["investor"],
        )  # fmt: skip
        self.lines = FindingsFile(self.directory / FINDINGS)
        self.findings: list[DataFinding] = []
        self.waiting: list[pa.RecordBatch] = []
        self.waiting_rows = self.rows = 0

    def restart(self) -> None:
        """Everything so far is void."""
        self.shut()
        self.open()

    def batch(self, batch: pa.RecordBatch) -> None:
        """Investors in ascending order; row groups have the same size whatever comes at once."""
        self.rows += batch.num_rows
        self.waiting.append(batch)
        self.waiting_rows += batch.num_rows
        while self.waiting_rows >= ROWS_A_GROUP:
            table = pa.Table.from_batches(self.waiting)
            self.write(table.slice(0, ROWS_A_GROUP))
            self.waiting = table.slice(ROWS_A_GROUP).to_batches()
            self.waiting_rows -= ROWS_A_GROUP

    def write(self, table: pa.Table) -> None:
        """One row group of both files."""
        self.awards.write_table(table.select(["investor", *self.ids]), row_group_size=ROWS_A_GROUP)
        names = ["investor", *(name for name, _ in RANGE_COLUMNS)]
        self.ranges.write_table(table.select(names), row_group_size=ROWS_A_GROUP)

    def found(self, findings: Sequence[DataFinding]) -> None:
        """Findings in file order."""
        self.lines.write(findings)
        self.findings.extend(findings[: max(FINDINGS_KEPT - len(self.findings), 0)])

    def close(self) -> None:
        """Write what waits and end all files."""
        try:
            if self.waiting_rows or self.rows == 0:
                self.write(pa.Table.from_batches(self.waiting, self.schema))
        finally:
            self.shut()

    def shut(self) -> None:
        """End all files as they are."""
        self.awards.close()
        self.ranges.close()
        self.lines.close()
