"""What a file is, decided from its first bytes and not from its name."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Literal

from fengqiao.engine.errors import InputError, Place, cannot_open

if TYPE_CHECKING:
    from pathlib import Path

Content = Literal["csv", "parquet", "xlsx"]

HEAD = 1 << 16
FORMATS = "CSV, Parquet or XLSX"

# first bytes -> what it is called in the error sentence
FOREIGN: tuple[tuple[bytes, str, str], ...] = (
    (
        b"\xd0\xcf\x11\xe0",
        "an old .xls workbook or one locked by a password",
        "Open it and save it as .xlsx without one; a broker statement (交割单) is read by `fengqiao loss read`",
    ),
    (b"%PDF", "a PDF document", f"Ask for the table as {FORMATS}"),
    (b"\x1f\x8b", "a gzip archive", "Unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive", "Unpack it first"),
    (b"Rar!", "a RAR archive", "Unpack it first"),
    (b"\x89PNG", "a picture", f"Ask for the table as {FORMATS}"),
    (b"\xff\xd8\xff", "a picture", f"Ask for the table as {FORMATS}"),
    (b"\xff\xfe", "a text in UTF-16", 'Save it as "CSV UTF-8"'),
    (b"\xfe\xff", "a text in UTF-16", 'Save it as "CSV UTF-8"'),
    (b"PARE", "an encrypted Parquet file", "Save it without encryption"),
    (b"ORC", "an ORC file", f"Save it as {FORMATS}"),
    (b"ARROW1", "an Arrow file", "Save it as Parquet"),
)
MARKUP = (b"<html", b"<!doctype", b"<?xml", b"<table", b"{\\rtf")


def content_of(path: Path, name: str) -> Content:
    """The kind of file that stands at `path`, from its content; `name` is how error sentences call it.

    Errors: InputError when there is no such file, when it is empty, or when it is none of the three kinds.
    """
    head, size = head_of(path, name)
    if size == 0:
        raise InputError("The file is empty (空文件)", todo="Export it again", place=Place(name))
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        _require_workbook(path, name)
        return "xlsx"
    for mark, kind, todo in FOREIGN:
        if head.startswith(mark):
            raise _foreign(kind, todo, name)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:9].lower().startswith(MARKUP):
        raise _foreign(
            "a web page or markup text under another name",
            f"Save it as {FORMATS}; a broker statement (交割单) is read by `fengqiao loss read`", name,
        )  # fmt: skip
    if b"\0" in head:
        raise InputError(
            "The file is neither text nor a table (二进制文件)", why="it holds NUL bytes", place=Place(name),
            todo=f"Give a {FORMATS} file",
        )  # fmt: skip
    return "csv"


def head_of(path: Path, name: str) -> tuple[bytes, int]:
    """The first bytes of a file and its size. Errors: InputError when there is no ordinary file to read."""
    try:
        if path.is_dir():
            raise InputError("This is a folder, not a file (是文件夹)", todo="Name the files in it", place=Place(name))
        if not path.exists():
            raise InputError(
                "There is no such file (文件不存在)", todo="Check the name and the folder", place=Place(name)
            )
        if not path.is_file():
            raise InputError("This is not an ordinary file", todo="Save the data to a file first", place=Place(name))
        with path.open("rb") as stream:
            return stream.read(HEAD), path.stat().st_size
    except (OSError, ValueError) as error:
        raise cannot_open(name, error) from error


def _foreign(kind: str, todo: str, name: str) -> InputError:
    return InputError(f"The file is {kind}, not a table (文件类型不符)", todo=todo, place=Place(name))


def _require_workbook(path: Path, name: str) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InputError(
            "The workbook is damaged (文件损坏)", why="its zip directory cannot be read",
            todo="Copy or export it again",
            place=Place(name),
        ) from error  # fmt: skip
    if "xl/workbook.bin" in members:
        raise _foreign("a binary workbook (.xlsb)", "Save it as .xlsx", name)
    if "xl/workbook.xml" not in members:
        raise _foreign("a zip archive", "Unpack it first", name)
