"""Reading, agents, links, once only, other ways, proved arrivals, paper, the proof, what is kept."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404

from fengqiao.portal.accounts import mobile_codes
from fengqiao.portal.accounts.models import Organisation, Role
from fengqiao.portal.notices.models import Notice
from fengqiao.portal.notices.tests.test_outbox import Gateway, gateway, run
from fengqiao.portal.parties import disposing
from fengqiao.portal.parties.own_data import kept_of
from fengqiao.portal.parties.retention import rule
from fengqiao.portal.refusal import Conflict, Refusal
from fengqiao.portal.service import actions, confirming, identity, proving, queries, reading
from fengqiao.portal.service.lists import SERVICES
from fengqiao.portal.service.models import Recipient, Trace
from fengqiao.portal.service.tests.people import APPEAL, NOON, House, acting, at_desk
from fengqiao.portal.service.triggers import TRACES
from fengqiao.portal.shell import plans
from fengqiao.portal.vault.sealed import open_sealed

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


def test_reading_is_the_receipt_and_counts_when_nothing_else_did(house: House, gateway: Gateway) -> None:
    house.confirm(account=False, mobile="137" + "00000001")
    row = house.serve(house.party)
    run(NOON)
    document = queries.documents_of(row)[0]
    for minute in (10, 20):
        reading.open_document(
            recipient=row, document=document, person=at_desk(house.investor), now=NOON + dt.timedelta(minutes=minute)
        )  # fmt: skip
    assert now_of(row).read_at == row.served_at == NOON + dt.timedelta(minutes=10)
    assert "打开文书" in row.why and verbs(row).count("read") == 1
    assert row.traces.get(what="read").identity == "登录账号“test-投资者甲”"


def test_an_agent_reads_for_the_party_but_not_a_mediation_statement(house: House, gateway: Gateway) -> None:
    house.confirm(account=False, mobile="137" + "00000001")
    wanted = (("mediation", "notice"), ("judgment", "mediation_statement"))
    rows = [
        house.serve(house.party, stage=stage, kind=kind, now=NOON + step * HOUR)
        for step, (stage, kind) in enumerate(wanted)
    ]
    for row in rows:
        assert [one.pk for one in queries.received_by(house.for_party, NOON).filter(pk=row.pk)] == [row.pk]
        document = queries.documents_of(row)[0]
        reading.open_document(recipient=row, document=document, person=at_desk(house.for_party), now=NOON + 3 * HOUR)
    assert now_of(rows[0]).state == "served" and "代 投资者甲" in rows[0].read_by
    assert now_of(rows[1]).state == "sending" and rows[1].read_at is None
    assert not queries.received_by(house.agent, NOON).exists()


def test_whom_the_party_named_to_receive_is_served_for_them(house: House, gateway: Gateway) -> None:
    house.confirm(account=False, mobile="137" + "00000001", designee=house.agent.user)
    row = house.serve(house.party, kind="mediation_statement")
    assert row.state == "served" and row.dispatches.get(holder="designee").arrived_at == NOON
    assert Notice.objects.filter(user=house.agent.user, template="service.arrived").count() == 1
    with pytest.raises(Refusal, match="代收人"):
        house.confirm(designee=house.handler.user)


def test_staff_who_assist_do_not_read_for_anybody(house: House) -> None:
    house.confirm_on_paper()
    row = house.serve(house.other)
    helping = house.mediator.for_person(house.other.pk, house.other.name)
    assert not queries.received_by(helping, NOON).exists()
    assert not reading.counts(row, at_desk(helping), NOON)


def test_a_link_opens_with_the_code_sent_to_the_confirmed_mobile(house: House, gateway: Gateway) -> None:
    house.confirm_on_paper()
    row = house.serve(house.other)
    token = re.search(r"/service/link/([\w-]+)/", open_sealed(message(row).text))
    assert token and queries.by_digest(queries.digest_of(token[1])) == row
    check = identity.send_code(recipient=row, address="192.0.2.5", device="x", now=NOON)
    assert check.mobile_shown.endswith("0022")
    for _ in range(mobile_codes.TRIES):
        with pytest.raises(Refusal, match="不对"):
            identity.prove(recipient=row, code="xxxxxx", address="", device="", now=NOON)
    with pytest.raises(Refusal, match="次数太多"):
        identity.prove(recipient=row, code="xxxxxx", address="", device="", now=NOON)
    with pytest.raises(Refusal, match="过期"):
        identity.prove(recipient=row, code="xxxxxx", address="", device="", now=NOON + HOUR)


def test_twice_in_one_stage_of_a_case_is_said_and_needs_a_reason(house: House) -> None:
    house.confirm()
    house.serve(house.party)
    with pytest.raises(Refusal, match="已经由本机构送达过一次"):
        house.serve(house.party, now=NOON + HOUR)
    assert Recipient.objects.count() == 1
    again = house.serve(house.party, now=NOON + HOUR, again_reason="补充了金额更正后的文本")
    assert "补充了金额更正后的文本" in again.traces.get(what="begun").note
    assert house.serve(house.party, stage="agreement", now=NOON + 2 * HOUR).state == "served"
    assert house.serve(house.party, case="测调2026-2", now=NOON + 3 * HOUR).state == "served"


def test_another_way_is_registered_with_its_receipt_and_opens_the_deadline(house: House) -> None:
    row = house.serve(house.party, kind="mediation_statement", deadline_rule=APPEAL, deadline_title="提起上诉")
    given: dict[str, Any] = {
        "recipient": row,
        "remark": "",
        "paper": house.document("Receipt"),
        "acting": house.mediator,
    }
    with pytest.raises(Refusal, match="不能用这种方式"):
        actions.serve_otherwise(way="left", day=NOON.date(), now=NOON, **given)
    with pytest.raises(Refusal, match="今天以后"):
        actions.serve_otherwise(way="hand", day=NOON.date() + dt.timedelta(days=1), now=NOON, **given)
    actions.serve_otherwise(way="post", day=NOON.date(), now=NOON + HOUR, **given)
    assert now_of(row).state == "otherwise" and row.served_on == NOON.date() and row.deadline
    with pytest.raises(Conflict):
        actions.serve_otherwise(way="post", day=NOON.date(), now=NOON + HOUR, **given)


def test_a_proved_arrival_moves_the_day_and_the_deadline(house: House) -> None:
    house.confirm()
    row = house.serve(house.party, deadline_rule=APPEAL, deadline_title="提起上诉")
    first, later = row.deadline, NOON + 72 * HOUR
    actions.prove_arrival(
        recipient=row, at=NOON + 48 * HOUR, reason="系统故障记录", acting=house.mediator, now=later
    )  # fmt: skip
    assert now_of(row).served_on == dt.date(2026, 11, 22) and row.deadline != first
    first.refresh_from_db()
    assert first.state == "withdrawn" and row.deadline.starts_on == dt.date(2026, 11, 22)
    with pytest.raises(Refusal, match="发起送达以后"):
        actions.prove_arrival(recipient=row, at=NOON - HOUR, reason="x", acting=house.mediator, now=later)


def test_paper_is_given_to_who_asks_for_a_judgment(house: House) -> None:
    house.confirm()
    plain, judgment = (
        house.serve(house.party),
        house.serve(house.party, stage="judgment", kind="judgment", now=NOON + HOUR),
    )
    with pytest.raises(Refusal, match="没有可以要求"):
        reading.ask_paper(recipient=plain, person=at_desk(house.investor), now=NOON)
    for _ in range(2):
        reading.ask_paper(recipient=judgment, person=at_desk(house.investor), now=NOON + HOUR)
    assert list(queries.paper_asked(house.mediator)) == [judgment]
    actions.give_paper(recipient=judgment, remark="邮寄", acting=house.mediator, now=NOON + 2 * HOUR)
    assert not queries.paper_asked(house.mediator).exists()
    with pytest.raises(Conflict):
        actions.give_paper(recipient=judgment, remark="", acting=house.mediator, now=NOON)


def test_the_proof_says_who_what_when_and_on_which_law(house: House) -> None:
    house.confirm(mobile="137" + "00000001")
    row = house.serve(house.party, kind="judgment", deadline_rule=APPEAL, deadline_title="提起上诉")
    document = queries.documents_of(row)[0]
    reading.open_document(recipient=row, document=document, person=at_desk(house.investor), now=NOON + HOUR)
    proving.make_proof(recipient=now_of(row), acting=house.mediator, now=NOON + 2 * HOUR)
    first = now_of(row).proof
    assert first and first.made
    from fengqiao.portal.documents.queries import place_of
    from fengqiao.portal.signing.reading import count_pages, text_of

    data = place_of(first).read_bytes()
    text = (
        "".join(text_of(data, page) for page in range(1, count_pages(data) + 1))
        .replace("\n", "")
        .translate({32: None, 0x200B: None})
    )
    for words in (row.number, "投资者甲", document.sha256, "2026年11月20日", "第90条", "第135条", "第136条", "待核",
                  "测试调解中心", "登录账号", "137****0001", "没有改动", "提起上诉"):  # fmt: skip
        assert words in text, words
    assert "137" + "00000001" not in text
    proving.make_proof(recipient=row, acting=house.mediator, now=NOON + 3 * HOUR)
    assert now_of(row).proof.version == 2 and row.proof.replaces == first
    waiting = house.serve(house.other, now=NOON + HOUR)
    with pytest.raises(Refusal, match="还没有送达"):
        proving.make_proof(recipient=waiting, acting=house.mediator, now=NOON)


def test_a_changed_trace_shows(house: House) -> None:
    house.confirm()
    row = house.serve(house.party)
    found = Trace.objects.filter(recipient=row, what="arrived")
    for change in (lambda: found.update(at=NOON - HOUR), found.delete):
        with pytest.raises(IntegrityError, match="never changed or removed"), transaction.atomic():
            change()
    with TRACES.lifted(connection):
        found.update(at=NOON - HOUR)
    assert len(queries.untrue(row)) == 1


def test_nobody_serves_on_people_of_others_or_without_the_role(house: House) -> None:
    house.confirm()
    other = Organisation.objects.create(name="另一中心", kind="mediation")
    documents = [(house.document(), "notice")]
    for who in (acting("调解员丙", Role.Kind.MEDIATOR, other), house.investor, house.handler):
        with pytest.raises(Http404):
            actions.serve(title="x", documents=documents, to=[house.party], stage="other", acting=who, now=NOON)
    row = house.serve(house.party)
    stranger = acting("调解员丁", Role.Kind.MEDIATOR, other)
    with pytest.raises(Http404):
        actions.give_paper(recipient=row, remark="", acting=stranger, now=NOON)
    assert not queries.visible_to(stranger).exists() and not queries.received_by(house.agent, NOON).exists()


def test_a_service_is_begun_once_for_a_key(house: House) -> None:
    house.confirm()
    documents = [(house.document(), "notice")]
    given: dict[str, Any] = {"title": "x", "documents": documents, "to": [house.party], "stage": "other",
                             "acting": house.mediator, "now": NOON, "once_key": "agreement:1"}  # fmt: skip
    assert actions.serve(**given) == actions.serve(**given) and Recipient.objects.count() == 1


def test_what_is_kept_is_shown_and_disposed_of_in_time(house: House) -> None:
    made = house.confirm(mobile="137" + "00000001")
    row = house.serve(house.party)
    keys = {section.key: section for section in kept_of(house.party)}
    assert len(keys["services"].rows) == 1 and len(keys["service_addresses"].rows) == 1
    confirming.withdraw(confirmation=made, reason="", acting=house.investor, now=NOON)
    later = NOON.replace(year=NOON.year + 20) + dt.timedelta(days=1)
    for name in ("service_address", "service"):
        kept = rule(name)
        for number in list(kept.due(later).values_list("pk", flat=True)):
            disposing.dispose(rule=kept, number=number, now=later)
        assert not kept.due(later).exists()
    made.refresh_from_db()
    assert not made.mobile and not made.text and now_of(row).name == "（已处置）" and row.served_on


def test_the_list_is_read_from_an_index(db: None) -> None:
    assert plans.problems(SERVICES) == []
