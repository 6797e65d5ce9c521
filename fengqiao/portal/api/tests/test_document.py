"""What the interface promises is what is kept in the repository; v1 only grows."""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest

from fengqiao.portal.api.document import KEPT, as_kept, document, operations
from fengqiao.portal.api.problems import KINDS


def breaks(old: Any, new: Any, place: str = "", *, sent: bool = False) -> list[str]:
    """What a program written for the old document would miss in the new one. sent: within what is sent, where new
    demands are breaks, too."""
    if isinstance(old, dict) and isinstance(new, dict):
        found = [f"{place}/{name} is gone" for name in old if name not in new and name not in ("example", "required")]
        within = sent or place.endswith(("/requestBody", "In"))
        if within:
            more = set(new.get("required", ())) - set(old.get("required", ())) if "properties" in new else set()
            found += [f"{place}/{name} is demanded now" for name in sorted(more)]
        elif "properties" in old:
            less = set(old.get("required", ())) - set(new.get("required", ()))
            found += [f"{place}/{name} may be missing now" for name in sorted(less)]
        for name in old:
            if name in new and name not in ("description", "summary", "example", "examples", "required", "tags"):
                found += breaks(old[name], new[name], f"{place}/{name}", sent=within)
        return found
    if isinstance(old, list) and isinstance(new, list):
        if place.endswith("/parameters"):
            named = {(one["in"], one["name"]): one for one in new}
            was = {(one["in"], one["name"]): one for one in old}
            found = [f"{place}/{key[1]} is demanded now" for key, one in named.items()
                     if one["required"] and not was.get(key, {}).get("required")]  # fmt: skip
            return found + [
                line for key, one in was.items()
                for line in breaks(one, named[key], f"{place}/{key[1]}", sent=True)
            ] if was.keys() <= named.keys() else [*found, f"{place}: one is gone"]  # fmt: skip
        return [f"{place}: {one} is gone" for one in old if one not in new]
    return [] if old == new or place.endswith(("/title", "/default")) else [f"{place}: {old} became {new}"]


def test_the_document_is_the_one_that_is_kept() -> None:
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    gone = breaks(kept, document())
    assert not gone, f"v1 only grows; this breaks programs that were written for it: {gone}"
    if "OPENAPI_AS_FOUND" in os.environ:
        Path(os.environ["OPENAPI_AS_FOUND"]).write_text(as_kept(), encoding="utf-8")
    assert KEPT.read_text(encoding="utf-8") == as_kept(), (
        f"The interface has grown. Look at it, then put it into {KEPT.name}: OPENAPI_AS_FOUND={KEPT} pytest {__file__}"
    )


def changed(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """The document with something else in one place; None: taken out."""
    new = copy.deepcopy(document())
    there = new
    for name in path[:-1]:
        there = there[name]
    if value is None:
        del there[path[-1]]
    else:
        there[path[-1]] = value
    return new


ME, COMPUTE = ("components", "schemas", "MeOut"), ("components", "schemas", "ComputeIn")


@pytest.mark.parametrize("new", [
    lambda: changed(("paths", "/api/v1/me"), None),
    lambda: changed((*ME, "properties", "role"), None),
    lambda: changed((*ME, "properties", "role", "type"), "integer"),
    lambda: changed((*COMPUTE, "required"), ["rule", "started_on", "as_of"]),
    lambda: changed(("paths", "/api/v1/me", "get", "responses", "401"), None),
    lambda: changed((*ME, "required"), ["token"]),
])  # fmt: skip
def test_what_would_break_programs_is_found(new: Any) -> None:
    assert breaks(document(), new())


@pytest.mark.parametrize("new", [
    lambda: changed(("paths", "/api/v1/new"), {}),
    lambda: changed((*ME, "properties", "more"), {"type": "string"}),
    lambda: changed((*COMPUTE, "properties", "more"), {"type": "string"}),
    lambda: changed((*ME, "description"), "别的说法"),
])  # fmt: skip
def test_what_grows_breaks_nothing(new: Any) -> None:
    assert not breaks(document(), new())


def test_everything_is_described_in_chinese() -> None:
    schemas = document()["components"]["schemas"]
    silent = [f"{name}.{field}" for name, schema in schemas.items() for field, one in schema["properties"].items()
              if not any("一" <= letter <= "鿿" for letter in one.get("description", ""))]  # fmt: skip
    for name, path, _, operation in operations():
        if not operation.get("summary") or not operation.get("description"):
            silent.append(name)
        silent += [f"{path} {one['name']}" for one in operation["parameters"]
                   if one["in"] == "query" and not one.get("description")]  # fmt: skip
    assert not silent


def test_every_fault_is_in_the_document() -> None:
    assert {f"Problem{kind.status}" for kind in KINDS.values()} == set(document()["components"]["responses"])
    for name, _, _, operation in operations():
        told = set(operation["responses"])
        assert {"400", "422", "429", "500", "503"} <= told, name
        assert ("401" in told) == ("403" in told) == ("security" in operation), name


def test_the_library_brings_no_pages_of_its_own() -> None:
    from django.conf import settings
    from django.urls import get_resolver

    assert "ninja" not in settings.INSTALLED_APPS, "its scripts for browsers are not served"
    assert not [name for name in get_resolver().reverse_dict if "openapi-view" in str(name)]
