"""The portal's apps: who may know whom, and what each of them looks like."""

from __future__ import annotations

import ast

from tests.guards.tree import ROOT, imports, module_of, python, say, tree

ORDER = (
    "audit", "vault", "shell", "jobs", "accounts", "deadlines", "documents", "parties", "drafting", "notices",
    "tokens", "service", "signing",  # the ground
    "intake", "disputes", "mediation", "courts", "claims", "compensation",  # the way of a case
    "knowledge", "monitoring", "taskforce", "outreach",  # what is learnt and reported
    "workbench", "api", "operations",  # what looks at all of them
)  # fmt: skip
"""An app may import the apps before it. Reasons for each place: docs/decisions/0003-portal-apps.md."""
WRITES = {"save", "create", "bulk_create", "update", "bulk_update", "delete", "get_or_create", "update_or_create"}


def app_of(module: str) -> str | None:
    """fengqiao.portal.parties.models -> parties."""
    parts = module.split(".")
    return parts[2] if parts[:2] == ["fengqiao", "portal"] and len(parts) > 2 and parts[2] in ORDER else None


def sources() -> list[str]:
    """The portal's own files without tests and migrations."""
    return [path for path in python("fengqiao/portal") if "/tests/" not in path and "/migrations/" not in path]


def looks_ahead(path: str, module: ast.Module) -> list[str]:
    """Imports of an app that comes later in the order."""
    own = app_of(module_of(path))
    if own is None:
        return []
    found = []
    for item in imports(module, module_of(path)):
        for name in {item.module, *(f"{item.module}.{inner}" for inner in item.names)}:
            other = app_of(name)
            if other and ORDER.index(other) > ORDER.index(own):
                found.append(f"line {item.line}: {own} imports {other}")
    return sorted(set(found))


def writes(module: ast.Module) -> list[str]:
    """Calls that change rows."""
    return [
        f"line {node.lineno}: .{node.func.attr}()"
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in WRITES
        and isinstance(node.func.value, ast.Attribute)
        and node.func.value.attr == "objects"
    ]


def test_apps_know_only_those_before_them() -> None:
    problems = [f"{path} {found}" for path in sources() for found in looks_ahead(path, tree(path))]
    assert not problems, say(problems, "move the code to the later app, or hand over what is needed as an argument.")


def test_every_folder_of_the_portal_is_in_the_order() -> None:
    folders = {path.split("/")[2] for path in sources() if path.count("/") > 2}
    strangers = sorted(folders - set(ORDER) - {"demo"})
    assert not strangers, say(strangers, "put the app into ORDER, with its reason in docs/decisions.")


def test_views_and_queries_change_nothing() -> None:
    problems = [
        f"{path} {found}"
        for path in sources()
        if path.endswith(("/views.py", "/queries.py", "/api.py", "/forms.py", "/context.py"))
        for found in writes(tree(path))
    ]
    assert not problems, say(problems, "put it into actions.py: one verb a function, atomic, with an audit event.")


def test_models_do_not_override_save() -> None:
    problems = [
        f"{path} line {node.lineno}: {node.name}"
        for path in sources()
        if path.endswith("/models.py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef) and node.name in ("save", "delete")
    ]
    assert not problems, say(problems, "what happens on a change belongs into actions.py.")


def test_every_app_says_what_it_is_for() -> None:
    folders = {path.rpartition("/")[0] for path in sources() if path.endswith("/apps.py")}
    problems = [folder for folder in sorted(folders) if not (ROOT / folder / "README.md").is_file()]
    assert folders
    assert not problems, say(
        problems, "write README.md: ten lines on purpose, legal basis, states, who owns the tables."
    )


def test_these_guards_can_fail() -> None:
    ahead = ast.parse("from fengqiao.portal.claims import models")
    assert looks_ahead("fengqiao/portal/audit/models.py", ahead)
    assert not looks_ahead("fengqiao/portal/workbench/views.py", ahead)
    assert writes(ast.parse("Thing.objects.create(a=1)"))
    assert not writes(ast.parse("Thing.objects.filter(a=1)"))
