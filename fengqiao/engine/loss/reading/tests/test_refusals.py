"""Files that cannot be used: one sentence with the place, within bounded memory, and nothing else."""

from __future__ import annotations

import gzip
import io
import os
import random
import struct
import tracemalloc
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fengqiao.engine.errors import InputError
from fengqiao.engine.loss.digests import file_digest
from fengqiao.engine.loss.reading import open_trades, read_market
from fengqiao.engine.loss.reading.tests.writing import (
    csv_bytes,
    good_row,
    read_all,
    sheet_of,
    write_csv,
    write_parquet,
    write_xlsx,
)  # fmt: skip
from fengqiao.engine.loss.reading.workbook_guard import unpacked

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADER = "investor,date,side,quantity,price"
LINE = "A1,2016-12-01,buy,100,12.34"


def refused(path: Path, content: bytes | None = None) -> str:
    """The sentence with which a file is refused, which must be one line with the name of the file."""
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_all(path)
    sentence = str(caught.value)
    assert sentence.startswith(path.name)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize(("content", "sentence"), [
    (b"", "t: The file is empty (空文件)"),
    (b"\r\n \r\n", "t: The file is empty (空文件)"),
    (b"\xef\xbb\xbf", "t: The file is empty (空文件)"),
    (HEADER.encode(), "t: There is no trade record below the header (没有交易记录)"),
    (f"{HEADER}\r\n\r\n".encode(), "t: There is no trade record below the header (没有交易记录)"),
    (b"%PDF-1.7 ...", "t: The file is a PDF document, not a table"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "t: The file is an old .xls workbook or one locked by a"),
    (b" <HTML><table><tr><td>", "t: The file is a web page"),
    (f"{HEADER}\n{LINE}".encode("utf-16"), "t: The file is a text in UTF-16"),
    (gzip.compress(LINE.encode(), mtime=0), "t: The file is a gzip archive"),
    (bytes(range(256)) * 9, "t: The file is neither text nor a table (二进制文件)"),
    (f"{HEADER}\n{LINE}".replace("\n", "\r").encode(), "t: The lines end in bare carriage returns"),
    (b"PAR1", "t: The Parquet file is damaged or cut off (文件损坏或不完整)"),
    (b"PK\x03\x04 and no more", "t: The workbook is damaged (文件损坏)"),
    (b"date,side,quantity,price\n", 't, row 1: Column is missing (缺少列) in trades (交易记录): "investor" (投资者)'),
    (b"a\n", 't, row 1: Columns are missing (缺少列) in trades (交易记录): "investor" (投资者), "date" (成交日期)'),
    (f"\n{HEADER},PRICE\n{LINE},1".encode(),
     't, row 2: The column "price" (成交价格) occurs twice (列名重复): "price" and "PRICE"'),
    (f"{HEADER},成交价\n{LINE},1".encode("gb18030"), 't, row 1: The column "price" (成交价格) occurs twice'),
])  # fmt: skip
def test_refused_files(tmp_path: Path, content: bytes, sentence: str) -> None:
    assert refused(tmp_path / "t", content).startswith(sentence)


def test_nearest_names_are_told(tmp_path: Path) -> None:
    sentence = refused(tmp_path / "t.csv", b"investor,date,side,quantty,prise\n")
    assert 'did you mean "prise" for "price"' in sentence or '"quantty" for "quantity"' in sentence
    assert "found investor, date, side, quantty, prise" in sentence


def test_missing_files_and_folders(tmp_path: Path) -> None:
    assert (
        refused(tmp_path / "none.csv") == "none.csv: There is no such file (文件不存在). Check the name and the folder."
    )
    (tmp_path / "folder").mkdir()
    assert refused(tmp_path / "folder").startswith("folder: This is a folder")
    for path in (tmp_path / "none.csv", tmp_path / "folder"):
        with pytest.raises(InputError, match=rf"^{path.name}: "):
            file_digest(path)
        with pytest.raises(InputError, match=rf"^{path.name}: "):
            read_market(path, None)
    with pytest.raises(InputError, match=r"^No file of trades was given"):
        open_trades([], None)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    assert refused(fifo).startswith("fifo: This is not an ordinary file")


def test_the_same_file_twice(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "t.csv", [good_row()])
    with pytest.raises(InputError, match=r"^t.csv: The file was given twice"):
        open_trades([path, tmp_path / "." / "t.csv"], None)


def test_nul_bytes_later_in_the_file(tmp_path: Path) -> None:
    lines = [HEADER, *[LINE] * 20_000, "A1\0", LINE]
    assert refused(tmp_path / "t.csv", "\n".join(lines).encode()).startswith(
        "t.csv, row 20002: The file holds NUL bytes"
    )


@pytest.mark.parametrize(("first", "second", "row"), [("utf-8", "gb18030", 12), ("gb18030", "utf-8", 12)])
def test_mixed_encodings(tmp_path: Path, first: str, second: str, row: int) -> None:
    def part(encoding: str, count: int) -> bytes:
        return (LINE.replace("A1", "投资者") + "\n").encode(encoding) * count

    content = f"{HEADER}\n".encode() + part(first, 10) + part(second, 3)
    assert refused(tmp_path / "t.csv", content).startswith(f"t.csv, row {row}: The file mixes encodings (编码混杂)")


def test_neither_encoding(tmp_path: Path) -> None:
    content = f"{HEADER}\n{LINE}\n".encode() + b"A\xff\xff,2016-12-01,buy,100,1\n"
    assert refused(tmp_path / "t.csv", content).startswith("t.csv, row 3: The line is neither UTF-8 nor GB18030 text")


def test_one_line_that_looks_like_utf8_by_accident_is_no_mixture(tmp_path: Path) -> None:
    chance = "浣犲ソ".encode("gb18030")  # these bytes are two Chinese signs in UTF-8
    assert chance.decode("utf-8") == "你好"
    lines = [HEADER.encode(), *[LINE.replace("A1", "投资者").encode("gb18030")] * 2000, chance + LINE[2:].encode()]
    path = tmp_path / "t.csv"
    path.write_bytes(b"\n".join(lines))
    assert read_all(path)[0][-1][1] == "浣犲ソ"


@pytest.mark.parametrize("before", [0, 1, 200_000])
def test_an_endless_line_is_refused_in_bounded_memory(tmp_path: Path, before: int) -> None:
    path = tmp_path / "t.csv"
    with path.open("wb") as stream:
        stream.write("\n".join([HEADER, *[LINE] * before, ""]).encode() if before else b"")
        for _ in range(64):
            stream.write(b"x" * (1 << 20))
    tracemalloc.start()
    try:
        sentence = refused(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    row = before + 2 if before else 1
    assert sentence.startswith(f"t.csv, row {row}: The line is longer than 1 MiB (行过长)")
    assert peak < 40 << 20


def test_a_line_of_just_under_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{HEADER},remark\n{LINE},{'x' * ((1 << 20) - 100)}\n{LINE},\n")
    assert len(read_all(path)[0]) == 2


def test_quotes_that_never_close_cost_one_row(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = 250_000
    path.write_text(f'{HEADER}\n"{LINE}\n' + f"{LINE}\n" * rows)
    found, findings = read_all(path)
    assert len(found) == rows
    assert [(finding.row, finding.code) for finding in findings] == [(2, "unreadable")]


def repacked(path: Path, **replaced: bytes) -> None:
    """Write a workbook again with other contents for some members (named without folder)."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, replaced.get(name.rsplit("/", 1)[-1].split(".")[0], data))


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    return write_xlsx(tmp_path / "t.xlsx", {"S": sheet_of([good_row()])})


def test_zip_bomb_that_announces_its_size(workbook: Path) -> None:
    repacked(workbook, sheet1=b" " * (200 << 20))
    assert refused(workbook).startswith(
        "t.xlsx: The workbook unpacks to more than is allowed (疑似压缩炸弹): it unpacks to"
    )


def test_zip_bomb_that_lies_about_its_size(workbook: Path) -> None:
    size = 300 << 20
    repacked(workbook, sheet1=b" " * size)
    data = workbook.read_bytes()
    lie = data.replace(struct.pack("<I", size), struct.pack("<I", 1000))
    assert lie.count(struct.pack("<I", 1000)) >= 2  # in the local header and in the directory
    tracemalloc.start()
    try:
        sentence = refused(workbook, lie)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sentence.startswith("t.xlsx: The workbook")
    assert peak < 64 << 20


def test_what_the_decoder_gets_holds_only_counted_bytes(workbook: Path) -> None:
    inner = unpacked(workbook, workbook.name)
    with zipfile.ZipFile(inner) as archive:
        assert all(member.compress_type == zipfile.ZIP_STORED for member in archive.infolist())
        assert "xl/worksheets/sheet1.xml" in archive.namelist()


def test_a_cell_at_the_far_corner_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "t.xlsx", {"S": [[]]})
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    sheet += b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r = \'XFD1048576\'><v>1</v></c></row>'
    repacked(path, sheet1=sheet + b"</sheetData></worksheet>")
    assert "a sheet spans 1048576 rows and 16384 columns" in refused(path)


def test_workbooks_without_the_table(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "t.xlsx", {"甲": [["x"]], "乙": [[], ["investor", "date", "side", "price"]]})
    assert refused(path).startswith(
        't.xlsx, sheet "乙", row 2: Column is missing (缺少列) in trades (交易记录): "quantity"'
    )
    twice = write_xlsx(tmp_path / "u.xlsx", {"甲": sheet_of([good_row() | {"成交价": "1"}])})
    assert refused(twice).startswith('u.xlsx, sheet "甲", row 1: The column "price" (成交价格) occurs twice')
    assert refused(write_xlsx(tmp_path / "v.xlsx", {"甲": []})).startswith("v.xlsx: The workbook is empty")
    header_only = write_xlsx(tmp_path / "w.xlsx", {"甲": sheet_of([good_row()])[:1]})
    assert refused(header_only).startswith("w.xlsx: There is no trade record below the header")


def test_archives_that_are_no_workbooks(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("trades.csv", csv_bytes([good_row()]))
    assert refused(tmp_path / "t.zip", stream.getvalue()).startswith("t.zip: The file is a zip archive, not a table")


def test_damaged_parquet(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "t.parquet", [good_row()] * 50, group=10)
    data = path.read_bytes()
    for size in (len(data) - 1, len(data) // 2, 10):
        assert refused(path, data[:size]).startswith("t.parquet: The Parquet file is damaged or cut off")
    assert refused(path, data[:4] + bytes(200) + data[204:]).startswith("t.parquet: The Parquet file is damaged")


def test_parquet_columns_of_unsuitable_types(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "t.parquet", [good_row()])
    table = pq.read_table(path)
    lists = table.set_column(table.column_names.index("price"), "price", pa.array([[1.0]]))
    pq.write_table(lists, path)
    assert refused(path).startswith('t.parquet, column "price": The column holds neither texts, numbers nor dates')
    pq.write_table(table.drop_columns(["price"]), path)
    assert refused(path).startswith('t.parquet: Column is missing (缺少列) in trades (交易记录): "price"')
    pq.write_table(table.append_column("成交价", table.column("price")), path)
    assert refused(path).startswith('t.parquet: The column "price" (成交价格) occurs twice')
    pq.write_table(table.slice(0, 0), path)
    assert refused(path).startswith("t.parquet: There is no trade record below the header")


def test_bytes_that_are_no_text_in_parquet(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "t.parquet", [good_row()])
    table = pq.read_table(path)
    raw = pa.array([b"\xff\xfe"])
    for column in (raw, pa.Array.from_buffers(pa.string(), 1, raw.buffers())):
        pq.write_table(table.set_column(0, "investor", column), path)
        assert refused(path).startswith("t.parquet: The Parquet file is damaged or cut off")


def test_random_bytes_are_refused(tmp_path: Path) -> None:
    rng = random.Random(5)
    starts: Sequence[bytes] = (b"", b"PAR1", b"PK\x03\x04", HEADER.encode() + b"\n")
    for number in range(80):
        noise = bytes(rng.choices(range(1, 256), k=400))
        assert refused(tmp_path / f"{number}.bin", starts[number % 4] + noise)


def test_digest(tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_bytes(b"abc")
    assert file_digest(path) == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    path.write_bytes(b"a" * 3_000_000)
    whole = file_digest(path)
    path.write_bytes(b"a" * 2_999_999 + b"b")
    assert file_digest(path) != whole


@pytest.mark.parametrize("place", ["D1" + "9" * 30, "A" * 40 + "1", "XFD1048576", "ZZZZZZ1"])
def test_impossible_cell_places(workbook: Path, place: str) -> None:
    with zipfile.ZipFile(workbook) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    assert sheet.count(b'"D1"') == 1
    repacked(workbook, sheet1=sheet.replace(b'"D1"', f'"{place}"'.encode()))
    assert "The workbook unpacks to more than is allowed" in refused(workbook)


def test_sheets_in_utf16_cannot_hide_their_cells(workbook: Path) -> None:
    with zipfile.ZipFile(workbook) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    repacked(workbook, sheet1=sheet.replace("UTF-8", "UTF-16").encode("utf-16"))
    assert refused(workbook).startswith("t.xlsx: The workbook is damaged or locked")
