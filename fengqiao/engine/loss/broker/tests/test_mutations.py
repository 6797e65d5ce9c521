"""Statements with bytes changed at random: never a stack trace, never a hang, never much memory, nothing lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

PROGRAM = (sys.executable, "-m", "fengqiao.engine.loss.broker.tests.mutating")
ROOT = Path(__file__).parents[5]
FILES = 10_000
AT_ONCE = 500


def read(first: int, last: int) -> Counter[str]:
    """Counts of outcomes of some files, read in a process of their own."""
    done = subprocess.run(
        [*PROGRAM, str(first), str(last)], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True,
        text=True, timeout=3600, check=False,
    )  # fmt: skip
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    wrong = [line for line in lines if "wrong" in line]
    assert done.returncode == 0 and not wrong, f"{first} to {last}: {wrong[:5]} {done.stderr[-1500:]}"
    return Counter(lines[-1]["counts"])


def test_changed_files_are_read_or_refused() -> None:
    counts = read(0, 240)
    assert counts["read"] + counts["refused"] == 240
    assert counts["read"] > 100


@pytest.mark.long
def test_ten_thousand_changed_files_are_read_or_refused() -> None:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        counts = sum(pool.map(lambda first: read(first, first + AT_ONCE), range(0, FILES, AT_ONCE)), Counter())
    assert counts["read"] + counts["refused"] == FILES
