"""Special needs: what each asks for, who may note, see, review and end them, what stays when it is withdrawn."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.http import Http404

from fengqiao.portal.accounts import voice
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Role
from fengqiao.portal.audit.models import Event
from fengqiao.portal.documents.models import Content, Document
from fengqiao.portal.documents.queries import place_of, readable
from fengqiao.portal.parties import actions, authorising, consenting, jobs, needs, noting, queries
from fengqiao.portal.parties.measures import measures, need_kinds
from fengqiao.portal.parties.models import Party, SpecialNeed
from fengqiao.portal.parties.tests.people import (
    DAY,
    NOW,
    OLD,
    TODAY,
    YOUNG,
    house,
    own,
    person,
    picture,
    submitted,
    taken_in,
)
from fengqiao.portal.parties.tests.test_people import logged_in
from fengqiao.portal.shell.errors import Conflict, Refusal
from fengqiao.portal.workbench.asking import items_of
from fengqiao.portal.workbench.parties import questions

pytestmark = pytest.mark.django_db
Kind = SpecialNeed.Kind
TABLE = list(csv.DictReader(Path(__file__).with_name("needs.csv").open(encoding="utf-8")))
"""Every kind of need with every detail, and each measure that it asks for."""
KEYS = [key for key in TABLE[0] if key not in ("kind", "detail")]


@pytest.fixture
def mediator(db: Any) -> Acting:
    return person("调解员丙", Role.Kind.MEDIATOR, house())


@pytest.fixture
def investor(db: Any) -> Acting:
    return person("投资者甲", Role.Kind.INVESTOR, number=YOUNG)


def agreed(investor: Acting) -> Party:
    party = own(investor)
    consenting.give(party=party, purpose="special_needs", passed_to=None, on_paper="", acting=investor, now=NOW)
    return party


def noted(party: Party, acting: Acting, kind: str, **more: Any) -> SpecialNeed:
    given = {"since": TODAY, "evidence": "", "now": NOW, **more}
    return noting.note_need(party=party, kind=kind, acting=acting, **given)


def test_the_table_names_everything() -> None:
    assert list(measures()) == KEYS
    rows = {(row["kind"], row["detail"]) for row in TABLE}
    details = {(kind.key, one.key) for kind in need_kinds().values() for one in kind.details}
    assert rows == details | {(kind, "") for kind in Kind.values}
    assert set(need_kinds()) == set(Kind.values)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row['kind']}-{row['detail']}")
def test_each_need_asks_for_what_the_table_says(row: dict[str, str], investor: Acting) -> None:
    party = agreed(investor)
    noted(party, investor, row["kind"], detail=row["detail"])
    care = needs.care_of(Party.objects.get(pk=party.pk), NOW)
    assert {key: care.has(key) for key in KEYS} == {key: row[key] == "1" for key in KEYS}
    assert needs.care_of_user(investor.user, NOW) == care
    party.refresh_from_db()
    assert party.priority == need_kinds()[row["kind"]].weight
    assert needs.offers_elder_mode(investor, NOW) == (row["elder_mode"] == "1")
    assert (needs.early_days(investor.user, NOW) == 7) == (row["early"] == "1")
    way = needs.code_way(party, NOW)
    assert way.lasts == (dt.timedelta(minutes=30) if row["more_time"] == "1" else None)
    assert way.spoken == (row["voice_codes"] == "1")
    assert voice.way_for(investor.user, NOW) == way
    page = logged_in(investor).get("/parties/me/").content.decode()
    assert [one.person in page for one in measures().values()] == [row[key] == "1" for key in KEYS]


def test_who_cannot_be_called_is_not_called_whatever_else(investor: Acting) -> None:
    party = agreed(investor)
    noted(party, investor, Kind.HEARING)
    noted(party, investor, Kind.SIGHT)
    care = needs.care_of(Party.objects.get(pk=party.pk), NOW)
    assert care.has("no_calls")
    assert not care.has("call")
    assert "不打电话" in care.contact
    with pytest.raises(ValueError, match="No measure"):
        care.has("shout")


def test_who_may_note_a_need(mediator: Acting, investor: Acting) -> None:
    party = taken_in(mediator, kinds=("language",))
    agent = person("代理人辛", Role.Kind.AGENT)
    one = submitted(agent, name=party.name, number=YOUNG)
    authorising.accept(authorisation=one, acting=mediator, now=NOW)
    for other in (
        investor, agent, agent.for_person(party.pk, party.name),
        person("管理员己", Role.Kind.ADMINISTRATOR, mediator.organisation),
        person("调解员戊", Role.Kind.MEDIATOR, house(name="别的调解")),
        person("测算员庚", Role.Kind.MEASURER, mediator.organisation),
    ):  # fmt: skip
        with pytest.raises(Http404):
            noted(party, other, Kind.SIGHT)
        with pytest.raises(Http404):
            noting.end_need(need=party.needs.get(), acting=other, now=NOW)
        with pytest.raises(Http404):
            noting.reveal_need(need=party.needs.get(), reason="核对情况", acting=other, now=NOW)
    need = noted(party, mediator, Kind.SIGHT, detail="low", evidence="出示残疾人证")
    assert (need.source, need.noted_by) == ("word", mediator.user)
    event = Event.objects.filter(verb="parties.need_noted").latest("number")
    assert (event.name, event.on_behalf_of_name) == ("调解员丙", party.name)
    mine = agreed(investor)
    assert noted(mine, investor, Kind.HEARING).source == "own"


def test_nothing_without_a_separate_consent_nor_twice_nor_out_of_time(investor: Acting) -> None:
    party = own(investor)
    with pytest.raises(Refusal, match="单独同意"):
        noted(party, investor, Kind.SIGHT)
    agreed(investor)
    noted(party, investor, Kind.SIGHT)
    for kind, more, said in (
        (Kind.SIGHT, {}, "已经记录过"),
        (Kind.HARDSHIP, {"detail": "blind"}, "不属于"),
        (Kind.HARDSHIP, {"since": TODAY + DAY}, "今天以后"),
        (Kind.HARDSHIP, {"until": TODAY - DAY}, "已经过去"),
    ):
        with pytest.raises(Refusal, match=said):
            noted(party, investor, kind, **more)
    assert party.needs.count() == 1


def test_staff_see_what_to_do_and_reveal_why_with_a_reason(mediator: Acting) -> None:
    party = taken_in(mediator)
    consenting.give(party=party, purpose="special_needs", passed_to=None, on_paper="卷2", acting=mediator, now=NOW)
    need = noted(party, mediator, Kind.MIND, detail="represented", evidence="第12号判决")
    client, fresh = logged_in(mediator), logged_in(mediator, fresh=True)
    for page in (client.get("/parties/people/"), client.get(f"/parties/people/{party.pk}/")):
        text = page.content.decode()
        assert "由法定代理人办理" in text
        assert "智力" not in text
        assert "第12号判决" not in text
    manager = logged_in(person("管理员己", Role.Kind.ADMINISTRATOR, mediator.organisation), fresh=True)
    for page in ("/parties/people/", f"/parties/people/{party.pk}/"):
        text = manager.get(page).content.decode()
        assert "优先办理" in text
        assert "法定代理人" not in text
    address = f"/parties/people/{party.pk}/needs/{need.pk}/reveal/"
    assert manager.get(address).status_code == 404
    assert client.get(address).status_code == 302, "asks again who it is"
    assert "智力" not in fresh.post(address, {"reason": "看"}).content.decode()
    assert not Event.objects.filter(verb="vault.revealed").exists()


@pytest.mark.django_db(transaction=True)
def test_what_was_revealed_stands_in_the_audit_and_the_person_sees_it() -> None:
    mediator = person("调解员丙", Role.Kind.MEDIATOR, house())
    party = taken_in(mediator, kinds=("hardship",))
    need = party.needs.get()
    answer = logged_in(mediator, fresh=True).post(
        f"/parties/people/{party.pk}/needs/{need.pk}/reveal/", {"reason": "准备低保证明"}
    )
    assert "生活困难" in answer.content.decode()
    assert answer["Cache-Control"] == "private, no-store"
    event = Event.objects.get(verb="vault.revealed")
    assert (event.subject_id, event.reason) == (str(party.pk), "准备低保证明")
    assert "准备低保证明" in str(list(queries.revealed(party).values_list("reason", flat=True)))


def test_which_need_it_is_stands_nowhere_in_the_database(investor: Acting) -> None:
    party = agreed(investor)
    noted(party, investor, Kind.HEARING, detail="sign", evidence="残疾人证一级")
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            text = str([[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in cursor.fetchall()])
            assert "hearing" not in text, table
            assert "残疾人证一级" not in text, table


def test_evidence_is_a_file_for_those_who_deal_with_it_and_goes_with_the_consent(
    mediator: Acting, investor: Acting, django_capture_on_commit_callbacks: Any
) -> None:
    party = own(investor)
    actions.hand_over(
        party=party, organisation=mediator.organisation, matter="调解", basis="依法受理", acting=investor, now=NOW
    )
    answer = logged_in(investor).post(
        f"/parties/people/{party.pk}/needs/new/",
        {"kind": "sight", "detail": "sight.blind", "since": "2026-11-01", "agreed": "on", "file": picture()},
    )
    assert answer.status_code == 302
    need = party.needs.get()
    assert (need.key, need.detail_label) == ("sight", "看不见，用读屏或者请人念")
    file = need.file
    place = place_of(file)
    assert readable(file.pk, investor) == file == readable(file.pk, mediator)
    assert readable(file.pk, person("管理员己", Role.Kind.ADMINISTRATOR, mediator.organisation)) is None
    assert readable(file.pk, person("调解员戊", Role.Kind.MEDIATOR, house(name="别的调解"))) is None
    with django_capture_on_commit_callbacks(execute=True):
        consenting.withdraw(consent=party.consents.get(purpose="special_needs"), acting=investor, now=NOW)
    need.refresh_from_db()
    party.refresh_from_db()
    assert (need.key, need.detail_label, str(need.evidence), need.file, need.ending) == ("", "", "", None, "consent")
    assert party.priority == 0
    assert not needs.care_of(party, NOW)
    assert not Document.objects.exists()
    assert not Content.objects.exists()
    assert not place.exists()
    with pytest.raises(Refusal, match="清除"):
        noting.reveal_need(need=need, reason="核对情况", acting=mediator, now=NOW)


def test_a_refused_need_leaves_no_file(investor: Acting) -> None:
    party = agreed(investor)
    noted(party, investor, Kind.SIGHT)
    answer = logged_in(investor).post(
        f"/parties/people/{party.pk}/needs/new/", {"kind": "sight", "since": "2026-11-01", "file": picture()}
    )
    assert "已经记录过" in answer.content.decode()
    assert not Document.objects.exists()


def test_hardship_is_reviewed_and_what_ends_ends(mediator: Acting) -> None:
    party = taken_in(mediator, kinds=("hardship",))
    need = party.needs.get()
    assert need.review_on == dt.date(2027, 11, 20)
    later = NOW + dt.timedelta(days=366)
    noting.note_told(party=party, how="read", acting=mediator, now=NOW)
    assert not [item for item in items_of(questions(mediator, NOW), mediator) if "复核" in item.title]
    assert [item.title for item in items_of(questions(mediator, later), mediator)] == [f"复核特殊需要：{party.name}"]
    with pytest.raises(Refusal, match="今天以后"):
        noting.review_need(need=need, detail="", review_on=TODAY, evidence="", acting=mediator, now=NOW)
    noting.review_need(
        need=need, detail="minimum", review_on=dt.date(2028, 11, 20), evidence="低保证明", acting=mediator, now=later
    )
    assert not list(items_of(questions(mediator, later), mediator))
    need.refresh_from_db()
    assert need.detail_label == "最低生活保障家庭（低保）"
    ending = noted(party, mediator, Kind.SERIOUSLY_ILL, until=TODAY + 10 * DAY)
    assert needs.care_of(Party.objects.get(pk=party.pk), NOW + 10 * DAY).has("visit")
    assert not needs.care_of(Party.objects.get(pk=party.pk), NOW + 11 * DAY).has("visit"), "before the job has run"
    assert jobs.end_lapsed_needs(NOW + 10 * DAY) == 0
    assert jobs.end_lapsed_needs(NOW + 11 * DAY) == 1
    assert jobs.end_lapsed_needs(NOW + 11 * DAY) == 0
    ending.refresh_from_db()
    party.refresh_from_db()
    assert (ending.ending, party.priority) == ("lapsed", 30)
    assert Event.objects.filter(verb="parties.need_lapsed").count() == 1
    with pytest.raises(Conflict):
        noting.end_need(need=ending, acting=mediator, now=NOW)


def test_an_old_person_with_two_records_becomes_one(mediator: Acting) -> None:
    party = taken_in(mediator, name="投资者丁", number=OLD)
    registered = person("投资者丁", Role.Kind.INVESTOR, number=OLD)
    own(registered)
    joined = actions.link_account(party=party, acting=mediator, now=NOW)
    assert [need.key for need in queries.needs_of(joined)] == ["elderly"]
    assert joined.needs.filter(ending="double").count() == 1


def test_who_was_handed_over_is_told_of_help_by_those_who_deal_with_them(mediator: Acting, investor: Acting) -> None:
    party = agreed(investor)
    noted(party, investor, Kind.HARDSHIP)
    assert not list(items_of(questions(mediator, NOW), mediator))
    actions.hand_over(
        party=party, organisation=mediator.organisation, matter="调解", basis="依法受理", acting=investor, now=NOW
    )
    assert [item.title for item in items_of(questions(mediator, NOW), mediator)] == [
        f"告知社会救助和法律援助：{party.name}"
    ]
