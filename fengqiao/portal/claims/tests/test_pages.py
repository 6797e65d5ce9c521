"""Cases in the browser's words: uploads, what is wrong with a file, two people at one row, results, who sees what."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from allauth.mfa.models import Authenticator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Organisation, Role
from fengqiao.portal.audit.models import Event
from fengqiao.portal.claims import actions, demo, lists, queries
from fengqiao.portal.claims.forms import CaseForm
from fengqiao.portal.claims.models import CaseInput, MassCase, MeasurementRun
from fengqiao.portal.claims.tests.made_case import NOW, add, person, ready_case, write_files
from fengqiao.portal.documents.models import Content, Document
from fengqiao.portal.jobs import leases
from fengqiao.portal.jobs.models import Job
from fengqiao.portal.jobs.running import run_job
from fengqiao.portal.refusal import Conflict, Refusal
from fengqiao.portal.shell import plans
from fengqiao.portal.workbench import queries as workbench

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
INVESTORS = 60
HEAD = "investor,date,side,quantity,price\n"
ROW = "I0001,2018-05-02,buy,100,8.10\n"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(tmp_path_factory.mktemp("case"), INVESTORS)


@pytest.fixture
def body() -> Organisation:
    return Organisation.objects.create(kind=Organisation.Kind.SERVICES_CENTRE, name="测试服务中心")


@pytest.fixture
def measurer(body: Organisation) -> Acting:
    return person("测算员甲", Role.Kind.MEASURER, body)


@pytest.fixture
def case(measurer: Acting) -> MassCase:
    return actions.create_case(title="示例案", security="999001", note="", acting=measurer, now=NOW)


def browser(acting: Acting, **more: Any) -> Client:
    """Their browser."""
    if acting.organisation:
        totp = Authenticator.Type.TOTP
        Authenticator.objects.get_or_create(user=acting.user, type=totp, defaults={"data": {"secret": ""}})
    client = Client(**more)
    client.force_login(acting.user, BACKEND)
    return client


def finish_waiting() -> None:
    """Do in this process what a worker would do."""
    job = leases.take(worker="test", now=timezone.now())
    assert job is not None
    run_job(job)


@pytest.fixture
def run(files: Path, measurer: Acting) -> MeasurementRun:
    made = actions.start_run(case=ready_case(files, measurer), acting=measurer, now=NOW)
    finish_waiting()
    made.refresh_from_db()
    assert made.is_finished, made.job.message
    return made


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_a_file_is_uploaded_looked_at_and_given_back_as_it_was(case: MassCase, measurer: Acting) -> None:
    client = browser(measurer)
    data = ("\ufeff投资者,成交日期,买卖方向,成交数量,成交价格\n甲01,2018-05-02,买入,100,8.10\n").encode()
    place = f"/claims/{case.pk}/files/trades/"
    assert "每个不超过 8.0 GB" in text_of(client.get(place))
    answer = client.post(place, {"files": SimpleUploadedFile("记录.csv", data)}, headers={"X-Upload": "1"})
    assert answer.json() == {"ok": True, "said": "“记录.csv”已上传。共 1 行可用的记录。", "url": f"/claims/{case.pk}/"}
    document = Document.objects.get()
    got = client.get(f"/documents/{document.pk}/")
    assert b"".join(got.streaming_content) == data
    page = text_of(client.get(f"/claims/{case.pk}/"))
    assert document.content_id in page
    assert document.content.sm3 in page
    assert "还缺少案件文件。" in page
    again = client.post(place, {"files": SimpleUploadedFile("又.csv", data)})
    assert again.status_code == 400
    assert "内容相同的文件“记录.csv”" in text_of(again)
    verbs = set(Event.objects.values_list("verb", flat=True))
    assert verbs >= {"claims.case_created", "documents.uploaded", "claims.file_added", "documents.downloaded"}


def test_an_upload_needs_the_token_of_a_form(case: MassCase, measurer: Acting) -> None:
    client = browser(measurer, enforce_csrf_checks=True)
    file = SimpleUploadedFile("记录.csv", (HEAD + ROW).encode())
    answer = client.post(f"/claims/{case.pk}/files/trades/", {"files": file, "csrfmiddlewaretoken": "x" * 32})
    assert answer.status_code == 403
    assert not Document.objects.exists()


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


CASE = """[case]
name = "样本"
security = "999001"
rules = "cn2022"
direction = "inducing_purchase"
[dates]
implementation = 2017-04-28
revelation = 2019-05-17
"""
SIMULATED = '[deduction]\nmarket_risk = "simulated_price"\n'
BAD = [
    ("case", "a.toml", CASE.replace("rules =", "rulse ="), "案件文件里有不认识的名称“rulse”"),
    ("case", "a.toml", CASE.replace("2019-05-17", "2016-05-17"), "揭露日不晚于实施日"),
    ("case", "a.toml", CASE.replace("2019-05-17", '"昨天"'), "应当是日期，例如 2016-12-29"),
    ("case", "a.toml", CASE.replace("[dates]", "[dates"), "案件文件的格式有误，不能解析（第"),
    ("case", "a.toml", CASE + SIMULATED + 'path = "../../etc/passwd"\n', "不能带文件夹"),
    ("case", "a.toml", CASE + SIMULATED + 'path = "/etc/passwd"\n', "不能带文件夹"),
    ("trades", "t.csv", "investor,date,quantity\nI1,2018-01-02,100\n", "缺少列：买卖方向（side）、成交价格（price）"),
    ("trades", "t.csv", HEAD, "表头下面没有记录"),
    ("trades", "t.csv", f"{HEAD[:-1]},日期\n{ROW[:-1]},2018-01-02\n", "列“成交日期”出现了两次"),
    ("trades", "t.xlsx", workbook(("投资者", "成交日期")), "缺少列"),
    ("trades", "t.parquet", b"PAR1" + b"\0" * 40 + b"PAR1", "文件损坏、不完整"),
    ("market", "m.csv", "日期,收盘\n2020-01-02,8.10\n", "缺少列：成交量（volume）"),
    ("market", "m.csv", "date,close,volume\n2020-01-02,8,1\n2020-01-02,8,1\n", "同一日期出现了两次"),
    ("market", "m.csv", "date,close,volume,security\n2020-01-02,8,1,600000\n", "文件里没有证券 999001 的数据"),
    ("indices", "i.csv", "date,close\n2020-01-02,8\n", "缺少列：指数（index）"),
    ("actions", "x.csv", "cash\n1\n", "缺少列：除权除息日（ex_date）"),
    ("path", "p.csv", "date\n2020-01-02\n", "缺少列：价格（close）"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "name", "data", "said"), BAD, ids=lambda value: str(value)[:20])
def test_what_is_wrong_with_a_file_is_said_beside_it(
    part: str, name: str, data: str | bytes, said: str, case: MassCase, measurer: Acting
) -> None:
    if part == "market":
        add(case, "case", "case.toml", CASE.encode(), measurer)
    row = add(case, part, name, data.encode() if isinstance(data, str) else data, measurer)
    assert row.checked == CaseInput.Checked.BAD
    assert said in row.said
    assert "Traceback" not in row.said
    assert "请" in row.said
    with pytest.raises(Refusal, match="不能使用，没有开始测算"):
        actions.start_run(case=case, acting=measurer, now=NOW)


def test_a_file_of_another_kind_is_not_taken(case: MassCase, measurer: Acting) -> None:
    client = browser(measurer)
    for part, name, data, said in (
        ("trades", "a.csv", b"%PDF-1.7", "内容是PDF 文件"),
        ("case", "a.toml", b"\0\1\2", "内容认不出是哪种文件"),
        ("case", "a.csv", b"x", "不是可以上传的文件类型"),
        ("case", "a.toml", b"x" * ((1 << 20) + 1), "超过限制"),
    ):
        answer = client.post(f"/claims/{case.pk}/files/{part}/", {"files": SimpleUploadedFile(name, data)})
        assert answer.status_code in (400, 413)
        assert said in text_of(answer)
    assert not Content.objects.exists()
    assert client.get(f"/claims/{case.pk}/files/secrets/").status_code == 404


def test_of_two_people_who_save_the_same_case_the_second_is_told_and_nothing_is_lost(
    case: MassCase, measurer: Acting, body: Organisation
) -> None:
    first, second = browser(measurer), browser(person("测算员乙", Role.Kind.MEASURER, body))
    place = f"/claims/{case.pk}/edit/"
    seen = {"security": "999001", "version": "1"}
    assert 'name="version" value="1"' in text_of(second.get(place))
    assert first.post(place, {**seen, "title": "甲改的", "note": ""}).status_code == 302
    answer = second.post(place, {**seen, "title": "乙改的", "note": "乙的备注"})
    page = text_of(answer)
    assert answer.status_code == 409
    assert "测算员甲 已在" in page
    assert 'value="乙改的"' in page
    assert "乙的备注" in page
    assert "<dd>甲改的</dd>" in page
    assert 'name="version" value="2"' in page
    case.refresh_from_db()
    assert (case.title, case.version) == ("甲改的", 2)
    assert second.post(place, {**seen, "version": "2", "title": "乙改的", "note": ""}).status_code == 302
    case.refresh_from_db()
    assert (case.title, case.version) == ("乙改的", 3)
    assert Event.objects.filter(verb="claims.case_changed").count() == 2


def test_results_are_browsed_and_every_look_at_a_person_leaves_an_event(
    run: MeasurementRun, measurer: Acting, files: Path
) -> None:
    client = browser(measurer)
    assert "查看最近一次测算的结果" in text_of(client.get(f"/claims/{run.case_id}/"))
    page = text_of(client.get(f"/claims/runs/{run.pk}/"))
    assert "基准价" in page
    assert "法释〔2022〕2号第26条" in page
    assert f"{run.summary['investors']} 人" in page
    top = queries.investors_of(run).order_by("-total", "-pk").first()
    assert top is not None
    listed = text_of(client.get(f"/claims/runs/{run.pk}/investors/?sort=-total&outcome=awarded"))
    totals = list(queries.investors_of(run).filter(outcome="awarded").order_by("-total", "-pk")[:30])
    places = [listed.index(f">{row.investor}<") for row in totals]
    assert places == sorted(places), "the largest first"
    place = f"/claims/runs/{run.pk}/investors/{top.pk}/"
    found = client.post(f"/claims/runs/{run.pk}/investors/find/", {"investor": top.investor})
    first = queries.investors_of(run).filter(investor=top.investor).order_by("pk").first()
    assert first is not None
    assert found.url == f"/claims/runs/{run.pk}/investors/{first.pk}/"
    assert top.investor not in found.url
    told = text_of(client.get(place))
    assert f"{top.total / 100:,.2f} 元" in told, "the statement says what the list says"
    pdf = client.get(f"{place}pdf/")
    assert pdf.content.startswith(b"%PDF-")
    none = client.post(f"/claims/runs/{run.pk}/investors/find/", {"investor": top.investor[:-1]}, follow=True)
    assert "没有找到这个编号的投资者" in text_of(none)
    got = client.get(f"/claims/runs/{run.pk}/files/results.xlsx/")
    assert b"".join(got.streaming_content)[:2] == b"PK"
    assert client.get(f"/claims/runs/{run.pk}/files/..%2Frun.json/").status_code == 404
    chart = client.get(f"/claims/runs/{run.pk}/charts/price.svg/")
    assert chart["Content-Type"] == "image/svg+xml"
    assert "sandbox" in chart["Content-Security-Policy"]
    assert client.get(f"/claims/runs/{run.pk}/findings/").status_code == 200
    verbs = list(Event.objects.values_list("verb", flat=True))
    for verb in ("run_seen", "statement_read", "statement_downloaded", "results_downloaded"):
        assert verbs.count(f"claims.{verb}") == 1, verb
    assert verbs.count("claims.investor_searched") == 2


def test_colleagues_see_a_case_others_do_not(run: MeasurementRun, body: Organisation) -> None:
    other = Organisation.objects.create(kind=Organisation.Kind.COURT, name="测试法院")
    judge = person("法官甲", Role.Kind.JUDGE, body)
    stranger = person("测算员丙", Role.Kind.MEASURER, other)
    investor = person("投资者甲", Role.Kind.INVESTOR, None)
    row = queries.investors_of(run).first()
    document = Document.objects.first()
    assert row is not None
    assert document is not None
    places = [f"/claims/{run.case_id}/", f"/claims/runs/{run.pk}/", f"/claims/runs/{run.pk}/investors/",
              f"/claims/runs/{run.pk}/investors/{row.pk}/", f"/claims/runs/{run.pk}/files/report.pdf/",
              f"/documents/{document.pk}/"]  # fmt: skip
    reader = browser(judge)
    assert [reader.get(place).status_code for place in places] == [200] * len(places)
    assert reader.post(f"/claims/{run.case_id}/run/").status_code == 404
    assert reader.get(f"/claims/{run.case_id}/edit/").status_code == 404
    for outsider in (browser(stranger), browser(investor)):
        assert [outsider.get(place).status_code for place in places] == [404] * len(places)
    for acting in (judge, stranger):
        with pytest.raises(Exception, match=r"^$"):
            actions.start_run(case=run.case, acting=acting, now=NOW)


def test_what_is_due_for_a_measurer(files: Path, measurer: Acting, case: MassCase) -> None:
    assert [(item.title, item.state) for item in workbench.due_for(measurer, NOW)] == [("示例案", "还没有测算")]
    made = actions.start_run(case=ready_case(files, measurer), acting=measurer, now=NOW)
    assert len(workbench.due_for(measurer, NOW)) == 1, "nothing to look at while it runs"
    finish_waiting()
    assert "枫桥样本案：第1次测算" in [item.title for item in workbench.due_for(measurer, NOW)]
    browser(measurer).get(f"/claims/runs/{made.pk}/")
    assert len(workbench.due_for(measurer, NOW)) == 1
    names = [hit.title for group in workbench.search("示例", measurer) for hit in group.hits]
    assert names == ["示例案"]
    found = workbench.search(case.number.lower(), measurer)
    assert [hit.title for group in found for hit in group.hits] == ["示例案"]


def test_the_files_of_a_run_are_those_it_was_started_with(files: Path, measurer: Acting) -> None:
    case = ready_case(files, measurer)
    rows = queries.inputs_of(case)
    old = [one.document.content_id for one in rows]
    made = actions.start_run(case=case, acting=measurer, now=NOW)
    add(case, "market", "m.csv", b"date,close,volume\n2020-01-02,8,1\n", measurer)
    finish_waiting()
    made.refresh_from_db()
    assert made.is_finished
    assert [one["sha256"] for one in made.inputs] == old
    assert queries.run_of_these(case, queries.inputs_of(case)) is None, "of other files than those of now"
    assert queries.run_of_these(case, rows) == made
    with pytest.raises(Conflict, match="更换了这个案件的文件"):
        actions._start(case=case, files=made.inputs, acting=measurer, now=NOW)


def test_filling_in_the_demo_twice_changes_nothing(measurer: Acting) -> None:
    first = demo.fill(measurer=measurer, now=NOW, investors=20)
    assert demo.fill(measurer=measurer, now=NOW, investors=20) == first
    assert MassCase.objects.count() == MeasurementRun.objects.count() == Job.objects.count() == 1
    finish_waiting()
    first.refresh_from_db()
    assert first.summary["investors"] == 20
    assert demo.fill(measurer=measurer, now=NOW, investors=20) == first


@pytest.mark.parametrize(
    "listing", [lists.CASES, lists.INVESTORS, lists.FINDINGS, lists.PEOPLE], ids=lambda one: one.key
)
def test_lists_are_ranges_of_an_index(listing: Any) -> None:
    assert plans.problems(listing) == []


@pytest.mark.parametrize(
    ("code", "right"),
    [
        ("", True), ("600000", True), ("600000.SH", True), ("sz000001", True), ("cu2612", True), ("IF2612", True),
        ("m2701-C-3000", True), ("某某股份", False), ("12345", False), ("6000001", False), ("<b>600000</b>", False),
    ],
)  # fmt: skip
def test_what_can_be_no_security_code_is_refused_with_a_sentence(code: str, right: bool) -> None:
    form = CaseForm({"title": "示例案", "security": code, "note": ""})
    assert form.is_valid() is right
    assert right or "六位数字" in str(form.errors["security"])
