"""Worked cases of the other wrongs as data: a CASE.toml, tables of rows and prices, what comes out by hand."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path
from typing import Any

from fengqiao.engine.loss.inputs import InputFiles
from fengqiao.engine.loss.tests.worked_case import table

CASES = Path(__file__).parent / "cases"
INVESTOR = "I0001"


def worked() -> list[dict[str, Any]]:
    """All cases of all files; `usual` of a file stands before each case's own settings."""
    found = []
    for path in sorted(CASES.glob("*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        for case in content["case"]:
            text = content["usual"] if case.get("settings") is None else merged(content["usual"], case["settings"])
            found.append({"path": content.get("path", ""), **case, "toml": text, "file": path.name})
    return found


def merged(usual: str, own: str) -> str:
    """TOML text with a case's own keys put into the sections of the usual one (its own value wins)."""
    sections: dict[str, dict[str, str]] = {}
    for text in (usual, own):
        name = ""
        for line in text.strip().splitlines():
            if line.startswith("["):
                name = line
                sections.setdefault(name, {})
            elif line.strip():
                key, _, value = line.partition("=")
                sections[name][key.strip()] = value.strip()
    return "\n".join(
        "\n".join([name, *(f"{key} = {value}" for key, value in keys.items() if value != '""')])
        for name, keys in sections.items()
    )


def write_inputs(case: dict[str, Any], folder: Path) -> InputFiles:
    """The input files of a case."""
    (folder / "case.toml").write_text(case["toml"], encoding="utf-8")
    rows = table(case["trades"])
    names = list(dict.fromkeys(["investor", *(name for row in rows for name in row)]))
    with (folder / "trades.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows({"investor": INVESTOR, **row} for row in rows)
    if case["path"]:
        prices = table(case["path"])
        (folder / "path.csv").write_text(
            "date,close\n" + "".join(f"{row['date']},{row['close']}\n" for row in prices), encoding="utf-8"
        )
    return InputFiles(folder / "case.toml", (folder / "trades.csv",))
