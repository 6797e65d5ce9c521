"""--memory: the peak of a real process, a killed one that is gone on with, what is refused, what is left behind."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from fengqiao.cli.tests.measuring import (
    ASLEEP,
    CASE,
    COMMAND,
    digests,
    environment,
    run,
    start,
    wait_until,
    write_inputs,
)  # fmt: skip
from fengqiao.engine.loss.spill.limit import MIB, SMALLEST
from fengqiao.engine.loss.tests.invented_case import market

ARGUMENTS = ("loss", "measure", "CASE.toml", "--market", "market.csv", "--formats", "parquet")
LIMIT = 512
ROWS = 2_000_000


def write_records(path: Path, count: int, investors: int, *, odd: bool = False) -> None:
    """Records of many investors in no order, with every column; `odd` ones have cells that cannot be used."""
    rng = np.random.default_rng(5)
    traded = market().traded
    days, closes = market().date[traded], market().close[traded]
    place = rng.integers(20, len(days), count)
    number = rng.integers(0, investors, count)
    table = pl.DataFrame(
        {
            "investor": pl.Series(number).cast(pl.String).str.zfill(9).str.replace("^", "K"),
            "account": pl.Series(number % 7).cast(pl.String),
            "date": pl.Series(days[place]).cast(pl.Date),
            "time": pl.Series(rng.integers(34_200, 54_000, count) * 10**9).cast(pl.Time),
            "sequence": np.arange(count),
            "side": np.where(rng.random(count) < 0.002, "sell", "buy"),
            "quantity": rng.integers(1, 50, count) * 100,
            "price": closes[place] / 10_000 * np.where(rng.random(count) < 0.0002, 2.0, 1.0),
        }
    )
    if odd:
        table = table.with_columns(
            quantity=pl.when(pl.col("sequence") % 500 == 7).then(0).otherwise(pl.col("quantity"))
        )
    table.write_parquet(path, row_group_size=250_000)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("inputs")
    write_inputs(directory, CASE)
    write_records(directory / "trades.parquet", ROWS, 200_000)
    return directory


@pytest.fixture(scope="module")
def wanted(inputs: Path) -> dict[str, str]:
    done = run(*ARGUMENTS, "--trades", "trades.parquet", "--out", "in_memory", cwd=inputs)
    assert done.returncode == 0, done.stderr
    return digests(inputs / "in_memory")


LAUNCHER = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(usage.ru_maxrss * 1024)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def peak_of(*arguments: str | Path, cwd: Path) -> tuple[int, str]:
    """Peak resident bytes of a command that must succeed, and what it said on stderr.

    A small process starts it: what the one that starts it holds counts as its own.
    """
    done = subprocess.run(
        [sys.executable, "-c", LAUNCHER, *COMMAND, *map(str, arguments)], cwd=cwd, env=environment(),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return int(done.stdout), done.stderr


def limited(
    out: Path | str, *more: str | Path, trades: str = "trades.parquet", memory: int = LIMIT
) -> list[str | Path]:
    return [*ARGUMENTS, "--trades", trades, "--out", out, "--memory", f"{memory}MiB", *more]


def test_the_peak_stays_within_and_the_bytes_are_the_same(inputs: Path, wanted: dict[str, str], tmp_path: Path) -> None:
    in_memory, _ = peak_of(*ARGUMENTS, "--trades", "trades.parquet", "--out", tmp_path / "a", cwd=inputs)
    assert in_memory > LIMIT * MIB
    for memory in (LIMIT, 1024):
        peak, said = peak_of(*limited(tmp_path / "b", memory=memory), cwd=inputs)
        assert peak <= memory * MIB
        assert digests(tmp_path / "b") == wanted
        assert said.count("\n") == 1 and "partitions on the disk, about" in said and "free" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_json_says_the_use_of_the_disk(inputs: Path, tmp_path: Path) -> None:
    done = run(*limited(tmp_path / "out", "--json"), cwd=inputs)
    found = json.loads(done.stdout)
    assert found["totals"] == json.loads((tmp_path / "out" / "run.json").read_text())["totals"]
    stated = found["memory"]
    assert stated["memory"] == LIMIT * MIB and stated["partitions"] > 3 and stated["rows"] == ROWS
    assert 30 * MIB < stated["disk"] < stated["free"]
    assert not list(tmp_path.glob(".*"))


@pytest.mark.long
def test_what_is_written_for_people_stays_within_or_is_left_out(inputs: Path, tmp_path: Path) -> None:
    for count, written in ((20_000, True), (40_000, False)):
        write_records(tmp_path / "people.parquet", count * 4, count)
        arguments = limited(tmp_path / "out", "--json", trades=str(tmp_path / "people.parquet"))
        arguments[arguments.index("parquet")] = "parquet,csv,xlsx,pdf,svg"
        peak, _ = peak_of(*arguments, cwd=inputs)
        assert peak <= LIMIT * MIB
        found = run(*arguments, cwd=inputs)
        assert any("do not fit --memory" in note for note in json.loads(found.stdout)["notes"]) is not written
        assert (tmp_path / "out" / "results.xlsx").exists() is written


def spill_of(out: Path) -> Path:
    return out.parent / f".{out.name}.spill"


def progress_of(out: Path) -> dict[str, object]:
    try:
        found: dict[str, object] = json.loads((spill_of(out) / "progress.json").read_text())
    except (OSError, ValueError):
        return {}
    return found


def started(inputs: Path, out: Path, parts: int, *more: str) -> subprocess.Popen[str]:
    """A run of which some partitions are measured and some are not."""
    process = start(*limited(out, *more), cwd=inputs)
    wait_until(
        lambda: sum(part["measured"] for part in progress_of(out).get("parts", [])) >= parts,  # type: ignore[attr-defined]
        process,
    )
    return process


def test_a_killed_run_is_gone_on_with(inputs: Path, wanted: dict[str, str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    process = started(inputs, out, 3)
    process.kill()
    process.communicate()
    folder = spill_of(out)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in folder.iterdir())
    done = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.results")}
    measured = [part["name"] for part in progress_of(out)["parts"] if part["measured"]]  # type: ignore[attr-defined]
    process = started(inputs, out, len(measured) + 1)
    process.kill()
    said = process.communicate()[1]
    assert "going on with what an earlier run left" in said
    for name in measured:
        assert (folder / f"{name}.results").stat().st_mtime_ns == done[f"{name}.results"], "measured twice"
        assert not (folder / f"{name}.rows").exists()
    assert run(*limited(out), cwd=inputs).returncode == 0
    assert digests(out) == wanted
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.long
def test_killed_at_any_moment(inputs: Path, wanted: dict[str, str], tmp_path: Path) -> None:
    rng = random.Random(11)
    out = tmp_path / "out"
    for _ in range(6):
        process = start(*limited(out), cwd=inputs)
        try:
            process.wait(timeout=rng.uniform(0.3, 4.0))
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
    assert run(*limited(out), cwd=inputs).returncode == 0
    assert digests(out) == wanted
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.long
@pytest.mark.parametrize("change", ["trades", "case", "memory"])
def test_what_changed_is_not_gone_on_with(change: str, inputs: Path, tmp_path: Path) -> None:
    for path in inputs.iterdir():
        if path.is_file():
            os.link(path, tmp_path / path.name)
    process = started(tmp_path, tmp_path / "out", 1)
    process.kill()
    process.communicate()
    again = limited(tmp_path / "out")
    if change == "trades":
        table = pl.read_parquet(tmp_path / "trades.parquet")
        (tmp_path / "trades.parquet").unlink()
        table.with_columns(pl.col("quantity") + 100).write_parquet(tmp_path / "trades.parquet", row_group_size=250_000)
    elif change == "case":
        (tmp_path / "CASE.toml").unlink()
        (tmp_path / "CASE.toml").write_text(CASE.replace("样本", "另案"), encoding="utf-8")
    else:
        again = limited(tmp_path / "out", memory=LIMIT + 1)
    done = run(*again, cwd=tmp_path)
    word = {"trades": "trades: trades.parquet", "case": "case: CASE.toml"}
    assert done.returncode == 2 and "cannot be gone on with" in done.stderr, done.stderr
    assert f"changed since: {word.get(change, '--memory')}" in done.stderr and "--fresh" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert spill_of(tmp_path / "out").exists(), "what can still be gone on with was removed"
    if change == "case":
        assert run(*again, "--fresh", cwd=tmp_path).returncode == 0
        assert not spill_of(tmp_path / "out").exists()


@pytest.mark.parametrize("keep", [False, True])
def test_ctrl_c(keep: bool, inputs: Path, wanted: dict[str, str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    more = ["--resumable"] if keep else []
    process = started(inputs, out, 1, *more)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=ASLEEP)[1]
    assert process.returncode == 130
    assert said.endswith("fengqiao: interrupted; nothing was written.\n")
    assert [path.name for path in tmp_path.iterdir()] == ([".out.spill"] if keep else [])
    if keep:
        done = run(*limited(out, *more), cwd=inputs)
        assert done.returncode == 0 and "going on" in done.stderr
        assert digests(out) == wanted


def test_files_that_grow_too_large(inputs: Path, tmp_path: Path) -> None:
    """As on a full disk: one sentence, nothing left."""
    process = subprocess.run(
        [*COMMAND, *map(str, limited(tmp_path / "out"))], cwd=inputs, env=environment(), capture_output=True, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (3 * MIB, 3 * MIB)), check=False,
    )  # fmt: skip
    assert process.returncode == 2
    assert process.stderr.splitlines()[-1].startswith("fengqiao: the system refused a file")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 20 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a small disk can be mounted by the superuser only")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_disk_that_is_too_small_is_refused_before(inputs: Path, small_disk: Path, tmp_path: Path) -> None:
    done = run(*limited(tmp_path / "out", "--work", small_disk), cwd=inputs)
    assert done.returncode == 2
    assert "The disk is too full" in done.stderr and "20 MiB are free" in done.stderr and "--work" in done.stderr
    assert list(small_disk.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["disk"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--memory", "100MiB"], f"the smallest that works is {SMALLEST // MIB} MiB"),
        (["--memory", "4 apples"], "is not a size of memory"),
        (["--fresh"], "--fresh goes with --memory"),
        (["--memory", "1GiB", "--work", "nowhere"], "There is no folder nowhere"),
    ],
)
def test_refused(options: list[str], sentence: str, inputs: Path, tmp_path: Path) -> None:
    done = run(*ARGUMENTS, "--trades", "trades.parquet", "--out", tmp_path / "out", *options, cwd=inputs)
    assert done.returncode == 2 and sentence in done.stderr, done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_two_runs_do_not_share_a_folder(inputs: Path, tmp_path: Path) -> None:
    process = started(inputs, tmp_path / "out", 1)
    process.send_signal(signal.SIGSTOP)
    done = run(*limited(tmp_path / "out"), cwd=inputs)
    assert done.returncode == 2 and "cannot be locked" in done.stderr
    # nor does one that needs no spilled records remove what the living one is writing to
    plain = [*ARGUMENTS, "--trades", "trades.parquet", "--out", tmp_path / "out"]
    assert run(*plain, cwd=inputs).returncode == 0
    assert len(list(tmp_path.glob(".out.work-*"))) == 1
    process.send_signal(signal.SIGCONT)
    process.kill()
    process.communicate()
    assert run(*plain, cwd=inputs).returncode == 0
    assert not list(tmp_path.glob(".out.work-*"))


@pytest.mark.long
def test_ordered_records_need_no_disk(inputs: Path, wanted: dict[str, str], tmp_path: Path) -> None:
    table = pl.read_parquet(inputs / "trades.parquet").sort("investor", maintain_order=True)
    table.write_parquet(tmp_path / "ordered.parquet", row_group_size=1_000_000)
    peak, said = peak_of(*limited(tmp_path / "out", trades=str(tmp_path / "ordered.parquet")), cwd=inputs)
    assert "without use of the disk" in said
    assert peak <= LIMIT * MIB
    assert digests(tmp_path / "out")["results.parquet"] == wanted["results.parquet"]


@pytest.mark.long
def test_unclean_records_and_text_stay_within(inputs: Path, tmp_path: Path) -> None:
    write_records(tmp_path / "odd.parquet", 1_500_000, 100_000, odd=True)
    pl.read_parquet(tmp_path / "odd.parquet").head(700_000).write_csv(tmp_path / "odd.csv")
    for name in ("odd.parquet", "odd.csv"):
        plain = run(*ARGUMENTS, "--trades", tmp_path / name, "--out", tmp_path / "a", cwd=inputs)
        assert plain.returncode == 0
        peak, _ = peak_of(*limited(tmp_path / "b", trades=str(tmp_path / name)), cwd=inputs)
        assert peak <= LIMIT * MIB, name
        assert digests(tmp_path / "b") == digests(tmp_path / "a")


@pytest.mark.long
def test_a_file_several_times_the_limit(inputs: Path, tmp_path: Path) -> None:
    """Columns of 1.6 GiB in 512 MiB, with every way to pass the limit closed but the program's own."""
    write_records(tmp_path / "large.parquet", 20_000_000, 2_000_000)
    plain = run(*ARGUMENTS, "--trades", tmp_path / "large.parquet", "--out", tmp_path / "a", cwd=inputs)
    assert plain.returncode == 0
    peak, _ = peak_of(*limited(tmp_path / "b", trades=str(tmp_path / "large.parquet")), cwd=inputs)
    assert peak <= LIMIT * MIB
    assert digests(tmp_path / "b") == digests(tmp_path / "a")
