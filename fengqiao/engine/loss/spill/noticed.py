"""Investors of whom rows were left out, and why: told with their results, also when no row of theirs is left."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from fengqiao.engine.loss.grouping import text_array
from fengqiao.engine.loss.spill.frames import batch_bytes, batch_of, frames

if TYPE_CHECKING:
    from fengqiao.engine.loss.spill.manifest import Part

Lost = tuple[str, str]  # investor, code of the finding


def lost_bytes(lost: Sequence[Lost]) -> pa.Buffer:
    """Pairs of investor and code as bytes."""
    columns = [text_array([pair[place] for pair in lost]) for place in (0, 1)]
    return batch_bytes(pa.RecordBatch.from_arrays(columns, names=["investor", "code"]))


def lost_of(payload: pa.Buffer) -> list[Lost]:
    """The pairs that `lost_bytes` wrote."""
    batch = batch_of(payload)
    return list(zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True))


def noticed_in(folder: Path, part: Part) -> dict[str, list[str]]:
    """Codes of left-out rows by investor, in the order of the files, each once."""
    found: dict[str, list[str]] = {}
    for _, payload in frames(folder / f"{part.name}.noticed", part.noticed_size):
        for investor, code in lost_of(payload):
            codes = found.setdefault(investor, [])
            if code not in codes:
                codes.append(code)
    return found
