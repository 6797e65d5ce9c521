"""Results published to the investors: each sees their own, by identity number and confirmed mobile, nobody else's."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Identity, Organisation, Role
from fengqiao.portal.audit.models import Event
from fengqiao.portal.claims import actions, publishing, queries
from fengqiao.portal.claims.models import CaseInvestor, MassCase, MeasurementRun
from fengqiao.portal.claims.tests.made_case import NOW, person, ready_case, write_files
from fengqiao.portal.claims.tests.test_pages import browser, finish_waiting
from fengqiao.portal.notices.models import Notice
from fengqiao.portal.notices.subjects import page_of
from fengqiao.portal.parties.tests.people import MOBILE, OTHER, YOUNG, own
from fengqiao.portal.parties.tests.people import person as investor_of
from fengqiao.portal.refusal import Conflict
from fengqiao.portal.shell.words import amount_text
from fengqiao.portal.vault.sealed import open_sealed

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(tmp_path_factory.mktemp("case"), 40)


@pytest.fixture
def measurer() -> Acting:
    body = Organisation.objects.create(kind=Organisation.Kind.SERVICES_CENTRE, name="测试服务中心")
    return person("测算员甲", Role.Kind.MEASURER, body)


@pytest.fixture
def run(files: Path, measurer: Acting) -> MeasurementRun:
    made = actions.start_run(case=ready_case(files, measurer), acting=measurer, now=NOW)
    finish_waiting()
    made.refresh_from_db()
    return made


@pytest.fixture
def investor() -> Acting:
    found = investor_of("投资者甲", Role.Kind.INVESTOR, number=YOUNG)
    own(found)
    return found


def noted(run: MeasurementRun, measurer: Acting, number: str = YOUNG, mobile: str = MOBILE) -> CaseInvestor:
    """The one with the largest loss is this person."""
    largest = queries.investors_of(run).order_by("-total").first()
    assert largest is not None
    people = [publishing.Person(largest.investor, number, mobile)]
    publishing.note_people(case=run.case, people=people, acting=measurer, now=NOW)
    return CaseInvestor.objects.get(case=run.case, investor=largest.investor)


def test_an_investor_sees_amount_and_reasons_once_they_are_published(
    run: MeasurementRun, measurer: Acting, investor: Acting
) -> None:
    row = noted(run, measurer)
    client, office = browser(investor), browser(measurer)
    address = f"/claims/own/{row.pk}/"
    assert client.get(address).status_code == 404
    assert run.case.title not in client.get("/").content.decode()
    assert office.post(f"/claims/runs/{run.pk}/publish/").status_code == 302
    total = queries.investors_of(run).order_by("-total").values_list("total", flat=True)[0]
    start = client.get("/").content.decode()
    assert run.case.title in start and amount_text(total) in start and address in start
    page = client.get(address).content.decode()
    assert amount_text(total) in page and "法释〔2022〕2号" in page and measurer.organisation.name in page
    assert client.get(f"{address}pdf/").content.startswith(b"%PDF")
    read = Event.objects.filter(verb__startswith="claims.own_statement")
    assert {event.user_id for event in read} == {investor.user.pk} and read.count() == 2
    assert office.post(f"/claims/{run.case_id}/withdraw/").status_code == 302
    assert client.get(address).status_code == 404
    assert run.case.title not in client.get("/").content.decode()


@pytest.mark.parametrize(("number", "mobile"), [(OTHER, MOBILE), (YOUNG, "138" + "00000002")])
def test_one_of_the_two_is_not_enough(
    run: MeasurementRun, measurer: Acting, investor: Acting, number: str, mobile: str
) -> None:
    row = noted(run, measurer, number, mobile)
    publishing.publish(run=run, acting=measurer, now=NOW)
    assert browser(investor).get(f"/claims/own/{row.pk}/").status_code == 404


def test_what_is_pasted_is_taken_whole_or_not_at_all(run: MeasurementRun, measurer: Acting) -> None:
    client, address = browser(measurer), f"/claims/{run.case_id}/people/"
    first, second = queries.investors_of(run).values_list("investor", flat=True)[:2]
    good = f"投资者编号\t证件号码\t手机号码\n{first}\t{YOUNG}\t{MOBILE}\n\n{second}，{OTHER}，{MOBILE}\n"
    wrong = good + f"Z999,{YOUNG},{MOBILE}\n{first},{YOUNG[:-1]}0,{MOBILE}\n{second},{OTHER}\n"
    page = client.post(address, {"lines": wrong}).content.decode()
    for sentence in ("第 7 行", "第 6 行", "没有编号 Z999", f"编号 {first} 写了不止一行", "读到 2 项"):
        assert sentence in page, sentence
    assert OTHER in page, "what was typed is still there"
    assert not CaseInvestor.objects.exists()
    assert client.post(address, {"lines": good}).status_code == 302
    row = CaseInvestor.objects.get(investor=first)
    assert (open_sealed(row.number), open_sealed(row.mobile)) == (YOUNG, MOBILE)
    assert YOUNG not in client.get(address).content.decode()
    again = f"{first} {OTHER} {MOBILE}"
    assert "更新 1 人" in client.post(address, {"lines": again}, follow=True).content.decode()
    assert open_sealed(CaseInvestor.objects.get(investor=first).number) == OTHER
    assert CaseInvestor.objects.count() == 2
    assert client.post(f"{address}{row.pk}/remove/").status_code == 302
    assert [one.investor for one in CaseInvestor.objects.all()] == [second]


def test_nothing_is_published_twice_and_others_publish_nothing(run: MeasurementRun, measurer: Acting) -> None:
    judge = person("法官甲", Role.Kind.JUDGE, measurer.organisation)
    assert browser(judge).post(f"/claims/runs/{run.pk}/publish/").status_code == 404
    publishing.publish(run=run, acting=measurer, now=timezone.now())
    with pytest.raises(Conflict, match="已经公布"):
        publishing.publish(run=run, acting=measurer, now=timezone.now())
    assert MassCase.objects.get(pk=run.case_id).published_id == run.pk
    assert not Identity.objects.exists()


def test_who_has_an_account_hears_of_it_once(run: MeasurementRun, measurer: Acting, investor: Acting) -> None:
    row = noted(run, measurer)
    others = queries.investors_of(run).exclude(investor=row.investor).values_list("investor", flat=True)[:2]
    strangers = [publishing.Person(others[0], OTHER, MOBILE), publishing.Person(others[1], YOUNG, f"137{9:08d}")]
    publishing.note_people(case=run.case, people=strangers, acting=measurer, now=NOW)
    publishing.publish(run=run, acting=measurer, now=NOW)
    finish_waiting()
    told = Notice.objects.filter(subject_kind="claims.caseinvestor")
    assert {(one.user_id, one.subject_id) for one in told} == {(investor.user.pk, str(row.pk))}
    assert {one.channel for one in told} == {"in_app", "sms"}
    bell = told.get(channel="in_app")
    said = open_sealed(bell.text)
    assert run.case.title in said and measurer.organisation.name in said
    assert page_of(bell, investor) == f"/claims/own/{row.pk}/"
    assert browser(investor).get(f"/claims/own/{row.pk}/").status_code == 200
    late = [publishing.Person(others[0], YOUNG, MOBILE)]
    publishing.note_people(case=MassCase.objects.get(pk=run.case_id), people=late, acting=measurer, now=NOW)
    finish_waiting()
    assert told.filter(channel="in_app").count() == 2, "who is noted later is told, the others are not told again"
    publishing.withdraw(case=MassCase.objects.get(pk=run.case_id), acting=measurer, now=NOW)
    assert page_of(bell, investor) is None


def test_whose_number_it_is_after_a_mistake_hears_of_it_too(
    run: MeasurementRun, measurer: Acting, investor: Acting
) -> None:
    row = noted(run, measurer)
    publishing.publish(run=run, acting=measurer, now=NOW)
    finish_waiting()
    second = investor_of("投资者乙", Role.Kind.INVESTOR, number=OTHER)
    own(second)
    publishing.note_people(
        case=MassCase.objects.get(pk=run.case_id), people=[publishing.Person(row.investor, OTHER, MOBILE)],
        acting=measurer, now=NOW,
    )  # fmt: skip
    finish_waiting()
    told = Notice.objects.filter(subject_kind="claims.caseinvestor", channel="in_app").order_by("created_at")
    assert [one.user_id for one in told] == [investor.user.pk, second.user.pk]
    assert [page_of(one, who) for one, who in zip(told, (investor, second), strict=True)] == [
        None, f"/claims/own/{row.pk}/"
    ]  # fmt: skip
