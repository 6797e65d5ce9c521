"""Files of 20 MiB made to cost as much as they can: read or refused with 1 GiB of memory and 10 s of a processor.

The limits are those of the operating system on the reading process: it is killed where it passes one.
"""

from __future__ import annotations

import io
import os
import signal
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from fengqiao.engine.loss.broker.tests.test_refusals import with_stream

ROOT = Path(__file__).parents[5]
SIZE = 20 << 20
SECONDS = 10  # of a processor, for the whole process, what is imported among it
TRIES = 3  # a core that others use at the same time gets less done in a second
PROGRAM = """
import resource, sys
from pathlib import Path
import polars, pyarrow
from fengqiao.engine.errors import FengqiaoError
from fengqiao.engine.loss.broker import canonical_table, read_statements
polars.DataFrame({"a": [1]}), pyarrow.array([1])
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 30), used + (1 << 30)))
resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[2]), int(sys.argv[2])))
try:
    done = read_statements([Path(sys.argv[1])])
    canonical_table(done.rows)
    left_out = sum(1 for finding in done.findings if not finding.used)
    print("read", done.rows_in == len(done.rows) + done.rows_explained and left_out == done.rows_explained)
except FengqiaoError as error:
    print("refused", "\\n" not in str(error))
"""
HEADER = "成交日期,证券代码,业务名称,成交数量,成交价格\n"
LONG_HEADER = HEADER.replace("\n", ",备注\n")
HEADER_OF_PAGE = "<table><tr><td>" + HEADER.strip().replace(",", "<td>")
CELL = b"<Cell><Data ss:Type='Number'>1</Data></Cell>"


def repeated(piece: bytes, before: bytes = b"") -> bytes:
    return (before + piece * (SIZE // len(piece) + 1))[:SIZE]


def records(kind: int, body: bytes) -> bytes:
    begin = struct.pack("<HH", 0x0009, 4) + struct.pack("<HH", 2, 0x10)
    return repeated(struct.pack("<HH", kind, len(body)) + body, begin)


def varied(line: str, lines: int, header: str = HEADER) -> bytes:
    """Lines that all differ; at most 20 MiB."""
    text = "".join(line.format(day=20_160_101 + number % 28, number=number) for number in range(lines))
    return (header + text).encode("gbk")[:SIZE]


def workbook(sheet: bytes, strings: bytes = b"") -> bytes:
    """An xlsx of one sheet, with a sheet and shared strings as they are given."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    links = "http://schemas.openxmlformats.org/package/2006/relationships"
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml", f'<Types xmlns="{types}"><Default Extension="xml" ContentType="a"/></Types>'
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{links}"><Relationship Id="a" Type="{kinds}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{kinds}"><sheets>'
            '<sheet name="a" sheetId="1" r:id="a"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{links}"><Relationship Id="a" Type="{kinds}/worksheet" Target="worksheets/a.xml"/>'
            f'<Relationship Id="b" Type="{kinds}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        )
        archive.writestr("xl/sharedStrings.xml", strings or b"<sst/>")
        archive.writestr(
            "xl/worksheets/a.xml", f'<worksheet xmlns="{main}"><sheetData>'.encode() + sheet + b"</worksheet>"
        )
    return out.getvalue()


def unalike(piece: bytes) -> bytes:
    """150 MiB of repeated XML, with comments that keep the ratio of packing plausible."""
    block = piece * (5000 // len(piece) + 1)
    return b"".join(
        block + b"<!--%032x-->" % (number * 7**40 % (1 << 127)) for number in range((150 << 20) // len(block))
    )


LARGE: dict[str, bytes | Callable[[Path], object]] = {
    "commas": repeated(b"," * 250 + b"\n"),
    "short lines": repeated(b"1,\n", HEADER.encode()),
    "sales": repeated("20160105,600518,证券卖出,100,12.5\n".encode("gbk"), HEADER.encode("gbk")),
    "corrections": repeated("20160105,600518,冲正,-100,12.5\n".encode("gbk"), HEADER.encode("gbk")),
    "moves": repeated("20160105,600518,担保品划出,100,1\n20160105,600518,担保品划入,101,1\n".encode(), HEADER.encode()),
    "headers": repeated(HEADER.encode() + "成交日期,证券代码,摘要,成交数量,成交价格\n".encode()),
    "titles": repeated("客户姓名：投资者A 资金账号：1001\n".encode()),
    "quotes": repeated(b'"\n'),
    "one line": repeated(b"x,"),
    "blank lines": repeated(b"\n"),
    "cells of a web page": repeated(b"<tr><td>1<td>2", b"<table>"),
    "wide cells of a web page": repeated(b"<tr><td colspan=255><td rowspan=9>1", b"<table>"),
    "tables in tables": repeated(b"<table><tr><td>"),
    "comments": repeated(b"<!--", b"<html>"),
    "entities": repeated(b"&amp;", b"<table><tr><td>"),
    "cells of an XML spreadsheet": repeated(
        b"<Row>" + CELL * 20 + b"</Row>", b"<?xml version='1.0'?><Worksheet><Table>"
    ),
    "numbers of an old workbook": records(0x0003, struct.pack("<HH", 1, 1) + b"\0\0\0" + struct.pack("<d", 1)),
    "empty records of an old workbook": records(0x0001, b""),
    "packed numbers": records(0x00BD, struct.pack("<HH", 1, 0) + b"\0\0\2\0\0\0" * 250),
    "different purchases": varied("{day},600518,证券买入,{number}00,12.5,甲{number}\n", 149_990, LONG_HEADER),
    "different words": varied("{day},600518,某业务{number},100,12.5,甲{number}\n", 149_990, LONG_HEADER),
    "different pages": varied("<tr><td>{day}<td>600518<td>证券卖出<td>{number}<td>1.5", 149_990, HEADER_OF_PAGE),
    "marks out of order": repeated(("\u0300" * 1999 + "\u0316" * 1999 + "\n").encode(), HEADER.encode()),
    "letters that grow": repeated(("\ufdfa" * 3999 + ",").encode() * 5 + b"\n", HEADER.encode()),
    "blanks in attributes": repeated(b"<td colspan=" + b" " * 3900 + b">", b"<table><tr>"),
    "blank wide cells": repeated(b"<tr><td colspan=255>", b"<table>"),
    "areas of an XML spreadsheet": repeated(
        b"<Row><Cell ss:MergeDown='9' ss:MergeAcross='250'><Data>1</Data></Cell></Row>",
        b"<?xml version='1.0'?><Worksheet><Table>",
    ),
    "cells of a workbook": lambda at: at.write_bytes(
        workbook(unalike(b"<row>" + b"<c><v>1</v></c>" * 250 + b"</row>") + b"</sheetData>")
    ),
    "rows of a workbook": lambda at: at.write_bytes(workbook(unalike(b"<row><c><v>1</v></c></row>") + b"</sheetData>")),
    "one place of a workbook": lambda at: at.write_bytes(
        workbook(b"<row r='1'>" + unalike(b"<c r='A1'><v>1</v></c>") + b"</row></sheetData>")
    ),
    "areas of a workbook": lambda at: at.write_bytes(
        workbook(b"</sheetData><mergeCells>" + unalike(b"<mergeCell ref='A1:C3'/>") + b"</mergeCells>")
    ),
    "texts of a workbook": lambda at: at.write_bytes(
        workbook(b"</sheetData>", b"<sst>" + unalike(b"<si><t>a</t></si>") + b"</sst>")
    ),
    "zeros": lambda at: with_stream(at, "Workbook", b"\x09\x08\x10\0\0\6\x10\0" + b"\0" * 60_000),
}


@pytest.mark.long
@pytest.mark.parametrize("name", LARGE)
def test_large_files_cost_little(name: str, tmp_path: Path) -> None:
    content = LARGE[name]
    path = tmp_path / "a.xls"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        content(path)
    for _ in range(TRIES):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(path), str(SECONDS)], env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, timeout=3600, check=False,
        )  # fmt: skip
        if done.returncode != -signal.SIGKILL:
            break
    assert done.returncode == 0, (done.returncode, done.stderr[-1500:])
    assert done.stdout.strip() in ("read True", "refused True"), (done.stdout, done.stderr[-1500:])
