"""Partitions that turned out too large for the memory are cut once more, now that their records are known."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fengqiao.engine.errors import InputError
from fengqiao.engine.loss.spill.blocks import distributed, unpacked, words_again
from fengqiao.engine.loss.spill.frames import append, frame, frames, sync
from fengqiao.engine.loss.spill.limit import HEAVY_ROW, Budget, needed, shown
from fengqiao.engine.loss.spill.manifest import Manifest, Part
from fengqiao.engine.loss.spill.noticed import Lost, lost_bytes, lost_of
from fengqiao.engine.loss.spill.scratch import Scratch
from fengqiao.engine.loss.spill.splitters import Splitters, alone, cut

if TYPE_CHECKING:
    from fengqiao.engine.loss.spill.blocks import Unpacked

DRAWN = 200_000


def too_large(part: Part, budget: Budget) -> bool:
    """Whether measuring a partition takes more than a thread's share."""
    return needed(part.rows, part.names, part.name_bytes, part.noticed) > budget.share


def split_large(folder: Path, manifest: Manifest, budget: Budget) -> None:
    """Cut partitions until each fits a thread's share or holds one investor only; the manifest says so each time.

    Errors: InputError when the records of one investor do not fit the memory; OSError when the disk is full.
    """
    while True:
        large = [part for part in manifest.parts if not part.measured and too_large(part, budget)]
        large = [part for part in large if not alone(*_bounds(part))]
        if not large:
            return
        _split(folder, manifest, large[0], budget)


def _bounds(part: Part) -> tuple[bytes | None, bytes | None]:
    low, high = (None if text is None else text.encode() for text in (part.low, part.high))
    return low, high


def _split(folder: Path, manifest: Manifest, part: Part, budget: Budget) -> None:
    path = folder / f"{part.name}.rows"
    pieces = -(-needed(part.rows, part.names, part.name_bytes, part.noticed) // (budget.share // 2))
    splitters = _splitters(folder, part, max(pieces, 2))
    new = _parts_of(part, splitters, manifest)
    scratch = Scratch()
    for one in new:
        for ending in ("rows", "noticed"):
            (folder / f"{one.name}.{ending}").unlink(missing_ok=True)
    for head, payload in frames(path, part.size):
        block = unpacked(head, payload)
        for out in distributed(words_again(block, scratch), splitters, block.piece, scratch):
            one = new[out.partition]
            one.size = append(folder / f"{one.name}.rows", out.buffers)
            one.rows, one.names = one.rows + out.rows, one.names + out.names
            one.name_bytes += out.name_bytes
    _split_noticed(folder, part, splitters, new)
    for one in new:
        for ending, size in (("rows", one.size), ("noticed", one.noticed_size)):
            if size:
                sync(folder / f"{one.name}.{ending}")
    at = manifest.parts.index(part)
    manifest.parts[at : at + 1] = new
    manifest.write(folder)
    path.unlink(missing_ok=True)
    (folder / f"{part.name}.noticed").unlink(missing_ok=True)


def _split_noticed(folder: Path, part: Part, splitters: Splitters, new: list[Part]) -> None:
    for _, payload in frames(folder / f"{part.name}.noticed", part.noticed_size):
        by_part: dict[int, list[Lost]] = {}
        for pair in lost_of(payload):
            by_part.setdefault(splitters.of(pair[0]), []).append(pair)
        for place, lost in by_part.items():
            one = new[place]
            one.noticed += len(lost)
            one.noticed_size = append(folder / f"{one.name}.noticed", frame(lost_bytes(lost), len(lost)))


def _parts_of(part: Part, splitters: Splitters, manifest: Manifest) -> list[Part]:
    """New, empty partitions in the place of one."""
    edges = [part.low, *(bound.decode() for bound in splitters.bounds), part.high]
    new = []
    for low, high in pairwise(edges):
        new.append(Part(f"p{manifest.made:05d}", low, high))
        manifest.made += 1
    return new


def _splitters(folder: Path, part: Part, pieces: int) -> Splitters:
    """Boundaries from names drawn from all blocks of a partition, each as often as it has rows."""
    step = max(part.rows // DRAWN, 1)
    names: list[bytes] = []
    at = 0
    scratch = Scratch()
    for head, payload in frames(folder / f"{part.name}.rows", part.size):
        block = unpacked(head, payload)
        names += _drawn(block, -at % step, step, scratch)
        at += block.rows
    if part.noticed > part.rows:
        for _, payload in frames(folder / f"{part.name}.noticed", part.noticed_size):
            names += [investor.encode() for investor, _ in lost_of(payload)[:: max(part.noticed // DRAWN, 1)]]
    low, high = _bounds(part)
    inside = [name for name in names if (low is None or name > low) and (high is None or name < high)]
    found = cut(names, pieces).bounds
    found = tuple(name for name in found if (low is None or name > low) and (high is None or name < high))
    if not found and low is not None and low + b"\0" != high:
        found = (low + b"\0",)  # nearly all is the first name: it gets a partition of its own
    if not found and inside:
        found = (max(inside),)
    return Splitters(found)


def _drawn(block: Unpacked, first: int, step: int, scratch: Scratch) -> list[bytes]:
    words = words_again(block, scratch)
    codes = words.words[: block.rows * block.stride].reshape(block.rows, block.stride)[first::step, 4] & ((1 << 28) - 1)
    data = bytes(words.names.data)
    start, length = words.names.start, words.names.length
    return [data[start[code] : start[code] + length[code]] for code in np.asarray(codes).tolist()]


def too_heavy(investor: str, rows: int, need: int, limit: int) -> InputError:
    """The sentence for an investor whose records, which have to be looked at together, do not fit the memory.

    >>> print(too_heavy("A1", 10**8, 90 << 30, 4 << 30))
    Investor "A1" has 100,000,000 records, too many for --memory 4.0 GiB (单个投资者的记录过多): the records of \
one investor are measured together. Give --memory 91GiB or more; check that the identifier is one person's.
    """
    return InputError(
        f'Investor "{investor}" has {rows:,} records, too many for --memory {shown(limit)} (单个投资者的记录过多)',
        why="the records of one investor are measured together",
        todo=f"Give --memory {-(-need // (1 << 30)) + 1}GiB or more; check that the identifier is one person's",
    )


def heavy_need(part: Part, largest: int) -> int:
    """Bytes for measuring a partition in which one investor has very many rows."""
    return needed(part.rows, part.names, part.name_bytes, part.noticed) + largest * HEAVY_ROW
