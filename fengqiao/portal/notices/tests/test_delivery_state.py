"""What became of messages: two answers to one request, sending again, calling, the way to the subject, keeping."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from typing import Any

import pytest
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fengqiao.portal.accounts.acting import acting_for
from fengqiao.portal.accounts.models import Organisation, Role, User
from fengqiao.portal.audit.models import Event
from fengqiao.portal.deadlines.actions import open_deadline
from fengqiao.portal.notices import actions, delivering, queries, resending, subjects
from fengqiao.portal.notices.lists import SENT
from fengqiao.portal.notices.models import Attempt
from fengqiao.portal.notices.tests.test_outbox import (
    NOON,
    Gateway,
    gateway,
    person,
    run,
    sms,
    tell,
)  # fmt: skip
from fengqiao.portal.parties import disposing
from fengqiao.portal.parties.models import Party
from fengqiao.portal.parties.own_data import kept_of
from fengqiao.portal.parties.retention import rule
from fengqiao.portal.refusal import Conflict, Refusal
from fengqiao.portal.shell import plans
from fengqiao.portal.vault.sealed import open_sealed

__all__ = ["gateway"]


def house() -> tuple[Organisation, Any]:
    """A mediation organisation and its mediator."""
    body = Organisation.objects.create(name="测试调解中心", kind="mediation")
    user = User.objects.create(username="mediator", name="调解员甲", joined_at=NOON)
    Role.objects.create(user=user, organisation=body, kind=Role.Kind.MEDIATOR, granted_at=NOON)
    return body, acting_for(user)


@pytest.mark.django_db
@pytest.mark.parametrize("mode", ["twice", "twice_differing"])
def test_a_gateway_that_answers_twice_changes_nothing_twice(gateway: Gateway, mode: str) -> None:
    gateway.mode(mode)
    tell(person(), "k1")
    tell(person("乙", "137" + "00000002"), "k2")
    assert run(NOON) == 2
    gateway.mode("good")
    assert run(NOON + dt.timedelta(hours=5)) == 0
    assert {sms(key).state for key in ("k1", "k2")} == {"sent"}
    numbers = {row["key"]: f"g{place}" for place, row in enumerate(gateway.lines("sent"), 1)}
    assert {sms(key).key: sms(key).gateway_number for key in ("k1", "k2")} == numbers
    assert Counter(row["key"] for row in gateway.lines("sent")) == {sms("k1").key: 1, sms("k2").key: 1}
    assert Attempt.objects.count() == 2 and Event.objects.filter(verb="notices.sent").count() == 2


@pytest.mark.django_db
def test_the_late_answer_of_a_lost_attempt_changes_nothing(gateway: Gateway) -> None:
    tell(person())
    lost = delivering.take(now=NOON)
    assert lost and delivering.take(now=NOON) is None
    later = NOON + delivering.LEASE + dt.timedelta(seconds=1)
    assert run(later) == 1 and sms().state == "sent"
    before = (sms().sent_at, sms().gateway_number, Event.objects.count())
    delivering.went(lost, "accepted", "late", now=later + dt.timedelta(minutes=1))
    delivering.give_up(lost, "refused", "late", now=later + dt.timedelta(minutes=1))
    delivering.again(lost, "unreachable", "late", now=later + dt.timedelta(minutes=1))
    assert (sms().sent_at, sms().gateway_number, Event.objects.count()) == before and sms().state == "sent"
    assert list(Attempt.objects.values_list("outcome", flat=True)) == ["accepted"]


@pytest.mark.django_db
def test_two_reports_that_differ_count_once(gateway: Gateway) -> None:
    tell(person())
    run(NOON)
    for delivered in (True, False, True):
        assert delivering.report(key=sms().key, delivered=delivered, detail="", now=NOON)
    assert sms().state == "delivered" and not sms().to_call
    assert Attempt.objects.filter(outcome="reported").count() == 1
    assert Event.objects.filter(verb="notices.delivered").count() == 1
    assert not Event.objects.filter(verb="notices.failed").exists()


@pytest.mark.django_db
def test_who_cannot_be_reached_is_called_and_that_is_written_down(gateway: Gateway) -> None:
    body, acting = house()
    gateway.mode("refuse")
    tell(person(), sender=acting.user, organisation=body)
    run(NOON)
    assert sms().to_call and list(queries.to_call(acting)) == [sms()]
    with pytest.raises(Refusal, match="请写明"):
        resending.note_call(notice=sms(), said=" ", acting=acting, now=NOON)
    resending.note_call(notice=sms(), said="12时接通，已告知", acting=acting, now=NOON)
    assert not sms().to_call and open_sealed(sms().call_note) == "12时接通，已告知"
    with pytest.raises(Conflict):
        resending.note_call(notice=sms(), said="再打", acting=acting, now=NOON)


@pytest.mark.django_db
def test_nobody_is_called_about_what_was_read_in_the_portal(gateway: Gateway) -> None:
    body, _ = house()
    user = person()
    Role.objects.create(user=user, kind=Role.Kind.INVESTOR, granted_at=NOON)
    first = tell(user, organisation=body)
    assert first
    gateway.mode("refuse")
    actions.read(notice=first, acting=acting_for(user), now=NOON)
    run(NOON)
    assert sms().state == "failed" and not sms().to_call
    second = tell(user, "k2", organisation=body)
    assert second
    run(NOON)
    assert sms("k2").to_call
    actions.read(notice=second, acting=acting_for(user), now=NOON)
    assert not sms("k2").to_call


@pytest.mark.django_db
def test_sending_again_goes_under_a_number_of_its_own_to_where_they_are_reached_now(gateway: Gateway) -> None:
    body, acting = house()
    user = person()
    tell(user, organisation=body)
    run(NOON)
    delivering.report(key=sms().key, delivered=False, detail="停机", now=NOON)
    assert sms().to_call
    identity = user.identity
    identity.mobile = "137" + "00000077"
    identity.save()
    made = resending.send_again(notice=sms(), acting=acting, now=NOON)
    assert made.repeats == sms() and not sms().to_call
    with pytest.raises(Conflict):
        resending.send_again(notice=sms(), acting=acting, now=NOON)
    run(NOON)
    sent = gateway.lines("sent")
    assert len(sent) == 2 and len({row["key"] for row in sent}) == 2
    assert [row["mobile"] for row in sent] == ["137" + "00000001", "137" + "00000077"] and sent[0]["text"] == sent[1][
        "text"
    ]


@pytest.mark.django_db
def test_a_confirmed_address_stays_when_it_is_sent_again(gateway: Gateway) -> None:
    body, acting = house()
    made = actions.send_over(
        channel="sms", address="137" + "00000055", to=person(), template="general.told", values={"what": "x"},
        subject=("x.y", "1"), once_key="fixed", organisation=body, now=NOON,
    )  # fmt: skip
    gateway.mode("refuse")
    run(NOON)
    gateway.mode("good")
    resending.send_again(notice=made, acting=acting, now=NOON)
    run(NOON)
    assert [row["mobile"] for row in gateway.lines("sent")] == ["137" + "00000055"]


@pytest.mark.django_db
def test_only_what_failed_is_sent_again_and_only_by_its_own_house(gateway: Gateway) -> None:
    body, acting = house()
    tell(person(), organisation=body)
    with pytest.raises(Conflict):
        resending.send_again(notice=sms(), acting=acting, now=NOON)
    other = Organisation.objects.create(name="另一调解中心", kind="mediation")
    user = User.objects.create(username="other", name="调解员丙", joined_at=NOON)
    Role.objects.create(user=user, organisation=other, kind=Role.Kind.MEDIATOR, granted_at=NOON)
    with pytest.raises(Http404):
        resending.send_again(notice=sms(), acting=acting_for(user), now=NOON)


@pytest.mark.django_db
def test_an_app_hears_what_became_of_messages_about_its_things(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, str]] = []
    monkeypatch.setitem(subjects.WATCHERS, "x.y", lambda notice, what, now: heard.append((notice.channel, what)))
    tell(person())
    run(NOON)
    delivering.report(key=sms().key, delivered=True, detail="", now=NOON)
    gateway.mode("refuse")
    tell(person("乙", "137" + "00000002"), "k2")
    run(NOON)
    assert heard == [("sms", "sent"), ("sms", "delivered"), ("sms", "failed")]


@pytest.mark.django_db
def test_a_notice_leads_to_what_it_is_about(client: Client) -> None:
    user = person()
    Role.objects.create(user=user, kind=Role.Kind.INVESTOR, granted_at=NOON)
    now = timezone.now()
    due = now.date() + dt.timedelta(days=3)
    deadline = open_deadline(
        rule=None, subject=("x.y", "1"), title="补充材料", acting=None, now=now, due_on=due, user=user
    )
    given = {"template": "general.told", "values": {"what": "x"}, "now": now}
    there = actions.send(to=user, subject=("deadlines.deadline", str(deadline.pk)), once_key="d", **given)
    nowhere = actions.send(to=user, subject=("deadlines.deadline", "999999"), once_key="e", **given)
    assert there and nowhere
    client.force_login(user)
    page = client.get(reverse("notices:notice", args=(there.pk,))).content.decode()
    assert reverse("deadlines:deadline", args=(deadline.pk,)) in page
    assert "打开这件事" not in client.get(reverse("notices:notice", args=(nowhere.pk,))).content.decode()


@pytest.mark.django_db
def test_messages_are_shown_to_the_person_and_disposed_of_in_time(gateway: Gateway) -> None:
    user = person()
    party = Party.objects.create(user=user, name=user.name, created_at=NOON, last_act_at=NOON)
    tell(user)
    run(NOON)
    section = next(one for one in kept_of(party) if one.key == "notices")
    assert len(section.rows) == 2 and "您的申请已经受理" in json.dumps(section.opened(whole=True), ensure_ascii=False)
    kept = rule("notice")
    later = NOON.replace(year=NOON.year + 5)
    assert not kept.due(later).exists()
    later += dt.timedelta(days=1)
    assert kept.due(later).count() == 2
    for row in list(kept.due(later)):
        disposing.dispose(rule=kept, number=row.pk, now=later)
    assert not sms().text and not sms().address and sms().state == "sent" and not kept.due(later).exists()
    assert not queries.may_send_again(sms())


@pytest.mark.django_db
def test_the_list_of_what_was_sent_is_read_from_an_index() -> None:
    assert plans.problems(SENT) == []
