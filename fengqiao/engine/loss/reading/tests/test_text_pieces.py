"""A block of text in pieces: the same records as the block as a whole, wherever quotes and line ends stand."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from fengqiao.engine.loss.reading.headers import TRADES
from fengqiao.engine.loss.reading.raw import RawPart
from fengqiao.engine.loss.reading.text_file import TextFile

HEADER = "investor,date,side,quantity,price\n"
SCRAP = st.sampled_from(['"', '""', ",", "\n", "\r\n", "\r", " ", "a", "买入", "1", "A1,2022-03-01,buy,100,10.5\n",
                         '"A\n1",2022-03-01,buy,100,10.5\n', ",,,,\n", "A1,2022-03-01,buy,100,10.5,,\n"])  # fmt: skip


def content(parts: list[RawPart]) -> tuple[list[tuple[object, ...]], list[tuple[int, str]]]:
    """Row number and cells of all records in order, and what could not be read."""
    records = [
        (int(row), *cells.values())
        for part in parts
        for row, cells in zip(part.row, part.frame.to_dicts(), strict=True)
        if any((cell or "").strip() for cell in cells.values())  # a row without any value is no record
    ]
    return records, [(one.row, one.text) for part in parts for one in part.unreadable]


@settings(max_examples=400, deadline=None)
@given(st.lists(SCRAP, max_size=40), st.integers(1, 5), st.sampled_from(["utf-8", "gb18030"]),
       st.sampled_from(["", "标题\n"]))  # fmt: skip
def test_pieces_hold_the_records_of_the_block(scraps: list[str], rows: int, encoding: str, above: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t.csv")
        path.write_bytes((above + HEADER + "".join(scraps)).encode(encoding))
        file = TextFile(path, "t.csv", TRADES)
        for number in range(file.parts):
            pieces = list(file.pieces(number, rows))
            assert content(pieces) == content([file.part(number)])


def test_a_piece_holds_so_many_lines_and_bytes(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(HEADER + "A1,2022-03-01,buy,100,10.5\n" * 1000 + f"A{'1' * 10_000},2022-03-01,buy,100,10.5\n" * 20)
    file = TextFile(path, "t.csv", TRADES)
    sizes = [part.frame.height for part in file.pieces(0, 100)]
    assert sum(sizes) == 1020 and max(sizes) == 100
    assert sizes[-20:] == [1] * 20
