"""Old workbooks record by record: versions before Excel 97, texts cut in two, formulas, packed numbers."""

from __future__ import annotations

import struct
from pathlib import Path

import python_calamine
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st

from fengqiao.engine.loss.broker.biff import read_biff
from fengqiao.engine.loss.broker.compound_file import CompoundFile

RECORD = tuple[int, bytes]


def stream(*records: RECORD) -> bytes:
    return b"".join(struct.pack("<HH", kind, len(body)) + body for kind, body in records)


def test_a_workbook_of_excel_2_without_container() -> None:
    text = "证券买入".encode("gbk")
    data = stream(
        (0x0009, struct.pack("<HH", 2, 0x10)),
        (0x0004, struct.pack("<HH", 0, 1) + b"\0\0\0" + bytes([len(text)]) + text),
        (0x0002, struct.pack("<HH", 1, 0) + b"\0\0\0" + struct.pack("<H", 600)),
        (0x0003, struct.pack("<HH", 1, 1) + b"\0\0\0" + struct.pack("<d", 12.5)),
        (0x000A, b""),
    )
    assert read_biff(data).sheets[0].cells == {0: {1: "证券买入"}, 1: {0: 600.0, 1: 12.5}}


def test_a_workbook_of_excel_5_in_a_code_page() -> None:
    text, name = "红股入账".encode("gbk"), "明细".encode("gbk")
    sheet = stream(
        (0x0809, struct.pack("<HHHH", 0x500, 0x10, 0, 0)),
        (0x0204, struct.pack("<HHHH", 3, 2, 0, len(text)) + text),
        (
            0x00BD,
            struct.pack("<HH", 4, 1)
            + struct.pack("<HI", 0, 100 << 2 | 2)
            + struct.pack("<HI", 0, 1234 << 2 | 3)
            + b"\2\0",
        ),
        (0x0006, struct.pack("<HHH", 5, 0, 0) + struct.pack("<d", 7.5) + b"\0" * 8),
        (0x0006, struct.pack("<HHH", 5, 1, 0) + b"\0\0\0\0\0\0\xff\xff" + b"\0" * 8),
        (0x0207, struct.pack("<H", len(text)) + text),
        (0x0205, struct.pack("<HHH", 6, 0, 0) + b"\x2a\1"),
        (0x000A, b""),
    )
    bound = struct.pack("<IBBB", 0, 0, 0, len(name)) + name
    size = len(stream((0x0809, b"\0" * 8), (0x0042, b"\0\0"), (0x0085, bound), (0x000A, b"")))
    bound = struct.pack("<IBBB", size, 0, 0, len(name)) + name
    data = stream(
        (0x0809, struct.pack("<HHHH", 0x500, 5, 0, 0)), (0x0042, struct.pack("<H", 936)), (0x0085, bound), (0x000A, b"")
    )
    found = read_biff(data + sheet).sheets[0]
    assert found.name == "明细"
    assert found.cells == {3: {2: "红股入账"}, 4: {1: 100.0, 2: 12.34}, 5: {0: 7.5, 1: "红股入账"}, 6: {0: "#N/A"}}


CELL = st.one_of(
    st.floats(-1e9, 1e9, allow_nan=False).map(lambda x: round(x, 4)), st.integers(-(2**29), 2**29 - 1).map(float),
    st.text(st.characters(codec="utf-16", exclude_categories=["Cs"]), min_size=1, max_size=300),
    st.sampled_from(["证券买入" * 900, "x" * 9000]),
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(CELL, max_size=6), max_size=12))
def test_workbooks_are_read_as_another_reader_reads_them(rows: list[list[float | str]]) -> None:
    import io
    import tempfile

    book = xlwt.Workbook()
    sheet = book.add_sheet("一")
    for number, row in enumerate(rows):
        for column, item in enumerate(row):
            sheet.write(number, column, item)
    buffer = io.BytesIO()
    book.save(buffer)
    found = read_biff(CompoundFile(buffer.getvalue()).stream("Workbook") or b"").sheets[0].cells
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.xls"
        path.write_bytes(buffer.getvalue())
        other = python_calamine.load_workbook(str(path)).get_sheet_by_index(0)
        start = other.start or (0, 0)
        theirs = {
            (start[0] + r, start[1] + c): item
            for r, row in enumerate(other.to_python(skip_empty_area=True)) for c, item in enumerate(row) if item != ""
        }  # fmt: skip
    ours = {(r, c): item for r, row in found.items() for c, item in row.items()}
    assert ours == theirs
