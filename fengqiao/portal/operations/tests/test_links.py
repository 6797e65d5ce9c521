"""Connections: what check-deploy says of them, that certificates are looked at, that there are no others."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from fengqiao.cli.portal import refuse_open_http
from fengqiao.engine.errors import InputError
from fengqiao.portal.accounts.sms_http import HttpGateway
from fengqiao.portal.environment import Environment, read_environment
from fengqiao.portal.operations import links
from fengqiao.portal.operations.matter import Grade
from fengqiao.portal.operations.tests.tls import Listener, certificate

NOW = dt.datetime(2026, 12, 1, 9, 0, tzinfo=dt.UTC)
REPO = Path(__file__).parents[4]


def with_settings(**values: object) -> Environment:
    return replace(settings.ENVIRONMENT, **values)


@pytest.mark.parametrize(
    ("url", "grade"),
    [
        ("postgresql://u:p@db.example/fengqiao", Grade.LACKING),
        ("postgresql://u:p@db.example/fengqiao?sslmode=require", Grade.LACKING),
        ("postgresql://u:p@db.example/fengqiao?sslmode=verify-full", Grade.GOOD),
        ("postgresql://u:p@127.0.0.1/fengqiao", Grade.GOOD),
        ("postgresql://u:p@/fengqiao?host=/var/run/postgresql", Grade.GOOD),
    ],
)
def test_the_database_elsewhere_must_be_reached_safely(url: str, grade: Grade) -> None:
    assert [matter.grade for matter in links.database_link(with_settings(database_url=url))] == [grade]


@pytest.mark.parametrize(
    ("values", "grades"),
    [
        ({"sms_url": "http://sms.example/v1", "sms_gateway": links.HTTP_GATEWAY}, [Grade.LACKING]),
        ({"sms_url": "https://sms.example/v1", "sms_gateway": links.HTTP_GATEWAY}, [Grade.GOOD]),
        ({"sms_url": "http://127.0.0.1:9000", "sms_gateway": links.HTTP_GATEWAY}, []),
        ({"signing_service": "http://sign.example"}, [Grade.LACKING]),
        ({"sms_gateway": "house.sms.Gateway"}, [Grade.NOTE]),
    ],
)
def test_gateways_are_reached_by_https(values: dict[str, str], grades: list[Grade]) -> None:
    assert [matter.grade for matter in links.http_links(with_settings(**values))] == grades


def test_files_go_to_a_scanner_elsewhere_in_the_clear_which_is_said() -> None:
    grades = {place: [m.grade for m in links.scanner_link(with_settings(clamd=place))] for place in
              ("", "/run/clamd.sock", "127.0.0.1:3310", "scan.example:3310")}  # fmt: skip
    assert list(grades.values()) == [[], [], [], [Grade.LACKING]]


def test_a_log_that_stays_here_is_said() -> None:
    assert [m.grade for m in links.log_link(with_settings(log_url=""))] == [Grade.NOTE]
    assert [m.grade for m in links.log_link(with_settings(log_url="syslogs://logs.example"))] == [Grade.GOOD]


def test_components_that_nobody_looked_at_for_a_quarter_are_lacking() -> None:
    assert [m.grade for m in links.components(NOW)][-1] == Grade.GOOD
    late = NOW + dt.timedelta(days=links.REVIEW_DAYS + 40)
    assert [m.grade for m in links.components(late)] == [Grade.LACKING, Grade.LACKING]


def test_a_version_never_held_against_published_weaknesses_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "components.toml"
    monkeypatch.setattr(links, "COMPONENTS", file)
    file.write_text(f"reviewed_on = {NOW:%Y-%m-%d}\n", encoding="utf-8")
    first, _ = links.components(NOW)
    assert first.grade == Grade.LACKING and "还没有与漏洞公告对照" in first.what
    day = f"reviewed_on = {NOW:%Y-%m-%d}\n"
    file.write_text(f'{day}[advisories]\n{day}basis = "live"\n', encoding="utf-8")
    assert [m.grade for m in links.components(NOW)] == [Grade.GOOD, Grade.GOOD]
    assert "实时数据库" in next(links.components(NOW)).what
    file.write_text(f'{day}[advisories]\n{day}basis = "copies"\nknown_until = 2026-01-31\n', encoding="utf-8")
    found = list(links.components(NOW))
    assert [m.grade for m in found] == [Grade.GOOD, Grade.GOOD]
    for said in ("存档（至 2026年01月31日）", "没有查实时的数据库", "make audit"):
        assert said in found[0].what, "a review of copies says what it rests on"
    late = NOW + dt.timedelta(days=links.REVIEW_DAYS + 1)
    assert [m.grade for m in links.components(late)] == [Grade.LACKING, Grade.LACKING]


def test_the_web_server_is_not_opened_to_other_machines_without_tls() -> None:
    for address in ("127.0.0.1", "::1", "localhost"):
        refuse_open_http(address, behind_proxy_elsewhere=False)
    with pytest.raises(InputError, match="without encryption"):
        refuse_open_http("0.0.0.0", behind_proxy_elsewhere=False)
    refuse_open_http("0.0.0.0", behind_proxy_elsewhere=True)


def test_a_gateway_that_cannot_prove_who_it_is_gets_no_message(tmp_path: Path) -> None:
    _, both = certificate(tmp_path)
    with Listener(both) as listener:
        gateway = HttpGateway(url=f"https://127.0.0.1:{listener.port}", key="k", read=2)
        with pytest.raises(OSError):
            gateway.send(mobile="139" + "00000001", text="验证码", now=NOW)
        assert not listener.got


CLOSED = """
import socket, sys
from fengqiao.portal import outbound
from fengqiao.portal.environment import read_environment
gate = outbound.close(read_environment({"FENGQIAO_HOME": sys.argv[1], "FENGQIAO_SMS_URL": "https://192.0.2.7/v1"}))
door = socket.create_server(("127.0.0.1", 0))
socket.create_connection(door.getsockname(), 5).close()
print("here: open")
def tried(what):
    try:
        what()
    except outbound.OutboundRefusedError as error:
        return "refused"
    except OSError:
        return "let go"
    return "let go"
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.settimeout(0.2)
def quick(place):
    link = socket.socket()
    link.settimeout(0.2)
    link.connect(place)
print("named:", tried(lambda: quick(("192.0.2.7", 443))))
print("other:", tried(lambda: quick(("192.0.2.8", 443))))
print("metadata:", tried(lambda: quick(("169.254.169.254", 80))))
print("name:", tried(lambda: socket.getaddrinfo("evil.example", 443)))
print("datagram:", tried(lambda: udp.sendto(b"x", ("192.0.2.9", 53))))
import urllib.request
def fetched():
    try:
        urllib.request.urlopen("http://evil.example/")
    except urllib.error.URLError as error:
        raise error.reason
print("library:", tried(fetched))
"""


def test_the_program_connects_to_the_places_of_its_settings_and_to_no_others(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CLOSED, str(tmp_path)], capture_output=True, text=True, cwd=REPO, check=True
    )
    assert done.stdout.splitlines() == [
        "here: open", "named: let go", "other: refused", "metadata: refused", "name: refused", "datagram: refused",
        "library: refused",
    ]  # fmt: skip


def test_the_places_are_those_of_the_settings(tmp_path: Path) -> None:
    from fengqiao.portal.outbound import places

    given = {
        "FENGQIAO_HOME": str(tmp_path), "DATABASE_URL": "postgresql://u@db.example/f",
        "FENGQIAO_CLAMD": "scan.example:1", "FENGQIAO_SMTP_URL": "smtp://mail.example", "FENGQIAO_TSA_URL": "https://tsa.example",
        "FENGQIAO_LOG_URL": "syslogs://logs.example",
    }  # fmt: skip
    assert set(places(read_environment(given)).values()) == {
        "db.example", "scan.example", "mail.example", "tsa.example", "logs.example",
    }  # fmt: skip
