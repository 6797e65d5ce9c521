"""What README.md promises is so: its example runs as it stands, and the demo writes what it says."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from fengqiao.cli.main import main

ROOT = Path(__file__).parents[1]
EXAMPLE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
INVESTORS = 400


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder in which a small demo ran, and what it printed."""
    folder = tmp_path_factory.mktemp("fresh")
    said = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(said):
        assert main(["demo", "--no-serve", "--investors", str(INVESTORS)]) == 0
    return folder, said.getvalue()


def test_the_demo_says_where_everything_lies(demo: tuple[Path, str]) -> None:
    folder, said = demo
    named = re.findall(r"　* +(demo/\S+)$", said, re.MULTILINE)
    assert {"demo/results/report.pdf", "demo/results/results.xlsx", "demo/statement.pdf"} <= set(named)
    assert all((folder / name).exists() for name in named)
    assert f"{INVESTORS} 人" in said
    assert "投资者损失计算书" in said
    assert "合计" in said.partition("== 用时")[2]


def measured(path: Path) -> bool:
    """True for the files of the measurement; the portal's database lies apart, see test_demo_portal.py."""
    return path.is_file() and "portal" not in path.parts


def test_the_demo_is_the_same_when_run_again(demo: tuple[Path, str]) -> None:
    folder, _ = demo
    once = {path: path.read_bytes() for path in sorted((folder / "demo").rglob("*")) if measured(path)}
    with contextlib.chdir(folder), contextlib.redirect_stdout(io.StringIO()):
        assert main(["demo", "--no-serve", "--investors", str(INVESTORS)]) == 0
    assert {path: path.read_bytes() for path in sorted((folder / "demo").rglob("*")) if measured(path)} == once


def test_the_example_of_the_readme_runs(demo: tuple[Path, str]) -> None:
    example = EXAMPLE.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert example is not None
    assert len([line for line in example[1].splitlines() if line and not line.startswith(("from", "import"))]) <= 10
    said = io.StringIO()
    with contextlib.chdir(demo[0]), contextlib.redirect_stdout(said):
        exec(compile(example[1], "README.md", "exec"), {})
    assert "投资者损失计算书" in said.getvalue()
