"""Interruption of limitation periods, periods in hours, deadlines people register, refusals wholly in Chinese."""

from __future__ import annotations

import ast
import datetime as dt
import re
from pathlib import Path
from typing import Any

import icalendar
import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fengqiao.engine import deadlines as engine
from fengqiao.portal.accounts.acting import Acting, acting_for
from fengqiao.portal.accounts.models import Organisation, Role, User
from fengqiao.portal.deadlines import actions, hours, month, reminding, sentences
from fengqiao.portal.deadlines.forms import CAUSES
from fengqiao.portal.deadlines.models import Deadline
from fengqiao.portal.refusal import Conflict, Refusal

pytestmark = pytest.mark.django_db
ASKED = (
    "calendars", "counting", "facts", "fixed_days", "hours", "periods", "prolonging", "question", "reckoning",
    "running",
)  # fmt: skip
"""What counts a period, and what holds its facts."""
EARLY = dt.date(2026, 8, 1)
LATIN = re.compile(r"[A-Za-z]{2,}")


def beijing(year: int, month: int, day: int, hour: int = 10, minute: int = 0) -> dt.datetime:
    return hours.at(dt.date(year, month, day), dt.time(hour, minute))


NOW = beijing(2026, 9, 1)


@pytest.fixture
def who() -> Acting:
    house = Organisation.objects.create(kind=Organisation.Kind.MEDIATION, name="测试调解")
    user = User.objects.create_user("test-mediator", name="调解员甲", joined_at=NOW)
    role = Role.objects.create(user=user, organisation=house, kind=Role.Kind.MEDIATOR, granted_at=NOW)
    return acting_for(user, role_id=role.pk)


def opened(who: Acting, rule: str | None, now: dt.datetime = NOW, **more: Any) -> Deadline:
    return actions.open_deadline(
        rule=rule, subject=("tests.thing", 1), title="要办的事", user=who.user, organisation=who.organisation,
        acting=who, now=now, **more,
    )  # fmt: skip


def limitation(who: Acting, start: dt.date = dt.date(2024, 2, 29)) -> Deadline:
    return opened(who, "limitation.misrepresentation_years", starts_on=start)


def kinds(row: Deadline) -> list[str]:
    return [event.kind for event in row.events.order_by("number")]


def test_an_interruption_begins_the_whole_period_anew(who: Acting) -> None:
    row = limitation(who)
    assert row.due_on == dt.date(2027, 3, 1)  # 2027-02-28, the day that stands for 02-29, is a Sunday
    row = actions.interrupt(deadline=row, reason="提出请求", on=dt.date(2026, 8, 31), acting=who, now=NOW)
    assert (row.state, row.due_on) == ("running", dt.date(2029, 8, 31))
    assert any("重新计算" in text for text in row.steps)
    assert kinds(row) == ["opened", "interrupt"]


def test_the_longest_period_caps_what_is_counted_anew(who: Acting) -> None:
    start, damaged = dt.date(2025, 8, 1), dt.date(2006, 10, 20)
    open_ended = limitation(who, start)
    assert any("没有核对“最长权利保护期间”" in note for note in open_ended.notes)
    row = opened(who, "limitation.misrepresentation_years", starts_on=start, damaged_on=damaged)
    assert row.due_on == dt.date(2026, 10, 20) and not any("没有核对" in note for note in row.notes)
    row = actions.interrupt(deadline=row, reason="提出请求", on=dt.date(2026, 8, 31), acting=who, now=NOW)
    assert row.due_on == dt.date(2026, 10, 20), "three years anew would be 2029"


def test_while_proceedings_go_on_nothing_runs_and_nobody_is_reminded(who: Acting) -> None:
    row = actions.interrupt(
        deadline=limitation(who), reason="起诉", on=dt.date(2026, 8, 1), pending=True, acting=who, now=NOW
    )
    assert (row.state, row.due_at, row.next_act_at) == ("interrupt", None, None)
    assert reminding.act_on_due(now=beijing(2030, 1, 7)) == {"done": 0, "failed": 0}
    with pytest.raises(Conflict):
        actions.pause(deadline=row, reason="协商", acting=who, now=NOW)
    with pytest.raises(Refusal, match="应当在中断的日期和今天之间"):
        actions.restart(deadline=row, reason="撤诉", ended_on=dt.date(2026, 7, 31), acting=who, now=NOW)
    row = actions.restart(deadline=row, reason="撤诉", ended_on=dt.date(2026, 8, 20), acting=who, now=NOW)
    assert (row.state, row.due_on) == ("running", dt.date(2029, 8, 20))
    assert kinds(row) == ["opened", "interrupt", "restarted"]


@pytest.mark.parametrize(
    ("on", "said"),
    [
        (dt.date(2022, 2, 28), "晚于起算日"),
        (dt.date(2026, 9, 2), "不能晚于今天"),
        (dt.date(2025, 3, 10), "已经届满"),
    ],
)
def test_an_interruption_that_has_no_effect_is_refused(who: Acting, on: dt.date, said: str) -> None:
    row = limitation(who, dt.date(2022, 2, 28))  # over on 2025-02-28
    with pytest.raises(Refusal, match=said):
        actions.interrupt(deadline=row, reason="请求", on=on, acting=who, now=NOW)
    row.refresh_from_db()
    assert (row.version, row.facts) == (1, {})


def test_only_limitation_periods_are_interrupted(who: Acting) -> None:
    row = opened(who, "confirmation.apply_days", starts_on=NOW.date())
    with pytest.raises(Refusal, match="不是诉讼时效"):
        actions.interrupt(deadline=row, reason="请求", acting=who, now=NOW)


def test_what_was_changed_meanwhile_is_not_interrupted(who: Acting) -> None:
    row = limitation(who)
    stale = Deadline.objects.get(pk=row.pk)
    actions.pause(deadline=row, reason="不可抗力", acting=who, now=NOW)
    with pytest.raises(Conflict):
        actions.interrupt(deadline=stale, reason="请求", on=dt.date(2026, 8, 31), acting=who, now=NOW)


@pytest.mark.parametrize(
    ("begun", "length", "end", "reminded"),
    [
        # Saturday in exchange for the spring festival: ends in the festival, and does not roll
        (beijing(2026, 2, 14, 9, 20), "48H", beijing(2026, 2, 16, 10), beijing(2026, 2, 14, 9, 20)),
        (beijing(2026, 9, 1, 9, 0), "24H", beijing(2026, 9, 2, 10), beijing(2026, 9, 1, 22)),
        (beijing(2026, 8, 31, 23, 59), "24H", beijing(2026, 9, 2, 0), None),  # midnight: the day before is its last
        (beijing(2024, 2, 28, 15, 30), "24H", beijing(2024, 2, 29, 16), beijing(2024, 2, 29, 9)),  # the leap day
    ],
)
def test_hours_are_counted_from_the_next_full_hour(
    who: Acting, begun: dt.datetime, length: str, end: dt.datetime, reminded: dt.datetime | None
) -> None:
    row = opened(who, None, now=begun, starts_at=begun, length=length, length_source="举证通知书")
    assert row.due_at is not None
    assert row.due_at + dt.timedelta(seconds=1) == end
    assert row.due_on == timezone.localtime(row.due_at).date()
    assert not row.overdue_at(end - dt.timedelta(seconds=1))
    assert row.overdue_at(end)
    assert row.next_act_at is not None
    assert hours.next_working(row.next_act_at) == row.next_act_at
    if reminded is not None:
        assert row.next_act == "warn" or row.next_act_at >= end
    assert any("举证通知书" in text for text in row.basis)


def test_a_period_in_hours_is_reminded_of_once_and_then_overdue(who: Acting) -> None:
    begun = beijing(2026, 9, 1, 14, 10)
    row = opened(who, None, now=begun, starts_at=begun, length="48H", length_source="举证通知书")
    at = begun
    while at < beijing(2026, 9, 8):
        reminding.act_on_due(now=at)
        at += dt.timedelta(hours=1)
    row.refresh_from_db()
    assert kinds(row) == ["opened", "warn", "overdue"]
    moments = [timezone.localtime(event.at) for event in row.events.order_by("number")[1:]]
    assert [moment.date() for moment in moments] == [dt.date(2026, 9, 2), dt.date(2026, 9, 3)]
    assert all(hours.next_working(moment) == moment for moment in moments)


def test_a_period_in_hours_neither_stands_still_nor_grows(who: Acting) -> None:
    row = opened(who, None, starts_at=NOW, length="24H", length_source="举证通知书")
    for change in (
        lambda: actions.pause(deadline=row, reason="等待", acting=who, now=NOW),
        lambda: actions.interrupt(deadline=row, reason="请求", acting=who, now=NOW),
        lambda: actions.extend(deadline=row, by="court", length="3CD", reason="顺延", acting=who, now=NOW),
    ):
        with pytest.raises(Refusal, match="按小时计算"):
            change()


def test_the_feed_has_the_moment_of_a_period_in_hours(who: Acting) -> None:
    row = opened(who, None, starts_at=NOW, length="24H", length_source="举证通知书")
    event = icalendar.Calendar.from_ical(month.feed_file([row], NOW)).walk("VEVENT")[0]
    assert event.decoded("dtstart") == beijing(2026, 9, 2, 11)


# what people register


def logged_in(who: Acting) -> Client:
    Authenticator.objects.create(user=who.user, type=Authenticator.Type.TOTP, data={"secret": ""})
    client = Client()
    client.force_login(who.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def typed(**more: str) -> dict[str, str]:
    return {
        "title": "提交答辩状", "case": "", "rule": "designated.forward", "starts_on": "2026-09-01", "starts_time": "",
        "number": "15", "unit": "CD", "length_source": "应诉通知书", "warn_days": "3",
        "once": "5b0d7c1e-0f6d-4a7c-9e2a-000000000001", **more,
    }  # fmt: skip


def test_a_person_registers_a_deadline_once(who: Acting, client: Client) -> None:
    client = logged_in(who)
    for _ in range(2):  # the button pressed twice
        answer = client.post(reverse("deadlines:new"), typed())
        assert answer.status_code == 302, answer.content.decode()
    row = Deadline.objects.get()
    assert (row.due_on, row.user, row.organisation) == (dt.date(2026, 9, 16), who.user, who.organisation)
    assert row.chain == [{"user": None, "organisation": who.organisation.pk, "role_kind": "mediation_manager"}]  # type: ignore[union-attr]


def test_a_person_registers_hours_and_an_interruption(who: Acting) -> None:
    client = logged_in(who)
    answer = client.post(reverse("deadlines:new"), typed(number="24", unit="H", starts_time="09:20"))
    assert answer.status_code == 302, answer.content.decode()
    row = Deadline.objects.get()
    assert row.due_at == beijing(2026, 9, 2, 9, 59) + dt.timedelta(seconds=59)
    page = client.get(answer["Location"]).content.decode()
    assert "10:00届满" in page and "09:59" not in page
    limited = limitation(who, timezone.localdate() - dt.timedelta(days=100))
    address = reverse("deadlines:step", args=(limited.pk, "interrupt"))
    form = {"cause": CAUSES[2], "reason": "已立案", "pending": "on", "on": "", "restarts_on": ""}
    assert client.post(address, form).status_code == 302
    limited.refresh_from_db()
    assert limited.state == "interrupt"
    page = client.get(reverse("deadlines:deadline", args=(limited.pk,))).content.decode()
    for word in ("已中断", f"{CAUSES[2]}：已立案", "程序终结"):
        assert word in page
    assert (
        client.post(reverse("deadlines:step", args=(limited.pk, "restart")), {"reason": "判决生效"}).status_code == 302
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"rule": "confirmation.apply_days"}, "由法律或者规则规定"),
        ({"number": ""}, "没有法定的长度"),
        ({"length_source": ""}, "请写明长度由谁"),
        ({"unit": "H"}, "要填起算时刻"),
        ({"starts_time": "10:00"}, "其他期间不填"),
        ({"starts_on": "2080-01-01"}, "不能晚于今天"),
        ({"starts_on": "1200-01-01"}, "1990年至2090年"),
        ({"rule": "services.transferred_complaint_days", "unit": "H", "starts_time": "10:00"}, "可以按小时计算"),
        ({"rule": "records.party_years"}, "选择"),
        ({"damaged_on": "2010-01-01"}, "没有最长期间"),
        (
            {
                "rule": "limitation.misrepresentation_years",
                "number": "",
                "length_source": "",
                "starts_on": "2025-08-01",
                "damaged_on": "2025-08-02",
            },
            "不晚于起算日",
        ),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(who: Acting, changed: dict[str, str], said: str) -> None:
    answer = logged_in(who).post(reverse("deadlines:new"), typed(**changed))
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not Deadline.objects.exists()


# refusals


def raised() -> list[str]:
    """What the engine says when it does not count, with a title in each hole."""
    found = []
    for path in sorted(Path(engine.__file__).parent.glob("*.py")):
        if path.stem not in ASKED:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "InputError"):
                continue
            what = node.args[0]
            parts = what.values if isinstance(what, ast.JoinedStr) else [what]
            found.append("".join(str(part.value) if isinstance(part, ast.Constant) else "甲（乙）" for part in parts))
    return found


def test_every_refusal_of_the_engine_has_a_sentence_in_chinese() -> None:
    texts = [text.replace("甲（乙）（甲（乙）） ", "甲（乙） ") for text in raised()]
    assert len(texts) > 25
    missing = [text for text in texts if sentences.sentence_of(text) is None and "A gap without an end" not in text]
    assert not missing, "\n".join(missing)
    for _, sentence in sentences.RULES:
        assert not LATIN.search(re.sub(r"\{\w+\}", "", sentence)), sentence
        assert sentence.endswith("。")
        assert "请" in sentence


def test_people_read_chinese_alone(who: Acting) -> None:
    row = opened(who, "confirmation.peoples_decide_days", starts_on=dt.date(2026, 8, 31))
    tries = (
        lambda: actions.extend(deadline=row, by="president", length="900CD", reason="批准", acting=who, now=NOW),
        lambda: actions.extend(
            deadline=row, by="president", until=dt.date(2026, 9, 2), reason="批准", acting=who, now=NOW
        ),
        lambda: actions.extend(
            deadline=row, by="president", length="5CD", agreed_on=EARLY, reason="批准", acting=who, now=NOW
        ),
        lambda: actions.extend(deadline=row, by="president", length="5 days", reason="批准", acting=who, now=NOW),
        lambda: opened(who, "confirmation.apply_days", starts_on=dt.date(1950, 1, 1)),
        lambda: opened(who, "designated.forward", starts_on=dt.date(2026, 8, 31)),
        lambda: opened(who, "confirmation.apply_days", starts_on=NOW.date(), length="5CD", length_source="合同"),
    )  # fmt: skip
    for attempt in tries:
        with pytest.raises(Refusal) as refused:
            attempt()
        text = re.sub(r"15CD|10WD", "", str(refused.value))
        assert not LATIN.search(text), text
