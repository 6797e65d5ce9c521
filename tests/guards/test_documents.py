"""The documents are true: links lead somewhere, commands and keys exist, defaults are those of the code."""

from __future__ import annotations

import argparse
import re
import shlex
import unicodedata
from dataclasses import MISSING, fields
from functools import cache

import pytest

from fengqiao.cli.main import build_parser
from fengqiao.engine.findings import CODES
from fengqiao.engine.loss import case, case_file
from fengqiao.engine.loss.reading import headers
from fengqiao.engine.loss.rows import KINDS
from fengqiao.engine.loss.run_result import INTERMEDIATE_COLUMNS, RESULT_COLUMNS
from tests.guards.tree import ROOT, files, say, text

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
COMMAND = re.compile(r"^(?:\$ )?(?:\.venv/bin/)?fengqiao(?:\s|$)")
HISTORY = "CHANGELOG.md"
RECIPE = "docs/recipes/measure_a_case.md"
METHOD = "docs/methods/loss.md"


def documents() -> list[str]:
    """All documents of the project."""
    return [name for name in files() if name.endswith(".md")]


def read(name: str) -> str:
    """The text of a document."""
    content = text(name)
    assert content is not None, f"{name} is not text"
    return content


def slug(heading: str) -> str:
    """The anchor of a heading, as it is made from it."""
    plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    kept = (sign for sign in plain if sign in " -_" or unicodedata.category(sign)[0] in "LN")
    return "".join(kept).replace(" ", "-")


def broken_links(name: str, content: str) -> list[str]:
    """Links of a document to files or headings that are not there."""
    found = []
    for target in LINK.findall(content):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        goal = (ROOT / name).parent / path if path else ROOT / name
        if not goal.exists():
            found.append(f"{name}: {target} leads nowhere")
        elif anchor and goal.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", goal.read_text(encoding="utf-8"), re.MULTILINE)
            if anchor not in {slug(heading) for heading in headings}:
                found.append(f"{name}: {target} has no such heading")
    return found


def commands(content: str) -> list[str]:
    """Every fengqiao command that a document shows, in code blocks and in code within a line."""
    blocks = [
        re.sub(r"\\\n\s*", " ", body) for language, body in FENCE.findall(content) if language in ("sh", "", "text")
    ]
    lines = [line.strip() for body in blocks for line in body.splitlines()]
    lines += INLINE.findall(FENCE.sub("", content))
    return [line for line in lines if COMMAND.match(line)]


@cache
def parser() -> argparse.ArgumentParser:
    """The command line."""
    return build_parser()


def unknown_in(command: str) -> list[str]:
    """Words of a command that the command line does not know."""
    line = re.sub(r"^\$ ", "", command).split("#")[0]
    words = shlex.split(line, posix=False)[1:]
    at, found = parser(), []
    for word in words:
        choices = next((a.choices for a in at._actions if isinstance(a, argparse._SubParsersAction)), None)
        bare = word.strip("[]…")
        if bare.startswith("--"):
            known = {option for action in at._actions for option in action.option_strings}
            if bare.partition("=")[0] not in known:
                found.append(f"{at.prog} has no {bare}")
        elif choices is not None and bare and bare != "…":
            if bare not in choices:
                found.append(f"{at.prog} has no command {bare}")
                break
            at = choices[bare]
    return found


@cache
def make_words() -> frozenset[str]:
    """The words of the Makefile."""
    return frozenset(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))


def test_links_lead_somewhere() -> None:
    problems = [found for name in documents() for found in broken_links(name, read(name))]
    assert not problems, say(problems, "correct the link; links to files are relative to the document.")


def test_commands_exist() -> None:
    shown = {(name, command) for name in documents() if name != HISTORY for command in commands(read(name))}
    assert len(shown) >= 8
    problems = [f"{name}: {command}: {found}" for name, command in sorted(shown) for found in unknown_in(command)]
    assert not problems, say(problems, "show the command as it is (fengqiao --help).")


def test_make_words_exist() -> None:
    problems = [
        f"{name}: make {word}"
        for name in documents()
        for code in [*INLINE.findall(FENCE.sub("", read(name))), *(body for _, body in FENCE.findall(read(name)))]
        for word in re.findall(r"^(?:\$ )?make ([a-z-]+)", code, re.MULTILINE)
        if word not in make_words()
    ]
    assert not problems, say(problems, "use a word of the Makefile.")


@pytest.mark.parametrize("section", [*sorted(case_file.SECTIONS), "segments"])
def test_the_recipe_names_every_key_of_a_case_file(section: str) -> None:
    keys = case_file.SEGMENT_KEYS if section == "segments" else case_file.SECTIONS[section]
    listed = (
        read(RECIPE)
        .partition(f"`[{section}]`" if section != "segments" else "`[[segments]]`")[2]
        .partition("\n### ")[0]
    )
    problems = [f"[{section}] {key}" for key in keys if f"`{key}`" not in listed]
    if section == "segments":
        problems = [item for item in problems if item.endswith(" name")]  # the others are those of [dates]
    assert not problems, say(problems, f"describe the key in {RECIPE}, under the heading of its section.")


def test_the_recipe_names_every_column_kind_and_finding() -> None:
    recipe = read(RECIPE)
    schemas = (headers.TRADES, headers.MARKET, headers.INDICES, headers.ACTIONS, headers.PATH)
    wanted = [name for schema in schemas for name in schema.names]
    wanted += [*KINDS, *CODES, *(name for name, _ in RESULT_COLUMNS + INTERMEDIATE_COLUMNS)]
    problems = [name for name in dict.fromkeys(wanted) if f"`{name}`" not in recipe]
    assert not problems, say(problems, f"describe it in {RECIPE}.")


def defaults() -> dict[str, str]:
    """Every setting with its default, as a case file would say it."""
    out = {}
    for section, model in (("method", case.Method), ("deduction", case.Deduction), ("fees", case.Fees)):
        for item in fields(model):
            assert item.default is not MISSING
            out[f"[{section}] {item.name}"] = case.setting_text(item.default)
    return out


def test_the_method_names_every_setting_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(\[\w+\] \w+)` \| ([^|]*) \|", read(METHOD), re.MULTILINE))
    problems = [f"{name} is not in the table of settings" for name in defaults() if name not in rows]
    problems += [f"{name} is no setting" for name in rows if name not in defaults()]
    problems += [
        f"{name}: the default is {value!r}"
        for name, value in defaults().items()
        if name in rows and value and f"`{value}`" not in rows[name]
    ]
    assert not problems, say(problems, f"correct the table of settings in {METHOD}.")


def test_these_guards_can_fail() -> None:
    assert broken_links("README.md", "[x](docs/not_there.md)")
    assert broken_links("README.md", "[x](docs/methods/law.md#no-such-heading)")
    assert not broken_links("README.md", "[x](docs/methods/law.md#what-is-where) [y](https://example.org/z)")
    shown = commands("```sh\nfengqiao loss messure case.toml\nfengqiao loss \\\n  dates --ruls x\n```\n`fengqiao lose`")
    assert [bool(unknown_in(command)) for command in shown] == [True, True, True]
    assert not unknown_in("$ .venv/bin/fengqiao loss dates --rules cn2022 --json  # comment")
