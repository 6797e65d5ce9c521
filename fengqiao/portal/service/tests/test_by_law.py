"""Parties who do not act themselves: their guardian agrees, receives and reads; what the ward does does not count."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from fengqiao.portal.accounts.models import Role
from fengqiao.portal.audit.models import Event
from fengqiao.portal.notices.models import Notice
from fengqiao.portal.notices.tests.test_outbox import Gateway, gateway
from fengqiao.portal.parties.models import Authorisation
from fengqiao.portal.parties.own_data import SECTIONS
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.service import actions, by_law, confirming, frames, queries, reading
from fengqiao.portal.service.confirming import Given
from fengqiao.portal.service.models import Confirmation, Recipient
from fengqiao.portal.service.reading import Person
from fengqiao.portal.service.tests.people import APPEAL, NOON, House, acting, at_desk, guardian_of
from fengqiao.portal.service.tests.test_service_pages import logged_in, upload

__all__ = ["gateway"]
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
ACCOUNT = Given(electronic=True, use_account=True)


@pytest.fixture
def house(db: None) -> House:
    return House()


def now_of(row: Recipient) -> Recipient:
    row.refresh_from_db()
    return row


def read(row: Recipient, by: Any, now: dt.datetime) -> Recipient:
    person = Person(by, None, "192.0.2.9", "test", by_law.right_of(row.party, by, now))
    reading.open_document(recipient=row, document=queries.documents_of(row)[0], person=person, now=now)
    return now_of(row)


def told(row: Recipient) -> set[str]:
    return {one.user.name for one in Notice.objects.filter(subject_id=str(row.pk)).exclude(user=None) if one.user}


def test_the_guardian_is_served_hears_of_it_and_sees_to_what_begins(house: House) -> None:
    """What the ward agreed to before counts no longer; nor does what they say now."""
    house.confirm()
    guardian = guardian_of(house, house.party)
    row = house.serve(house.party, kind="judgment")
    assert row.state == "other_way" and "法定代理人监护人甲没有同意" in row.problem
    with pytest.raises(Refusal, match="由法定代理人办理"):
        house.confirm(now=NOON)
    made = confirming.confirm(to=house.party, given=ACCOUNT, acting=guardian, now=NOON)
    assert made.guardianship and "我是投资者甲的法定代理人（父母）" in made.text and "test-监护人甲" in made.text
    assert made.recipient_name == "监护人甲" and Confirmation.objects.filter(ended_at=None).get() == made

    served = house.serve(
        house.party, kind="judgment", stage="judgment", deadline_rule=APPEAL, deadline_title="提起上诉", now=NOON + HOUR
    )
    assert served.state == "served" and "到达法定代理人确认的平台账号" in served.why
    assert served.guardianship == made.guardianship and served.taker == "法定代理人 监护人甲 代 投资者甲"
    dispatch = served.dispatches.get()
    assert (dispatch.holder, dispatch.shown) == ("guardian", "test-监护人甲")
    assert served.deadline and served.deadline.user == guardian.user and served.deadline.due_on
    assert told(served) == {"监护人甲", "投资者甲"}, "the ward who has an account may know of it"
    assert "监护证明 SHA-256 abab" in served.traces.get(what="guardian").note and not queries.untrue(served)
    assert Event.objects.filter(verb="service.guardian", case=served.number).exists()


def test_only_the_guardians_reading_counts_and_it_counts_for_a_mediation_statement(
    house: House, gateway: Gateway
) -> None:  # fmt: skip
    guardian = guardian_of(house, house.party)
    mobile = Given(electronic=True, mobile="137" + "00000055")
    confirming.confirm(to=house.party, given=mobile, acting=guardian, now=NOON)
    row = house.serve(house.party, kind="mediation_statement")
    assert row.state == "sending" and row.dispatches.get().shown == "137****0055"
    assert not row.token_digest, "a guardian logs in; there is no link to somebody's telephone"
    assert read(row, house.investor, NOON + HOUR).state == "sending"
    assert read(row, house.for_party, NOON + HOUR).read_at is None, "an agent, not named"
    row = read(row, guardian, NOON + 2 * HOUR)
    assert row.state == "served" and row.served_at == NOON + 2 * HOUR and "法定代理人核对身份后打开文书" in row.why
    assert row.read_by == "法定代理人 监护人甲 代 投资者甲"


def test_without_a_guardian_on_record_nothing_goes_electronically(house: House) -> None:
    house.confirm()
    guardian = guardian_of(house, house.party)
    confirming.confirm(to=house.party, given=ACCOUNT, acting=guardian, now=NOON)
    held = Authorisation.objects.filter(agent=guardian.user)
    held.update(state="ended", ending="replaced", ended_at=NOON)  # another one follows
    row = house.serve(house.party, now=NOON + HOUR)
    assert row.state == "other_way" and "没有经审核接受的法定代理人" in row.problem
    with pytest.raises(Refusal, match="没有经审核接受的法定代理人"):
        actions.try_again(recipient=row, acting=house.mediator, now=NOON + HOUR)
    follower = guardian_of(house, house.party, "监护人乙", relation="appointed")
    with pytest.raises(Refusal, match="监护人乙没有同意"):
        actions.try_again(recipient=row, acting=house.mediator, now=NOON + 2 * HOUR)
    confirming.confirm(to=house.party, given=ACCOUNT, acting=follower, now=NOON + 2 * HOUR)
    actions.try_again(recipient=row, acting=house.mediator, now=NOON + 3 * HOUR)
    assert now_of(row).state == "served" and row.guardianship and row.guardianship.agent == follower.user


def test_who_recovers_is_served_themself_and_what_the_guardian_agreed_to_is_over(house: House) -> None:
    guardian = guardian_of(house, house.party)
    confirming.confirm(to=house.party, given=ACCOUNT, acting=guardian, now=NOON)
    Authorisation.objects.filter(agent=guardian.user).update(state="ended", ending="recovered", ended_at=NOON + HOUR)
    later = NOON + DAY
    assert queries.address_for(house.party, "", later) is None
    assert house.serve(house.party, now=later).state == "other_way"
    house.confirm(now=later)
    row = house.serve(house.party, stage="agreement", now=later)
    assert row.state == "served" and row.guardianship is None and "受送达人确认的平台账号" in row.why


def test_of_two_guardians_one_confirms_and_both_hear(house: House) -> None:
    one, other = (guardian_of(house, house.other, name) for name in ("监护人甲", "监护人乙"))
    confirming.confirm(to=house.other, given=ACCOUNT, acting=one, now=NOON)
    row = house.serve(house.other)
    assert row.state == "served" and told(row) == {"监护人甲", "监护人乙"}
    assert row.dispatches.count() == 1, "what the other one did not confirm is no address"
    assert reading.counts(row, at_desk(other), NOON)


def test_staff_register_only_what_the_guardian_signed(house: House) -> None:
    guardian = guardian_of(house, house.other)
    right = by_law.held(house.other, NOON).get()
    with pytest.raises(Refusal, match="须由法定代理人签署"):
        house.confirm_on_paper()
    made = house.confirm_on_paper(guardianship=right)
    assert made.guardianship == right
    row = house.serve(house.other)
    assert row.state == "sending" and row.guardianship == right and row.dispatches.get().holder == "guardian"
    Authorisation.objects.filter(pk=right.pk).update(state="ended", ending="replaced", ended_at=NOON)
    with pytest.raises(Refusal, match="还没有经审核接受的法定代理人"):
        house.confirm_on_paper(guardianship=right)
    assert guardian.behalf


def test_the_ward_does_not_take_back_what_the_guardian_agreed_to(house: House) -> None:
    guardian = guardian_of(house, house.party)
    made = confirming.confirm(to=house.party, given=ACCOUNT, acting=guardian, now=NOON)
    with pytest.raises(Http404):
        confirming.withdraw(confirmation=made, reason="不要", acting=house.investor, now=NOON)
    confirming.withdraw(confirmation=made, reason="", acting=guardian, now=NOON)
    made.refresh_from_db()
    assert made.ending == "withdrawn"


def test_an_entrusted_agent_is_no_guardian(house: House) -> None:
    guardian_of(house, house.party)
    assert by_law.right_of(house.party, house.for_party, NOON) is None
    assert queries.who_confirms(house.for_party, NOON) is None and not queries.may_confirm(house.for_party, NOON)
    with pytest.raises(Http404):
        confirming.confirm(to=house.party, given=ACCOUNT, acting=house.for_party, now=NOON)
    stranger = acting("监护人丙", "agent").for_person(house.party.pk, house.party.name)
    assert by_law.right_of(house.party, stranger, NOON) is None


def test_the_proof_says_through_whom_by_what_right_and_what_is_not_certain(house: House) -> None:
    guardian = guardian_of(house, house.party)
    confirming.confirm(to=house.party, given=ACCOUNT, acting=guardian, now=NOON)
    row = house.serve(house.party)
    facts = dict(frames.facts(row))
    assert facts["受送达人"] == "投资者甲"
    assert facts["法定代理人"].startswith(
        "监护人甲（父母；原因：人民法院认定的无民事行为能力人），经测试调解中心审核接受"
    )
    assert "由法定代理人监护人甲确认" in facts["送达地址确认书"]
    assert any("第60条" in line and "待核" in line for line in frames.basis(row, NOON))
    assert frames.of_dispatch(row.dispatches.get())[0] == "法定代理人平台账号"
    assert frames.proof_pdf(row, now=NOON).startswith(b"%PDF")


def test_the_wards_own_data_do_not_hold_the_guardians_number(house: House) -> None:
    guardian = guardian_of(house, house.party)
    mobile = Given(electronic=True, mobile="137" + "00000055", mail="a@example.cn")
    confirming.confirm(to=house.party, given=mobile, acting=guardian, now=NOON)
    rows = [part for section in SECTIONS for part in section(house.party) if part.key == "service_addresses"]
    assert "（法定代理人的）" in str(rows) and "137" + "00000055" not in str(rows)


@pytest.mark.django_db(transaction=True)
def test_pages_of_ward_guardian_and_staff() -> None:
    house, now = House(), timezone.now()
    guardian_of(house, house.party)
    ward = logged_in(house.investor)
    page = ward.get(reverse("service:address")).content.decode()
    assert "由法定代理人确认" in page and "监护人甲" in page and '<form class="form-card"' not in page
    assert ward.post(reverse("service:address"), {"electronic": "yes", "use_account": "on"}).status_code != 302
    staff = logged_in(house.mediator)
    paper = reverse("service:address_on_paper", args=(house.party.pk,))
    assert "确认书须由法定代理人签署" in staff.get(paper).content.decode()
    given = {"electronic": "yes", "mobile": "137" + "00000044", "valid_from": "2026-01-05"}
    refused = staff.post(paper, {**given, "files": upload("确认书.pdf", "P")})
    assert refused.status_code == 200 and "请选择由哪一位法定代理人签署" in refused.content.decode()
    row = house.serve(house.party, now=now)
    back = staff.get(reverse("service:recipient", args=(row.pk,))).content.decode()
    assert "应当交法定代理人（监护人甲）签收" in back
    assert "本人签收的，不要登记为送达" in staff.get(reverse("service:other_way", args=(row.pk,))).content.decode()

    guardian = Authorisation.objects.get(kind="guardian").agent
    client = ward.__class__()
    client.force_login(guardian)
    place = reverse("service:received", args=(row.pk,))
    asked = client.get(place)
    assert asked.status_code == 200 and "代投资者甲打开文书" in asked.content.decode()
    assert now_of(row).traces.filter(what="read").count() == 0
    document = reverse("service:open", args=(row.pk, 1))
    assert "代投资者甲打开文书" in client.get(document).content.decode() and now_of(row).read_at is None
    assert "投资者甲" in client.get(reverse("service:mine")).content.decode()
    own = Role.objects.create(user=guardian, kind=Role.Kind.INVESTOR, granted_at=now)
    wearing = ward.__class__()
    wearing.force_login(guardian)
    session = wearing.session
    session["role"] = own.pk
    session.save()
    assert "换成代理人打开" in wearing.get(document).content.decode() and now_of(row).read_at is None
    agent = guardian.roles.get(kind=Role.Kind.AGENT)
    worn = wearing.post(reverse("accounts:wear_role"), {"role": agent.pk, "next": place})
    assert worn.status_code == 302 and worn["Location"] == place
    assert "代投资者甲打开文书" in wearing.get(place).content.decode()
    own.ended_at = now
    own.save(update_fields=("ended_at",))
    chosen = client.post(reverse("parties:act_for"), {"party": house.party.pk, "next": place})
    assert chosen.status_code == 302 and chosen["Location"] == place
    assert "您作为投资者甲的法定代理人接收" in client.get(place).content.decode()
    assert "没有您的确认，不会电子送达" in client.get(reverse("service:address")).content.decode()
    done = client.post(reverse("service:address"), {"electronic": "yes", "use_account": "on"})
    assert done.status_code == 302
    again = staff.post(reverse("service:try_again", args=(row.pk,)))
    assert again.status_code == 302 and now_of(row).state == "served"
    assert re.search(r"由法定代理人接收</dt><dd>监护人甲", staff.get(again["Location"]).content.decode())
    other = logged_in(house.agent)
    assert other.get(place).status_code == 404, "an entrusted agent has to choose first, as before"
