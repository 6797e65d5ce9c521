"""Figures on a full disk: no process dies, every answer is given."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client import mmap_dict

from fengqiao.portal import figures

COUNTING = """
import os, sys
from prometheus_client import Counter
from fengqiao.portal import figures
room = os.posix_fallocate
def full(*given):
    raise OSError(28, "No space left on device")
if sys.argv[1] == "full at the start":
    os.posix_fallocate = full
alone = Counter("alone_total", "begins with the process")
before = Counter("before_total", "x", ("page",))
figures.add(lambda: before.labels("a").inc())
os.posix_fallocate = full
for n in range(2000):
    figures.add(lambda: before.labels(f"page {n} " + "x" * 40).inc())
figures.add(alone.inc)
figures.add(lambda: before.labels("a").inc())
os.posix_fallocate = room
figures.add(lambda: before.labels("later").inc())
print(before.labels("a")._value.get(), before.labels("later")._value.get(), alone._value.get())
"""


def test_what_is_written_has_its_room_before(tmp_path: Path) -> None:
    file = tmp_path / "counter_1.db"
    kept = figures.Reserved(str(file))
    for n in range(3000):
        kept.write_value(f"key {n} " + "x" * 50, float(n), 0.0)
        if n % 500 == 0:
            assert file.stat().st_blocks * 512 >= kept._used, "no hole is ever written to"
    values = {key: value for key, value, _, _ in mmap_dict.MmapedDict.read_all_values_from_file(str(file))}
    assert len(values) == 3000 and values["key 2999 " + "x" * 50] == 2999.0, "and others read it as before"


@pytest.mark.parametrize("when", ["full later", "full at the start"])
def test_a_full_disk_stops_no_answer_and_counting_goes_on_afterwards(tmp_path: Path, when: str) -> None:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", COUNTING, when], env=environment, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["2.0", "1.0", "1.0"]
