"""docs/security.md speaks of every requirement once, and of tests that are there."""

from __future__ import annotations

import ast
import re

from tests.guards.tree import ROOT, say

DOCUMENT = "docs/security.md"
ITEM = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| (满足|不适用|尚缺) \| ([^|]+) \|$", re.MULTILINE)
TEST = re.compile(r"`([\w/]+\.py)(?:::(\w+))?`")
PER_CHAPTER = {
    1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9,
    13: 13, 14: 9, 15: 13, 16: 16, 17: 7,
}  # fmt: skip
"""How many requirements of levels 1 and 2 each chapter of ASVS 5.0.0 has: 253 together."""


def items() -> list[tuple[str, str, str, str]]:
    """Number, requirement, state and reason of every line."""
    return ITEM.findall((ROOT / DOCUMENT).read_text(encoding="utf-8"))


def test_every_requirement_stands_once() -> None:
    numbers = [number for number, *_ in items()]
    assert len(numbers) == len(set(numbers)), sorted({one for one in numbers if numbers.count(one) > 1})
    found = {chapter: sum(one.startswith(f"{chapter}.") for one in numbers) for chapter in PER_CHAPTER}
    assert found == PER_CHAPTER


def test_the_sums_are_right() -> None:
    states = [state for _, _, state, _ in items()]
    said = "满足 {}，不适用 {}，尚缺 {}。".format(*(states.count(state) for state in ("满足", "不适用", "尚缺")))
    assert f"共 {len(states)} 项：{said}" in (ROOT / DOCUMENT).read_text(encoding="utf-8")


def test_every_test_that_is_named_is_there() -> None:
    problems = []
    for number, _, _, reason in items():
        for path, name in TEST.findall(reason):
            places = [ROOT / path, ROOT / "fengqiao" / "portal" / path]
            file = next((place for place in places if place.is_file()), None)
            if file is None:
                problems.append(f"{number}: no file {path}")
            elif name:
                tree = ast.parse(file.read_text(encoding="utf-8"))
                if name not in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}:
                    problems.append(f"{number}: no test {name} in {path}")
    assert not problems, say(problems, "name the test that shows it now, or say what is missing.")
