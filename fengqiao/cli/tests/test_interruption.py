"""Ctrl-C, a killed process and a full disk: what was there before stays, nothing half-written appears."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from fengqiao.cli.tests.measuring import (
    ASLEEP,
    CASE,
    digests,
    frame,
    run,
    start,
    trade_rows,
    wait_until,
    write_inputs,
)  # fmt: skip

# every investor in exact fractions: a run that takes a while
EXACT = CASE + '[method]\ndividends = "deduct"\n'
ARGUMENTS = ("loss", "measure", "CASE.toml", "--market", "market.csv", "--formats", "parquet", "--out", "results")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small file, and a large one that takes minutes in exact fractions."""
    directory = tmp_path_factory.mktemp("interrupted")
    write_inputs(directory, EXACT)
    small = frame(trade_rows(400))
    small.write_parquet(directory / "small.parquet")
    copies = [small.with_columns(pl.col("investor") + f"-{number:03d}") for number in range(100)]
    pl.concat(copies).sort("investor", maintain_order=True).write_parquet(
        directory / "large.parquet", row_group_size=50_000
    )
    pl.concat(copies).sort("date", maintain_order=True).write_parquet(directory / "by_date.parquet")
    return directory


@pytest.fixture
def place(inputs: Path, tmp_path: Path) -> Iterator[Path]:
    for path in inputs.iterdir():
        os.link(path, tmp_path / path.name)
    yield tmp_path
    shutil.rmtree(tmp_path, ignore_errors=True)


def started(place: Path, trades: str) -> subprocess.Popen[str]:
    """A run that has begun to write."""
    process = start(*ARGUMENTS, "--trades", trades, cwd=place)
    wait_until(lambda: list(place.glob(".results.*/results.parquet")), process)
    time.sleep(0.5)
    assert process.poll() is None, "the run was over before it could be interrupted"
    return process


@pytest.mark.parametrize("trades", ["large.parquet", "by_date.parquet"])
def test_ctrl_c_leaves_nothing(trades: str, place: Path) -> None:
    before = set(place.iterdir())
    process = started(place, trades)
    process.send_signal(signal.SIGINT)
    out, said = process.communicate(timeout=ASLEEP)
    assert process.returncode == 130
    assert (out, said) == ("", "fengqiao: interrupted; nothing was written.\n")
    assert set(place.iterdir()) == before


def test_ctrl_c_leaves_the_results_of_the_last_run(place: Path) -> None:
    assert run(*ARGUMENTS, "--trades", "small.parquet", cwd=place).returncode == 0
    before = digests(place / "results")
    assert set(before) == {"results.parquet", "findings.csv", "run.json"}
    process = started(place, "large.parquet")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=ASLEEP)
    assert digests(place / "results") == before
    assert not list(place.glob(".results.*"))


def test_a_killed_process_leaves_the_results_of_the_last_run(place: Path) -> None:
    assert run(*ARGUMENTS, "--trades", "small.parquet", cwd=place).returncode == 0
    before = digests(place / "results")
    process = started(place, "large.parquet")
    process.kill()
    process.communicate(timeout=ASLEEP)
    assert process.returncode == -signal.SIGKILL
    assert digests(place / "results") == before
    # and the next run is not disturbed by what the killed one left
    assert run(*ARGUMENTS, "--trades", "small.parquet", cwd=place).returncode == 0
    assert digests(place / "results") == before


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 200 kilobytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(disk)]
    try:
        mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("a small disk can be mounted by the superuser only")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_said_and_leaves_nothing(place: Path, tiny_disk: Path) -> None:
    (place / "CASE.toml").unlink()
    (place / "CASE.toml").write_text(CASE, encoding="utf-8")
    done = run(*ARGUMENTS[:-1], tiny_disk / "results", "--trades", "large.parquet", cwd=place)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1 and "space" in done.stderr, done.stderr
    assert list(tiny_disk.iterdir()) == []


def test_a_full_disk_leaves_the_results_of_the_last_run(place: Path, tiny_disk: Path) -> None:
    (place / "CASE.toml").unlink()
    (place / "CASE.toml").write_text(CASE, encoding="utf-8")
    out = tiny_disk / "results"
    assert run(*ARGUMENTS[:-1], out, "--trades", "small.parquet", cwd=place).returncode == 0
    before = digests(out)
    assert run(*ARGUMENTS[:-1], out, "--trades", "large.parquet", cwd=place).returncode == 2
    assert digests(out) == before


def test_a_reader_that_goes_away_is_no_error(place: Path) -> None:
    process = start(
        "loss", "dates", "--rules", "cn2022", "--revealed", "2023-07-20", "--market", "market.csv", cwd=place
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=ASLEEP) == 0
    assert process.stderr is not None and process.stderr.read() == ""
