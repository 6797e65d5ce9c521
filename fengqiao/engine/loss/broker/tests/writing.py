"""Statements as trading clients write them: one story told in many layouts and kinds of file."""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import xlwt

Value = Any
Grid = list[list[Value]]


class Event(NamedTuple):
    """One line of the story. quantity: without sign. out: it leaves the account. row: what it becomes."""

    day: dt.date
    time: str
    words: str
    code: str
    name: str
    quantity: int
    price: str
    out: bool = False
    row: str = "trade"


D = dt.date
STORY = (
    Event(D(2016, 1, 5), "09:31:02", "证券买入", "600518", "某某股份", 1000, "15.20"),
    Event(D(2016, 1, 6), "", "银行转证券", "", "", 0, "", row=""),
    Event(D(2016, 2, 1), "10:00:00", "证券买入", "000001", "某某银行", 1200, "10.05"),
    Event(D(2016, 2, 2), "10:30:00", "证券买入", "600518", "某某股份", 500, "14.9"),
    Event(D(2016, 2, 2), "10:30:00", "证券买入", "600518", "某某股份", 500, "14.9"),
    Event(D(2016, 3, 1), "14:00:00", "融券回购", "204001", "GC001", 100, "2.50", row=""),
    Event(D(2016, 3, 2), "", "拆出质押购回", "204001", "GC001", 100, "2.50", out=True, row=""),
    Event(D(2016, 5, 20), "", "红股入账", "600518", "某某股份", 1000, "0", row="bonus"),
    Event(D(2016, 5, 20), "", "股息入账", "600518", "某某股份", 0, "0", row=""),
    Event(D(2016, 6, 1), "", "申购配号", "730111", "新股申购", 1000, "0", row=""),
    Event(D(2016, 6, 3), "", "申购中签", "730111", "新股申购", 1000, "8.88", row=""),
    Event(D(2016, 6, 20), "", "新股入账", "600111", "新某股份", 1000, "8.88", row="transfer_in"),
    Event(D(2016, 7, 4), "", "配股缴款", "700518", "某某配股", 600, "7.00", row=""),
    Event(D(2016, 7, 20), "", "配股入账", "600518", "某某股份", 600, "7.00", row="rights"),
    Event(D(2016, 8, 1), "13:05:09", "证券买入", "510300", "某ETF", 1000, "3.333", row=""),
    Event(D(2016, 8, 2), "13:05:09", "证券买入", "900901", "某某B股", 1000, "0.62", row=""),
    Event(D(2016, 8, 3), "13:05:09", "证券买入", "110030", "某某转债", 10, "101.5", row=""),
    Event(D(2016, 9, 1), "13:30:00", "证券卖出", "600518", "某某股份", 800, "16.01", out=True),
    Event(D(2016, 9, 2), "", "股息红利税补缴", "600518", "某某股份", 0, "0", row=""),
    Event(D(2016, 9, 5), "", "大宗交易卖出", "600518", "某某股份", 300, "15.50", out=True, row="block"),
    Event(D(2016, 12, 21), "", "利息归本", "", "", 0, "", row=""),
)  # fmt: skip
SH, SZ = "A100000001", "0100000002"


def expected(story: Sequence[Event] = STORY) -> list[tuple[Value, ...]]:
    """(date, security, side, quantity, price, kind) of the rows that the story has."""
    rows = []
    for event in story:
        if event.row:
            security = f"{event.code}.{'SZ' if event.code.startswith('0') else 'SH'}"
            side = "sell" if event.out else "buy"
            rows.append((event.day, security, side, event.quantity, float(event.price), event.row))
    return rows


def value(event: Event, heading: str, *, signed: bool = False) -> Value:
    """What a client writes for an event under a heading: numbers as numbers, everything else as text."""
    amount = round(event.quantity * float(event.price or 0), 2)
    fee, duty = round(amount * 0.0005, 2), round(amount * 0.001, 2) if event.out else 0.0
    quantity = -event.quantity if signed and event.out else event.quantity
    net = amount - fee - duty if event.out else -(amount + fee)
    table: dict[str, Callable[[], Value]] = {
        "date": lambda: event.day, "time": lambda: event.time, "words": lambda: event.words, "code": lambda: event.code,
        "name": lambda: event.name, "quantity": lambda: quantity,
        "signed": lambda: -event.quantity if event.out else event.quantity,
        "price": lambda: float(event.price) if event.price else "", "amount": lambda: amount, "fee": lambda: fee,
        "duty": lambda: duty, "net": lambda: round(net, 2) if amount else 50000.0, "zero": lambda: 0.0,
        "account": lambda: "" if not event.code else SZ if event.code.startswith("0") else SH,
        "market": lambda: "" if not event.code else "深圳A股" if event.code.startswith("0") else "上海A股",
        "side": lambda: "卖出" if event.out else "买入", "blank": lambda: "", "money": lambda: "人民币",
        "fund": lambda: "100200300",
    }  # fmt: skip
    return table[heading]()


def grid(layout: Sequence[tuple[str, str]], story: Sequence[Event] = STORY, *, signed: bool = False) -> Grid:
    """A header and the lines of the story. layout: (heading of the client, what stands under it)."""
    rows = [[value(event, what, signed=signed) for _, what in layout] for event in story]
    return [[heading for heading, _ in layout], *rows]


def texts(rows: Grid, date: str = "%Y%m%d", *, shells: bool = False, thousands: bool = False) -> list[list[str]]:
    """A grid as text: dates in a form, codes and accounts in shells, thousands separated."""

    def cell(item: Value) -> str:
        if isinstance(item, dt.date):
            return item.strftime(date)
        if isinstance(item, float):
            return f"{item:,.3f}" if thousands else f"{item:.3f}"
        if isinstance(item, int):
            return f"{item:,}" if thousands else str(item)
        return f'="{item}"' if shells and item[:1].isalnum() and item.isascii() and item else item

    return [[cell(item) for item in row] for row in rows]


def write_text(
    path: Path, rows: Sequence[Sequence[str]], encoding: str, delimiter: str = "\t", end: str = "\r\n"
) -> Path:
    """Lines of cells as a client joins them, without quotes."""
    path.write_bytes((end.join(delimiter.join(row) for row in rows) + end).encode(encoding))
    return path


def write_csv(path: Path, rows: Sequence[Sequence[str]], encoding: str) -> Path:
    """A CSV file with quotes where they are needed."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    path.write_bytes(buffer.getvalue().encode(encoding))
    return path


def write_xls(path: Path, rows: Grid, merged: Sequence[tuple[int, int, int, int]] = ()) -> Path:
    """An old workbook; dates as text, numbers as numbers. merged: (first row, last row, first column, last column)."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("交割单")
    inside = {
        (r, c) for top, bottom, left, right in merged for r in range(top, bottom + 1) for c in range(left, right + 1)
    }
    for number, row in enumerate(rows):
        for column, item in enumerate(row):
            if (number, column) not in inside and item != "":
                sheet.write(number, column, item.strftime("%Y-%m-%d") if isinstance(item, dt.date) else item)
    for top, bottom, left, right in merged:
        item = rows[top][left]
        sheet.write_merge(top, bottom, left, right, item.strftime("%Y-%m-%d") if isinstance(item, dt.date) else item)
    book.save(str(path))
    return path


def write_xlsx(path: Path, sheets: dict[str, Grid], merged: dict[str, Sequence[str]] | None = None) -> Path:
    """A workbook; dates as dates, numbers as numbers."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([None if item == "" else item for item in row])
        for area in (merged or {}).get(name, ()):
            sheet.merge_cells(area)
    book.save(path)
    return path


def write_html(path: Path, rows: Sequence[Sequence[str]], title: str, encoding: str = "gbk") -> Path:
    """A web page with a table, as many clients save it under the name of a workbook."""
    body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>\n" for row in rows)
    head = f'<html><head><meta charset="{encoding}"><style>td{{x:1}}</style></head><body><p>{title}</p>'
    page = f"{head}<table border=1>{body}</table></body></html>"
    path.write_bytes(page.encode(encoding))
    return path


def write_xml(path: Path, rows: Grid, sheet: str) -> Path:
    """An XML spreadsheet of Excel 2003."""

    def cell(item: Value) -> str:
        if isinstance(item, dt.date):
            return f'<Cell><Data ss:Type="DateTime">{item.isoformat()}T00:00:00.000</Data></Cell>'
        kind = "Number" if isinstance(item, int | float) else "String"
        return f'<Cell><Data ss:Type="{kind}">{html.escape(str(item))}</Data></Cell>' if item != "" else "<Cell/>"

    body = "".join(f"<Row>{''.join(cell(item) for item in row)}</Row>\n" for row in rows)
    path.write_text(
        '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook '
        'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<Worksheet ss:Name="{sheet}"><Table>{body}</Table></Worksheet></Workbook>', encoding="utf-8",
    )  # fmt: skip
    return path
