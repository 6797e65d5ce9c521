"""Run commands as processes of their own: wall time, processor time and peak memory."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.material import Material


@dataclass(frozen=True)
class Timing:
    """The fastest of several runs: seconds, processor seconds, peak resident bytes; and the slowest run's seconds."""

    wall: float
    processor: float
    peak: int
    slowest: float


def run_once(command: list[str]) -> Timing:
    """One run; a command that fails ends the benchmark."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=installed())
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Timing(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, wall)


def installed() -> dict[str, str]:
    """The environment, with Python keeping what it compiled, as an installation does: no run compiles modules anew."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def best_of(command: list[str], rounds: int, name: str) -> Timing:
    """The fastest of some runs, after one that fills the caches."""
    run_once(command)
    runs = [run_once(command) for _ in range(rounds)]
    best = min(runs, key=lambda run: run.wall)
    print(f"{name}: {best.wall:.2f} s ({', '.join(f'{run.wall:.2f}' for run in runs)})", flush=True)
    return Timing(best.wall, best.processor, max(run.peak for run in runs), max(run.wall for run in runs))


def start_up_times(material: Material, rounds: int) -> Timing:
    """The measuring command on three rows."""
    write = (
        "import datetime as dt, sys, pyarrow as pa, pyarrow.parquet as pq\n"
        "days = [dt.date(2017, 6, 1), dt.date(2018, 6, 1), dt.date(2019, 5, 20)]\n"
        "pq.write_table(pa.table({'investor': ['A1'] * 3, 'date': days, 'side': ['buy', 'buy', 'sell'],\n"
        "                         'quantity': [100] * 3, 'price': [9.9, 9.8, 8.9]}), sys.argv[1])\n"
    )
    three = material.directory / "three.parquet"
    subprocess.run([sys.executable, "-c", write, str(three)], check=True)
    return best_of(material.measure(material.case, three, out="three"), max(rounds, 5), "start-up")


def machine() -> str:
    """Processor, cores, memory and Python, as the table says them."""
    model = "unknown processor"
    information = Path("/proc/cpuinfo")
    if information.exists():
        names = [line.split(":")[1].strip() for line in information.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    free = shutil.disk_usage(".").total / 2**30
    version = ".".join(str(part) for part in sys.version_info[:3])
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB memory, {free:.0f} GiB disk, Python {version}"
