"""What each special need changes, as data (`data/needs.toml`): kinds of need, their details, and measures."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "data" / "needs.toml"


@dataclass(frozen=True)
class Measure:
    """Something that the system or the staff do otherwise for somebody."""

    key: str
    title: str
    staff: str
    """What staff do."""
    person: str
    """What the person is told."""
    basis: str
    doubt: str = ""

    @property
    def basis_text(self) -> str:
        """The basis as pages show it, doubts included."""
        return self.basis + (f"（待核：{self.doubt}）" if self.doubt else "")


@dataclass(frozen=True)
class Detail:
    """More about a kind of need; it takes measures away or adds some."""

    key: str
    title: str
    without: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class NeedKind:
    """One kind of need."""

    key: str
    shown: str
    """What pages show of it before it is revealed with a reason."""
    weight: int
    measures: tuple[str, ...]
    details: tuple[Detail, ...] = ()
    reviewed: bool = False
    """True for what passes: it is looked at again after a while."""

    def measures_with(self, detail: str) -> frozenset[str]:
        """What this need asks for, with the detail taken into account."""
        found = next((one for one in self.details if one.key == detail), None)
        if found is None:
            return frozenset(self.measures)
        return (frozenset(self.measures) - set(found.without)) | set(found.also)

    def title_of(self, detail: str) -> str:
        """The detail in words; nothing for one that is not known."""
        return next((one.title for one in self.details if one.key == detail), "")


@cache
def _data() -> dict[str, dict[str, dict[str, object]]]:
    with FILE.open("rb") as file:
        return tomllib.load(file)


@cache
def measures() -> dict[str, Measure]:
    """All measures by their key, in the order they are shown."""
    return {key: Measure(key=key, **row) for key, row in _data()["measures"].items()}  # type: ignore[arg-type]


@cache
def need_kinds() -> dict[str, NeedKind]:
    """All kinds of need by their key."""
    found = {}
    for key, given in _data()["kinds"].items():
        row = dict(given)
        rows: Iterable[dict[str, object]] = row.pop("details", ())  # type: ignore[assignment]
        details = tuple(
            Detail(str(one["key"]), str(one["title"]), tuple(one.get("without", ())), tuple(one.get("also", ())))  # type: ignore[arg-type]
            for one in rows
        )
        asked: tuple[str, ...] = tuple(row.pop("measures"))  # type: ignore[arg-type]
        found[key] = NeedKind(key=key, measures=asked, details=details, **row)  # type: ignore[arg-type]
        unknown = {*asked, *(name for one in details for name in (*one.without, *one.also))} - set(measures())
        if unknown:
            raise ValueError(f"{FILE.name}: {key} asks for measures that are not there: {sorted(unknown)}.")
    return found


def joined(asked: Iterable[frozenset[str]]) -> frozenset[str]:
    """What several needs ask for together: who cannot be called is not called, whatever else they need; where it is
    clear that a guardian acts, nobody has to find out."""
    found = frozenset().union(*asked)
    found -= {"call", "voice_codes"} if "no_calls" in found else set()
    return found - {"capacity"} if "representative" in found else found
