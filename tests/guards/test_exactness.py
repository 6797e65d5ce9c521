"""Exact code stays exact: amounts are rounded in money.py and nowhere else."""

from __future__ import annotations

import ast

import pytest

from tests.guards.tree import ROOT, say, tree

LOSS = "fengqiao/engine/loss"
WRONGS = [
    f"{LOSS}/wrongs/{name}.py"
    for name in ("bond_terms", "bonds", "futures", "interest", "shape", "suitability", "trading_wrongs")
]
NO_ROUNDING = [f"{LOSS}/{name}.py" for name in ("exact", "settle", "keydates", "adjust", "plan")] + WRONGS
NO_FLOATS = [f"{LOSS}/{name}.py" for name in ("exact", "settle")] + ["fengqiao/engine/money.py", *WRONGS]


def inexact(module: ast.Module, *, floats: bool) -> list[str]:
    """Calls of round() and, if asked, floating point: float() and numbers with a point."""
    names = {"round", "float"} if floats else {"round"}
    found = [
        f"line {node.lineno}: {node.func.id}()"
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
    ]
    if floats:
        found += [
            f"line {node.lineno}: {node.value} is floating point"
            for node in ast.walk(module)
            if isinstance(node, ast.Constant) and isinstance(node.value, float)
        ]
    return found


@pytest.mark.parametrize("path", [*NO_ROUNDING, "fengqiao/engine/money.py"])
def test_amounts_are_rounded_in_one_place(path: str) -> None:
    assert (ROOT / path).is_file(), "The file moved: name its new place in NO_ROUNDING."
    problems = [f"{path} {found}" for found in inexact(tree(path), floats=path in NO_FLOATS)]
    assert not problems, say(problems, "keep fractions; round with `money.round_fraction` or `money.round_digits`.")


def test_this_guard_can_fail() -> None:
    assert inexact(ast.parse("round(x, 2)"), floats=False)
    assert inexact(ast.parse("float(x)"), floats=True)
    assert inexact(ast.parse("x * 0.5"), floats=True)
    assert not inexact(ast.parse("float(x)"), floats=False)
