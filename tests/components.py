"""The third-party components of an installation: which there are, and whether the package index has newer ones that
this version should have taken.

python -m tests.components          a table of all of them; ends with 1 when one is behind by more than the limit
python -m tests.components noted    writes down that index and live database were asked today and nothing was found

`uv` resolves what pyproject.toml allows twice, in a copy: with everything the index has today, and with what it had
before the limit. What the second finds above uv.lock has been there for too long. Nothing but the package index is
asked, whichever is set up for uv, or else for pip.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import Version

ROOT = Path(__file__).parents[1]
LIMIT = dt.timedelta(days=90)
"""By then a newer release without known weaknesses is taken (docs/security.md)."""
PROJECT, EXTRA = "fengqiao", "portal"
REVIEW = ROOT / "fengqiao" / "portal" / "operations" / "data" / "components.toml"
HOW = "python -m tests.components: the package index, today and as it was 90 days before"
UV_INDEX = ("UV_DEFAULT_INDEX", "UV_INDEX_URL")


@dataclass(frozen=True)
class Release:
    """One version of a component in a lock."""

    version: Version
    uploaded: dt.date | None


@dataclass(frozen=True)
class Component:
    """One row: what is locked, the newest that is allowed, and the newest of those old enough to have been taken."""

    name: str
    locked: tuple[Release, ...]
    newest: Release
    due: Release

    @property
    def behind(self) -> bool:
        """True when a newer release has been there for longer than the limit."""
        return self.due.version > max(one.version for one in self.locked)

    @property
    def verdict(self) -> str:
        """In words."""
        if self.behind:
            return f"超过时限：应更新到 {self.due.version}"
        return "最新" if self.newest.version <= max(one.version for one in self.locked) else "有新版本，未到时限"


def read_lock(path: Path) -> list[dict[str, Any]]:
    """The packages of a uv.lock."""
    found: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["package"]
    return found


def uploaded(package: Mapping[str, Any]) -> dt.date | None:
    """When its first file came to the index; None when the index does not say."""
    files = [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else [])]
    times = [file["upload-time"][:10] for file in files if file.get("upload-time")]
    return dt.date.fromisoformat(min(times)) if times else None


def at_run_time(packages: Sequence[Mapping[str, Any]]) -> dict[str, tuple[Release, ...]]:
    """Everything that an installation with the portal brings along, on whichever system, by name."""
    by_name: dict[str, list[Mapping[str, Any]]] = {}
    for package in packages:
        by_name.setdefault(package["name"], []).append(package)
    own = by_name[PROJECT][0]
    waiting = [*own.get("dependencies", ()), *own.get("optional-dependencies", {}).get(EXTRA, ())]
    seen: set[tuple[str, str]] = set()
    while waiting:
        wanted = waiting.pop()
        for extra in ("", *wanted.get("extra", ())):
            if (wanted["name"], extra) in seen:
                continue
            seen.add((wanted["name"], extra))
            for package in by_name[wanted["name"]]:
                waiting += package.get("optional-dependencies", {}).get(extra, ()) if extra else (
                    package.get("dependencies", ())
                )  # fmt: skip
    return {name: releases_of(by_name[name]) for name in sorted({name for name, _ in seen})}


def releases_of(packages: Sequence[Mapping[str, Any]]) -> tuple[Release, ...]:
    """The versions of one component in a lock, the newest last: for some versions of Python it is another."""
    found = (Release(Version(package["version"]), uploaded(package)) for package in packages)
    return tuple(sorted(found, key=lambda one: one.version))


def compared(locked: Path, newest: Path, due: Path) -> list[Component]:
    """Three locks beside each other: as it is, resolved today, resolved as of the limit."""
    now, new, old = (at_run_time(read_lock(path)) for path in (locked, newest, due))
    nothing = (Release(Version("0"), None),)
    return [
        Component(name, releases, new.get(name, releases)[-1], old.get(name, nothing)[-1])
        for name, releases in now.items()
    ]  # fmt: skip


def index_of_pip() -> str:
    """The index that pip is set up for; empty when it is PyPI itself."""
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", "global.index-url"], capture_output=True, text=True, check=False
    )
    return os.environ.get("PIP_INDEX_URL") or (asked.stdout.strip() if asked.returncode == 0 else "")


def resolve(uv: str, folder: Path, *more: str) -> Path:
    """Resolve anew in a folder with copies of pyproject.toml and uv.lock; returns the new lock."""
    environment = dict(os.environ)
    if not any(environment.get(name) for name in UV_INDEX) and (index := index_of_pip()):
        environment[UV_INDEX[0]] = index
    done = subprocess.run(
        [uv, "lock", "--upgrade", "--project", str(folder), *more], env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"the package index could not be asked: {done.stderr.strip().splitlines()[-1:]}")
    return folder / "uv.lock"


def copies(root: Path, into: Path) -> Iterator[Path]:
    """Two folders in which uv may resolve."""
    for name in ("newest", "due"):
        folder = into / name
        (folder / PROJECT).mkdir(parents=True)
        for file in ("pyproject.toml", "uv.lock", "README.md", "LICENSE", f"{PROJECT}/__init__.py"):
            shutil.copy(root / file, folder / file)
        yield folder


def look(root: Path, today: dt.date) -> list[Component]:
    """Ask the index."""
    own = Path(sys.executable).parent / "uv"
    uv = str(own) if own.exists() else shutil.which("uv")
    if uv is None:
        raise SystemExit("uv was not found; make setup installs it into .venv.")
    with tempfile.TemporaryDirectory(prefix="fengqiao-components-") as place:
        newest, due = copies(root, Path(place))
        before = f"{today - LIMIT:%Y-%m-%d}T00:00:00Z"
        return compared(root / "uv.lock", resolve(uv, newest), resolve(uv, due, "--exclude-newer", before))


def table(components: Sequence[Component]) -> str:
    """For people."""
    lines = ["| 组件 | 锁定版本 | 发布日期 | 允许的最新版本 | 发布日期 | 结论 |", "|---|---|---|---|---|---|"]
    for one in components:
        versions = "、".join(str(release.version) for release in one.locked)
        dates = (one.locked[-1].uploaded or "不详", one.newest.uploaded or "不详")
        lines.append(f"| {one.name} | {versions} | {dates[0]} | {one.newest.version} | {dates[1]} | {one.verdict} |")
    return "\n".join(lines)


def noted(file: Path, today: dt.date) -> None:
    """Write down a review that found nothing: the heading stays, the days are new, what it rests on is the database."""
    heading = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("#")][:2]
    lines = [
        *heading, "", f"reviewed_on = {today}", f'how = "{HOW}"', "", "[advisories]", f"reviewed_on = {today}",
        'basis = "live"', "",
    ]  # fmt: skip
    file.write_text("\n".join(lines), encoding="utf-8")


def main(words: Sequence[str]) -> int:
    """The command."""
    today = dt.datetime.now(dt.UTC).date()
    if list(words) == ["noted"]:
        noted(REVIEW, today)
        print(f"noted in {REVIEW.relative_to(ROOT)}; commit it with the update")
        return 0
    found = look(ROOT, today)
    print(table(found))
    behind = [one.name for one in found if one.behind]
    print(f"\n{today}：{len(found)} 个组件，{len(behind)} 个超过 {LIMIT.days} 天的时限。{'、'.join(behind)}")
    return 1 if behind else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
