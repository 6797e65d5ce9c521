"""The record of how far a run with a memory limit has come, so that a killed one goes on where it stood.

It is replaced as a whole, after what it speaks of is on the disk: at any moment it is true.
"""

from __future__ import annotations

import copy
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from fengqiao.engine.loss.spill.frames import PRIVATE, sync

NAME = "progress.json"
FORMAT = 1


@dataclass
class Part:
    """One partition. name: of its files. low, high: its boundaries (text), None at the ends. size, noticed_size: bytes
    of its rows and of what was noticed. exact: investors computed exactly; sizes of results once it is measured."""

    name: str
    low: str | None = None
    high: str | None = None
    rows: int = 0
    names: int = 0
    name_bytes: int = 0
    noticed: int = 0
    size: int = 0
    noticed_size: int = 0
    results_size: int = 0
    found_size: int = 0
    measured: bool = False


@dataclass
class Manifest:
    """Everything a later run needs. key: what must be the same for it to go on. units: parts of the input spilled."""

    key: dict[str, Any]
    digests: dict[str, str] | None = None
    parts: list[Part] = field(default_factory=list)
    units: int = 0
    pieces: int = 0
    spilled: bool = False
    rows_read: int = 0
    rows_used: int = 0
    findings_size: int = 0
    have: list[str] = field(default_factory=list)
    sources: list[tuple[str, str]] = field(default_factory=list)
    left_out: list[tuple[str, str, str, int, str, int]] = field(default_factory=list)
    stated: dict[str, Any] = field(default_factory=dict)
    made: int = 0

    def copy(self) -> Manifest:
        """The same as it is now."""
        return copy.deepcopy(self)

    def write(self, folder: Path) -> None:
        """Put the record in the place of the earlier one, for good."""
        partial = folder / f"{NAME}.new"
        text = json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False)
        file = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
        with os.fdopen(file, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(folder / NAME)
        sync(folder)

    @classmethod
    def read(cls, folder: Path) -> Manifest | None:
        """The record of a folder; None where there is none that can be understood."""
        try:
            found = json.loads((folder / NAME).read_text(encoding="utf-8"))
            if found.pop("format") != FORMAT:
                return None
            found["parts"] = [Part(**part) for part in found["parts"]]
            found["sources"] = [(file, sheet) for file, sheet in found["sources"]]
            found["left_out"] = [tuple(one) for one in found["left_out"]]
            return cls(**found)
        except (OSError, ValueError, KeyError, TypeError):
            return None
