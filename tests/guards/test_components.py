"""docs/components.md has a row for every component that an installation brings along, with the version that is locked;
and the way it is asked for finds what is behind."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests import components
from tests.guards.tree import ROOT, say

DOCUMENT = "docs/components.md"
VENDORED = "fengqiao/portal/shell/static/shell/vendor/vendor.toml"
LOCK = """
[[package]]
name = "fengqiao"
version = "0.1.0"
dependencies = [{{ name = "a" }}]
[package.optional-dependencies]
portal = [{{ name = "b", extra = ["more"] }}]
[package.dev-dependencies]
dev = [{{ name = "only-dev" }}]

[[package]]
name = "a"
version = "{a}"
wheels = [{{ url = "x", upload-time = "2026-05-02T00:00:00Z" }}]
sdist = {{ url = "y", upload-time = "2026-05-01T00:00:00Z" }}

[[package]]
name = "b"
version = "2.0"
[package.optional-dependencies]
more = [{{ name = "c" }}]

[[package]]
name = "c"
version = "{c}"

[[package]]
name = "only-dev"
version = "1.0"
"""


def rows() -> dict[str, str]:
    """Component and version of every row."""
    text = (ROOT / DOCUMENT).read_text(encoding="utf-8")
    return dict(re.findall(r"^\| ([@a-z][\w./-]*) \| ([0-9][\w.、+-]*) \|", text, re.MULTILINE))


def test_every_component_has_a_row_with_the_version_that_is_locked() -> None:
    locked = {
        name: "、".join(str(one.version) for one in releases)
        for name, releases in components.at_run_time(components.read_lock(ROOT / "uv.lock")).items()
    }
    vendored = tomllib.loads((ROOT / VENDORED).read_text(encoding="utf-8"))["asset"]
    expected = locked | {one["package"]: one["version"] for one in vendored}
    found = rows()
    problems = [f"{name} {version}: {found.get(name, 'no row')}" for name, version in expected.items()
                if found.get(name) != version]  # fmt: skip
    problems += [f"{name}: no such component" for name in found if name not in expected]
    assert len(locked) > 50
    assert not problems, say(problems, f"look the component up again and put its row in {DOCUMENT} right.")


def test_the_review_says_when_and_on_what_it_rests() -> None:
    kept = tomllib.loads(components.REVIEW.read_text(encoding="utf-8"))
    text = (ROOT / DOCUMENT).read_text(encoding="utf-8")
    day = kept["reviewed_on"]
    assert f"{day.year}年{day.month}月{day.day}日核对" in text
    assert kept["advisories"]["basis"] in ("live", "copies")
    if kept["advisories"]["basis"] == "copies":
        until = kept["advisories"]["known_until"]
        assert until <= kept["advisories"]["reviewed_on"]
        assert f"{until.year}年{until.month}月{until.day}日" in text
        assert "没有对照实时的数据库" in text


def locks(folder: Path, **versions: tuple[str, str]) -> list[Path]:
    found = []
    for name, (a, c) in versions.items():
        found.append(folder / f"{name}.lock")
        found[-1].write_text(LOCK.format(a=a, c=c), encoding="utf-8")
    return found


def test_what_is_behind_for_too_long_is_found_and_development_is_left_out(tmp_path: Path) -> None:
    files = locks(tmp_path, now=("1.0", "3.0"), newest=("1.2", "3.1"), due=("1.1", "2.9"))
    found = {one.name: one for one in components.compared(*files)}
    assert list(found) == ["a", "b", "c"], "with the extra that is asked for, without development"
    assert [one.behind for one in found.values()] == [True, False, False]
    assert found["a"].verdict == "超过时限：应更新到 1.1"
    assert found["b"].verdict == "最新"
    assert found["c"].verdict == "有新版本，未到时限", "3.1 is too young, and 2.9 older than what is locked"
    assert found["a"].locked[0].uploaded == dt.date(2026, 5, 1)
    assert "| c | 3.0 | 不详 | 3.1 | 不详 | 有新版本，未到时限 |" in components.table(list(found.values()))


def test_the_index_is_the_one_that_is_set_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[tuple[list[str], dict[str, str]]] = []

    def run(words: list[str], **more: Any) -> subprocess.CompletedProcess[str]:
        asked.append((words, more.get("env") or {}))
        return subprocess.CompletedProcess(words, 0, "https://mirror.example/simple\n", "")

    monkeypatch.setattr(components.subprocess, "run", run)
    for name in (*components.UV_INDEX, "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    components.resolve("uv", tmp_path, "--exclude-newer", "2026-09-01T00:00:00Z")
    assert asked[-1][1]["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert asked[-1][0][-2:] == ["--exclude-newer", "2026-09-01T00:00:00Z"]
    monkeypatch.setenv("UV_INDEX_URL", "https://own.example/simple")
    components.resolve("uv", tmp_path)
    assert "UV_DEFAULT_INDEX" not in asked[-1][1]


def test_an_index_that_cannot_be_asked_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(
        components.subprocess, "run", lambda words, **_: subprocess.CompletedProcess(words, 2, "", "no route")
    )
    with pytest.raises(SystemExit, match=r"could not be asked.*no route"):
        components.resolve("uv", tmp_path)


def test_a_live_review_is_noted(tmp_path: Path) -> None:
    file = tmp_path / "components.toml"
    file.write_bytes(components.REVIEW.read_bytes())
    components.noted(file, dt.date(2027, 2, 1))
    kept = tomllib.loads(file.read_text(encoding="utf-8"))
    assert kept["reviewed_on"] == kept["advisories"]["reviewed_on"] == dt.date(2027, 2, 1)
    assert kept["advisories"]["basis"] == "live"
    assert file.read_text(encoding="utf-8").startswith("# When")
