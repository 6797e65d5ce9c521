"""Codes that are read out: to whom, what is read, what happens when a gateway is away; and that nobody sees it."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from fengqiao.portal.accounts import login_codes, mobile_codes
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import LoginCode, Role, User
from fengqiao.portal.accounts.tests.coming_in import CODE_PAGE, code_to, send, text_to
from fengqiao.portal.accounts.voice import HttpVoice
from fengqiao.portal.environment import HTTP_VOICE, read_environment
from fengqiao.portal.parties.models import SpecialNeed
from fengqiao.portal.parties.tests.people import MOBILE, YOUNG, person
from fengqiao.portal.parties.tests.test_needs import agreed, noted
from fengqiao.portal.refusal import Refusal

pytestmark = pytest.mark.django_db
PASSWORD = "for-tests-only-2026"
Kind = SpecialNeed.Kind


@pytest.fixture(autouse=True)
def _own_outbox(settings: Any, tmp_path: Path) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, home=tmp_path)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


@pytest.fixture
def investor(db: Any) -> Acting:
    made = person("投资者甲", Role.Kind.INVESTOR, number=YOUNG)
    User.objects.filter(pk=made.user.pk).update(password=make_password(PASSWORD))
    made.user.refresh_from_db()
    return made


def calls(home: Path) -> list[dict[str, str]]:
    path = home / "outbox" / "voice.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def began(investor: Acting) -> Client:
    client = Client()
    assert send(client, "/login/", login=investor.user.username, password=PASSWORD)["Location"] == CODE_PAGE
    return client


def page_of(client: Client) -> str:
    text = client.get(CODE_PAGE).content.decode()
    return re.sub(r'value="[^"]*"|nonce="[^"]*"|\d+ 分钟|FToken[^}]*', "", text)


def test_who_cannot_see_a_message_is_called_and_the_page_does_not_tell(investor: Acting, tmp_path: Path) -> None:
    before = page_of(began(investor))
    assert calls(tmp_path) == []
    noted(agreed(investor), investor, Kind.SIGHT, detail="blind")
    cache.clear()
    client = began(investor)
    code = code_to(investor.user)
    assert [one["mobile"] for one in calls(tmp_path)] == [MOBILE]
    heard = calls(tmp_path)[0]["text"]
    assert heard.count("，".join(code)) == 2
    assert code not in heard, "nobody reads a code as a number of six digits"
    assert "30 分钟" in text_to(investor.user), "those who need more time are given it here, too"
    assert page_of(client) == before
    assert send(client, CODE_PAGE, code=code)["Location"] == "/"


@pytest.mark.parametrize("kinds", [(Kind.HEARING,), (Kind.SIGHT, Kind.HEARING), (Kind.ELDERLY,)])
def test_who_is_not_called(investor: Acting, tmp_path: Path, kinds: tuple[str, ...]) -> None:
    party = agreed(investor)
    for kind in kinds:
        noted(party, investor, kind)
    began(investor)
    assert calls(tmp_path) == []


def test_everybody_may_ask_for_a_call(investor: Acting, tmp_path: Path) -> None:
    client = began(investor)
    assert "打电话念给我听" in client.get(CODE_PAGE).content.decode()
    send(client, CODE_PAGE, action="call")
    assert calls(tmp_path) == [], "not at once: the limits are those of messages"
    LoginCode.objects.update(sent_at=timezone.now() - login_codes.AGAIN_AFTER)
    send(client, CODE_PAGE, action="call")
    assert len(calls(tmp_path)) == 1
    nobody = Client()
    send(nobody, "/login/code/", phone="139" + "00000099")
    assert "打电话念给我听" in nobody.get(CODE_PAGE).content.decode(), "the same for a mobile that nobody has"


def test_without_a_gateway_for_calls_none_is_offered(investor: Acting, settings: Any) -> None:
    settings.VOICE_GATEWAY = read_environment({"FENGQIAO_SMS_URL": "https://sms.example"}).voice_gateway
    noted(agreed(investor), investor, Kind.SIGHT, detail="blind")
    client = began(investor)
    assert "打电话念给我听" not in client.get(CODE_PAGE).content.decode()
    assert code_to(investor.user)


@pytest.fixture
def gateway(settings: Any) -> Iterator[list[tuple[str, str, dict[str, str]]]]:
    """A gateway that takes calls, reached by HTTP; its answer is the first text of the list `status`."""
    asked: list[tuple[str, str, dict[str, str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append((self.path, self.headers["Authorization"], body))
            self.send_response(500 if "fault" in self.headers["Authorization"] else 202)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.VOICE_GATEWAY = HTTP_VOICE
    settings.ENVIRONMENT = replace(
        settings.ENVIRONMENT, voice_url=f"http://127.0.0.1:{server.server_port}/v1/", voice_key="k"
    )
    yield asked
    server.shutdown()
    server.server_close()


def test_the_gateway_of_calls(investor: Acting, gateway: list[tuple[str, str, dict[str, str]]], settings: Any) -> None:
    noted(agreed(investor), investor, Kind.SIGHT, detail="blind")
    began(investor)
    path, bearer, body = gateway[0]
    assert (path, bearer, body["mobile"]) == ("/v1/calls", "Bearer k", MOBILE)
    assert "再念一遍" in body["text"]
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, voice_key="fault")
    with pytest.raises(OSError, match="500"):
        HttpVoice().call(mobile=MOBILE, text="一", now=timezone.now())
    began(investor)
    assert code_to(investor.user), "the message goes when the call does not"


def test_one_of_the_two_is_enough(investor: Acting, settings: Any, tmp_path: Path) -> None:
    settings.SMS_GATEWAY = "fengqiao.portal.accounts.sms_http.HttpGateway"
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, sms_url="http://127.0.0.1:1")
    mobile_codes.hand_over(MOBILE, "验证码 123456。", timezone.now(), spoken=True)
    assert len(calls(tmp_path)) == 1
    with pytest.raises(Refusal, match="短信没有发出"):
        mobile_codes.hand_over(MOBILE, "验证码 123456。", timezone.now())
