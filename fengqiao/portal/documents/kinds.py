"""What a file is, from its content: first bytes, and for text how it reads."""

from __future__ import annotations

import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

from fengqiao.portal.documents.models import Content

HEAD = 1 << 16
SETTINGS_AT_MOST = 1 << 20
"""Text longer than this is not tried as TOML."""
SEPARATORS = (",", "\t", ";", "|", "，")
ENCODINGS = ("utf-8", "gb18030")


@dataclass(frozen=True)
class Found:
    """The kind of a file, and the encoding of a text."""

    kind: Content.Kind
    encoding: str = ""


def kind_of(path: Path) -> Found:
    """The kind of the file at a path."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(HEAD)
        file.seek(max(0, size - 4))
        tail = file.read(4)
    if head.startswith(b"PAR1"):
        return Found(Content.Kind.PARQUET if tail == b"PAR1" else Content.Kind.OTHER)
    if head.startswith(b"%PDF-"):
        return Found(Content.Kind.PDF)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return Found(Content.Kind.XLS)
    if head.startswith(b"PK\x03\x04"):
        return Found(Content.Kind.XLSX if is_workbook(path) else Content.Kind.OTHER)
    return text_kind(path, head, size)


def is_workbook(path: Path) -> bool:
    """True for a zip archive that holds a workbook of Excel."""
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return False


def text_kind(path: Path, head: bytes, size: int) -> Found:
    """CSV, TOML or other text with its encoding; anything with NUL bytes is no text."""
    encoding = encoding_of(head, whole=size <= len(head))
    if not encoding:
        return Found(Content.Kind.OTHER)
    if size <= SETTINGS_AT_MOST and encoding.startswith("utf-8") and is_settings(path):
        return Found(Content.Kind.TOML, encoding)
    text = head.decode(encoding, errors="ignore")
    lines = [line for line in text.splitlines() if line.strip()]
    table = any(separator in line for line in lines[:20] for separator in SEPARATORS)
    return Found(Content.Kind.CSV if table else Content.Kind.TEXT, encoding)


def encoding_of(head: bytes, *, whole: bool) -> str:
    """How a text is encoded; empty when these bytes are no text."""
    if head.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if b"\0" in head:
        return ""
    for encoding in ENCODINGS:
        for cut in (0,) if whole else (0, 1, 2, 3):  # the head may end in the middle of a sign
            try:
                text = head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            if not any(ord(sign) < 32 and sign not in "\t\r\n\f" for sign in text):
                return encoding
    return ""


def is_settings(path: Path) -> bool:
    """True when a text reads as TOML with at least one entry."""
    try:
        return bool(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        return False
