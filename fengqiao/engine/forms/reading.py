"""Templates from their files; what is written wrong there is said, not skipped."""

from __future__ import annotations

import tomllib
from dataclasses import fields as fields_of
from functools import cache
from pathlib import Path
from typing import Any

from fengqiao.engine.errors import InputError, unknown_name
from fengqiao.engine.forms.model import KINDS, Basis, Field, FormTemplate, Section

DATA = Path(__file__).parent / "data"
FIELD_KEYS = {item.name for item in fields_of(Field)} | {"block"}
BODY = {
    "party": {"field", "role"}, "heading": {"text"}, "text": {"text", "each"}, "items": {"items"},
    "value": {"field"}, "table": {"field", "columns", "title"}, "pairs": {"fields", "title"},
    "sign": {"places", "date"}, "small": {"text"},
}  # fmt: skip
"""Kinds of what a document says, with their keys; every one may have `when`."""
RULES = {
    "sum": {"rows", "column", "total"}, "order": {"fields", "strict"}, "ascending": {"rows", "column"},
    "different": {"fields"}, "any": {"fields"}, "parts": {"fields", "total"},
}  # fmt: skip


@cache
def keys() -> tuple[str, ...]:
    """The keys of all forms, in the order of their folders."""
    return tuple(sorted(path.parent.name for path in DATA.glob("*/template.toml")))


@cache
def blocks() -> dict[str, Any]:
    """Groups of fields that many forms share."""
    return tomllib.loads((DATA / "blocks.toml").read_text(encoding="utf-8"))


@cache
def get(key: str) -> FormTemplate:
    """The form of a key; an unknown key is an error that names the nearest one."""
    if key not in keys():
        raise unknown_name("form (文书)", key, keys())
    read = tomllib.loads((DATA / key / "template.toml").read_text(encoding="utf-8"))
    return _template(key, read)


def known() -> tuple[FormTemplate, ...]:
    """All forms."""
    return tuple(get(key) for key in keys())


def _template(key: str, read: dict[str, Any]) -> FormTemplate:
    _only(read, {item.name for item in fields_of(FormTemplate)} - {"key"}, key)
    for kind, known_kinds, extra in (("body", BODY, {"kind", "when", "given"}), ("rules", RULES, {"kind"})):
        for entry in read.get(kind, ()):
            if entry.get("kind") not in known_kinds:
                raise unknown_name(f"{kind} of {key}", str(entry.get("kind")), known_kinds)
            _only(entry, known_kinds[entry["kind"]] | extra, f"{key} {kind}")
    return FormTemplate(
        key, read["title"], read["version"], read["in_force"], read["purpose"], read["by_whom"],
        tuple(Basis(**item) for item in read["basis"]), tuple(read.get("doubts", ())),
        tuple(_section(item, key) for item in read["sections"]), tuple(read["body"]), tuple(read.get("rules", ())),
        read.get("landscape", False),
    )  # fmt: skip


def _section(read: dict[str, Any], where: str) -> Section:
    _only(read, {"key", "title", "help", "fields"}, where)
    return Section(
        read["key"], read["title"], read.get("help", ""), tuple(_field(item, where) for item in read["fields"])
    )


def _field(read: dict[str, Any], where: str) -> Field:
    _only(read, FIELD_KEYS, where)
    values = dict(read)
    inner = values.pop("fields", ())
    if block := values.pop("block", ""):
        inner, values["kind"] = blocks()[block]["fields"], "group"
    if values.get("kind", "text") not in KINDS:
        raise unknown_name(f"kind of field in {where}", values["kind"], KINDS)
    values["choices"] = tuple((key, label) for key, label in values.get("choices", ()))
    values["when"] = {key: tuple(given) for key, given in values.get("when", {}).items()}
    return Field(**values, fields=tuple(_field(item, where) for item in inner))


def _only(read: dict[str, Any], allowed: set[str], where: str) -> None:
    for key in read:
        if key not in allowed:
            raise unknown_name(f"key in the template {where}", key, allowed)
    if not read:
        raise InputError(f"The template {where} is empty")
