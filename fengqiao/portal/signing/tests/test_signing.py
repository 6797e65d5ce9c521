"""A round from its first signature to its last, and everything that may come between."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
from pathlib import Path

import pytest
from django.http import Http404

from fengqiao.portal.accounts import mobile_codes
from fengqiao.portal.documents.queries import place_of
from fengqiao.portal.refusal import Conflict, Refusal
from fengqiao.portal.signing import actions, acts, envelopes, identity, queries, service, verification
from fengqiao.portal.signing.authority import authority
from fengqiao.portal.signing.models import Evidence, Signatory, SigningRound
from fengqiao.portal.signing.tests.made_round import DUE, NOW, People, places, read_all, sign, text_pdf

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return People()


def complete(people: People, **options: str) -> SigningRound:
    round_ = people.round_of(**options)
    for place in places(round_):
        sign(Signatory.objects.select_related("round", "party").get(pk=place.pk), people.acting_at(place))
    return SigningRound.objects.select_related("current__content").get(pk=round_.pk)


@pytest.mark.parametrize("level", ["B-T", "B-LTA"])
def test_four_sign_and_a_byte_shows(people: People, level: str, tmp_path: Path) -> None:
    round_ = complete(people, level=level)
    assert round_.state == "complete" and round_.effective_at == NOW
    data = place_of(round_.current).read_bytes()
    found = verification.verify(data, now=NOW)
    assert found.word == "完整", found
    assert [one.who for one in found.signatures] == ["投资者甲", "投资者乙", "调解员甲", "测试调解中心"]
    assert all(one.test and one.when == NOW for one in found.signatures)
    at = len(data) // 3
    changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    assert verification.verify(changed, now=NOW).sign == "bad"
    assert verification.verify(data + b"\n%more", now=NOW).word == "有改动"
    assert not queries.untrue(round_)
    made = envelopes.envelope(data, authority(NOW).sm2())
    assert envelopes.holds(data, made) and not envelopes.holds(changed, made)
    if shutil.which("pdfsig"):
        (tmp_path / "a.pdf").write_bytes(data)
        said = subprocess.run(["pdfsig", "-nocert", "a.pdf"], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert said.stdout.count("Signature Validation: Signature is Valid.") >= 4, said.stdout


def test_nobody_signs_before_reading_twice_or_out_of_turn(people: People) -> None:
    first, second, *_, seal = places(people.round_of(order="fixed"))
    one = acts.person_of(people.one)
    with pytest.raises(Refusal, match="没读过的页"):
        acts.sign(signatory=first, person=one, now=NOW)
    read_all(second, people.other)
    with pytest.raises(Refusal, match="还没有轮到"):
        acts.sign(signatory=second, person=acts.person_of(people.other), now=NOW)
    with pytest.raises(Refusal, match="还没有轮到"):
        acts.sign(signatory=seal, person=acts.person_of(people.manager), now=NOW)
    sign(first, people.one)
    with pytest.raises(Conflict, match="没有重复签署"):
        acts.sign(signatory=first, person=one, now=NOW)
    acts.sign(signatory=second, person=acts.person_of(people.other), now=NOW)
    assert Evidence.objects.filter(what="signed", signatory=first).count() == 1


def test_staff_and_strangers_never_sign_for_a_party(people: People) -> None:
    first, second, *_ = places(people.round_of())
    read_all(first, people.one)
    for acting in (people.other, people.mediator, people.mediator.for_person(people.parties[0].pk, "投资者甲")):
        with pytest.raises((Http404, Refusal)):
            acts.sign(signatory=first, person=acts.person_of(acting), now=NOW)
    assert not Signatory.objects.filter(state="signed").exists()
    assert not queries.places_of(people.one, NOW).filter(pk=second.pk).exists()


def test_who_was_slower_signs_on_the_newer_file(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, *_ = places(people.round_of())
    read_all(first, people.one)
    read_all(second, people.other)
    real, met = service.sign, []

    def meanwhile(data: bytes, signatory: Signatory, **given: object) -> bytes:
        done = real(data, signatory, **given)
        if not met:
            met.append(signatory.pk)
            acts.sign(signatory=second, person=acts.person_of(people.other), now=NOW)
        return done

    monkeypatch.setattr(service, "sign", meanwhile)
    acts.sign(signatory=first, person=acts.person_of(people.one), now=NOW)
    data = place_of(SigningRound.objects.get().current).read_bytes()
    found = verification.verify(data, now=NOW)
    assert found.word == "完整" and {one.who for one in found.signatures} == {"投资者甲", "投资者乙"}


def test_a_new_text_voids_all_signatures(people: People) -> None:
    round_ = people.round_of()
    first = places(round_)[0]
    sign(first, people.one)
    given = {"name": "新.pdf", "reason": "金额有误", "due_at": DUE, "acting": people.mediator, "now": NOW}
    with pytest.raises(Refusal, match="完全一样"):
        actions.reissue(round_=round_, data=place_of(round_.text).read_bytes(), **given)
    made = actions.reissue(round_=round_, data=text_pdf("Other"), **given)
    assert SigningRound.objects.get(pk=round_.pk).state == "void" and made.state == "open"
    assert [row.state for row in places(made)] == ["waiting"] * 4
    with pytest.raises(Conflict, match="作废"):
        acts.sign(signatory=places(round_)[1], person=acts.person_of(people.other), now=NOW)


def test_declining_and_the_day_end_a_round(people: People) -> None:
    round_ = people.round_of()
    acts.decline(signatory=places(round_)[0], reason="金额不对", person=acts.person_of(people.one), now=NOW)
    assert SigningRound.objects.get(pk=round_.pk).state == "declined"
    other = people.round_of()
    assert not actions.expire(round_=other, now=NOW)
    assert actions.expire(round_=other, now=DUE) and not actions.expire(round_=other, now=DUE)


def test_a_code_is_tried_five_times_and_used_once(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    place = places(people.round_of())[0]
    monkeypatch.setattr(mobile_codes.secrets, "randbelow", lambda _: 123456)
    where = {"address": "192.0.2.9", "device": "phone"}
    identity.send_code(signatory=place, now=NOW, **where)
    for _ in range(5):
        with pytest.raises(Refusal, match="不对"):
            identity.prove(signatory=place, code="000000", now=NOW, **where)
    with pytest.raises(Refusal, match="次数太多"):
        identity.prove(signatory=place, code="123456", now=NOW, **where)
    identity.send_code(signatory=place, now=NOW, **where)
    passed = identity.prove(signatory=place, code="123456", now=NOW, **where)
    with pytest.raises(Refusal, match="用过或者过期"):
        identity.prove(signatory=place, code="123456", now=NOW, **where)
    visitor = acts.Person(None, passed, "192.0.2.9", "phone")
    for page in range(1, place.round.pages + 1):
        acts.read_page(signatory=place, page=page, person=visitor, now=NOW)
    with pytest.raises(Refusal, match="30 分钟"):
        acts.sign(signatory=place, person=visitor, now=NOW + dt.timedelta(minutes=31))
    acts.sign(signatory=place, person=visitor, now=NOW)
    assert Evidence.objects.get(what="signed").identity.startswith("短信验证码")
