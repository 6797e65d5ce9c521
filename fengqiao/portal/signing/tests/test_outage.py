"""The signing service or the time-stamps are away: nothing is lost, nothing is put twice, people are told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from fengqiao.portal.documents.queries import place_of
from fengqiao.portal.notices.models import Notice
from fengqiao.portal.signing import acts, jobs, keeping, queries, service, verification
from fengqiao.portal.signing.models import Evidence, KeptSignature, Signatory, SigningRound
from fengqiao.portal.signing.provider import NotReachedError, RefusedError
from fengqiao.portal.signing.tests.made_round import NOW, People, places, read_all

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(minutes=40)


@pytest.fixture
def people() -> People:
    return People()


@pytest.fixture
def outage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The service is away until `.over` is set; `.asked` counts."""
    real, state = service.sign, SimpleNamespace(over=False, asked=0, error=NotReachedError("时间戳服务没有应答"))

    def sign(*given: Any, **named: Any) -> bytes:
        state.asked += 1
        if not state.over:
            raise state.error
        return real(*given, **named)

    monkeypatch.setattr(service, "sign", sign)
    return state


def put_kept(now: dt.datetime) -> dict[str, Any]:
    return dict(jobs.put_kept(SimpleNamespace(now=lambda: now)).result)


def texts(template: str) -> list[Notice]:
    return list(Notice.objects.filter(template=template).order_by("created_at"))


def test_it_is_kept_and_put_when_the_service_is_back(people: People, outage: Any) -> None:
    place = places(people.round_of())[0]
    read_all(place, people.one)
    person = acts.person_of(people.one, "phone", fresh=True)
    assert acts.sign(signatory=place, person=person, drawn=None, now=NOW) is False
    assert acts.sign(signatory=place, person=person, drawn=None, now=NOW) is False, "pressed again"
    kept = KeptSignature.objects.get()
    assert (kept.agreed_at, kept.tries, kept.problem) == (NOW, 2, "时间戳服务没有应答")
    assert Evidence.objects.filter(what="agreed").count() == 1
    assert Signatory.objects.get(pk=place.pk).state == "read", "nothing is signed yet"
    assert put_kept(NOW) == {"signed": 0, "waiting": 0, "refused": 0}, "not tried again at once"
    assert put_kept(LATER) == {"signed": 0, "waiting": 1, "refused": 0}
    outage.over = True
    assert put_kept(LATER + dt.timedelta(hours=1)) == {"signed": 1, "waiting": 0, "refused": 0}
    assert put_kept(LATER + dt.timedelta(hours=9)) == {"signed": 0, "waiting": 0, "refused": 0}
    signed = Evidence.objects.get(what="signed")
    assert "同意签署；当时签名服务没有应答" in signed.note and signed.device == "phone"
    assert "5 分钟内再次核对" in signed.identity, "how they were checked when they agreed"
    assert [one.user for one in texts("signing.put_after_all") if one.channel == "in_app"] == [people.one.user]
    data = place_of(SigningRound.objects.get().current).read_bytes()
    assert [one.who for one in verification.verify(data, now=NOW).signatures] == ["投资者甲"]
    assert not queries.untrue(SigningRound.objects.get())
    assert KeptSignature.objects.get().outcome == "signed"


def test_a_guests_code_counts_at_the_moment_of_agreeing(people: People, outage: Any) -> None:
    place = places(people.round_of())[0]
    check = place.checks.create(code_digest="", mobile_shown="137****0001", sent_at=NOW, expires_at=NOW, passed_at=NOW)
    visitor = acts.Person(None, check, "192.0.2.9", "phone")
    for page in range(1, place.round.pages + 1):
        acts.read_page(signatory=place, page=page, person=visitor, now=NOW)
    assert acts.sign(signatory=place, person=visitor, now=NOW) is False
    outage.over = True
    assert put_kept(NOW + dt.timedelta(hours=5))["signed"] == 1
    assert Evidence.objects.get(what="signed").identity.startswith("短信验证码")


def test_who_declines_meanwhile_is_not_signed_for(people: People, outage: Any) -> None:
    place = places(people.round_of())[0]
    read_all(place, people.one)
    person = acts.person_of(people.one)
    acts.sign(signatory=place, person=person, now=NOW)
    acts.decline(signatory=place, reason="改变主意", person=person, now=NOW)
    outage.over = True
    assert put_kept(LATER) == {"signed": 0, "waiting": 0, "refused": 1}
    assert not Signatory.objects.filter(state="signed").exists()
    assert KeptSignature.objects.get().outcome == "refused"
    assert texts("signing.not_put")


def test_whose_right_has_ended_is_not_signed_for(people: People, outage: Any) -> None:
    place = places(people.round_of())[2]
    read_all(place, people.mediator)
    acts.sign(signatory=place, person=acts.person_of(people.mediator), now=NOW)
    people.mediator.user.roles.update(ended_at=NOW)
    outage.over = True
    assert put_kept(LATER)["refused"] == 1
    assert "身份已经终止" in KeptSignature.objects.get().problem


def test_the_drawn_signature_is_sealed_and_gone_afterwards(people: People, outage: Any) -> None:
    place = places(people.round_of())[0]
    read_all(place, people.one)
    drawn = b"\x89PNG drawn by hand"
    keeping.keep(signatory=place, person=acts.person_of(people.one), drawn=drawn, consent_version="1", problem="",
                 now=NOW)  # fmt: skip
    kept = KeptSignature.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT drawn FROM signing_keptsignature")
        assert b"drawn by hand" not in bytes(cursor.fetchone()[0])
    assert keeping.drawn_of(kept) == drawn
    keeping.done(place, NOW)
    assert not KeptSignature.objects.get().drawn


def test_what_the_service_refuses_is_said_and_not_kept(people: People, outage: Any) -> None:
    place = places(people.round_of())[0]
    read_all(place, people.one)
    outage.error = RefusedError("签名服务没有受理（422）")
    with pytest.raises(acts.Refusal, match="没有签上：签名服务没有受理"):
        acts.sign(signatory=place, person=acts.person_of(people.one), now=NOW)
    assert not KeptSignature.objects.exists()


def test_the_page_says_what_waits(people: People, outage: Any, client: Any) -> None:
    now = timezone.now()
    place = places(people.round_of(due=now + dt.timedelta(days=9)))[0]
    read_all(place, people.one, now)
    acts.sign(signatory=place, person=acts.person_of(people.one), now=now)
    client.force_login(people.one.user)
    page = client.get(f"/signing/place/{place.pk}/").content.decode()
    assert "已收下您的签署" in page and "时间戳服务没有应答" in page
    assert "去签署" not in page and "不签署，写明理由" in page


def test_a_batch_goes_on_beside_what_waits(people: People, outage: Any) -> None:
    for round_ in (people.round_of(), people.round_of()):
        read_all(places(round_)[2], people.mediator)
    from fengqiao.portal.signing import actions

    rows = queries.batchable(people.mediator, NOW)
    made = actions.start_batch(
        chosen=[row.pk for row in rows], once="x", acting=people.mediator, device="", now=NOW
    )  # fmt: skip
    running = SimpleNamespace(job=made.job, arguments=made.job.arguments, now=lambda: NOW, progress=lambda *_: None)
    found = jobs.batch(running).result
    assert (found["signed"], len(found["kept"]), found["refused"]) == (0, 2, [])
    outage.over = True
    assert put_kept(LATER)["signed"] == 2
