"""Serving: consent, the moment, failure and what then, once only, deadlines; against the gateway in another process."""

from __future__ import annotations

import datetime as dt
import signal
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.http import Http404
from django.utils import timezone

from fengqiao.portal.accounts.models import Organisation, Role
from fengqiao.portal.audit.models import Event
from fengqiao.portal.deadlines.models import Deadline
from fengqiao.portal.notices import delivering, resending
from fengqiao.portal.notices.models import Notice
from fengqiao.portal.notices.tests.test_outbox import GATEWAY, WORKER, Gateway, gateway, run
from fengqiao.portal.refusal import Conflict, Refusal
from fengqiao.portal.service import actions, confirming, queries, reading, settling
from fengqiao.portal.service.models import Confirmation, Recipient, Service
from fengqiao.portal.service.tests.people import APPEAL, NOON, House, acting, at_desk
from tests import second_process

__all__ = ["gateway"]
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def house(db: None) -> House:
    return House()


def now_of(row: Recipient) -> Recipient:
    row.refresh_from_db()
    return row


def verbs(row: Recipient) -> list[str]:
    return list(row.traces.order_by("id").values_list("what", flat=True))


def message(row: Recipient, channel: str = "sms") -> Notice:
    return Notice.objects.filter(subject_id=str(row.pk), template="service.arrived", channel=channel).latest(
        "created_at"
    )


def test_what_stands_in_a_confirmed_account_is_served_at_once_and_the_deadline_runs(house: House) -> None:
    house.confirm()
    row = house.serve(house.party, deadline_rule=APPEAL, deadline_title="提起上诉", kind="judgment")
    assert row.state == "served" and row.served_at == NOON and row.served_on == dt.date(2026, 11, 20)
    assert "平台账号" in row.why and row.read_at is None
    deadline = row.deadline
    assert deadline and deadline.user == house.investor.user and deadline.starts_on == row.served_on
    assert deadline.due_on == dt.date(2026, 12, 7)  # 12月5日星期六，顺延至12月7日
    assert verbs(row) == ["begun", "arrived", "served", "deadline_opened"]
    assert queries.untrue(row) == []
    assert str(house.party.pk) and message(row, "in_app").user == house.investor.user


def test_without_consent_nothing_goes_electronically_and_staff_are_told(house: House) -> None:
    row = house.serve(house.party)
    assert row.state == "other_way" and "没有同意电子送达" in row.problem
    assert not Notice.objects.filter(template="service.arrived").exists()
    told = Notice.objects.get(template="service.not_arrived", channel="in_app")
    assert told.user == house.mediator.user
    assert list(queries.to_serve_otherwise(house.mediator)) == [row]
    house.confirm(now=NOON + HOUR)
    actions.try_again(recipient=row, acting=house.mediator, now=NOON + HOUR)
    assert now_of(row).state == "served" and row.served_at == NOON + HOUR


def test_who_does_not_agree_is_never_served_electronically(house: House) -> None:
    given = confirming.Given(electronic=False, post_address="测试地区演示路1号", mobile="137" + "00000001")
    made = confirming.confirm(to=house.party, given=given, acting=house.investor, now=NOON)
    assert not made.mobile
    row = house.serve(house.party)
    assert row.state == "other_way"
    with pytest.raises(Refusal, match="没有再次发送"):
        actions.try_again(recipient=row, acting=house.mediator, now=NOON)


def test_consent_taken_back_or_run_out_counts_no_more(house: House) -> None:
    made = house.confirm()
    first = house.serve(house.party)
    confirming.withdraw(confirmation=made, reason="", acting=house.investor, now=NOON + HOUR)
    second = house.serve(house.party, now=NOON + 2 * HOUR, stage="agreement")
    assert now_of(first).state == "served" and second.state == "other_way"
    with pytest.raises(Conflict):
        confirming.withdraw(confirmation=made, reason="", acting=house.investor, now=NOON + HOUR)
    until = NOON.date() + dt.timedelta(days=1)
    house.confirm(valid_until=until, now=NOON + 3 * HOUR)
    assert house.serve(house.party, now=NOON + 26 * HOUR, stage="trial").state == "served"
    assert house.serve(house.party, now=NOON + 40 * HOUR, stage="other").state == "other_way"


def test_a_confirmation_for_one_case_goes_before_that_for_all(house: House) -> None:
    house.confirm()
    given = confirming.Given(electronic=False, post_address="测试地区演示路1号", case="测调2026-9")
    confirming.confirm(to=house.party, given=given, acting=house.investor, now=NOON)
    assert house.serve(house.party, case="测调2026-9").state == "other_way"
    assert house.serve(house.party, case="测调2026-1", now=NOON + HOUR).state == "served"


def test_only_the_person_agrees_in_the_portal_and_staff_only_with_the_paper(house: House) -> None:
    given = confirming.Given(electronic=True, mobile="137" + "00000001")
    for who in (house.mediator, house.for_party, house.agent, house.handler):
        with pytest.raises(Http404):
            confirming.confirm(to=house.party, given=given, acting=who, now=NOON)
    stranger = acting("调解员丙", Role.Kind.MEDIATOR, Organisation.objects.create(name="另一中心", kind="mediation"))
    with pytest.raises(Http404):
        confirming.confirm(to=house.other, given=given, paper=house.document(), acting=stranger, now=NOON)
    made = house.confirm_on_paper()
    assert made.way == "paper" and made.organisation == house.body
    with pytest.raises(Refusal, match="依据"):
        confirming.withdraw(confirmation=made, reason="", acting=house.mediator, now=NOON)
    mine = confirming.confirm(to=house.handler.user, given=confirming.Given(electronic=True, use_account=True),
                              acting=house.handler, now=NOON)  # fmt: skip
    assert mine.user == house.handler.user and house.serve(house.handler.user).state == "served"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "至少确认一个"),
        ({"electronic": False}, "邮寄地址"),
        ({"use_account": True, "valid_until": dt.date(2026, 1, 1)}, "截止日"),
    ],
)
def test_confirmations_that_lead_nowhere_are_refused(house: House, given: dict[str, Any], said: str) -> None:
    with pytest.raises(Refusal, match=said):
        confirming.confirm(
            to=house.party, given=confirming.Given(**{"electronic": True, **given}), acting=house.investor, now=NOON
        )
    assert not Confirmation.objects.exists()


def test_a_second_confirmation_takes_the_place_of_the_first(house: House) -> None:
    first, second = house.confirm(), house.confirm(account=False, mail="a@fengqiao.example", now=NOON + HOUR)
    first.refresh_from_db()
    assert first.ending == "replaced" and second.in_force(NOON + HOUR)
    assert "fengqiao.example" not in second.text.partition("@")[0] and "平台账号" not in second.text


def test_a_short_message_is_served_when_it_is_reported_and_once(house: House, gateway: Gateway) -> None:
    house.confirm_on_paper()
    row = house.serve(house.other, deadline_rule=APPEAL, deadline_title="提起上诉")
    assert row.state == "sending" and run(NOON) == 1
    sent = gateway.lines("sent")
    assert [one["mobile"] for one in sent] == ["137" + "00000022"]  # the confirmed one, not that on record
    assert now_of(row).state == "sending" and row.dispatches.get().sent_at == NOON
    for minute, delivered in ((5, True), (6, True), (7, False)):
        delivering.report(key=message(row).key, delivered=delivered, detail="", now=NOON + dt.timedelta(minutes=minute))
    assert now_of(row).served_at == NOON + dt.timedelta(minutes=5)
    assert Deadline.objects.count() == 1 and verbs(row).count("served") == 1
    assert row.deadline and row.deadline.organisation == house.body  # no account: the house keeps it
    assert Event.objects.filter(verb="service.served").count() == 1


def test_a_gateway_down_for_an_hour_serves_late_and_once(house: House, gateway: Gateway) -> None:
    house.confirm_on_paper()
    row = house.serve(house.other, deadline_rule=APPEAL, deadline_title="提起上诉")
    gateway.stop()
    for minute in range(60):
        run(NOON + dt.timedelta(minutes=minute))
    assert now_of(row).state == "sending" and not Deadline.objects.exists()
    gateway.start()
    for minute in range(60, 100):
        run(NOON + dt.timedelta(minutes=minute))
    assert len(gateway.lines("sent")) == 1
    delivering.report(key=message(row).key, delivered=True, detail="", now=NOON + 2 * HOUR)
    assert now_of(row).served_at == NOON + 2 * HOUR and Deadline.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_sending_neither_loses_nor_doubles_a_service(gateway: Gateway) -> None:
    house, now = House(), timezone.now()
    house.confirm_on_paper(now=now)
    row = house.serve(house.other, now=now, deadline_rule=APPEAL, deadline_title="提起上诉")
    gateway.mode("slow")
    env = second_process.environment(FENGQIAO_SMS_URL=f"http://127.0.0.1:{gateway.port}", FENGQIAO_SMS_KEY="k")
    worker = second_process.start(WORKER, env=env | {"FENGQIAO_SMS_GATEWAY": GATEWAY})
    assert worker.stdout and worker.stdout.readline().strip() == "ready"
    while not gateway.lines("sent"):  # the gateway has it, the worker has no answer
        time.sleep(0.02)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert now_of(row).state == "sending" and message(row).state == "sending"
    gateway.mode("good")
    Notice.objects.filter(state="sending").update(lease_until=now - dt.timedelta(seconds=1))  # as after 90 s
    run(timezone.now())
    for _ in range(2):
        delivering.report(key=message(row).key, delivered=True, detail="", now=timezone.now())
    assert len(gateway.lines("sent")) == 1 and now_of(row).state == "served"
    assert Counter(verbs(row)) == Counter(("begun", "sent", "arrived", "served", "deadline_opened"))
    assert Deadline.objects.count() == 1


def test_an_address_that_refuses_goes_back_to_staff_and_may_be_tried_again(house: House, gateway: Gateway) -> None:
    house.confirm_on_paper()
    row = house.serve(house.other)
    gateway.mode("refuse")
    run(NOON)
    assert now_of(row).state == "other_way" and "手机号码" in row.problem
    assert message(row).to_call
    gateway.mode("good")
    resending.send_again(notice=message(row), acting=house.mediator, now=NOON + HOUR)
    run(NOON + HOUR)
    delivering.report(key=message(row).key, delivered=True, detail="", now=NOON + 2 * HOUR)
    assert now_of(row).state == "served" and row.served_at == NOON + 2 * HOUR and not row.problem


def test_no_report_in_time_goes_back_to_staff_and_a_late_one_still_counts(house: House, gateway: Gateway) -> None:
    house.confirm_on_paper()
    row = house.serve(house.other)
    run(NOON)
    assert not queries.overdue(NOON + 47 * HOUR)
    late = NOON + 49 * HOUR
    assert [one.pk for one in queries.overdue(late)] == [row.pk]
    assert settling.give_up_waiting(number=row.pk, now=late) and not settling.give_up_waiting(number=row.pk, now=late)
    assert now_of(row).state == "other_way" and "没有得到到达的回报" in row.problem
    delivering.report(key=message(row).key, delivered=True, detail="", now=late + HOUR)
    assert now_of(row).state == "served" and row.served_at == late + HOUR


def test_a_mail_is_served_when_the_server_took_it(house: House, mailoutbox: list[Any]) -> None:
    house.confirm(account=False, mail="a@fengqiao.example")
    row = house.serve(house.party)
    assert row.state == "sending"
    run(NOON)
    assert now_of(row).state == "served" and "电子邮箱" in row.why
    assert f"/service/mine/{row.pk}/" in mailoutbox[0].body and mailoutbox[0].to == ["a@fengqiao.example"]


def test_the_first_of_several_addresses_counts(house: House, gateway: Gateway) -> None:
    house.confirm(mobile="137" + "00000001", mail="a@fengqiao.example")
    row = house.serve(house.party)
    assert row.served_at == NOON
    run(NOON + HOUR)
    delivering.report(key=message(row).key, delivered=True, detail="", now=NOON + 2 * HOUR)
    assert now_of(row).served_at == NOON and verbs(row).count("served") == 1
    assert row.dispatches.filter(arrived_at__isnull=False).count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_report_and_the_reader_in_the_same_moment_are_one_service(gateway: Gateway) -> None:
    house = House()
    house.confirm(account=False, mobile="137" + "00000001")
    for turn in range(5):
        moment = NOON + turn * HOUR
        row = house.serve(
            house.party, now=moment, stage=Service.Stage.values[turn], deadline_rule=APPEAL, deadline_title="提起上诉"
        )
        run(moment)
        document, key, gate = queries.documents_of(row)[0], message(row).key, Barrier(2)

        def report(at: dt.datetime = moment, key: str = key, gate: Barrier = gate) -> None:
            gate.wait()
            delivering.report(key=key, delivered=True, detail="", now=at)

        def read(at: dt.datetime = moment, row: Any = row, document: Any = document, gate: Barrier = gate) -> None:
            gate.wait()
            reading.open_document(recipient=row, document=document, person=at_desk(house.investor), now=at)

        at_once(report, read)
        assert now_of(row).state == "served" and row.read_at == moment
        assert Counter(verbs(row))["served"] == 1 and Counter(verbs(row))["deadline_opened"] == 1
        assert queries.untrue(row) == []
    assert Deadline.objects.count() == 5


def at_once(*acts: Callable[[], None]) -> None:
    """Each in a thread, with a connection of its own."""
    with ThreadPoolExecutor(len(acts)) as pool:
        for done in [pool.submit(closing, act) for act in acts]:
            done.result()


def closing(act: Callable[[], None]) -> None:
    try:
        act()
    finally:
        connection.close()
