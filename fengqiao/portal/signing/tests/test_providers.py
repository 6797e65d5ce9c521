"""The contract of signing services, which every adapter keeps; time-stamps by HTTP; what outages and lies come to."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from asn1crypto import cms as asn1
from django.conf import settings
from django.utils import timezone

from fengqiao.portal.documents.queries import place_of
from fengqiao.portal.signing import acts, provider, service, stamping, verification
from fengqiao.portal.signing.authority import TestService
from fengqiao.portal.signing.models import SigningRound
from fengqiao.portal.signing.provider import CMS, NotReachedError, RefusedError, Subject
from fengqiao.portal.signing.provider_http import HttpService
from fengqiao.portal.signing.tests.licensed_server import TOKEN, Server
from fengqiao.portal.signing.tests.made_round import People, places, read_all

WHO = Subject("投资者甲", "申请人", "person")
DIGEST = hashlib.sha256(b"a file").digest()


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    server = Server()
    yield server
    server.shutdown()
    server.server_close()
    shutil.rmtree(server.held.folder)


@pytest.fixture
def server(running: Server) -> Server:
    held = running.held
    held.form, held.faults, held.always, held.asked = "raw", [], "", []
    return running


def http(server: Server, form: str = "raw") -> HttpService:
    server.held.form = form
    return HttpService(server.url, TOKEN, read=0.5, pauses=(0.01, 0.01))


def chosen(monkeypatch: pytest.MonkeyPatch, **given: str) -> None:
    monkeypatch.setattr(settings, "ENVIRONMENT", dataclasses.replace(settings.ENVIRONMENT, **given))


@pytest.fixture(params=["built-in", "http raw", "http cms"])
def adapter(request: pytest.FixtureRequest, server: Server) -> Any:
    """Every adapter there is."""
    return TestService() if request.param == "built-in" else http(server, request.param.removeprefix("http "))


def test_the_contract(adapter: Any) -> None:
    now = timezone.now()
    credential = provider.require_credential(adapter.credential(WHO, key="a", now=now), WHO, now)
    assert credential.certificate.issuer == provider.x509.load_der_x509_certificate(credential.chain[1]).subject
    made = adapter.sign(credential, DIGEST, key="b")
    if credential.form == CMS:
        content = asn1.ContentInfo.load(made)["content"]
        (info,) = content["signer_infos"]
        assert {one["type"].native: one["values"][0].native for one in info["signed_attrs"]}["message_digest"] == DIGEST
    else:
        provider.require_signature(credential, DIGEST, made)
        with pytest.raises(RefusedError, match="不符"):
            provider.require_signature(credential, hashlib.sha256(b"another").digest(), made)
    other = adapter.credential(dataclasses.replace(WHO, name="投资者乙"), key="c", now=now)
    with pytest.raises(RefusedError, match="不是签署人本人"):
        provider.require_credential(other, WHO, now)
    with pytest.raises(RefusedError, match="有效期"):
        provider.require_credential(credential, WHO, now + dt.timedelta(days=9))


def test_a_key_gives_one_signature_however_often_it_is_asked(server: Server) -> None:
    adapter = http(server)
    credential = adapter.credential(WHO, key="one", now=timezone.now())
    server.held.faults = ["slow"]  # the answer comes too late, though it was signed
    first = adapter.sign(credential, DIGEST, key="two")
    assert adapter.sign(credential, DIGEST, key="two") == first
    assert server.held.asked.count("/signatures") >= 3, "asked again by itself, and once by us"


@pytest.mark.parametrize("fault", ["down", "cut", "slow"])
def test_an_outage_is_tried_again_and_then_said(server: Server, fault: str) -> None:
    adapter = http(server)
    server.held.faults = [fault, fault]
    assert adapter.credential(WHO, key=f"once {fault}", now=timezone.now()).chain
    server.held.always = fault
    with pytest.raises(NotReachedError):
        adapter.credential(WHO, key=f"never {fault}", now=timezone.now())


def test_a_port_where_nobody_listens_is_an_outage() -> None:
    with pytest.raises(NotReachedError):
        HttpService("http://127.0.0.1:9", TOKEN, pauses=()).credential(WHO, key="k", now=timezone.now())


@pytest.mark.parametrize("fault", ["refuse", "garbage"])
def test_what_is_refused_is_not_tried_again(server: Server, fault: str) -> None:
    server.held.always = fault
    with pytest.raises(RefusedError):
        http(server).credential(WHO, key=f"refused {fault}", now=timezone.now())
    assert len(server.held.asked) == 1


def test_a_wrong_token_is_refused(server: Server) -> None:
    with pytest.raises(RefusedError, match="401"):
        HttpService(server.url, "wrong").credential(WHO, key="w", now=timezone.now())


def waiting_place(people: People) -> Any:
    place = places(people.round_of(due=timezone.now() + dt.timedelta(days=9)))[0]
    read_all(place, people.one, timezone.now())
    place.refresh_from_db()
    return place


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["raw", "cms"])
@pytest.mark.parametrize("level", ["B-T", "B-LTA"])
def test_a_licensed_service_signs_a_round(
    server: Server, monkeypatch: pytest.MonkeyPatch, form: str, level: str
) -> None:
    server.held.form = form
    chosen(monkeypatch, signing_service=server.url, signing_key=TOKEN, tsa_url=f"{server.url}/tsa",
           signing_roots=str(server.roots_file()))  # fmt: skip
    people, now = People(), timezone.now()
    round_ = people.round_of(level=level, due=now + dt.timedelta(days=9))
    assert not service.is_test()
    for place in places(round_)[:2]:
        acting = people.acting_at(place)
        read_all(place, acting, now)
        acts.sign(signatory=place, person=acts.person_of(acting), now=now)
    data = place_of(SigningRound.objects.get(pk=round_.pk).current).read_bytes()
    found = verification.verify(data, now=now)
    assert (found.word, [one.who for one in found.signatures]) == ("完整", ["投资者甲", "投资者乙"]), found
    assert all(one.known and not one.test and one.when for one in found.signatures)
    chosen(monkeypatch, signing_roots="", tsa_url="", signing_service="")
    assert verification.verify(data, now=now).word == "签名人未证实", "who trusts nobody believes nobody"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fault", "said"),
    [("another", "时间戳与文书不符"), ("late", "相差超过10分钟"), ("garbage", "不能办理")],
)
def test_a_time_stamp_that_lies_is_not_taken(
    server: Server, monkeypatch: pytest.MonkeyPatch, fault: str, said: str
) -> None:
    place = waiting_place(People())
    data = place_of(place.round.current).read_bytes()
    server.held.always = fault
    monkeypatch.setattr(stamping, "PAUSES", (0.01,))
    chosen(monkeypatch, tsa_url=f"{server.url}/tsa", signing_roots=str(server.roots_file()))
    with pytest.raises((RefusedError, NotReachedError), match=said):
        service.sign(data, place, now=timezone.now())


@pytest.mark.django_db
def test_a_signature_of_a_service_that_is_not_trusted_is_not_taken(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = waiting_place(People())
    data = place_of(place.round.current).read_bytes()
    chosen(monkeypatch, signing_service=server.url, signing_key=TOKEN)
    with pytest.raises(RefusedError, match="没有通过核验"):
        service.sign(data, place, now=timezone.now())


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["raw", "cms"])
def test_a_signature_over_something_else_is_not_taken(
    server: Server, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    place = waiting_place(People())
    data = place_of(place.round.current).read_bytes()
    server.held.form, server.held.faults = form, ["", "another"]
    chosen(monkeypatch, signing_service=server.url, signing_key=TOKEN, signing_roots=str(server.roots_file()))
    with pytest.raises(RefusedError, match="不符"):
        service.sign(data, place, now=timezone.now())
