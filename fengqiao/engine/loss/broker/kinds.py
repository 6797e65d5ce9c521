"""What kind of file a broker statement really is, from its bytes and never from its name."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Literal

from fengqiao.engine.errors import InputError, Place
from fengqiao.engine.loss.broker.biff import BEGIN
from fengqiao.engine.loss.broker.compound_file import SIGNATURE
from fengqiao.engine.loss.reading.content import head_of

if TYPE_CHECKING:
    from pathlib import Path

Kind = Literal["xlsx", "xls", "markup", "text"]

LARGEST_FILE = 64 << 20
ASK = "Ask the broker for the detailed statement (交割单明细) as Excel or CSV"
NAMES: dict[Kind, str] = {
    "xlsx": "xlsx 工作簿", "xls": "xls 工作簿", "markup": "网页或XML表格", "text": "文本",
}  # fmt: skip

# first bytes -> what it is called in the error sentence, what to do
FOREIGN: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "a PDF document", ASK),
    (b"\x89PNG", "a picture", ASK),
    (b"\xff\xd8\xff", "a picture", ASK),
    (b"GIF8", "a picture", ASK),
    (b"BM", "a picture", ASK),
    (b"PAR1", "a Parquet file", "Give it to `fengqiao loss measure` as it is"),
    (b"\x1f\x8b", "a gzip archive", "Unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive", "Unpack it first"),
    (b"Rar!", "a RAR archive", "Unpack it first"),
    (b"{\\rtf", "an RTF document", ASK),
    (b"MIME-Version", "a web archive (.mht)", "Open it in a spreadsheet program and save it as .xlsx"),
)
MARKUP = (b"<html", b"<!doctype", b"<?xml", b"<table", b"<workbook", b"<head", b"<meta", b"<style", b"<div", b"<body")
BARE_WORKBOOKS = tuple(kind.to_bytes(2, "little") for kind in BEGIN)


def kind_of(path: Path, name: str) -> Kind:
    """Whether a file is a workbook, a web page or text; `name` is how error sentences call it.

    Errors: InputError when it is not there, empty, too large, or of a kind that holds no statement.
    """
    head, size = head_of(path, name)
    place = Place(name)
    if size == 0:
        raise InputError("The file is empty (空文件)", todo="Export it again", place=place)
    if size > LARGEST_FILE:
        raise InputError(
            "The file is too large for a broker statement (文件过大)",
            why=f"{size >> 20} MiB, {LARGEST_FILE >> 20} MiB are the limit", todo="Export shorter periods", place=place,
        )  # fmt: skip
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped(path, name)
    if head.startswith(SIGNATURE) or (
        head[:2] in BARE_WORKBOOKS and head[2:4] in (b"\x04\0", b"\x06\0", b"\x08\0", b"\x10\0")
    ):
        return "xls"
    for mark, what, todo in FOREIGN:
        if head.startswith(mark) and (len(mark) > 2 or b"\0" in head):
            raise InputError(f"The file is {what}, not a table (文件类型不符)", todo=todo, place=place)
    plain = head.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\0", b"") if _utf16(head) else head
    if plain.lstrip(b"\xef\xbb\xbf \t\r\n")[:9].lower().startswith(MARKUP):
        return "markup"
    if b"\0" in head and not _utf16(head):
        raise InputError(
            "The file is neither text nor a workbook (二进制文件)", why="it holds NUL bytes", todo=ASK, place=place
        )
    return "text"


def _utf16(head: bytes) -> bool:
    return head.startswith((b"\xff\xfe", b"\xfe\xff"))


def _zipped(path: Path, name: str) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            members = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise damaged(name, "its zip directory cannot be read") from error
    if "xl/workbook.xml" in members:
        return "xlsx"
    if "xl/workbook.bin" in members:
        raise InputError("The file is a binary workbook (.xlsb)", todo="Save it as .xlsx", place=Place(name))
    if "word/document.xml" in members:
        raise InputError("The file is a Word document, not a table (文件类型不符)", todo=ASK, place=Place(name))
    if "content.xml" in members:
        raise InputError("The file is an OpenDocument table (.ods)", todo="Save it as .xlsx", place=Place(name))
    raise InputError("The file is a zip archive (压缩包)", todo="Unpack it first", place=Place(name))


def damaged(name: str, why: str) -> InputError:
    """The sentence for a workbook that cannot be read."""
    return InputError(
        "The workbook is damaged (文件损坏)", why=why,
        todo="Open it in a spreadsheet program and save it again as .xlsx, or export it again", place=Place(name),
    )  # fmt: skip


def locked(name: str) -> InputError:
    """The sentence for a workbook protected by a password."""
    return InputError(
        "The workbook is protected by a password (文件有密码)", why="it cannot be read without it",
        todo="Open it with the password and save it again without one (另存为，去掉密码)", place=Place(name),
    )  # fmt: skip
