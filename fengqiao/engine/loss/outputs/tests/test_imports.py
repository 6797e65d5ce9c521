"""Importing the outputs costs little: nothing heavy is loaded before a document is written."""

from __future__ import annotations

import subprocess
import sys


def test_nothing_heavy_is_imported():
    heavy = "{'xlsxwriter', 'typst', 'polars', 'pyarrow', 'numpy'}"
    code = f"import sys, fengqiao.engine.loss.outputs; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
