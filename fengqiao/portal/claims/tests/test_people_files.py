"""Whose the numbers of a case are, from an uploaded file: every row put down or listed with its reason, each once."""

from __future__ import annotations

import datetime as dt
import io
import random
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from fengqiao.engine.identity import with_check_digit
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Organisation, Role
from fengqiao.portal.audit.models import Event
from fengqiao.portal.claims import actions, people_files, publishing, queries, retention
from fengqiao.portal.claims.models import CaseInvestor, MassCase, MeasurementRun, PeopleFile
from fengqiao.portal.claims.tests.made_case import NOW, person, ready_case, write_files
from fengqiao.portal.claims.tests.test_pages import browser, finish_waiting
from fengqiao.portal.documents.models import Content, Document
from fengqiao.portal.documents.store import place_of
from fengqiao.portal.jobs import leases
from fengqiao.portal.jobs.models import Job
from fengqiao.portal.jobs.registry import KINDS
from fengqiao.portal.jobs.running import Running, TakenOverError
from fengqiao.portal.notices.models import Notice
from fengqiao.portal.parties.models import Disposal
from fengqiao.portal.parties.tests.people import MOBILE, OTHER, YOUNG, own
from fengqiao.portal.parties.tests.people import person as investor_of
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.vault.sealed import open_sealed

pytestmark = pytest.mark.django_db
WRONG = YOUNG[:-1] + ("1" if YOUNG[-1] != "1" else "2")
HEAD = "投资者编号,证件号码,手机号码\n"


def number(place: int) -> str:
    """The identity number of somebody invented."""
    return with_check_digit(f"110101{1950 + place // 999 % 50}0101{place % 999 + 1:03d}")


def mobile(place: int) -> str:
    return f"139{place:08d}"


@pytest.fixture
def measurer() -> Acting:
    body = Organisation.objects.create(kind=Organisation.Kind.SERVICES_CENTRE, name="测试服务中心")
    return person("测算员甲", Role.Kind.MEASURER, body)


@pytest.fixture
def case(measurer: Acting) -> MassCase:
    return actions.create_case(title="示例案", security="999001", note="", acting=measurer, now=NOW)


@pytest.fixture
def run(tmp_path: Path, measurer: Acting) -> MeasurementRun:
    made = actions.start_run(case=ready_case(write_files(tmp_path, 40), measurer), acting=measurer, now=NOW)
    finish_waiting()
    made.refresh_from_db()
    return made


def post(case: MassCase, acting: Acting, data: bytes, name: str = "名单.csv") -> Any:
    """What the page answers to a file."""
    return browser(acting).post(
        f"/claims/{case.pk}/people/file/", {"files": SimpleUploadedFile(name, data)}, headers={"X-Upload": "1"}
    )


def send(case: MassCase, acting: Acting, data: bytes, name: str = "名单.csv") -> PeopleFile:
    """Upload a file as the page does."""
    answer = post(case, acting, data, name)
    assert answer.status_code == 200, answer.content.decode()
    return PeopleFile.objects.order_by("-pk")[0]


def after(file: PeopleFile) -> PeopleFile:
    finish_waiting()
    file.refresh_from_db()
    return file


def reasons(file: PeopleFile) -> dict[tuple[str, int], str]:
    return {(one.sheet, one.row): one.reason for one in file.refusals.all()}


def book(sheets: dict[str, list[list[Any]]]) -> bytes:
    made, target = openpyxl.Workbook(), io.BytesIO()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(target)
    return target.getvalue()


def test_every_row_is_put_down_or_listed_with_its_reason(case: MassCase, measurer: Acting) -> None:
    lines = [
        f"A1,{YOUNG},{MOBILE}", f"A2, {OTHER.lower()} ,{MOBILE}", f"A3,{WRONG},{MOBILE}", f"A4,,{MOBILE}",
        f"A5,{YOUNG},1234", f"A6,1.10101E+17,{MOBILE}", "A7,多,一,列", "",
        f"A8,{YOUNG},{MOBILE}", f"A8,{OTHER},{MOBILE}", f"A9,{YOUNG},{MOBILE}", f"A9,'{YOUNG},+86{MOBILE}",
        f"A10,{YOUNG},{MOBILE}",
    ]  # fmt: skip
    file = after(send(case, measurer, (HEAD + "\n".join(lines)).encode("gb18030")))
    assert file.job.state == Job.State.DONE, file.job.message
    said = reasons(file)
    assert set(CaseInvestor.objects.values_list("investor", flat=True)) == {"A1", "A2", "A9", "A10"}
    words = {4: "校验码", 5: "缺少证件号码", 6: "手机号", 7: "数位已经丢失", 8: "列数与表头不同", 10: "都没有登记",
             11: "都没有登记", 13: "已按第 12 行登记"}  # fmt: skip
    assert {row: word in said[("", row)] for row, word in words.items()} == dict.fromkeys(words, True), said
    assert list(said) == [("", row) for row in words], "in the order of the file"
    assert len(said) == len(words) == file.refused and "第 10 行、第 11 行" in said[("", 10)]
    assert file.rows == 12 == file.new + file.changed + file.same + file.refused
    assert not any(part in "".join(said.values()) for part in (YOUNG, OTHER, MOBILE)), "no numbers in the reasons"
    row = CaseInvestor.objects.get(investor="A9")
    assert (open_sealed(row.number), open_sealed(row.mobile)) == (YOUNG, MOBILE)


def test_a_workbook_with_several_sheets_and_a_second_file_that_corrects(case: MassCase, measurer: Acting) -> None:
    data = book({
        "一部": [["名单"], ["编号", "身份证号", "手机", "备注"], ["B1", YOUNG, int(MOBILE), ""],
                 ["B2", int(OTHER[:17] + "0"), MOBILE, ""]],
        "说明": [["请勿外传"]],
        "二部": [["手机号", "证件号码", "投资者编号"], [MOBILE, OTHER, "B3"], ["", "", ""], [MOBILE, "", "B4"]],
    })  # fmt: skip
    file = after(send(case, measurer, data, "名单.xlsx"))
    assert set(reasons(file)) == {("一部", 4), ("二部", 4)} and "丢失" in reasons(file)[("一部", 4)]
    assert (file.new, file.refused, file.rows) == (2, 2, 4)
    again = after(
        send(case, measurer, f"{HEAD}B1,{YOUNG},{MOBILE}\nB3,{YOUNG},{MOBILE}\nB4,{OTHER},{MOBILE}\n".encode())
    )
    assert (again.same, again.changed, again.new, again.refused) == (1, 1, 1, 0)
    page = browser(measurer).get(f"/claims/people/{file.pk}/refused/").content.decode()
    assert "名单.xlsx 一部 第4行" in page and "B4" in page
    shown = browser(measurer).get(f"/claims/{case.pk}/people/").content.decode()
    assert "名单.xlsx" in shown and "没有登记 2 行" in shown


def test_the_file_is_gone_afterwards_and_nobody_could_read_it(case: MassCase, measurer: Acting) -> None:
    file = send(case, measurer, f"{HEAD}A1,{YOUNG},{MOBILE}\n".encode())
    document = file.document
    assert document is not None
    assert browser(measurer).get(f"/files/{document.pk}/").status_code == 404
    place = place_of(document.content_id)
    assert place.exists()
    after(file)
    assert file.document is None and not Document.objects.exists() and not Content.objects.exists()
    event = Event.objects.get(verb="claims.people_file_done")
    assert event.user_id == measurer.user.pk and event.channel == "worker" and event.case == case.number


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"investor,number\nA1,1\n", "a.csv", "缺少列"),
        (HEAD.encode(), "a.csv", "没有要登记的人"),
        (f"A1,{YOUNG},{MOBILE}\n".encode(), "a.csv", "缺少列"),
    ],
)  # fmt: skip
def test_what_is_no_such_table_ends_with_a_sentence(
    case: MassCase, measurer: Acting, data: bytes, name: str, said: str
) -> None:
    file = after(send(case, measurer, data, name))
    assert file.job.state == Job.State.FAILED and said in file.job.message and MOBILE not in file.job.message
    assert file.ended_at is not None and file.document is None and not Document.objects.exists()
    page = browser(measurer).get(f"/claims/people/{file.pk}/").content.decode()
    assert "再上传一次" in page


def test_the_same_file_is_not_put_down_twice_at_once(case: MassCase, measurer: Acting) -> None:
    data = f"{HEAD}A1,{YOUNG},{MOBILE}\n".encode()
    file = send(case, measurer, data)
    answer = post(case, measurer, data)
    assert answer.status_code == 409 and "没有重复开始" in answer.json()["said"]
    assert Document.objects.count() == 1 and PeopleFile.objects.get() == file


def test_an_interrupted_file_goes_on_where_it_was(
    case: MassCase, measurer: Acting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_files, "ROWS_AT_ONCE", 10)
    rows = [f"C{place},{number(place)},{mobile(place) if place % 7 else '12'}" for place in range(57)]
    file = send(case, measurer, (HEAD + "\n".join(rows)).encode())
    real, calls = people_files.note_rows, []

    def breaks(**given: Any) -> None:
        calls.append(given["before"])
        if len(calls) == 4:
            raise KeyboardInterrupt  # the process dies between two transactions
        real(**given)

    monkeypatch.setattr(people_files, "note_rows", breaks)
    job = leases.take(worker="one", now=timezone.now())
    assert job is not None
    with pytest.raises(KeyboardInterrupt):
        KINDS[job.kind].run(Running(job))
    file.refresh_from_db()
    assert file.rows == 30 == CaseInvestor.objects.count() + file.refusals.count()
    later = timezone.now() + 2 * leases.LEASE
    job = leases.take(worker="two", now=later)
    assert job is not None
    outcome = KINDS[job.kind].run(Running(job))
    assert leases.finish(job, outcome, now=later)
    file.refresh_from_db()
    assert calls == [0, 10, 20, 30, 30, 40, 50]
    assert (file.rows, file.new, file.refused) == (57, 48, 9)
    assert file.refusals.count() == 9 and CaseInvestor.objects.count() == 48


def test_who_was_taken_over_writes_nothing_more(case: MassCase, measurer: Acting) -> None:
    file = send(case, measurer, f"{HEAD}A1,{YOUNG},{MOBILE}\n".encode())
    rows = people_files.people_rows(place_of(file.sha256), file.name)
    given: dict[str, Any] = {"people_file": file, "rows": rows, "said": [""], "stamp": file.job.stamp, "now": NOW}
    people_files.note_rows(before=0, **given)
    with pytest.raises(TakenOverError):
        people_files.note_rows(before=0, **given)
    file.refresh_from_db()
    assert (file.rows, file.new, file.same) == (1, 1, 0)


def test_cancelling_keeps_what_is_put_down(case: MassCase, measurer: Acting) -> None:
    file = send(case, measurer, f"{HEAD}A1,{YOUNG},{MOBILE}\n".encode())
    people_files.cancel(people_file=file, acting=measurer, now=timezone.now())
    file.refresh_from_db()
    assert file.ended_at is not None and file.document is None and file.rows == 0
    assert not Document.objects.exists() and Event.objects.filter(verb="claims.people_file_ended").count() == 1
    with pytest.raises(Refusal, match="已经结束"):
        people_files.cancel(people_file=file, acting=measurer, now=timezone.now())


def test_numbers_that_were_not_measured_are_listed_and_the_others_hear_of_their_result(
    run: MeasurementRun, measurer: Acting
) -> None:
    investor = investor_of("投资者甲", Role.Kind.INVESTOR, number=YOUNG)
    own(investor)
    publishing.publish(run=run, acting=measurer, now=NOW)
    finish_waiting()
    first = queries.investors_of(run).values_list("investor", flat=True)[0]
    file = after(send(run.case, measurer, f"{HEAD}{first},{YOUNG},{MOBILE}\nZ999,{OTHER},{MOBILE}\n".encode()))
    assert (file.new, file.refused) == (1, 1) and "没有这个编号" in reasons(file)[("", 3)]
    finish_waiting()
    told = Notice.objects.filter(subject_kind="claims.caseinvestor", channel="in_app")
    assert [one.user_id for one in told] == [investor.user.pk]


def test_others_see_neither_the_file_nor_its_rows(case: MassCase, measurer: Acting) -> None:
    file = send(case, measurer, f"{HEAD}A1,{YOUNG},{MOBILE}\n".encode())
    judge = browser(person("法官甲", Role.Kind.JUDGE, measurer.organisation))
    for address in (
        f"/claims/people/{file.pk}/",
        f"/claims/people/{file.pk}/refused/",
        f"/claims/{case.pk}/people/file/",
    ):
        assert judge.get(address).status_code == 404, address
    assert judge.post(f"/claims/people/{file.pk}/cancel/").status_code == 404


def test_what_nobody_reads_is_removed_and_the_record_goes_after_its_period(case: MassCase, measurer: Acting) -> None:
    file = send(case, measurer, f"{HEAD}A1,{YOUNG},12\n".encode())
    PeopleFile.objects.filter(pk=file.pk).update(document=None)
    assert people_files.remove_abandoned(timezone.now()) == 0, "it may be on its way"
    assert people_files.remove_abandoned(timezone.now() + dt.timedelta(hours=2)) == 1
    assert not Document.objects.exists()
    ended = NOW - dt.timedelta(days=6 * 366)
    PeopleFile.objects.filter(pk=file.pk).update(ended_at=ended)
    assert retention.dispose(rule=retention.FILES, number=file.pk, now=NOW)
    assert not PeopleFile.objects.exists() and Disposal.objects.get().rule == "people_file"


@pytest.mark.long
def test_fifty_thousand_rows_lose_none(case: MassCase, measurer: Acting) -> None:
    """Where the reasons are checked against what was made wrong on purpose."""
    chance = random.Random(7)
    wrong = set(chance.sample(range(50_000), 500))
    rows = [["投资者编号", "证件号码", "手机号码"]]
    rows += [[f"I{place:06d}", number(place), "1" if place in wrong else mobile(place)] for place in range(50_000)]
    file = after(send(case, measurer, book({"名单": rows}), "名单.xlsx"))
    assert (file.rows, file.new, file.refused) == (50_000, 49_500, 500)
    assert {row - 2 for _, row in reasons(file)} == wrong
    assert CaseInvestor.objects.count() == 49_500
