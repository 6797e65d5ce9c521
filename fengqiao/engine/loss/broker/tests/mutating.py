"""Real-looking statements with bytes changed at random, read by processes with little memory and little time.

Run as a program: reads numbers of files from its input, reads each file within its limits and prints one line for each.
"""

from __future__ import annotations

import json
import random
import resource
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from fengqiao.engine.errors import FengqiaoError
from fengqiao.engine.loss.broker import canonical_table, read_statements
from fengqiao.engine.loss.broker.tests.layouts import WRITTEN

SECONDS = 10
MEMORY = 1 << 30
SPECIAL = (
    b"\n", b"\r\n", b"\t", b'"', b",", b"\0", b"\xff", b"9" * 30, b"<", b">", b"&",
    b"<td rowspan=999999 colspan=999>", b'r="XFD1048576"',
    b"\xef\xbb\xbf", b"\xff\xfe", b'="', b"<!--", b"\xff\xff\xff\xff",
    "合计".encode("gbk"), "成交日期".encode(), b"1e99", b"-",
)  # fmt: skip


class OverTimeError(BaseException):
    """Reading took longer than it may."""


def mutated(data: bytes, rng: random.Random) -> bytes:
    """The same with one to eight changes, half of the time without moving any byte."""
    piece = bytearray(data)
    changes = rng.choice([range(7), range(2), range(1)])
    for _ in range(rng.randint(1, 8)):
        if not piece:
            break
        at, length = rng.randrange(len(piece)), rng.randint(1, 40)
        change = rng.choice(changes)
        if change == 0:
            piece[at] = rng.randrange(256)
        elif change == 1:
            piece[at] ^= 1 << rng.randrange(8)
        elif change == 2:
            del piece[at : at + length]
        elif change == 3:
            piece[at:at] = rng.randbytes(length)
        elif change == 4:
            piece[at:at] = piece[at : at + length * 9]
        elif change == 5:
            piece[at:at] = rng.choice(SPECIAL)
        elif rng.randrange(3) == 0:
            del piece[at:]
        else:
            other = rng.randrange(len(piece))
            piece[at : at + length] = piece[other : other + length]
    return bytes(piece)


def originals(folder: Path) -> list[Path]:
    """Every layout as a file, each in a folder of its own."""
    made = []
    for number, write in enumerate(WRITTEN.values()):
        place = folder / str(number)
        place.mkdir()
        made.append(write(place))
    return made


def outcome(path: Path) -> str:
    """What came of reading a file: "read", "refused", or what is wrong with the reading."""
    try:
        done = read_statements([path])
        canonical_table(done.rows)
    except FengqiaoError as error:
        return "refused" if "\n" not in str(error) and str(error) else "a sentence of several lines"
    left_out = sum(1 for finding in done.findings if not finding.used)
    if done.rows_in != len(done.rows) + done.rows_explained or left_out != done.rows_explained:
        return f"{done.rows_in} rows in, {len(done.rows)} used, {done.rows_explained} explained, {left_out} findings"
    return "read"


def run(numbers: Sequence[int]) -> Counter[str]:
    """Read the files of some numbers, each changed from one of the originals; prints what is wrong with any."""

    def over(_signal: int, _frame: FrameType | None) -> None:
        raise OverTimeError

    signal.signal(signal.SIGVTALRM, over)
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        sources = [(path.suffix, path.read_bytes()) for path in originals(Path(folder))]
        for number in numbers:
            rng = random.Random(number)
            suffix, data = sources[number % len(sources)]
            path = Path(folder) / f"{number}{suffix}"
            path.write_bytes(mutated(data, rng))
            signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
            try:
                found = outcome(path)
            except BaseException as error:
                found = f"{type(error).__name__}: {error}"[:200]
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            path.unlink()
            counts[found if found in ("read", "refused") else "wrong"] += 1
            if found not in ("read", "refused"):
                print(json.dumps({"number": number, "wrong": found}), flush=True)
    return counts


if __name__ == "__main__":
    import polars
    import pyarrow

    _ = polars.DataFrame({"a": [1]}), pyarrow.array([1])  # what they map in once is not what is measured
    usage = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (usage + MEMORY, usage + MEMORY))
    first, last = int(sys.argv[1]), int(sys.argv[2])
    print(json.dumps({"counts": run(range(first, last))}), flush=True)
