"""Files and functions stay short; modules are named for what they hold; nothing is left open."""

from __future__ import annotations

import ast
import re

from tests.guards.tree import ROOT, engine, files, python, say, text, tree

FILE, FILE_AT_MOST, FUNCTION = 400, 600, 60
LONGER: dict[str, str] = {}
"""Files above the budget of 400 lines, each with its reason; none may pass 600."""
RAG_BAGS = re.compile(r"(^|/)(utils?|helpers?|misc|commons?|bases?|managers?)(\.py$|/)")
LEFT_OPEN = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b|raise NotImplemented" r"Error")


def long_functions(module: ast.Module) -> list[str]:
    """Functions over the budget, with their length."""
    return [
        f"line {node.lineno}: {node.name} has {lines} lines"
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION
    ]


def without_docstring(module: ast.Module) -> list[str]:
    """Public functions and classes of a module that do not say what they are."""
    return [
        f"line {node.lineno}: {node.name} has no docstring"
        for node in module.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]


def test_files_are_short() -> None:
    lines = {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in python()}
    too_long = [f"{path} has {count} lines" for path, count in lines.items() if count > FILE and path not in LONGER]
    assert not too_long, say(too_long, f"split it; {FILE} lines is the budget. Reasons not to go into LONGER.")
    far_too_long = [f"{path} has {count} lines" for path, count in lines.items() if count > FILE_AT_MOST]
    assert not far_too_long, say(far_too_long, f"split it; no reason is good enough for more than {FILE_AT_MOST}.")
    over = [f"{path} is listed as long, but is not" for path in LONGER if lines.get(path, 0) <= FILE]
    assert not over, say(over, "take it out of LONGER.")


def test_functions_are_short() -> None:
    problems = [f"{path} {found}" for path in python() for found in long_functions(tree(path))]
    assert not problems, say(problems, f"split it into named steps; {FUNCTION} lines is the limit.")


def test_modules_are_named_for_what_they_hold() -> None:
    problems = [path for path in files() if RAG_BAGS.search(path)]
    assert not problems, say(problems, "name the module for what it holds; put each thing where it belongs.")


def test_the_engine_says_what_everything_is() -> None:
    problems = [f"{path} {found}" for path in engine() for found in without_docstring(tree(path))]
    bare = ("__init__.py",)
    problems += [
        f"{path} has no docstring"
        for path in engine()
        if not path.endswith(bare) and ast.get_docstring(tree(path)) is None
    ]
    assert not problems, say(problems, "say in one line what it is for, with an example where that helps.")


def test_nothing_is_left_open() -> None:
    problems = [
        f"{path} line {number}: {line.strip()}"
        for path in files()
        if path.startswith("fengqiao/") and path.endswith((".py", ".toml", ".typ", ".md"))
        for number, line in enumerate((text(path) or "").splitlines(), start=1)
        if LEFT_OPEN.search(line)
    ]
    assert not problems, say(problems, "finish it, or say in the documents what is not there.")


def test_these_guards_can_fail() -> None:
    body = "\n".join(["def f():", *("    pass" for _ in range(FUNCTION))])
    assert long_functions(ast.parse(body))
    assert not long_functions(ast.parse(body.removesuffix("\n    pass")))
    assert without_docstring(ast.parse("class A: pass"))
    assert not without_docstring(ast.parse("def _inner(): pass"))
    for name in ("fengqiao/engine/utils.py", "fengqiao/common/x.py", "tests/helpers.py"):
        assert RAG_BAGS.search(name), name
    assert not RAG_BAGS.search("fengqiao/engine/baseline.py")
    for line in ("# TODO: later", "raise NotImplementedError()", "FIXME"):
        assert LEFT_OPEN.search(line), line
