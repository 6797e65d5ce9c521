"""findings.csv: everything that was noticed about the data, line by line as it is found."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fengqiao.engine.findings import DataFinding

FINDING_COLUMNS = ("file", "sheet", "row", "investor", "code", "reason", "used")


class FindingsFile:
    """Writes findings as they come."""

    def __init__(self, path: Path) -> None:
        self.text = path.open("w", encoding="utf-8", newline="")
        self.csv = csv.writer(self.text, lineterminator="\n")
        self.csv.writerow(FINDING_COLUMNS)

    def write(self, findings: Sequence[DataFinding]) -> None:
        """One line a finding."""
        for item in findings:
            row = item.row or ""
            self.csv.writerow([
                *(neutral(text) for text in (item.file, item.sheet)), row, neutral(item.investor), item.code,
                neutral(item.reason), "true" if item.used else "false",
            ])  # fmt: skip

    def close(self) -> None:
        """Nothing more comes."""
        self.text.close()


def neutral(text: str) -> str:
    """Text from input so that a spreadsheet never takes it for a formula.

    >>> neutral("=1+1"), neutral("600074")
    ("'=1+1", '600074')
    """
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
