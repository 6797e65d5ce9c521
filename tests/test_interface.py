"""The open interface on the cast: who gets what with which token, and how every fault is answered."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client, override_settings
from django.utils import timezone

from fengqiao.engine.deadlines import due, known_calendars
from fengqiao.portal.accounts.acting import acting_for
from fengqiao.portal.api import gatekeeper
from fengqiao.portal.api.document import document, operations
from fengqiao.portal.audit.models import Event
from fengqiao.portal.claims.models import MassCase, MeasuredInvestor
from fengqiao.portal.claims.run_views import SUMS
from fengqiao.portal.tokens import actions as tokens
from tests.browser.deadlines import make_deadlines
from tests.permission_walk import Walk, nothing_stays, on_the_way

BOTH = ("measurements.read", "deadlines.read")
BASE = "/api/v1"


@pytest.fixture(scope="module")
def db(django_db_setup: None) -> None:
    """The tests' database; one transaction for the whole file, each test in one of its own."""


@pytest.fixture(scope="module")
def walk(db: None, django_db_blocker: Any) -> Iterator[Walk]:
    with django_db_blocker.unblock(), on_the_way() as walking:
        yield walking


@pytest.fixture(autouse=True)
def undone(walk: Walk) -> Iterator[None]:
    with nothing_stays():
        yield


def token_of(walk: Walk, who: str, scopes: tuple[str, ...] = BOTH) -> str:
    """A token of one of the cast."""
    now = timezone.now()
    acting = acting_for(walk.cast.users[who])
    day = timezone.localdate(now) + dt.timedelta(days=30)
    return tokens.issue(name="测试系统", scopes=scopes, last_day=day, acting=acting, now=now)[1]


def ask(path: str, token: str = "", method: str = "GET", body: Any = None, **more: Any) -> Any:
    """A request without any cookie; the answer is JSON, or a file."""
    client = Client(raise_request_exception=False, REMOTE_ADDR=more.pop("REMOTE_ADDR", "192.0.2.9"))
    headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}
    kind = more.pop("content_type", "application/json")
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return client.generic(method, path if path.startswith("/api") else f"{BASE}{path}", data, kind, **headers, **more)


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The answer is a problem of this kind, in Chinese, whole."""
    assert answer.status_code == status, answer.content.decode()
    assert answer["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told["status"] == status and told["code"] == code
    assert told["request_id"] == answer["X-Request-Id"]
    assert "没有" in told["detail"] and told["detail"].endswith("。")
    assert "Traceback" not in answer.content.decode() and "<" not in answer.content.decode()
    assert answer["Cache-Control"] == "no-store" and not answer.cookies
    assert "Access-Control-Allow-Origin" not in answer
    return told


def test_a_deadline_is_counted_as_the_engine_counts_it() -> None:
    asked = {"rule": "confirmation.apply_days", "started_on": "2026-01-20", "as_of": "2026-02-10"}
    told = ask("/deadlines/compute", method="POST", body=asked).json()
    found = due("confirmation.apply_days", dt.date(2026, 1, 20), as_of=dt.date(2026, 2, 10),
                calendars=known_calendars())  # fmt: skip
    assert told["due_on"] == "2026-02-24" == str(found.day) and told["counted_on"] == "2026-02-19"
    assert told["headline"] == found.headline() and [one["text"] for one in told["steps"]] == [
        step.text for step in found.steps
    ]
    assert [one["source"] for one in told["basis"]] == [one.source for one in found.basis]
    assert told["verified"] is found.verified and told["due_at"] == "2026-02-25T00:00:00+08:00"
    assert told["remaining"]["natural_days"] == 14
    longer = ask("/deadlines/compute", method="POST", body={
        "rule": "mediation.before_filing_days", "started_on": "2026-03-02", "as_of": "2026-03-10",
        "extensions": [{"on": "2026-03-20", "by": "parties", "length": "30CD"}],
    }).json()  # fmt: skip
    assert longer["due_on"] == "2026-05-06", longer


@pytest.mark.parametrize(("asked", "words"), [
    ({"rule": "confirmation.apply_day", "started_on": "2026-01-20"}, "confirmation.apply_days"),
    ({"rule": "confirmation.apply_days", "started_on": "2199-01-20"}, "provisional"),
    ({"rule": "confirmation.apply_days", "started_on": "2026-01-20",
      "suspensions": [{"first": "2026-02-02", "last": "2026-02-01"}]}, "中止"),
    ({"rule": "confirmation.apply_days", "started_on": "2026-01-20", "length": "3CD"}, "依据"),
])  # fmt: skip
def test_what_cannot_be_counted_is_refused_in_a_sentence(asked: dict[str, Any], words: str) -> None:
    told = problem(ask("/deadlines/compute", method="POST", body=asked), 422, "invalid")
    assert words in told["detail"] and told["detail"].startswith("没有计算：")


def test_the_law_and_the_calendar_are_told_with_their_sources() -> None:
    told = ask("/law/values/fees.stamp_duty_sell?on=2024-01-02").json()
    assert [one["value"] for one in told["values"]] == ["1/2000"] and told["values"][0]["source"]
    every = ask("/law/values").json()["items"]
    doubtful = [one for item in every for one in item["values"] if not one["verified"]]
    assert doubtful and all(one["missing"] and "待核" in one["label"] for one in doubtful)
    told = problem(ask("/law/values/fees.stamp_duty"), 404, "not_found")
    assert "fees.stamp_duty_sell" in told["detail"]
    days = ask("/calendar/days?from=2026-02-13&to=2026-02-17").json()["items"]
    assert [(one["working"]["open"], one["trading"]["open"]) for one in days] == [
        (True, True), (True, False), (False, False), (False, False), (False, False)
    ]  # fmt: skip
    assert ask("/calendar/days?from=2199-01-01&to=2199-01-01").json()["items"][0]["working"] is None
    problem(ask("/calendar/days?from=2026-02-13&to=2026-02-12"), 422, "invalid")
    problem(ask("/calendar/days?from=2024-01-01&to=2026-02-12"), 422, "invalid")


def test_a_pdf_is_verified_and_not_kept(walk: Walk) -> None:
    home = settings.ENVIRONMENT.home
    kept = [home / "files", home / "verifying"]
    before = sorted(path for folder in kept for path in folder.rglob("*") if path.is_file())
    answer = ask("/signatures/verify", method="POST", body=b"%PDF-1.4 nothing", content_type="application/pdf")
    assert answer.json()["level"] == "bad" and answer.json()["signatures"] == []
    assert sorted(path for folder in kept for path in folder.rglob("*") if path.is_file()) == before
    problem(ask("/signatures/verify", method="POST", CONTENT_TYPE="application/pdf"), 400, "bad_request")


def test_me_says_whose_token_it_is(walk: Walk) -> None:
    told = ask("/me", token_of(walk, "measurer", BOTH[:1])).json()
    assert told["holder"] == walk.cast.users["measurer"].name and told["role"] == "measurer"
    assert told["scopes"] == ["measurements.read"]


def test_a_case_and_its_results_are_those_of_the_pages(walk: Walk) -> None:
    token, claims = token_of(walk, "measurer"), walk.cast.claims
    rows = ask("/measurements", token).json()["items"]
    assert {one["id"] for one in rows} >= {claims.case.pk, claims.empty.pk}
    told = ask(f"/measurements/{claims.case.pk}", token).json()
    run = claims.finished
    assert told["run"]["number"] == run.number and told["run"]["investors"] == run.summary["investors"]
    assert told["run"]["sums"] == {f"{name}_fen": run.summary["sums"].get(name, 0) for name, _ in SUMS}
    results = ask(f"/measurements/{claims.case.pk}/results?limit=200&run={run.number}", token).json()
    kept = list(MeasuredInvestor.objects.filter(result_set=run.results_id).order_by("pk")[:200])
    assert [(one["id"], one["investor"], one["total_fen"], one["difference_fen"]) for one in results["items"]] == [
        (row.pk, row.investor, row.total, row.difference) for row in kept
    ]
    assert all(type(one["total_fen"]) is int for one in results["items"])
    event = Event.objects.filter(verb="claims.results_exported").order_by("-pk").first()
    assert event is not None and (event.subject_id, event.name) == (str(run.pk), walk.cast.users["measurer"].name)


def test_a_statement_is_told_and_noted(walk: Walk) -> None:
    token, claims = token_of(walk, "measurer"), walk.cast.claims
    told = ask(f"/measurements/{claims.case.pk}/results/{claims.investor.pk}", token).json()
    assert told["result"]["total_fen"] == claims.investor.total and told["parts"][0]["steps"]
    assert told["total"].replace(",", "").startswith(f"{claims.investor.total // 100}.")
    assert Event.objects.filter(verb="claims.statement_read", subject_id=str(claims.finished.pk)).exists()


def test_a_file_is_given_by_the_link_of_the_case(walk: Walk) -> None:
    token, claims = token_of(walk, "measurer"), walk.cast.claims
    links = {one["name"]: one["url"] for one in ask(f"/measurements/{claims.case.pk}", token).json()["run"]["files"]}
    assert {url.partition("?")[2] for url in links.values()} == {f"run={claims.finished.number}"}, "not of a later run"
    answer = ask(links["run.json"], token)
    assert answer.status_code == 200 and json.loads(b"".join(answer.streaming_content))
    assert answer["Cache-Control"] == "no-store" and answer["Content-Disposition"].startswith("attachment")
    assert Event.objects.filter(verb="claims.results_downloaded").exists()
    problem(ask(links["run.json"]), 401, "token_needed")
    problem(ask(links["run.json"].replace("run.json", "secret.txt"), token), 404, "not_found")


def test_deadlines_are_those_the_person_may_see(walk: Walk) -> None:
    made = make_deadlines(walk.cast.users)
    token = token_of(walk, "mediator")
    from fengqiao.portal.deadlines import queries

    acting = acting_for(walk.cast.users["mediator"])
    expected = set(queries.visible_to(acting).values_list("pk", flat=True))
    assert expected and made
    assert {one["id"] for one in ask("/deadlines?limit=200", token).json()["items"]} == expected
    one = queries.visible_to(acting).filter(due_on__isnull=False).order_by("due_on").last()
    told = ask(f"/deadlines/{one.pk}", token).json()
    assert told["due_on"] == str(one.due_on) and told["steps"] == one.steps and told["events"]
    before = ask(f"/deadlines?due_before={one.due_on}", token).json()["items"]
    assert all(item["due_on"] < str(one.due_on) for item in before) and one.pk not in {item["id"] for item in before}
    assert all(item["state"] == "met" for item in ask("/deadlines?state=met", token).json()["items"])
    problem(ask(f"/deadlines/{one.pk}", token_of(walk, "measurer_c")), 404, "not_found")


def protected(walk: Walk) -> list[str]:
    """An address of everything that needs a token, of things that are there."""
    claims = walk.cast.claims
    values = {"number": claims.case.pk, "row": claims.investor.pk, "name": "run.json"}
    paths = [path.format(**values) for _, path, _, operation in operations() if "security" in operation]
    assert len(paths) == 8
    return paths


def test_without_a_token_nothing_is_told(walk: Walk) -> None:
    for number, path in enumerate(protected(walk)):
        held = token_of(walk, "measurer")
        for token in ("", "fq_wrong", held[:-1] + ("A" if held[-1] != "A" else "B")):
            answer = ask(path, token, REMOTE_ADDR=f"192.0.2.{100 + number}")
            problem(answer, 401, "token_needed")
            assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_session_opens_nothing(walk: Walk) -> None:
    for path in protected(walk):
        answer = walk.client("测算员甲").get(path)
        problem(answer, 401, "token_needed")
    assert walk.client("测算员甲").get("/claims/").status_code == 200, "the session itself holds"


def test_a_token_opens_no_page(walk: Walk) -> None:
    answer = Client().get("/claims/", HTTP_AUTHORIZATION=f"Bearer {token_of(walk, 'measurer')}")
    assert answer.status_code == 302 and answer["Location"].startswith("/login/")


def test_another_organisations_things_are_not_there(walk: Walk) -> None:
    token, claims = token_of(walk, "measurer_c"), walk.cast.claims
    for path in protected(walk):
        if f"/measurements/{claims.case.pk}" in path:
            there, nowhere = ask(path, token), ask(path.replace(f"/{claims.case.pk}", "/999999999", 1), token)
            assert problem(there, 404, "not_found") | {"request_id": ""} == nowhere.json() | {"request_id": ""}
    assert claims.case.pk not in {one["id"] for one in ask("/measurements", token).json()["items"]}


def test_a_token_without_the_scope_is_told_which(walk: Walk) -> None:
    told = problem(ask("/measurements", token_of(walk, "measurer", BOTH[1:])), 403, "scope_missing")
    assert "measurements.read" in told["detail"]
    problem(ask("/deadlines", token_of(walk, "measurer", BOTH[:1])), 403, "scope_missing")


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1", "/api/v1/", "/api/v2/me", "/api/v1/me/", "/api/%00",
                                  "/api/v1/measurements/x", "/api/v1/openapi"])  # fmt: skip
def test_addresses_that_do_not_exist_are_problems_too(path: str) -> None:
    problem(ask(path), 404, "not_found")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_other_methods_are_refused(method: str) -> None:
    answer = ask("/me", method=method)
    problem(answer, 405, "method_not_allowed")
    assert answer["Allow"] == "GET"


def test_the_headers_alone_are_those_of_the_answer() -> None:
    whole, head = ask("/law/values"), ask("/law/values", method="HEAD")
    assert head.status_code == 200 and head.content == b"" and head["ETag"] == whole["ETag"]


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"\xff", b"null", b"[" * 30_000, b"1" * 5000, b"NaN"])
def test_bodies_that_are_none_are_refused(body: bytes) -> None:
    answer = ask("/deadlines/compute", method="POST", body=body)
    assert answer.status_code in (400, 422)
    problem(answer, answer.status_code, {400: "bad_request", 422: "invalid"}[answer.status_code])


def test_every_wrong_field_is_named_and_nothing_is_echoed() -> None:
    sent = {"started_on": "<script>", "typo": 1, "suspensions": [{"first": 20260201}], "provisional": "maybe"}
    told = problem(ask("/deadlines/compute", method="POST", body=sent), 422, "invalid")
    assert {one["field"] for one in told["errors"]} == {
        "body.rule", "body.started_on", "body.typo", "body.suspensions.0.first", "body.provisional"
    }  # fmt: skip
    assert "script" not in json.dumps(told)
    told = problem(ask("/calendar/days?from=2026-02-01&to=2026-02-02&too=1"), 422, "invalid")
    assert told["errors"] == [{"field": "query.too", "problem": "没有这个参数"}]
    problem(ask("/calendar/days?from=2026-02-01&to=2026-02-02&to=2026-03-01"), 422, "invalid")
    problem(ask("/calendar/days?from=1769990400&to=2026-02-02"), 422, "invalid")


def test_too_much_and_the_wrong_kind_are_refused_unread() -> None:
    problem(ask("/deadlines/compute", method="POST", body=b" " * (gatekeeper.JSON_LARGEST + 1)), 413, "too_large")
    pdf = "application/pdf"
    answer = ask("/signatures/verify", method="POST", body=b"x", content_type=pdf, CONTENT_LENGTH=str((20 << 20) + 1))
    problem(answer, 413, "too_large")
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        answer = ask("/deadlines/compute", method="POST", body=b"{}", content_type=kind)
        problem(answer, 415, "unsupported_media_type")
        assert answer["Accept-Post"] == "application/json"


def test_who_asks_too_often_is_told_when_to_come_again(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gatekeeper, "OPEN", replace(gatekeeper.OPEN, most=3))
    answers = [ask("/deadlines/rules", REMOTE_ADDR="198.51.100.7") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    problem(answers[-1], 429, "too_many_requests")
    assert 1 <= int(answers[-1]["Retry-After"]) <= 80
    assert ask("/deadlines/rules", REMOTE_ADDR="198.51.100.8").status_code == 200
    token = token_of(walk, "measurer")
    assert {ask("/me", token, REMOTE_ADDR="198.51.100.7").status_code for _ in range(4)} == {200}, "counted by itself"
    assert ask("/deadlines/rules", "fq_made-up", REMOTE_ADDR="198.51.100.7").status_code == 429


def failing(error: Exception) -> Any:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    return fail


def test_what_nobody_foresaw_is_answered_without_a_look_inside(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("fengqiao.engine.law.parameters", failing(ValueError("secret of the house")))
    with caplog.at_level(logging.INFO):
        told = problem(ask("/law/values"), 500, "internal_error")
    assert "secret" not in json.dumps(told)
    assert any(getattr(one, "number", "") == told["request_id"] for one in caplog.records), "the line of the request"
    assert any(one.levelno == logging.ERROR and one.exc_info for one in caplog.records)


def test_a_busy_database_is_said_with_when_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fengqiao.engine.law.parameters", failing(OperationalError("database is locked")))
    answer = ask("/law/values")
    assert answer.status_code == 503 and answer["Retry-After"] == "30"
    assert answer.json()["code"] == "unavailable"


def test_a_host_that_is_not_ours_is_refused() -> None:
    with override_settings(ALLOWED_HOSTS=["fengqiao.example"]):
        problem(ask("/law/values", HTTP_HOST="evil.example"), 400, "bad_request")


def test_the_same_is_not_sent_twice(walk: Walk) -> None:
    token = token_of(walk, "measurer")
    first = ask("/measurements", token)
    again = ask("/measurements", token, HTTP_IF_NONE_MATCH=first["ETag"])
    assert again.status_code == 304 and again.content == b"" and again["ETag"] == first["ETag"]
    MassCase.objects.filter(pk=walk.cast.claims.case.pk).update(title="改了名的案件")
    assert ask("/measurements", token, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200


def test_the_document_is_given_and_names_no_cookie() -> None:
    assert ask("/openapi.json").json() == document()
    assert list(document()["components"]["securitySchemes"]) == ["AccessToken"]
