"""Health, figures and logs."""

from __future__ import annotations

import datetime as dt
import io
import json
import logging
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from fengqiao.portal.operations.logs import PlainFormatter, without_numbers
from fengqiao.portal.operations.matter import Grade
from fengqiao.portal.operations.readiness import matters
from fengqiao.portal.operations.serving import room_for_figures


@pytest.mark.django_db
def test_health_and_readiness_answer_without_logging_in(client: Client) -> None:
    assert client.get("/operations/health/").json() == {"alive": True}
    answer = client.get("/operations/ready/")
    assert answer.status_code == 200
    assert {one["name"] for one in answer.json()["findings"]} == {"database", "disk", "worker", "notices"}
    assert "findings" not in client.get("/operations/ready/", REMOTE_ADDR="192.0.2.9").json()


@pytest.mark.django_db
def test_figures_are_for_this_machine_or_for_the_token(client: Client, settings: Any) -> None:
    client.get("/about/help/")
    text = client.get("/operations/metrics/").content.decode()
    assert 'fengqiao_answers_total{method="GET",page="shell:help",status="200"}' in text
    assert "fengqiao_jobs_waiting 0.0" in text
    assert client.get("/operations/metrics/", REMOTE_ADDR="192.0.2.9").status_code == 404
    assert client.get("/operations/metrics/", HTTP_X_FORWARDED_FOR="127.0.0.1").status_code == 404
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, metrics_token="long-token")
    assert client.get("/operations/metrics/").status_code == 404
    assert client.get("/operations/metrics/", HTTP_AUTHORIZATION="Bearer long-token").status_code == 200


@pytest.mark.django_db
def test_a_missing_table_is_said_by_readiness(client: Client) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'jobs'")
    answer = client.get("/operations/ready/")
    assert answer.status_code == 503
    assert "fengqiao migrate" in answer.content.decode()


def lines_of(write: Any) -> list[dict[str, Any]]:
    """What is logged while something is done, as it would stand in the file."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(PlainFormatter())
    loggers = [logging.getLogger(name) for name in ("fengqiao", "django", "django.request")]
    for logger in loggers:
        logger.addHandler(handler)
    try:
        write()
    finally:
        for logger in loggers:
            logger.removeHandler(handler)
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_the_moment_of_a_line_says_its_distance_from_utc() -> None:
    [line] = lines_of(lambda: logging.getLogger("fengqiao").error("tried"))
    said = dt.datetime.fromisoformat(line["at"])
    assert said.utcoffset() is not None
    assert abs((said - dt.datetime.now(dt.UTC)).total_seconds()) < 60


def test_a_second_server_of_the_same_home_leaves_the_figures_of_the_first(settings: Any, tmp_path: Path) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, home=tmp_path)
    first = Path(room_for_figures(8000))
    (first / "counter_1.db").write_bytes(b"1")
    assert list(Path(room_for_figures(8001)).iterdir()) == []
    assert [path.name for path in first.iterdir()] == ["counter_1.db"]
    assert list(Path(room_for_figures(8000)).iterdir()) == [], "a new start counts anew"


@pytest.mark.django_db
def test_a_request_is_one_line_without_what_was_typed(client: Client) -> None:
    mobile, token = "139" + "00000001", "secret-token"
    logging.getLogger("fengqiao").setLevel(logging.INFO)
    lines = lines_of(lambda: client.get(f"/accounts/invitations/accept/{token}/?mobile={mobile}"))
    mine = [line for line in lines if line.get("page") == "accounts:accept_invitation"]
    assert [line["logger"] for line in mine] == ["fengqiao.security", "fengqiao.requests"], "and one as it was refused"
    mine = mine[1:]
    assert mine[0]["status"] == 404
    assert mobile not in str(lines)
    assert token not in str(mine)


def test_an_exception_is_logged_without_its_words() -> None:
    def broken() -> None:
        try:
            raise ValueError("投资者甲 110101190001010011 的银行卡")
        except ValueError:
            logging.getLogger("fengqiao").exception("work broke for %s", "139" + "00000001")

    line = lines_of(broken)[0]
    assert "ValueError" in line["exc_info"]
    assert "test_watching.py" in line["exc_info"]
    assert "投资者甲" not in str(line)
    assert not re.search(r"\d{11}", str(line))


@given(st.text(alphabet="0123456789Xx 甲-", max_size=60))
def test_no_long_number_passes(text: str) -> None:
    assert not re.search(r"(?<!\d)\d{11,19}(?!\d)", without_numbers(text))


@pytest.mark.django_db
def test_what_an_installation_lacks_is_said_with_what_to_do() -> None:
    found = matters(timezone.now())
    lacking = [matter for matter in found if matter.grade == Grade.LACKING]
    assert any("https" in matter.what for matter in lacking)
    assert any("短信网关" in matter.what for matter in lacking)
    assert all(matter.todo for matter in found if matter.grade != Grade.GOOD and not matter.what.startswith("Django"))
    assert found == sorted(found, key=lambda matter: (Grade.LACKING, Grade.NOTE, Grade.GOOD).index(matter.grade))
