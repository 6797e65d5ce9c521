"""Compound files (OLE2), the container of old workbooks: which streams one holds, and their bytes.

Source: [MS-CFB], Compound File Binary File Format. Every chain is followed within the size of the file, so a damaged
or hostile one ends instead of going round.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
END_OF_CHAIN = 0xFFFFFFFA  # this and everything above it is no sector
ENTRY = 128
STREAM, ROOT = 2, 5
HEADER = 512
DIFAT_IN_HEADER = 109


class DamagedFileError(ValueError):
    """The structure of the file contradicts itself."""


@dataclass(frozen=True)
class Entry:
    """One stream: where it starts and how many bytes it has."""

    name: str
    kind: int
    start: int
    size: int


class CompoundFile:
    """The streams of a compound file, read from its bytes.

    Errors: DamagedFileError.
    """

    def __init__(self, data: bytes) -> None:
        if len(data) < HEADER or not data.startswith(SIGNATURE):
            raise DamagedFileError("no header")
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise DamagedFileError("sector size")
        self._data = data
        self._size = 1 << shift
        self._sectors = max((len(data) - 1) // self._size, 0)  # the header takes the room of the first one
        _, directory, _, self._cutoff, mini_fat, _, difat, _ = struct.unpack_from("<8I", data, 44)
        self._fat = self._table(self._fat_sectors(difat))
        self.entries = self._entries(self._chained(directory))
        root = next((entry for entry in self.entries if entry.kind == ROOT), None)
        self._mini_fat = self._table(self._chain(mini_fat, self._fat, self._sectors))
        self._mini = self._chained(root.start)[: root.size] if root else b""

    def names(self) -> frozenset[str]:
        """The names of all streams and folders, in lower case."""
        return frozenset(entry.name.lower() for entry in self.entries)

    def stream(self, *names: str) -> bytes | None:
        """The bytes of the first stream of one of these names, None when there is none."""
        wanted = [name.lower() for name in names]
        found = [entry for entry in self.entries if entry.kind == STREAM and entry.name.lower() in wanted]
        if not found:
            return None
        entry = min(found, key=lambda one: wanted.index(one.name.lower()))
        if entry.size >= self._cutoff:
            return self._chained(entry.start)[: entry.size]
        places = self._chain(entry.start, self._mini_fat, len(self._mini) // 64 + 1)
        return b"".join(self._mini[place * 64 : place * 64 + 64] for place in places)[: entry.size]

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        return self._data[start : start + self._size]

    def _fat_sectors(self, difat: int) -> list[int]:
        numbers = list(struct.unpack_from(f"<{DIFAT_IN_HEADER}I", self._data, 76))
        seen: set[int] = set()
        while difat < min(END_OF_CHAIN, self._sectors) and difat not in seen:
            seen.add(difat)
            sector = self._sector(difat)
            *more, difat = struct.unpack(f"<{len(sector) // 4}I", sector[: len(sector) // 4 * 4]) or (END_OF_CHAIN,)
            numbers += more
        return [number for number in dict.fromkeys(numbers) if number < self._sectors]

    def _table(self, sectors: list[int]) -> tuple[int, ...]:
        joined = b"".join(self._sector(number) for number in sectors)
        return struct.unpack(f"<{len(joined) // 4}I", joined[: len(joined) // 4 * 4])

    def _chain(self, start: int, table: tuple[int, ...], most: int) -> list[int]:
        places: list[int] = []
        while start < len(table) and len(places) <= most:
            places.append(start)
            start = table[start]
        if len(places) > most:
            raise DamagedFileError("a chain of sectors that goes round")
        return places

    def _chained(self, start: int) -> bytes:
        places = self._chain(start, self._fat, self._sectors)
        return b"".join(self._sector(place) for place in places)

    def _entries(self, directory: bytes) -> list[Entry]:
        found = []
        for at in range(0, len(directory) - ENTRY + 1, ENTRY):
            length, kind = struct.unpack_from("<HB", directory, at + 64)
            start, size = struct.unpack_from("<II", directory, at + 116)
            if kind in (1, STREAM, ROOT) and 2 <= length <= 64:
                name = directory[at : at + length - 2].decode("utf-16-le", "replace")
                found.append(Entry(name, kind, start, size))
        return found
