"""Whatever is sent to the open interface, its answer is one that its document promises: in kind, headers and shape."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import checks

from fengqiao.portal.accounts.acting import acting_for
from fengqiao.portal.api import gatekeeper
from fengqiao.portal.api.document import document, operations
from fengqiao.portal.deadlines.models import Deadline
from fengqiao.portal.tokens import actions as tokens
from fengqiao.portal.tokens import gate
from tests.browser.deadlines import make_deadlines
from tests.permission_walk import Walk, nothing_stays, on_the_way

PROMISED = [
    checks.not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_headers_conformance, checks.response_schema_conformance,
]  # fmt: skip
ADDRESSES = sorted(f"{method.upper()} {path}" for _, path, method, _ in operations())


@pytest.fixture(scope="module")
def db(django_db_setup: None) -> None:
    """The tests' database; one transaction for the whole file, each request in one of its own."""


@pytest.fixture(scope="module")
def walk(db: None, django_db_blocker: Any) -> Iterator[Walk]:
    with django_db_blocker.unblock(), on_the_way() as walking:
        yield walking


@pytest.fixture(autouse=True)
def connected() -> Iterator[None]:
    """The requests stay within the transaction of the file, as those of Django's own test client do."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@schemathesis.serializer("application/pdf")
def as_it_is(_: Any, value: Any) -> bytes:
    """What is made up as a file is sent as it is."""
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture(scope="module")
def promise(walk: Walk) -> Any:
    """The document, with what there is among what may stand in an address: nothing made up would be found."""
    claims = walk.cast.claims
    make_deadlines(walk.cast.users)
    there: dict[tuple[str, str], list[Any]] = {
        ("measurements", "number"): [claims.case.pk, claims.empty.pk, 1 << 40],
        ("measurements", "row"): [claims.investor.pk, 1 << 40],
        ("measurements", "name"): ["run.json", "none.html"],
        ("deadlines", "number"): [*Deadline.objects.values_list("pk", flat=True), 1 << 40],
        ("law", "key"): ["confirmation.apply_days", "none"],
    }
    written = copy.deepcopy(document())
    for path, methods in written["paths"].items():
        for operation in methods.values():
            for parameter in operation["parameters"]:
                known = there.get((path.split("/")[3], parameter["name"]))
                if known and parameter["in"] == "path":
                    parameter["schema"] = {"enum": known}
    asked = written["components"]["schemas"]["ComputeIn"]
    asked["properties"]["rule"] = {"enum": ["confirmation.apply_days", "none"]}
    asked["properties"]["started_on"] = {"enum": ["2026-01-20", "2024-02-29", "2026-02-30"]}
    asked["properties"] = {name: asked["properties"][name] for name in ("rule", "started_on", "provisional")}
    schema = schemathesis.openapi.from_dict(written)
    schema.app = WSGIHandler()
    return schema


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_is_one_of_the_document(
    walk: Walk, promise: Any, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gatekeeper, "OPEN", replace(gatekeeper.OPEN, most=1_000_000))
    monkeypatch.setattr(gate, "REQUESTS", replace(gate.REQUESTS, most=1_000_000))
    method, path = address.split()
    operation, who = promise[path][method], "mediator" if "/deadlines" in path else "measurer"
    seen: set[int] = set()
    with nothing_stays():
        now = timezone.now()
        token = tokens.issue(
            name="测试系统", scopes=("measurements.read", "deadlines.read"), acting=acting_for(walk.cast.users[who]),
            last_day=timezone.localdate(now) + dt.timedelta(days=30), now=now,
        )[1]  # fmt: skip

        @settings(
            max_examples=20, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy())
        def holds(case: Any) -> None:
            answer = case.call(headers={"Authorization": f"Bearer {token}", "Host": "localhost"})
            seen.add(answer.status_code)
            case.validate_response(answer, checks=PROMISED)

        holds()
    assert "verify" in address or seen - {400, 401, 403, 404, 415, 422}, f"nothing came through: {seen}"
