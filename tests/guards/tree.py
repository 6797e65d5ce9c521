"""The files of the project and what they import, for the guards."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
OURS = ("fengqiao", "tests", "benchmarks")
LARGEST_TEXT = 4 << 20


@cache
def files() -> tuple[str, ...]:
    """Paths of all files that belong to the project, tracked or about to be."""
    found = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    if found.returncode:
        names = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
        listed = [str(name) for name in names if name.parts[0] not in (".venv", "demo", "build", "dist")]
    else:
        listed = [name for name in found.stdout.decode().split("\0") if name and (ROOT / name).is_file()]
    return tuple(sorted(set(listed)))


@cache
def text(path: str) -> str | None:
    """The text of a file; None for files that are not text."""
    raw = (ROOT / path).read_bytes()
    if b"\0" in raw or len(raw) > LARGEST_TEXT:
        return None
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None


@cache
def python(*folders: str) -> tuple[str, ...]:
    """Python files below the folders (default: all of ours)."""
    below = tuple(f"{folder}/" for folder in folders or OURS)
    return tuple(name for name in files() if name.endswith(".py") and name.startswith(below))


def engine(*, tests: bool = False) -> tuple[str, ...]:
    """Python files of the engine."""
    return tuple(name for name in python("fengqiao/engine") if tests or "/tests/" not in name)


@cache
def tree(path: str) -> ast.Module:
    """A Python file, parsed."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), path)


@cache
def project() -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def module_of(path: str) -> str:
    """fengqiao/engine/law/read.py -> fengqiao.engine.law.read, and a package's __init__.py -> the package."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@dataclass(frozen=True)
class Import:
    """One import: the module named, and whether it runs when the file is imported."""

    module: str
    names: tuple[str, ...]
    line: int
    at_once: bool


def imports(module: ast.Module, package: str = "") -> Iterator[Import]:
    """All imports of a parsed file, also those in functions and for type checking only."""
    yield from _imports(module, True, package)


def _imports(node: ast.AST, at_once: bool, package: str) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(alias.name, (), child.lineno, at_once)
        elif isinstance(child, ast.ImportFrom):
            parent = package.split(".")[: len(package.split(".")) - child.level + 1] if child.level else []
            name = ".".join([*parent, *([child.module] if child.module else [])])
            yield Import(name, tuple(alias.name for alias in child.names), child.lineno, at_once)
        else:
            later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            later = later or (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test))
            yield from _imports(child, at_once and not later, package)


@cache
def graph(top: str, *, at_once: bool) -> dict[str, frozenset[str]]:
    """Which module below the folder `top` imports which; at_once: only what runs on import."""
    paths = {module_of(path): path for path in python(top) if "/tests/" not in path}
    out = {}
    for module, path in paths.items():
        package = module if path.endswith("__init__.py") else module.rpartition(".")[0]
        found: set[str] = set()
        for item in imports(tree(path), package):
            if at_once and not item.at_once:
                continue
            inner = {f"{item.module}.{name}" for name in item.names} & paths.keys()
            found |= inner
            outer = [name for name in item.names if f"{item.module}.{name}" not in paths]
            if item.module in paths and (outer or not item.names):
                found.add(item.module)
        out[module] = frozenset(found - {module})
    return out


def cycle(edges: dict[str, frozenset[str]]) -> list[str]:
    """One way round in a graph, from a node back to itself; empty when there is none."""
    done: set[str] = set()

    def walk(node: str, path: list[str]) -> list[str]:
        if node in path:
            return [*path[path.index(node) :], node]
        if node in done:
            return []
        for following in sorted(edges.get(node, ())):
            found = walk(following, [*path, node])
            if found:
                return found
        done.add(node)
        return []

    for start in sorted(edges):
        found = walk(start, [])
        if found:
            return found
    return []


def say(problems: list[str], todo: str) -> str:
    """The message of a guard: every problem on a line, then what to do."""
    return "\n  ".join(["", *problems, f"What to do: {todo}"])
