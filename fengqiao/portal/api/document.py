"""The OpenAPI 3.1 document: what django-ninja knows of the operations, and what all of them answer when something is
wrong. A copy lies in data/openapi-v1.json, so that a change of the promise is seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse

from fengqiao.portal.api import problems
from fengqiao.portal.api.assembly import SCOPES, api

KEPT = Path(__file__).with_name("data") / "openapi-v1.json"
BASE = "/api/v1"
ALWAYS, WITH_TOKEN, WITH_BODY = (400, 422, 429, 500, 503), (401, 403), (413, 415)
HEADERS = {
    401: {"WWW-Authenticate": "Bearer"}, 429: {"Retry-After": "等待的秒数"}, 503: {"Retry-After": "等待的秒数"},
    507: {"Retry-After": "等待的秒数"},
}  # fmt: skip


def operations() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Name, path, method and what the document says of every address of the interface."""
    names = {
        operation.operation_id: f"api:{operation.url_name}"
        for _, router in api._routers for view in router.path_operations.values() for operation in view.operations
    }  # fmt: skip
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield names[operation["operationId"]], path, method, operation


@cache
def with_token() -> frozenset[str]:
    """The names of the addresses that give nothing without a token."""
    return frozenset(name for name, _, _, one in operations() if "security" in one)


@cache
def taking_bodies() -> frozenset[str]:
    """The names of the addresses to which something is sent."""
    return frozenset(name for name, _, method, _ in operations() if method == "post")


@cache
def parameters_of(name: str) -> frozenset[str]:
    """What may stand behind the question mark of an address."""
    found = next((one for known, _, _, one in operations() if known == name), {"parameters": ()})
    return frozenset(given["name"] for given in found["parameters"] if given["in"] == "query")


@cache
def document() -> dict[str, Any]:
    """All of it, as plain values."""
    made: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix=BASE)))
    del made["servers"]
    components = made["components"]
    schema = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    components["schemas"] |= {**schema.pop("$defs"), "Problem": schema}
    components["responses"] = {f"Problem{kind.status}": problem_response(kind) for kind in problems.KINDS.values()}
    made["paths"] = {path: methods for path, methods in made["paths"].items() if not path.endswith("/openapi.json")}
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            complete(path, method, operation)
    return made


def problem_response(kind: problems.Kind) -> dict[str, Any]:
    """One kind of problem, with an example."""
    example = {
        "type": f"https://fengqiao.example/developers/#{kind.code}", "title": kind.title, "status": kind.status,
        "code": kind.code, "detail": kind.detail, "request_id": "nZqP0v4cQmZt",
    }  # fmt: skip
    if kind.status == 422:
        example["errors"] = [{"field": "body.started_on", "problem": "必须填写"}]  # type: ignore[assignment]
    headers = {
        name: {"description": text, "schema": {"type": "string"}} for name, text in HEADERS.get(kind.status, {}).items()
    }
    content = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}}
    return {"description": kind.title, "content": content, **({"headers": headers} if headers else {})}


def complete(path: str, method: str, operation: dict[str, Any]) -> None:
    """Add what every operation may answer besides; the scope that it needs."""
    answers: dict[str, Any] = operation["responses"]
    answers["200"]["description"] = "成功"
    statuses = [*ALWAYS, 404] if "{" in path else list(ALWAYS)
    if operation.get("security"):
        statuses += WITH_TOKEN
        scope = SCOPES.get(path.removeprefix(f"{BASE}/").split("/")[0])
        if scope:
            operation["x-scope"] = scope
    if method == "post":
        statuses += [*WITH_BODY, *([507] if "signatures" in path else [])]
    if method == "get":
        answers["304"] = {"description": "与 If-None-Match 所指的相同，没有正文"}
    for status in sorted(statuses):
        answers[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}


def addresses() -> tuple[list[Any], str, str]:
    """As the portal's table of addresses takes them; nothing lies at the base itself."""
    patterns, app, space = api.urls
    return [one for one in patterns if one.name != "api-root"], app, space


def as_kept() -> str:
    """As the copy in the repository is written."""
    return json.dumps(document(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


@api.get("/openapi.json", include_in_schema=False, url_name="openapi", operation_id="openapi")
def openapi(request: HttpRequest) -> HttpResponse:
    """The document itself."""
    return HttpResponse(as_kept().encode(), content_type="application/json")
