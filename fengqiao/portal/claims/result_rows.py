"""Results of a run from its files into the tables, some thousand rows a transaction: others can write between."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from fengqiao.portal.claims.models import MeasuredFinding, MeasuredInvestor, ResultSet

ROWS_AT_ONCE = 5_000
FINDINGS_SHOWN = 10_000
Outcome = MeasuredInvestor.Outcome


def unscaled(column: Any) -> list[int | None]:
    """The values of a decimal column as whole numbers of its last decimal."""
    import numpy as np

    out: list[int | None] = []
    for chunk in column.chunks:
        data = np.frombuffer(chunk.buffers()[1], dtype=np.int64)[2 * chunk.offset :: 2][: len(chunk)].tolist()
        if chunk.null_count:
            gone = chunk.is_null().to_pylist()
            data = [None if missing else value for value, missing in zip(data, gone, strict=True)]
        out += data
    return out


def outcome_of(scope: int, awarded: int) -> str:
    """What a result says in a word."""
    if awarded > 0:
        return str(Outcome.AWARDED)
    return str(Outcome.NO_LOSS if scope else Outcome.OUT_OF_SCOPE)


def result_rows(path: Path) -> Iterator[tuple[Any, ...]]:
    """The rows of results.parquet, in its order, as the table has them after the number of the set."""
    import pyarrow.parquet as pq

    wanted = ["investor", "segment", "scope_quantity", "purchase_average", "difference_loss", "awarded_loss", "total",
              "findings"]  # fmt: skip
    with pq.ParquetFile(path) as file:
        names = file.schema_arrow.names
        for number in range(file.num_row_groups):
            table = file.read_row_group(number, columns=[name for name in wanted if name in names])
            empty = [None] * table.num_rows
            averages = unscaled(table["purchase_average"]) if "purchase_average" in names else empty
            figures = (unscaled(table[name]) for name in ("difference_loss", "awarded_loss", "total"))
            texts = (table[name].to_pylist() for name in ("investor", "segment", "findings"))
            investors, segments, remarks = texts
            for investor, segment, scope, average, difference, awarded, total, said in zip(
                investors, segments, unscaled(table["scope_quantity"]), averages, *figures, remarks, strict=True
            ):
                yield (investor[:200], segment[:60], outcome_of(scope or 0, awarded), scope, average, difference,
                       awarded, total, said)  # fmt: skip


INVESTOR_FIELDS = ("result_set_id", "investor", "segment", "outcome", "scope", "purchase_average", "difference",
                   "awarded", "total", "remarks")  # fmt: skip
FINDING_FIELDS = ("result_set_id", "file", "sheet", "row", "investor", "code", "reason", "used")


def finding_rows(path: Path) -> Iterator[tuple[Any, ...]]:
    """The first rows of findings.csv."""
    with path.open(encoding="utf-8", newline="") as text:
        for line in islice(csv.DictReader(text), FINDINGS_SHOWN):
            yield (line["file"][:255], line["sheet"][:100], int(line["row"] or 0), line["investor"][:200], line["code"],
                   line["reason"], line["used"] == "true")  # fmt: skip


def insert(model: Any, fields: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Put rows into a table by the quickest way of the database."""
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(connection.ops.quote_name(name) for name in fields)
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608 - our own names


def batches(rows: Iterable[tuple[Any, ...]], made: ResultSet) -> Iterator[list[tuple[Any, ...]]]:
    """Some thousand rows at a time, each with the number of the set."""
    whole = iter(rows)
    while some := [(made.pk, *row) for row in islice(whole, ROWS_AT_ONCE)]:
        yield some


def load(folder: Path, made: ResultSet, progress: Callable[[int], None]) -> None:
    """Put the results and findings of a folder into the tables under a set. progress: rows so far."""
    done = 0
    for some in batches(result_rows(folder / "results.parquet"), made):
        insert(MeasuredInvestor, INVESTOR_FIELDS, some)
        done += len(some)
        progress(done)
    for some in batches(finding_rows(folder / "findings.csv"), made):
        insert(MeasuredFinding, FINDING_FIELDS, some)
