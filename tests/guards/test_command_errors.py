"""What a command refuses it says in one way: an English sentence with the Chinese term in it."""

from __future__ import annotations

import ast
import re

from tests.guards.tree import python, say, tree

PLACES = ("fengqiao/cli", "fengqiao/portal/operations", "fengqiao/portal/environment.py")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
HANDED_ON = {"str"}
"""Calls whose text comes from another error, which has its term already."""


def constants(module: ast.Module) -> dict[str, str]:
    """Texts that have a name in the file."""
    return {
        target.id: node.value.value
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def text_of(node: ast.expr, named: dict[str, str]) -> str | None:
    """The fixed part of a sentence; None where it is somebody else's."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    if isinstance(node, ast.BinOp):
        return (text_of(node.left, named) or "") + (text_of(node.right, named) or "")
    if isinstance(node, ast.Name):
        return named.get(node.id)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return text_of(node.func.value, named)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in HANDED_ON:
        return None
    return ""


def without_term(module: ast.Module) -> list[str]:
    """Refusals that say no word in Chinese."""
    named, found = constants(module), []
    for node in ast.walk(module):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "InputError"
            and node.args
        ):
            said = text_of(node.args[0], named)
            if said is not None and not CHINESE.search(said):
                found.append(f"line {node.lineno}: {said[:60]}")
    return found


def test_every_refusal_of_a_command_has_its_chinese_term() -> None:
    paths = [path for path in python("fengqiao") if path.startswith(PLACES) and "/tests/" not in path]
    assert len(paths) > 25
    problems = [f"{path} {found}" for path in paths for found in without_term(tree(path))]
    assert not problems, say(problems, "add the term in brackets, as `exists already (文件已存在)`.")


def test_this_guard_can_fail() -> None:
    source = (
        'SAID = "{path} is gone."\nraise InputError(SAID.format(path=path))\nraise InputError(f"{x} is bad (不能用)")'
    )
    assert without_term(ast.parse(source)) == ["line 2: {path} is gone."]
    assert without_term(ast.parse('raise InputError(f"{x} is bad" + more)')) == ["line 1:  is bad"]
    assert without_term(ast.parse("raise InputError(str(error))")) == []
