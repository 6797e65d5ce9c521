"""`python -m benchmarks.larger_than_memory`: 400 million trades within 4 GiB, one run killed and gone on with.

Writes docs/larger_than_memory.md. Needs `make bench` to have made its material, some 25 GiB of disk and some minutes.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.material import Material
from benchmarks.timing import Timing, machine, run_once
from fengqiao.engine.loss.spill.limit import GIB, parse_size

COPIES = 10


def main() -> None:
    """Make the file, measure it, kill a second run in the middle and go on with it, write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.larger_than_memory")
    parser.add_argument("--investors", type=int, default=1_000_000, help="of the material; the file has ten times more")
    parser.add_argument("--dir", type=Path, default=Path("bench-data"))
    parser.add_argument("--memory", default="4GiB")
    parser.add_argument("--out", type=Path, default=Path("docs/larger_than_memory.md"))
    arguments = parser.parse_args()
    material = Material.at(arguments.dir, arguments.investors)
    trades = material.directory / f"large_{arguments.investors}.parquet"
    if not trades.exists():
        subprocess.run(
            [sys.executable, "-m", "benchmarks.large_file", str(material.by_date), str(trades), str(COPIES)], check=True
        )
    command = [*material.measure(material.case, trades, out="large"), "--memory", arguments.memory]
    command[command.index("--out") + 1] = str(material.directory / "large")
    whole = run_once(command)
    wanted = digest(material.directory / "large" / "results.parquet")
    stated = killed_half_way(command, material.directory / ".large.spill")
    again = run_once(command)
    if digest(material.directory / "large" / "results.parquet") != wanted:
        raise SystemExit("the run that was gone on with gave other results")
    write_page(arguments.out, stated, whole, again, trades.stat().st_size, parse_size(arguments.memory))
    print(arguments.out.read_text(encoding="utf-8"))


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def killed_half_way(command: list[str], folder: Path) -> dict[str, int]:
    """Kill a run when half of its partitions are measured; returns what it had stated, with what was left."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    while True:
        try:
            found = json.loads((folder / "progress.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            found = {"parts": []}
        done = sum(part["measured"] for part in found["parts"])
        if done and done * 2 >= len(found["parts"]):
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            return found["stated"] | {"done": done}
        if process.poll() is not None:
            raise SystemExit("the run was over before it could be killed")
        time.sleep(0.05)


def write_page(path: Path, stated: dict[str, int], whole: Timing, again: Timing, size: int, limit: int) -> None:
    """What was measured, as a page."""
    lines = [
        "# Larger than memory",
        "",
        f"Measured on {dt.datetime.now(tz=dt.UTC).date()} by `python -m benchmarks.larger_than_memory`: {machine()}.",
        "",
        f"{stated['rows']:,} invented trades in no order of investors, {size / GIB:.1f} GiB of Parquet, measured with "
        f"`--memory {limit / GIB:g}GiB` in {stated['partitions']} partitions on the disk.",
        "",
        "| run | wall | processor time | peak memory |",
        "|---|---|---|---|",
        _line("from beginning to end", whole),
        _line(f"killed with {stated['done']} partitions measured, then gone on with (the second part)", again),
        "",
        f"Disk stated before it started: {stated['disk'] / GIB:.1f} GiB. Both runs left the same bytes.",
        "",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")


def _line(label: str, timing: Timing) -> str:
    return f"| {label} | {timing.wall:.0f} s | {timing.processor:.0f} s | {timing.peak / GIB:.2f} GiB |"


if __name__ == "__main__":
    main()
