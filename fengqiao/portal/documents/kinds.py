"""What a file is, from its content: first bytes, and for text how it reads. Nothing is unpacked or parsed here."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from fengqiao.portal.documents.examining import compound, marks
from fengqiao.portal.documents.models import Content

HEAD = 1 << 16
SETTINGS_AT_MOST = 1 << 20
"""Text longer than this is not tried as TOML."""
SEPARATORS = (",", "\t", ";", "|", "，")
ENCODINGS = ("utf-8", "gb18030")


MARKS = (
    (b"%PDF-", Content.Kind.PDF), (b"\x89PNG\r\n\x1a\n", Content.Kind.PNG), (b"\xff\xd8\xff", Content.Kind.JPEG),
    (b"II*\0", Content.Kind.TIFF), (b"MM\0*", Content.Kind.TIFF), (compound.SIGNATURE, Content.Kind.DOC),
    (b"PK\x03\x04", Content.Kind.ZIP),
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """The kind of a file, and the encoding of a text. what: the name of a format that is never taken. hides: another
    format behind what it seems to be."""

    kind: Content.Kind
    encoding: str = ""
    what: str = ""
    hides: bool = False


def kind_of(path: Path) -> Found:
    """The kind of the file at a path, by its first and last bytes. Which of the formats in an archive or in a compound
    file it is, and whether it is sound, is found by the examination."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(HEAD)
        file.seek(max(0, size - marks.ZIP_TAIL))
        tail = file.read(marks.ZIP_TAIL)
    if head.startswith(b"PAR1"):
        hides = marks.END_OF_ZIP in tail[-64:]
        return Found(Content.Kind.PARQUET if tail.endswith(b"PAR1") else Content.Kind.OTHER, hides=hides)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Found(Content.Kind.WEBP)
    for mark, kind in MARKS:
        if head.startswith(mark):
            return Found(kind, hides=kind != Content.Kind.PDF and b"%PDF-" in head[:1024])
    what = marks.foreign(head)
    if what:
        return Found(Content.Kind.OTHER, what=what)
    found = text_kind(path, head, size)
    if found.encoding:
        what = marks.markup(head[:8192].decode(found.encoding, "ignore"))
        if what:
            return Found(Content.Kind.OTHER, found.encoding, what)
    nul = b"\0" in tail and found.encoding not in ("", "utf-16")
    return Found(found.kind, found.encoding, hides=nul or marks.END_OF_ZIP in tail or b"%PDF-" in head[:1024])


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
