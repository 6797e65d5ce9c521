"""`make bench`: measure the engine and the portal against their peers, one page of docs each."""

from __future__ import annotations

import argparse
import datetime as dt
import subprocess
import sys
from pathlib import Path

from benchmarks.material import LIMIT, Material
from benchmarks.peers import Peers
from benchmarks.portal import write_portal_report
from benchmarks.statement import statement_times
from benchmarks.timing import Timing, best_of, start_up_times

ROUNDS = 3


def main() -> None:
    """Measure one part or all; each part has its own page, with its own date."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--investors", type=int, default=1_000_000)
    parser.add_argument("--dir", type=Path, default=Path("bench-data"))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks.md"))
    parser.add_argument("--part", choices=("engine", "portal", "all"), default="all")
    parser.add_argument("--portal-out", type=Path, default=Path("docs/benchmarks_portal.md"))
    parser.add_argument("--quick", action="store_true", help="a trial of the portal's part, with few rows")
    arguments = parser.parse_args()
    if arguments.part in ("portal", "all"):
        write_portal_report(arguments.portal_out, quick=arguments.quick)
        print(arguments.portal_out.read_text(encoding="utf-8"))
    if arguments.part in ("engine", "all"):
        measure_engine(arguments)


def measure_engine(arguments: argparse.Namespace) -> None:
    """The command and its peers over made-up records."""
    # in a process of its own: what this one once held would count as its children's peak memory
    subprocess.run(
        [sys.executable, "-m", "benchmarks.material", str(arguments.dir), str(arguments.investors)], check=True
    )
    material = Material.at(arguments.dir, arguments.investors)
    peers = Peers(material)
    times: dict[str, Timing] = {}
    # the command and its peers by turns, so that all meet the same machine
    for name, command in steps(material, peers).items():
        times[name] = best_of(command, arguments.rounds, name)
    times["start"] = start_up_times(material, arguments.rounds)
    from benchmarks.report import write_report

    pandas = peers.pandas_seconds()
    write_report(arguments.out, material, times, pandas, statement_times(), dt.datetime.now(tz=dt.UTC).date())
    print(arguments.out.read_text(encoding="utf-8"))


def steps(material: Material, peers: Peers) -> dict[str, list[str]]:
    """Commands by name; a and b are the files by investor and by date, c adds the comparison with three indices,
    recorded takes the fees from the records, grid and grid_far are 36 scenarios over a's records."""
    return {
        "duckdb_a": peers.duckdb(material.by_investor),
        "a": material.measure(material.case, material.by_investor),
        "c": material.measure(material.index_case, material.by_investor, indices=True),
        "recorded": material.measure(material.fee_case, material.with_fees),
        "grid": material.compare(material.spec),
        "grid_far": material.compare(material.far_spec, "grid_far"),
        "polars_a": peers.polars_read(material.by_investor),
        "duckdb_b": peers.duckdb(material.by_date),
        "b": material.measure(material.case, material.by_date),
        "limited": material.measure_within(LIMIT),
        "polars_b": peers.polars_read(material.by_date),
    }


main()
