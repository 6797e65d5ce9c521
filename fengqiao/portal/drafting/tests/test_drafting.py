"""Filling in forms: step by step, by one and by two, until documents are made of them."""

from __future__ import annotations

import io
import threading
from typing import Any

import pytest
from django.db import connection
from django.http import Http404
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from fengqiao.engine import forms
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Organisation, Role
from fengqiao.portal.audit.models import Event
from fengqiao.portal.documents.queries import place_of, versions_of
from fengqiao.portal.drafting import actions, contents, prefill, queries
from fengqiao.portal.drafting.forms import StepForm
from fengqiao.portal.drafting.lists import FILLINGS
from fengqiao.portal.drafting.models import Filling
from fengqiao.portal.drafting.steps import step_of, step_with, steps_of
from fengqiao.portal.drafting.tests.posted import posted
from fengqiao.portal.parties import consenting, disposing
from fengqiao.portal.parties.models import Scope
from fengqiao.portal.parties.tests.people import DAY, MOBILE, NOW, OTHER, YOUNG, house, own, person, submitted, taken_in
from fengqiao.portal.parties.tests.test_people import logged_in
from fengqiao.portal.refusal import Conflict, Refusal
from fengqiao.portal.shell import plans

pytestmark = pytest.mark.django_db
AGREEMENT = "mediation_agreement"


@pytest.fixture
def mediator() -> Acting:
    return person("调解员丙", Role.Kind.MEDIATOR, house())


@pytest.fixture
def investor() -> Acting:
    return person("投资者甲", Role.Kind.INVESTOR, number=YOUNG)


def begun(acting: Acting, form: str = AGREEMENT, **data: Any) -> Filling:
    return actions.begin(form=form, name="", data=data, acting=acting, now=NOW)


def saved(filling: Filling, key: str, values: dict[str, Any], acting: Acting, revision: int = 0) -> Filling:
    step = step_of(filling.form, key)
    assert step is not None
    return actions.save_step(filling=filling, step=step, values=values, revision=revision, acting=acting, now=NOW)


def whole(acting: Acting, form: str = AGREEMENT) -> Filling:
    return begun(acting, form, **forms.sample(form))


def fresh(filling: Filling) -> Filling:
    return Filling.objects.get(pk=filling.pk)


@pytest.mark.parametrize("form", [one.key for one in forms.known()])
def test_every_form_is_filled_in_step_by_step_as_a_browser_does(mediator: Acting, form: str) -> None:
    client, sample = logged_in(mediator), forms.sample(form)
    assert client.get(reverse("drafting:begin", args=(form,))).status_code == 200
    assert client.post(reverse("drafting:begin", args=(form,)), {"name": "示例"}).status_code == 302
    filling = Filling.objects.get()
    for step in steps_of(form):
        address = reverse("drafting:step", args=(filling.pk, step.key))
        page = client.get(address)
        assert page.status_code == 200 and step.title in page.content.decode()
        sent = posted(step, sample, fresh(filling).revision_of(step.key))
        answer = client.post(address, sent)
        assert answer.status_code == 302, answer.content.decode()
    kept = contents.used(form, contents.kept(fresh(filling)))
    assert kept == {key: value for key, value in sample.items() if value not in ("", [])}
    page = client.get(reverse("drafting:filling", args=(filling.pk,))).content.decode()
    assert "完成，生成文书" in page
    answer = client.post(reverse("drafting:finish", args=(filling.pk,)), {"revision": fresh(filling).revision})
    assert answer.status_code == 302
    output = queries.last_output(filling)
    assert output is not None and output.data_sha256 == forms.digest(kept)
    assert output.template_version == forms.get(form).version
    pdf = PdfReader(io.BytesIO(place_of(output.pdf).read_bytes()))
    assert output.data_sha256 in pdf.metadata["/Keywords"]
    assert place_of(output.docx).read_bytes().startswith(b"PK") and output.pdf.made and output.docx.made
    assert client.get(reverse("documents:download", args=(output.docx_id,))).status_code == 200


def test_what_is_wrong_is_kept_and_said_beside_it(mediator: Acting) -> None:
    client, filling = logged_in(mediator), begun(mediator)
    address = reverse("drafting:step", args=(filling.pk, "terms"))
    sent = {"revision": "0", "amount": "一万元", "copies": "四", "instalments-rows": "1",
            "instalments-0-amount": "1.345", "instalments-0-pay_by": "明天",
            "confidential": "yes", "confirmation": "no", "next": "1"}  # fmt: skip
    page = client.post(address, sent).content.decode()
    assert page.count("没有看懂这个金额") == 4 and "没有看懂这个日期" in page and "请填整数" in page
    assert 'href="#id_instalments-0-amount"' in page and 'value="一万元"' in page and 'value="明天"' in page
    assert "已经存为草稿" in page and contents.kept(fresh(filling))["amount"] == "一万元"
    again = client.get(address).content.decode()
    assert 'value="一万元"' in again and "没有看懂" not in again
    assert "没有看懂这个金额" in client.get(f"{address}?check=1").content.decode()
    overview = client.get(reverse("drafting:filling", args=(filling.pk,))).content.decode()
    assert f"{address}?check=1#id_amount" in overview and "完成，生成文书" not in overview
    with pytest.raises(Refusal, match="还有"):
        actions.finish(filling=fresh(filling), revision=1, acting=mediator, now=NOW)


def test_rows_come_and_go_without_a_script(mediator: Acting) -> None:
    client, filling = logged_in(mediator), begun(mediator)
    step = steps_of(AGREEMENT)[0]
    address = reverse("drafting:step", args=(filling.pk, step.key))
    data = {"claimants": [{"kind": "person", "name": "投资者甲"}, {"kind": "person", "name": "投资者乙"}]}
    answer = client.post(address, posted(step, data, 0, add="claimants"))
    assert answer.url.endswith("?more=claimants#part-claimants-3")
    page = client.get(answer.url).content.decode()
    assert page.count("group-row") == 3 and "“类型”选“法人或者其他组织”或者" in page
    answer = client.post(address, posted(step, data, 1, remove="claimants:0"))
    assert answer.status_code == 302
    assert contents.kept(fresh(filling)) == {"claimants": [{"kind": "person", "name": "投资者乙"}]}
    client.post(address, posted(step, data, 2, remove="claimants:9"))
    assert len(contents.kept(fresh(filling))["claimants"]) == 2


def test_two_on_one_step_and_nothing_is_lost(mediator: Acting) -> None:
    manager = person("调解管理员丁", Role.Kind.MEDIATION_MANAGER, mediator.organisation)
    filling = begun(mediator)
    step = step_of(AGREEMENT, "mediation")
    assert step is not None
    address = reverse("drafting:step", args=(filling.pk, step.key))
    one, other = logged_in(mediator), logged_in(manager)
    assert one.post(address, posted(step, {"number": "甲1号", "mediator": "丙"}, 0, later="1")).status_code == 302
    page = other.post(address, posted(step, {"number": "乙2号", "mediator": "丁"}, 0, later="1"))
    said = page.content.decode()
    assert page.status_code == 409 and "调解员丙" in said and "没有丢失" in said
    for word in ("甲1号", "乙2号", 'value="乙2号"', 'name="revision" value="1"'):
        assert word in said
    assert contents.kept(fresh(filling))["number"] == "甲1号"
    assert other.post(address, posted(step, {"number": "乙2号", "mediator": "丁"}, 1, later="1")).status_code == 302
    assert contents.kept(fresh(filling))["number"] == "乙2号"
    # two steps at once do not hinder each other
    saved(filling, "dispute", {"facts": "事实"}, mediator)
    assert contents.kept(fresh(filling)) == {"number": "乙2号", "mediator": "丁", "facts": "事实"}
    # the same content sent twice is one change
    before = fresh(filling).revision
    saved(filling, "dispute", {"facts": "事实"}, mediator, 1)
    assert fresh(filling).revision == before


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_is_told() -> None:
    mediator = person("调解员丙", Role.Kind.MEDIATOR, house())
    filling, answers = begun(mediator), []
    barrier = threading.Barrier(2)

    def save(number: str) -> None:
        barrier.wait()
        try:
            saved(filling, "mediation", {"number": number}, mediator)
            answers.append(number)
        except actions.StepChanged:
            answers.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(number,)) for number in ("一", "二")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers)[0] in ("told", "一", "二") and answers.count("told") == 1
    kept = next(answer for answer in answers if answer != "told")
    assert contents.kept(fresh(filling)) == {"number": kept}


def test_a_change_after_finishing_makes_a_new_version(mediator: Acting) -> None:
    filling = whole(mediator)
    first = actions.finish(filling=filling, revision=0, acting=mediator, now=NOW)
    assert fresh(filling).state == "finished" and first.pdf.version == 1
    with pytest.raises(Conflict, match="内容与第1版相同"):
        actions.finish(filling=fresh(filling), revision=0, acting=mediator, now=NOW)
    sample = forms.sample(AGREEMENT)
    keys = [field.key for field in step_of(AGREEMENT, "dispute").fields]
    saved(filling, "dispute", {key: sample[key] for key in keys} | {"issues": "改过的争议事项"}, mediator)
    assert fresh(filling).state == "draft"
    page = logged_in(mediator).get(reverse("drafting:filling", args=(filling.pk,))).content.decode()
    assert "内容又有修改" in page
    with pytest.raises(Conflict, match="又有修改"):
        actions.finish(filling=fresh(filling), revision=0, acting=mediator, now=NOW)
    saved(filling, "dispute", {key: sample[key] for key in keys}, mediator, 1)
    assert fresh(filling).state == "finished"  # taken back
    saved(filling, "dispute", {key: sample[key] for key in keys} | {"issues": "又改的争议事项"}, mediator, 2)
    second = actions.finish(filling=fresh(filling), revision=3, acting=mediator, now=NOW)
    assert (second.pdf.version, second.docx.version) == (2, 2) and second.pdf.replaces == first.pdf
    assert [one.version for one in versions_of(second.docx)] == [2, 1] and second.data_sha256 != first.data_sha256
    with pytest.raises(Refusal, match="没有删除"):
        actions.remove(filling=fresh(filling), acting=mediator, now=NOW)
    verbs = Event.objects.filter(subject_kind="drafting.filling", subject_id=str(filling.pk)).order_by("number")
    assert [event.verb.partition(".")[2] for event in verbs] == ["begun", "finished", *["saved"] * 3, "finished"]
    assert "投资者甲" not in str([vars(event) for event in verbs])


def test_a_finish_that_breaks_leaves_nothing_half(mediator: Acting, monkeypatch: pytest.MonkeyPatch) -> None:
    filling, calls = whole(mediator), []
    real = actions.keep_made

    def broken(**given: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise OSError("no space left on device")
        return real(**given)

    monkeypatch.setattr(actions, "keep_made", broken)
    with pytest.raises(OSError, match="no space"):
        actions.finish(filling=filling, revision=0, acting=mediator, now=NOW)
    assert fresh(filling).state == "draft" and not filling.outputs.exists()
    output = actions.finish(filling=fresh(filling), revision=0, acting=mediator, now=NOW)
    assert output.number == 1 and output.pdf.version == 1


def test_the_preview_is_marked_and_never_needs_a_whole_form(mediator: Acting) -> None:
    filling = begun(mediator, number="演示调〔2026〕9号", amount="看不懂")
    answer = logged_in(mediator).get(reverse("drafting:preview", args=(filling.pk,)))
    assert answer["Content-Type"] == "application/pdf" and answer["Content-Disposition"].startswith("inline")
    text = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text().replace(" ", "")
    assert "草稿" in text and "演示调〔2026〕9号" in text and "看不懂" not in text


def test_who_sees_what(mediator: Acting, investor: Acting) -> None:
    colleague = person("调解员己", Role.Kind.MEDIATOR, mediator.organisation)
    manager = person("调解管理员丁", Role.Kind.MEDIATION_MANAGER, mediator.organisation)
    elsewhere = person("调解管理员戊", Role.Kind.MEDIATION_MANAGER, house(name="别的调解"))
    other = person("投资者乙", Role.Kind.INVESTOR)
    at_work, private = begun(mediator), begun(investor, "complaint")
    hat = person("调解员丙", Role.Kind.INVESTOR)  # the same person in another hat
    for acting, seen in ((mediator, {at_work}), (colleague, set()), (manager, {at_work}), (elsewhere, set()),
                         (investor, {private}), (other, set()), (hat, set()), (None, set())):  # fmt: skip
        assert set(queries.visible_to(acting)) == seen
        for filling in (at_work, private):
            assert queries.may_read_files(acting, str(filling.pk)) == (filling in seen)
            if acting and filling not in seen:
                with pytest.raises(Http404):
                    saved(filling, steps_of(filling.form)[0].key, {}, acting)
                with pytest.raises(Http404):
                    actions.remove(filling=filling, acting=acting, now=NOW)
    assert not queries.may_read_files(mediator, "x")


def test_agents_fill_in_for_those_who_authorised_them(mediator: Acting, investor: Acting) -> None:
    party = own(investor)
    agent = person("代理人甲", Role.Kind.AGENT)
    for_party = agent.for_person(party.pk, party.name)
    with pytest.raises(Http404):
        begun(for_party, "complaint")
    authorisation = submitted(agent, name=party.name, number=YOUNG, scopes=[Scope.NEGOTIATE])
    from fengqiao.portal.parties import authorising

    authorising.accept(authorisation=authorisation, acting=investor, now=NOW)
    with pytest.raises(Refusal, match="不包括“提出申请"):
        begun(for_party, "complaint")
    wider = submitted(agent, name=party.name, number=YOUNG, scopes=[Scope.FILE])
    authorising.accept(authorisation=wider, acting=investor, now=NOW)
    filling = begun(for_party, "complaint")
    assert set(queries.visible_to(investor)) == {filling} and filling.party == party
    saved(filling, "claims", {"difference": 100}, investor)
    with pytest.raises(actions.StepChanged, match="投资者甲"):
        saved(filling, "claims", {"difference": 200}, for_party)
    event = Event.objects.get(verb="drafting.begun")
    assert (event.name, event.on_behalf_of_name) == ("代理人甲", "投资者甲")
    authorising.end(authorisation=wider, acting=investor, reason="撤销", now=NOW)
    with pytest.raises(Refusal):
        saved(filling, "claims", {"difference": 300}, for_party, 1)
    assert prefill.known("complaint", for_party) == ()
    assert prefill.first_data("complaint", for_party, whole=True, now=NOW)["plaintiffs"] == [
        {"kind": "person", "name": "投资者甲"}
    ]


def test_what_is_known_is_filled_in_by_right_and_consent(mediator: Acting, investor: Acting) -> None:
    own(investor)
    number = investor.user.identity.number
    assert prefill.known("complaint", investor) == ("证件号码", "手机号码")
    plain = prefill.first_data("complaint", investor, whole=False, now=NOW)
    assert plain["plaintiffs"] == [{"kind": "person", "name": "投资者甲"}] and not Event.objects.filter(
        verb="vault.revealed"
    )
    full = prefill.first_data("service_address", investor, whole=True, now=NOW)
    assert full["party"]["identity"] == YOUNG and full["mobile"] == MOBILE and full["party"]["born"] == "1990-01-01"
    assert Event.objects.filter(verb="vault.revealed", reason="填写《送达地址确认书》").count() == 2 and number
    helped = taken_in(mediator, name="投资者庚", number=OTHER, kinds=("hardship",))
    assisting = mediator.for_person(helped.pk, helped.name)
    assert prefill.known("complaint", assisting) == ("证件号码", "手机号码", "联系地址")
    for consent in helped.consents.filter(purpose="account"):
        consenting.withdraw(consent=consent, acting=assisting, now=NOW)
    assert prefill.known("complaint", assisting) == ()
    assert "identity" not in prefill.first_data("complaint", assisting, whole=True, now=NOW)["plaintiffs"][0]
    at_work = prefill.first_data(AGREEMENT, mediator, whole=False, now=NOW)
    assert at_work == {"organisation": "测试调解", "mediator": "调解员丙"}
    firm = person("投诉员", Role.Kind.COMPLAINT_HANDLER, house(Organisation.Kind.FIRM, "测试证券"))
    assert prefill.first_data("defence", firm, whole=False, now=NOW)["defendants"][0]["name"] == "测试证券"


def test_answers_that_do_not_apply_stay_kept_and_out_of_the_document(mediator: Acting) -> None:
    sample = forms.sample(AGREEMENT) | {"confirmation": False}
    filling = begun(mediator, **sample)
    step = step_of(AGREEMENT, "terms")
    values = {field.key: sample[field.key] for field in step.fields if field.key in sample}
    page = logged_in(mediator).post(
        reverse("drafting:step", args=(filling.pk, "terms")), posted(step, values, 0), follow=True
    )
    assert "不写进文书" in page.content.decode()
    data = contents.kept(fresh(filling))
    assert data["court"] and "court" not in contents.used(AGREEMENT, data)
    actions.finish(filling=fresh(filling), revision=fresh(filling).revision, acting=mediator, now=NOW)


def test_nothing_written_stands_open_in_the_database(investor: Acting) -> None:
    begun(investor, "complaint", court="只在这里的法院名称")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM drafting_filling")
        assert "只在这里" not in str(cursor.fetchall())


def test_forgotten_drafts_go_and_finished_ones_stay(mediator: Acting, investor: Acting) -> None:
    draft, done = begun(mediator), whole(mediator)
    actions.finish(filling=done, revision=0, acting=mediator, now=NOW)
    assert actions.remove_forgotten(now=NOW + 30 * DAY) == 0
    held = begun(investor, "complaint")
    administrator = person("平台管理员", Role.Kind.ADMINISTRATOR, house(Organisation.Kind.PLATFORM, "平台"))
    disposing.place_hold(party=held.party, reason="法院来函", acting=administrator, now=NOW)
    assert actions.remove_forgotten(now=NOW + 31 * DAY) == 1
    assert set(Filling.objects.all()) == {done, held} and not Filling.objects.filter(pk=draft.pk)
    assert Event.objects.filter(verb="drafting.forgotten").count() == 1


def test_bad_requests_get_a_plain_answer(mediator: Acting) -> None:
    client, filling = logged_in(mediator), begun(mediator)
    address = reverse("drafting:step", args=(filling.pk, "terms"))
    for sent in ({}, {"revision": "x"}, {"revision": "0", "instalments-rows": "99999999"}, {"revision": "9" * 30}):
        assert client.post(address, sent).status_code in (200, 409)
    assert client.post(address, {"revision": "0", "amount": "1" * 5000, "facts": "\0", "remove": "amount:0",
                                 "signing": "<script>"}).status_code == 302  # fmt: skip
    assert '<script>"' not in client.get(address).content.decode()
    assert client.get(reverse("drafting:step", args=(filling.pk, "nothing"))).status_code == 404
    assert client.get(reverse("drafting:begin", args=("nothing",))).status_code == 404
    assert Client().get(address).status_code == 302


def test_amounts_are_read_as_people_write_them() -> None:
    money = next(field for field in forms.get(AGREEMENT).fields if field.key == "amount")
    for text, fen in (("12,345.67 元", 1234567), ("¥0.1", 10), ("100", 10000), ("", None), ("-1", "-1"),
                      ("1.234", "1.234"), ("１２，０００．５", 1200050), ("1e5", "1e5")):  # fmt: skip
        assert contents.taken(money, text) == fen
        assert contents.taken(money, contents.typed(money, fen)) == fen


def test_every_problem_leads_to_an_input_of_its_step() -> None:
    for template in forms.known():
        rows = {field.key: [{"name": "甲"}] for field in template.fields if field.kind == "group" and field.many}
        odd = {field.key: "不合适" for field in template.fields if field.kind != "group"}
        for data in ({}, rows | odd):
            found = contents.problems(template.key, data, NOW.date())
            assert found
            for problem in found:
                step = step_with(template.key, problem.path)
                form = StepForm(step, data)
                form.say([problem])
                beside = [name for name in form.errors if name != "__all__"]
                assert beside or problem.path in form.rows, problem


def test_the_list_is_a_range_of_an_index() -> None:
    assert plans.problems(FILLINGS) == []
