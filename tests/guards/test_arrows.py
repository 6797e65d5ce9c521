"""Who may import whom; what the engine must not know."""

from __future__ import annotations

import ast
import importlib.metadata as metadata
import re
import sys

from tests.guards.tree import ROOT, cycle, engine, graph, imports, module_of, project, python, say, tree

NETWORK = {"socket", "ssl", "http", "urllib", "requests", "httpx", "aiohttp", "ftplib", "smtplib", "socketserver"}
CLOCK_MODULES = {"time"}
CLOCK_CALLS = {"now", "utcnow", "today", "localtime", "time_ns"}
ENVIRONMENT = {"environ", "environb", "getenv"}
KNOWS_ENVIRONMENT = "fengqiao/engine/loss/native.py"  # finds the user's cache directory


def forbidden_imports(module: ast.Module) -> list[str]:
    """Imports that the engine must not have."""
    found = []
    for item in imports(module):
        root = item.module.split(".")[0]
        inner = {f"{item.module}.{name}" for name in item.names} | {item.module}
        if any(re.match(r"fengqiao\.(?!engine\b)\w+", name) for name in inner):
            found.append(f"line {item.line}: imports {item.module}, but the engine knows nobody")
        if root in NETWORK | {"django", "ninja", "allauth"}:
            found.append(f"line {item.line}: imports {item.module}; the engine has no network and no web framework")
        if root in CLOCK_MODULES:
            found.append(f"line {item.line}: imports {item.module}; the engine has no clock")
    return found


def clock_and_environment(module: ast.Module) -> list[str]:
    """Uses of the clock and of the environment."""
    found = []
    for node in ast.walk(module):
        if not isinstance(node, ast.Attribute):
            continue
        if node.attr in CLOCK_CALLS:
            found.append(f"line {node.lineno}: .{node.attr} reads the clock; take the date as an argument")
        if node.attr in ENVIRONMENT and isinstance(node.value, ast.Name) and node.value.id == "os":
            found.append(f"line {node.lineno}: reads the environment; take the value as an argument")
    return found


def test_the_engine_knows_nobody() -> None:
    problems = [f"{path} {found}" for path in engine() for found in forbidden_imports(tree(path))]
    assert not problems, say(problems, "pass what is needed in as an argument, or move the code out of the engine.")


def test_the_engine_has_no_clock_and_no_environment() -> None:
    problems = [
        f"{path} {found}"
        for path in engine()
        for found in clock_and_environment(tree(path))
        if path != KNOWS_ENVIRONMENT or "environment" not in found
    ]
    assert not problems, say(problems, "take `now`, `as_of` or the setting as an argument.")


def test_nothing_imports_the_command_line() -> None:
    problems = [
        f"{path} line {item.line}: imports {item.module}"
        for path in python("fengqiao")
        if not path.startswith("fengqiao/cli/") and "/tests/" not in path
        for item in imports(tree(path))
        if "fengqiao.cli" in {item.module, *(f"{item.module}.{name}" for name in item.names)}
        or item.module.startswith("fengqiao.cli.")
    ]
    assert not problems, say(problems, "move what is shared into the engine or the portal.")


def test_the_market_knows_the_engine_alone() -> None:
    problems = [
        f"{path} line {item.line}: imports {item.module}"
        for path in python("fengqiao/market")
        if "/tests/" not in path
        for item in imports(tree(path), module_of(path))
        if re.match(r"fengqiao\.(?!engine\b|market\b)\w+", item.module) or item.module.split(".")[0] == "django"
    ]
    assert list(python("fengqiao/market"))
    assert not problems, say(problems, "pass what is needed in as an argument.")


def test_no_modules_import_one_another_in_a_circle() -> None:
    found = cycle(graph("fengqiao/engine", at_once=True))
    assert not found, say([" -> ".join(found)], "move what both need into a module of its own.")


def test_no_areas_of_the_engine_know_one_another_in_a_circle() -> None:
    areas: dict[str, frozenset[str]] = {}
    for module, targets in graph("fengqiao/engine", at_once=False).items():
        area = module.split(".")[2:3]
        for name in area:
            known = {part for target in targets for part in target.split(".")[2:3]}
            areas[name] = areas.get(name, frozenset()) | frozenset(known - {name})
    assert {"law", "dates", "loss", "money", "errors"} <= areas.keys()
    found = cycle(areas)
    assert not found, say([" -> ".join(found)], "let the area that is nearer to the case know the other one.")


def declared(*extras: str) -> set[str]:
    """Names of the distributions that the project asks for, with some of its extras."""
    stated = project()["project"]
    wanted = [*stated["dependencies"], *(name for extra in extras for name in stated["optional-dependencies"][extra])]
    return {re.split(r"[<>=\[;~! ]", name)[0].replace("-", "_").lower() for name in wanted}


def test_what_is_imported_is_declared() -> None:
    distributions = metadata.packages_distributions()
    everywhere, in_the_portal, in_the_market = declared(), declared("portal"), declared("market")
    problems = []
    for path in python("fengqiao"):
        if "/tests/" in path:
            continue
        known = in_the_portal if path.startswith(("fengqiao/portal/", "fengqiao/cli/")) else everywhere
        known = in_the_market if path.startswith("fengqiao/market/") else known
        for item in imports(tree(path), module_of(path)):
            root = item.module.split(".")[0]
            if root in sys.stdlib_module_names or root in {"fengqiao", "__future__"}:
                continue
            if not {name.replace("-", "_").lower() for name in distributions.get(root, [root])} & known:
                problems.append(f"{path} line {item.line}: {root} is not in [project] dependencies")
    assert not problems, say(sorted(set(problems)), "add it to pyproject.toml and run `uv lock`.")


def test_the_graph_sees_what_is_there() -> None:
    edges = graph("fengqiao/engine", at_once=True)
    assert "fengqiao.engine.errors" in edges["fengqiao.engine.money"]
    assert "fengqiao.engine.law.lookup" in edges["fengqiao.engine.law"]
    assert (ROOT / KNOWS_ENVIRONMENT).is_file()


def test_these_guards_can_fail() -> None:
    for line in (
        "import django", "from fengqiao.portal import urls", "from fengqiao import cli", "import urllib.request",
        "def f():\n    import time", "from http import client", "from fengqiao.cli.main import main",
    ):  # fmt: skip
        assert forbidden_imports(ast.parse(line)), line
    assert not forbidden_imports(ast.parse("import math\nfrom fengqiao.engine import law\nimport fengqiao"))
    for line in ("dt.datetime.now()", "date.today()", "os.environ['A']", "os.getenv('A')"):
        assert clock_and_environment(ast.parse(line)), line
    assert cycle({"a": frozenset("b"), "b": frozenset("c"), "c": frozenset("a")}) == ["a", "b", "c", "a"]
    assert cycle({"a": frozenset("bc"), "b": frozenset("c"), "c": frozenset()}) == []
