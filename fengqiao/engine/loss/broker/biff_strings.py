"""Texts inside old workbooks (BIFF): bytes in a code page before Excel 97, Unicode since; the table of shared texts."""

from __future__ import annotations

import struct

from fengqiao.engine.loss.broker.compound_file import DamagedFileError

CODE_PAGES = {936: "gb18030", 950: "big5hkscs", 1200: "utf-16-le", 1252: "cp1252", 54936: "gb18030", 65001: "utf-8"}
MOST_SHARED = 1_000_000
WIDE, PHONETIC, RICH = 1, 4, 8


def code_page_text(data: bytes, code_page: int) -> str:
    """Bytes of a text before Excel 97. Programs in China often state a wrong code page: GB18030 is tried as well.

    >>> code_page_text("证券代码".encode("gbk"), 1252)
    '证券代码'
    """
    if data.isascii():
        return data.decode("ascii")
    for encoding in dict.fromkeys(("gb18030", CODE_PAGES.get(code_page, "gb18030"))):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("gb18030", "replace")


def unicode_text(data: bytes, at: int, length_bytes: int) -> str:
    """A text of Excel 97 and later that stands whole in its record, at `at`."""
    if at + length_bytes + 1 > len(data):
        raise DamagedFileError("a text without its length")
    length = int.from_bytes(data[at : at + length_bytes], "little")
    flags = data[at + length_bytes]
    at += length_bytes + 1 + (2 if flags & RICH else 0) + (4 if flags & PHONETIC else 0)
    if flags & WIDE:
        return data[at : at + 2 * length].decode("utf-16-le", "replace")
    return data[at : at + length].decode("latin-1")


class SharedTexts:
    """Reads the table of shared texts (SST), whose texts may be cut in two by the end of a record anywhere."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces
        self._piece = pieces[0] if pieces else b""
        self._number, self._at = 0, 8

    def all(self) -> list[str]:
        """Every text, in order; a table that breaks off gives the texts before the break.

        Errors: DamagedFileError when there are more than MOST_SHARED.
        """
        if len(self._piece) < 8:
            return []
        wanted = struct.unpack_from("<I", self._piece, 4)[0]
        texts: list[str] = []
        while len(texts) < wanted:
            if len(texts) >= MOST_SHARED:
                raise DamagedFileError("too many texts")
            text = self._text()
            if text is None:
                break
            texts.append(text)
        return texts

    def _next(self) -> bool:
        self._number += 1
        if self._number >= len(self._pieces):
            self._piece, self._at = b"", 0
            return False
        self._piece, self._at = self._pieces[self._number], 0
        return True

    def _take(self, count: int) -> bytes | None:
        taken = self._piece[self._at : self._at + count]
        self._at += len(taken)
        while len(taken) < count:
            if not self._next():
                return None
            more = self._piece[: count - len(taken)]
            self._at = len(more)
            taken += more
        return taken

    def _text(self) -> str | None:
        head = self._take(3)
        if head is None:
            return None
        length, flags = int.from_bytes(head[:2], "little"), head[2]
        runs = self._take(2) if flags & RICH else b""
        extra = self._take(4) if flags & PHONETIC else b""
        if runs is None or extra is None:
            return None
        text = self._signs(length, bool(flags & WIDE))
        behind = 4 * int.from_bytes(runs, "little") + int.from_bytes(extra, "little")
        if text is None or not self._skip(behind):
            return None
        return text

    def _signs(self, left: int, wide: bool) -> str | None:
        parts = []
        while left:
            if self._at >= len(self._piece):
                if not self._next() or not self._piece:
                    return None
                wide, self._at = bool(self._piece[0] & WIDE), 1
                continue
            width = 2 if wide else 1
            count = min(left, (len(self._piece) - self._at) // width)
            raw = self._piece[self._at : self._at + count * width]
            parts.append(raw.decode("utf-16-le", "replace") if wide else raw.decode("latin-1"))
            left -= count
            self._at += count * width if count else width
        return "".join(parts)

    def _skip(self, count: int) -> bool:
        while count > 0:
            step = min(count, len(self._piece) - self._at)
            self._at += step
            count -= step
            if count and not self._next():
                return False
        return True
