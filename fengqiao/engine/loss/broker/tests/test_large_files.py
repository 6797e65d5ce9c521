"""Files of 20 MiB made to cost as much as they can: read or refused with less than 1 GiB of memory, and without end."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fengqiao.engine.loss.broker.tests.test_refusals import with_stream

ROOT = Path(__file__).parents[5]
SIZE = 20 << 20
PROGRAM = """
import resource, sys
from pathlib import Path
import polars, pyarrow
from fengqiao.engine.errors import FengqiaoError
from fengqiao.engine.loss.broker import canonical_table, read_statements
polars.DataFrame({"a": [1]}), pyarrow.array([1])
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 30), used + (1 << 30)))
try:
    done = read_statements([Path(sys.argv[1])])
    canonical_table(done.rows)
    left_out = sum(1 for finding in done.findings if not finding.used)
    print("read", done.rows_in == len(done.rows) + done.rows_explained and left_out == done.rows_explained)
except FengqiaoError as error:
    print("refused", "\\n" not in str(error))
"""
HEADER = "成交日期,证券代码,业务名称,成交数量,成交价格\n"
CELL = b"<Cell><Data ss:Type='Number'>1</Data></Cell>"


def repeated(piece: bytes, before: bytes = b"") -> bytes:
    return (before + piece * (SIZE // len(piece) + 1))[:SIZE]


def records(kind: int, body: bytes) -> bytes:
    begin = struct.pack("<HH", 0x0009, 4) + struct.pack("<HH", 2, 0x10)
    return repeated(struct.pack("<HH", kind, len(body)) + body, begin)


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
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path)], env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True,
        text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.stdout.strip() in ("read True", "refused True"), (done.stdout, done.stderr[-1500:])
