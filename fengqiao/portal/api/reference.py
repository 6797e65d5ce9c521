"""The document as the page for developers shows it: one group a word, every address with its parts and its answer."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from functools import cache
from typing import Any

from fengqiao.portal.api.document import document

TYPES = {
    "string": "文字", "integer": "整数", "boolean": "true 或 false", "array": "数组", "object": "对象", "null": "null",
    "number": "数",
}  # fmt: skip
TOKEN = "$TOKEN"  # noqa: S105 - what stands for a token in an example
PLACES = {"path": "地址中", "query": "参数", "body": "正文", "answer": "返回"}


@dataclass(frozen=True)
class Part:
    """One thing that is sent or comes back."""

    name: str
    place: str
    type: str
    text: str
    needed: bool = False


@dataclass(frozen=True)
class Address:
    """One address of the interface."""

    key: str
    method: str
    path: str
    title: str
    text: str
    scope: str
    token: bool
    given: list[Part]
    answer: list[Part]
    curl: str


@dataclass(frozen=True)
class Group:
    """Addresses about one thing."""

    title: str
    addresses: list[Address]


def schema_of(given: dict[str, Any]) -> dict[str, Any]:
    """What a reference leads to."""
    name = given.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document()["components"]["schemas"][name] if name else given
    return found


def type_of(given: dict[str, Any]) -> str:
    """A type in words."""
    if "$ref" in given:
        return type_of({**schema_of(given), "properties": {}})
    if "enum" in given or "const" in given:
        return "、".join(given.get("enum", [given.get("const")]))
    if "anyOf" in given:
        return " 或 ".join(dict.fromkeys(type_of(one) for one in given["anyOf"]))
    if given.get("format") == "date":
        return "日期"
    if given.get("format") == "date-time":
        return "时刻"
    if given.get("format") == "binary":
        return "文件内容"
    if given.get("type") == "array":
        return f"{type_of(given.get('items', {}))}的数组"
    return TYPES.get(given.get("type", ""), "对象")


def inner_of(given: dict[str, Any]) -> dict[str, Any]:
    """The object inside of a list or of something that may be missing; nothing for plain values."""
    if "items" in given:
        return inner_of(given["items"])
    for one in given.get("anyOf", ()):
        if found := inner_of(one):
            return found
    found = schema_of(given)
    return found if "properties" in found else {}


def parts_of(given: dict[str, Any], place: str, before: str = "", depth: int = 0) -> list[Part]:
    """The fields of an object, those of the objects in it behind a dot."""
    found = []
    whole = schema_of(given)
    for name, one in whole.get("properties", {}).items():
        label = f"{before}{name}"
        needed = place != "answer" and not before and name in whole.get("required", ())
        found.append(Part(label, PLACES[place], type_of(one), one.get("description", ""), needed))
        if depth < 2 and (inner := inner_of(one)):
            many = "[]" if "items" in one else ""
            found += parts_of(inner, place, f"{label}{many}.", depth + 1)
    return found


def example_of(given: dict[str, Any]) -> Any:
    """A body of the needed fields, as the document gives them as examples."""
    whole = schema_of(given)
    return {name: whole["properties"][name]["examples"][0] for name in whole.get("required", ())}


def curl_of(method: str, path: str, operation: dict[str, Any], needed: list[dict[str, Any]]) -> str:
    """The request on a command line."""
    words = ["curl"]
    if operation.get("security"):
        words.append(f'-H "Authorization: Bearer {TOKEN}"')
    for kind, given in operation.get("requestBody", {}).get("content", {}).items():
        words.append(f"-H 'Content-Type: {kind}'")
        if kind == "application/json":
            sent = json.dumps(example_of(given["schema"]), ensure_ascii=False)
            words.append(f"-d {shlex.quote(sent)}")
        else:
            words.append("--data-binary @file.pdf")
    values = {"number": "12", "row": "345", "name": "results.xlsx", "key": "fees.stamp_duty_sell"}
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    query = "&".join(f"{one['name']}={one['schema']['examples'][0]}" for one in needed)
    return " ".join([*words, shlex.quote(f"$BASE{path}{f'?{query}' if query else ''}").replace("'", '"')])


def address_of(path: str, method: str, operation: dict[str, Any]) -> Address:
    """One operation of the document."""
    short = path.removeprefix("/api/v1")
    given = [
        Part(one["name"], PLACES[one["in"]], type_of(one["schema"]), one.get("description", ""), one["required"])
        for one in operation["parameters"]
    ]  # fmt: skip
    needed = [one for one in operation["parameters"] if one["in"] == "query" and one["required"]]
    for body in operation.get("requestBody", {}).get("content", {}).values():
        schema = body["schema"]
        given += parts_of(schema, "body") or [Part("（正文）", "正文", type_of(schema), schema["description"], True)]
    content = operation["responses"]["200"].get("content", {}).get("application/json", {})
    return Address(
        operation["operationId"], method.upper(), short, operation["summary"], operation.get("description", ""),
        operation.get("x-scope", ""), bool(operation.get("security")), given,
        parts_of(content["schema"], "answer") if content else [], curl_of(method, short, operation, needed),
    )  # fmt: skip


@cache
def groups() -> list[Group]:
    """All addresses, those about one thing together."""
    found: dict[str, list[Address]] = {}
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            found.setdefault(operation["tags"][0], []).append(address_of(path, method, operation))
    return [Group(title, addresses) for title, addresses in found.items()]
