"""What the project stands on: licences anybody can live with, versions that agree, markers that are explained."""

from __future__ import annotations

import ast
import importlib.metadata as metadata
import re

from packaging.requirements import Requirement

import fengqiao
from tests.guards.tree import ROOT, project, python, say, tree

PERMISSIVE = re.compile(r"\b(MIT|BSD|0BSD|Apache|ISC|Zlib|PSF|Python Software Foundation|CC0|Unlicense|HPND)\b", re.I)
COPYLEFT = re.compile(r"\b(A?GPL|LGPL|SSPL|EUPL|CDDL|Affero|GNU)", re.I)
# The PostgreSQL driver that Django knows, and the filler of Word templates. Their licence (LGPL) binds changes to them;
# they are imported unchanged. The MPL binds single files: the list of authorities, and the reader of broken PDFs.
WEAK_COPYLEFT = {"psycopg", "psycopg-binary", "docxtpl", "certifi", "pikepdf"}
MARKERS = {"django_db", "urls", "parametrize", "skipif", "skip", "usefixtures", "filterwarnings", "xfail"}


def licence_of(found: metadata.PackageMetadata) -> str:
    """What a package says about its licence, in whichever field it says it."""
    said = [found.get("License-Expression") or "", (found.get("License") or "")[:400]]
    said += [name for name in found.get_all("Classifier") or [] if name.startswith("License ::")]
    return " ".join(said)


def acceptable(licence: str) -> bool:
    """True for a permissive licence, also beside one that binds single files (MPL)."""
    return bool(PERMISSIVE.search(licence)) and not COPYLEFT.search(licence)


def applies(wanted: Requirement, extras: set[str]) -> bool:
    """True if a requirement holds here, for one of the extras that were asked for or without any."""
    return wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in extras | {""})


def runtime() -> dict[str, metadata.Distribution]:
    """The packages that an installation of fengqiao with its portal brings along, and theirs."""
    stated = project()["project"]
    found: dict[str, metadata.Distribution] = {}
    waiting = [Requirement(text) for text in stated["dependencies"] + stated["optional-dependencies"]["portal"]]
    while waiting:
        wanted = waiting.pop()
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        if name in found:
            continue
        found[name] = metadata.distribution(name)
        theirs = [Requirement(text) for text in found[name].requires or []]
        waiting += [one for one in theirs if applies(one, wanted.extras)]
    return found


def test_licences_are_permissive() -> None:
    said = {name: licence_of(package.metadata) for name, package in runtime().items()}
    assert len(said) >= 30
    problems = [
        f"{name}: {licence or 'says nothing'}"
        for name, licence in said.items()
        if not acceptable(licence) and name not in WEAK_COPYLEFT
    ]
    assert not problems, say(problems, "choose another package; firms and courts must be able to pass this one on.")


def test_the_version_is_one() -> None:
    assert project()["project"]["version"] == fengqiao.__version__, "Give pyproject.toml and __init__.py one version."


def test_the_current_version_is_in_the_changelog() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    entry = changes.partition(f"\n## [{fengqiao.__version__}]")[2].partition("\n## ")[0]
    assert entry.strip(), f"Add an entry ## [{fengqiao.__version__}] to CHANGELOG.md."
    assert "规则" in entry, "Say in the entry which legal periods and areas it touches (涉及的规则与期间)."


def test_markers_are_declared_with_their_meaning() -> None:
    settings = project()["tool"]["pytest"]["ini_options"]
    declared = {line.partition(":")[0]: line.partition(":")[2].strip() for line in settings["markers"]}
    assert "--strict-markers" in settings["addopts"], "Keep --strict-markers in pyproject.toml."
    assert all(declared.values()), "Say what each marker means in pyproject.toml."
    problems = [
        f"{path} line {node.lineno}: {node.attr}"
        for path in python()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "mark"
        and node.attr not in MARKERS | declared.keys()
    ]
    assert not problems, say(problems, "declare the marker in pyproject.toml, with its meaning.")


def test_these_guards_can_fail() -> None:
    for licence in ("GPL-3.0-only", "AGPL-3.0", "MIT AND GPL-2.0", "LGPLv3", "", "Proprietary", "GNU Affero"):
        assert not acceptable(licence), licence
    for licence in ("MIT", "BSD-3-Clause", "MPL-2.0 AND MIT", "Apache-2.0 WITH LLVM-exception"):
        assert acceptable(licence), licence
