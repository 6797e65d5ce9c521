"""Lists as files, as seen: the same filters, order and columns, in constant memory; formulas are only text."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from fengqiao.engine import money
from fengqiao.portal.shell.columns import Column
from fengqiao.portal.shell.errors import Refusal

FORMATS = {"xlsx": "导出 Excel", "csv": "导出 CSV"}
MOST = {"xlsx": 200_000, "csv": 2_000_000}
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
CHUNK = 2_000
Besides = Callable[[Sequence[Any]], None]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe before what could be one."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def export(
    title: str, columns: Sequence[Column], rows: QuerySet, kind: str, *, count: Callable[[int], int],
    besides: Besides | None = None,
) -> HttpResponse | StreamingHttpResponse:  # fmt: skip
    """The rows as a file to download; too many are refused before anything is sent. besides: puts into a stretch of
    rows what comes from other tables."""
    most = MOST[kind]
    if count(most) > most:
        other = f"，或者改用 CSV（最多{MOST['csv']:,}行）" if kind == "xlsx" else ""
        raise Refusal(f"符合条件的记录超过{most:,}行，没有导出。请用筛选条件缩小范围后再导出{other}。")
    name = f"{title}-{timezone.localtime():%Y%m%d-%H%M}.{kind}"
    if kind == "csv":
        lines = csv_lines(columns, rows, besides)
        response: Any = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = content_disposition_header(True, name)
    else:
        response = FileResponse(
            workbook(title, columns, rows, besides), as_attachment=True, filename=name, content_type=XLSX
        )
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def plain(column: Column, value: Any) -> str:
    """A value as it stands in CSV: days as 2026-11-20, amounts as 12345.67."""
    if value is None:
        return ""
    if column.kind == "yuan":
        return money.yuan(value)
    if isinstance(value, dt.datetime):
        return f"{timezone.localtime(value) if timezone.is_aware(value) else value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, int) else harmless(str(value))


def stretches(rows: QuerySet, besides: Besides | None) -> Iterator[Any]:
    """Every row, in constant memory."""
    for some in batched(rows.iterator(chunk_size=CHUNK), CHUNK):
        if besides is not None:
            besides(some)
        yield from some


def batched(rows: Iterator[Any], size: int) -> Iterator[list[Any]]:
    """In lists of at most so many."""
    while some := list(islice(rows, size)):
        yield some


def csv_lines(columns: Sequence[Column], rows: QuerySet, besides: Besides | None = None) -> Iterator[str]:
    """The file, line by line; the mark at its start lets Excel read Chinese."""
    line = io.StringIO()
    writer = csv.writer(line)

    def written(values: list[str]) -> str:
        line.seek(0)
        line.truncate()
        writer.writerow(values)
        return line.getvalue()

    yield "\ufeff" + written([f"{column.title}（元）" if column.kind == "yuan" else column.title for column in columns])
    for row in stretches(rows, besides):
        yield written([plain(column, column.of(row)) for column in columns])


def workbook(title: str, columns: Sequence[Column], rows: QuerySet, besides: Besides | None = None) -> Any:
    """The workbook in a file without a name, at its start."""
    import xlsxwriter

    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the answer closes it
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    head = book.add_format({"bold": True, "bg_color": "#E4F0F0", "bottom": 1})
    shapes = {
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        "yuan": book.add_format({"num_format": "#,##0.00"}),
        "count": book.add_format({"num_format": "#,##0"}),
    }
    sheet = book.add_worksheet("".join(sign for sign in title if sign not in "[]:*?/\\")[:31] or "列表")
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, 18 if column.kind != "text" else 26)
        sheet.write_string(0, place, f"{column.title}（元）" if column.kind == "yuan" else column.title, head)
    for number, row in enumerate(stretches(rows, besides), start=1):
        for place, column in enumerate(columns):
            _write(sheet, number, place, column, column.of(row), shapes.get(column.kind))
    book.close()
    file.seek(0)
    return file


def _write(sheet: Any, number: int, place: int, column: Column, value: Any, shape: Any) -> None:
    if value is None or value == "":
        return
    if column.kind == "yuan":
        sheet.write_number(
            number, place, value / 100, shape
        )  # spreadsheets know floats only: to the fen up to 10^13 yuan
    elif isinstance(value, dt.datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        sheet.write_datetime(number, place, local.replace(tzinfo=None), shape)
    elif isinstance(value, dt.date):
        sheet.write_datetime(number, place, dt.datetime.combine(value, dt.time()), shape)
    elif isinstance(value, int) and not isinstance(value, bool):
        sheet.write_number(number, place, value, shape)
    else:
        sheet.write_string(number, place, harmless(str(value))[:32_767])
