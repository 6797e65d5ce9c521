"""Workbooks are read as a whole: under a limit on memory only those that fit are taken."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

from fengqiao.engine.errors import InputError, Place
from fengqiao.engine.loss.spill.limit import PROGRAM, shown

UNPACKED = 8  # bytes of memory for each byte of a workbook's unpacked sheets, at the worst moment of reading


def require_small(paths: Sequence[Path], limit: int) -> None:
    """Errors: InputError when a workbook among the files takes more than the limit leaves for it."""
    for path in paths:
        if not path.is_file() or not zipfile.is_zipfile(path):
            continue
        with zipfile.ZipFile(path) as archive:
            need = PROGRAM + UNPACKED * sum(member.file_size for member in archive.infolist())
        if need > limit:
            raise InputError(
                f"The workbook is too large for --memory {shown(limit)} (工作簿过大)",
                why=f"a workbook is read as a whole, which takes about {shown(need)}",
                todo="Save its sheets as CSV, or give more memory", place=Place(path.name),
            )  # fmt: skip
