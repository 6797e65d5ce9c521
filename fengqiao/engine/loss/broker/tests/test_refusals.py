"""Files that are no statement: one sentence each, that says what it is and what to do."""

from __future__ import annotations

import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from fengqiao.engine.errors import InputError
from fengqiao.engine.loss.broker import load_settings, read_statements
from fengqiao.engine.loss.broker.compound_file import SIGNATURE
from fengqiao.engine.loss.broker.tests.layouts import GUOTAI
from fengqiao.engine.loss.broker.tests.reading import HEADER, checked
from fengqiao.engine.loss.broker.tests.writing import grid, write_xls, write_xlsx


def with_stream(path: Path, name: str, content: bytes) -> Path:
    """A compound file with one stream (in sectors of 512 bytes, long enough not to be a small one)."""
    content = content.ljust(4096, b"\0")
    content += b"\0" * (-len(content) % 512)
    sectors = len(content) // 512
    fat = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, sectors + 2), 0xFFFFFFFE]
    fat += [0xFFFFFFFF] * (128 - len(fat))
    header = SIGNATURE + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 10
    header += struct.pack("<8I", 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)

    def entry(name: str, kind: int, start: int, size: int) -> bytes:
        raw = (name + "\0").encode("utf-16-le")
        middle = struct.pack("<HBB3I", len(raw), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, 1 if kind == 5 else 0xFFFFFFFF)
        return raw.ljust(64, b"\0") + middle + b"\0" * 36 + struct.pack("<III", start, size, 0)

    directory = entry("Root Entry", 5, 0xFFFFFFFE, 0) + entry(name, 2, 2, len(content))
    path.write_bytes(header + struct.pack("<128I", *fat) + directory.ljust(512, b"\0") + content)
    return path


def locked_xls(at: Path) -> None:
    """The stream of a workbook whose second record says that it is encrypted."""
    records = struct.pack("<HH", 0x809, 16) + struct.pack("<HH", 0x600, 5) + b"\0" * 12
    with_stream(at, "Workbook", records + struct.pack("<HH", 0x2F, 6) + b"\1\0\1\0\0\0")


def bomb(at: Path) -> None:
    with zipfile.ZipFile(at, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr("xl/workbook.xml", "<workbook/>")
        file.writestr("xl/worksheets/sheet1.xml", b" " * 200_000_000)


def wide(at: Path) -> None:
    book = openpyxl.Workbook()
    book.active["XFD1048576"] = 1
    book.save(at)


def damaged(at: Path) -> None:
    data = write_xls(at, grid(GUOTAI)).read_bytes()
    at.write_bytes(data[:600])


REFUSED: dict[str, tuple[Callable[[Path], object], tuple[str, ...]]] = {
    "nothing there": (lambda at: None, ("no such file",)),
    "empty": (lambda at: at.write_bytes(b""), ("empty", "Export it again")),
    "a folder": (lambda at: at.mkdir(), ("folder",)),
    "a PDF": (lambda at: at.write_bytes(b"%PDF-1.7 x"), ("PDF", "交割单明细")),
    "a picture": (lambda at: at.write_bytes(b"\x89PNG\r\n\x1a\n\0\0"), ("picture", "Ask the broker")),
    "a Parquet file": (lambda at: at.write_bytes(b"PAR1xxxxPAR1"), ("Parquet", "loss measure")),
    "a zip archive": (lambda at: zipfile.ZipFile(at, "w").writestr("a.txt", "x"), ("zip archive", "Unpack")),
    "a broken archive": (lambda at: at.write_bytes(b"PK\3\4" + b"x" * 99), ("damaged",)),
    "an archive of a web page": (lambda at: at.write_bytes(b"MIME-Version: 1.0\n"), (".mht", "save it as .xlsx")),
    "a locked xlsx": (lambda at: with_stream(at, "EncryptedPackage", b"x"), ("password", "另存为")),
    "a locked xls": (locked_xls, ("password", "另存为")),
    "a Word document": (lambda at: with_stream(at, "WordDocument", b"x"), ("Word",)),
    "a compound file of something else": (lambda at: with_stream(at, "Something", b"x"), ("holds no workbook",)),
    "a workbook cut off": (damaged, ("damaged",)),
    "bytes": (lambda at: at.write_bytes(bytes(random.Random(1).randbytes(4000))), ("neither text",)),
    "a bomb": (bomb, ("unpacks",)),
    "a sheet as wide as can be": (wide, ("spans",)),
    "too large": (lambda at: at.open("wb").truncate(65 << 20), ("too large", "shorter periods")),
}


@pytest.mark.parametrize("name", REFUSED)
def test_one_sentence_says_what_it_is_and_what_to_do(name: str, tmp_path: Path) -> None:
    make, words = REFUSED[name]
    path = tmp_path / "交割单.xls"
    made = make(path)
    if hasattr(made, "close"):
        made.close()
    with pytest.raises(InputError) as caught:
        read_statements([path])
    sentence = str(caught.value)
    assert "交割单.xls" in sentence and "\n" not in sentence
    assert all(word in sentence for word in words), sentence


def test_the_others_are_read_when_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4")
    (tmp_path / "b.csv").write_text(f"{HEADER}\n20160105,600518,,证券买入,100,12,,,\n", encoding="utf-8")
    paths = [tmp_path / "a.pdf", tmp_path / "b.csv"]
    done = checked(read_statements(paths, skip_unreadable=True))
    assert len(done.rows) == 1
    assert done.findings[0].code == "unreadable" and "PDF" in done.findings[0].reason
    with pytest.raises(InputError, match="PDF"):
        read_statements(paths)


def test_the_same_file_twice_is_refused(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"x": [["x"]]})
    with pytest.raises(InputError, match="twice"):
        read_statements([path, path])


SETTINGS = {
    "[columns\n": "cannot be read", "colums = 1": 'did you mean "columns"', '[columns]\ndat = "x"': '"dat"',
    '[words]\n"x" = "buyy"': 'did you mean "buy"', "investor = 3": "text of one line",
    '[files."a.xls"]\nheader_row = "3"': "number of a row", '[files."a.xls"]\ndate = "x"': "a date",
    "keep_repeated = 1": "true or false", '[files."a.xls"]\nsheets = "x"': "list of names",
}  # fmt: skip


@pytest.mark.parametrize("text", SETTINGS)
def test_settings_are_checked_before_anything_is_read(text: str, tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_settings(path)
    assert SETTINGS[text] in str(caught.value) and "s.toml" in str(caught.value)
