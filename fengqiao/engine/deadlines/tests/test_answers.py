"""What an answer says: steps, basis, doubt, state, moment, what is left; and what is refused."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
from pathlib import Path

import pytest

from fengqiao.engine import law
from fengqiao.engine.deadlines import (
    Calendars,
    Due,
    Extension,
    GivenLength,
    Interruption,
    Period,
    Settings,
    Suspension,
    close_of_business,
    due,
    hours_end,
    in_time,
    known_calendars,
    misrepresentation_start,
    read_period,
    remaining,
    rules,
)
from fengqiao.engine.deadlines.bounds import WORDS, holds
from fengqiao.engine.deadlines.result import CHINA
from fengqiao.engine.deadlines.settings import CHOICES
from fengqiao.engine.errors import InputError, OutOfKnownDatesError

CALENDARS = known_calendars()


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def ask(rule_id: str, start: str, as_of: str | None = None, calendars: Calendars = CALENDARS, **facts: object) -> Due:
    return due(rule_id, day(start), as_of=day(as_of or start), calendars=calendars, **facts)  # type: ignore[arg-type]


def test_the_chain_names_every_step_in_chinese() -> None:
    found = ask("M5", "2026-03-02", suspensions=[Suspension(day("2026-03-10"), day("2026-03-12"), "委托鉴定")])
    text = found.explanation()
    assert [step.kind for step in found.steps] == ["start", "suspended", "count", "rolled", "end"]
    assert "当日不计入，自次日2026年3月3日起算" in text
    assert "2026年3月10日至2026年3月12日中止（委托鉴定），3日不计入" in text
    assert "清明节" in text
    assert "依设置" in text
    assert "《人民法院在线调解规则》第26条" in text
    assert not re.search(r"[a-z]{3}", text)


def test_every_basis_has_its_days_in_force() -> None:
    found = ask("J1", "2026-01-20")
    assert [item.parameter for item in found.basis] == [
        "confirmation.apply_days", "counting.start_not_counted", "counting.last_day_holiday",
    ]  # fmt: skip
    assert all(item.in_force_from is not None for item in found.basis)
    assert found.verified


def test_doubt_is_carried_to_the_headline_and_the_json() -> None:
    found = ask("R10", "2026-04-17")
    assert not found.verified
    assert "（待核）" in found.headline()
    assert "待核：条号及文本" in found.explanation()
    assert found.as_json()["verified"] is False


def test_a_counting_rule_not_known_on_that_day_is_doubtful_and_not_refused() -> None:
    found = ask("mediation.offline_before_filing_days", "2020-01-02")
    assert not found.verified
    assert "该日施行的文本未收入" in found.explanation()


def test_the_moment_is_midnight_or_the_close_of_business() -> None:
    found = ask("procedure.appeal_ruling_days", "2026-03-02")
    assert found.moment == dt.datetime(2026, 3, 13, tzinfo=CHINA)
    assert "24时" in found.headline()
    closing = close_of_business("services.line_hours", day("2026-03-02"))
    shut = ask("procedure.appeal_ruling_days", "2026-03-02", settings=Settings(closing=closing))
    assert shut.moment == dt.datetime(2026, 3, 12, 16, 30, tzinfo=CHINA)
    assert "16时30分" in shut.headline()


def test_posted_on_the_last_day_is_in_time() -> None:
    found = ask("procedure.appeal_ruling_days", "2026-03-02")
    assert in_time(found, dt.datetime(2026, 3, 12, 23, 59, tzinfo=CHINA))
    assert not in_time(found, dt.datetime(2026, 3, 13, 0, 0, tzinfo=CHINA))
    assert not in_time(found, dt.datetime(2026, 3, 12, 16, 0, tzinfo=dt.UTC))
    assert in_time(found, dt.datetime(2026, 3, 16, 9, 0, tzinfo=CHINA), posted_on=day("2026-03-12"))
    assert not in_time(found, dt.datetime(2026, 3, 16, 9, 0, tzinfo=CHINA), posted_on=day("2026-03-13"))


def test_states() -> None:
    def state(as_of: str, *suspensions: Suspension) -> str:
        return ask("M5", "2026-03-02", as_of, suspensions=suspensions).state

    pause = Suspension(day("2026-03-10"), day("2026-03-12"))
    assert state("2026-03-01") == "not_started"
    assert state("2026-03-02") == state("2026-04-01") == "running"
    assert state("2026-04-02") == "expired"
    assert state("2026-03-11", pause) == "suspended"
    assert state("2026-03-13", pause) == "running"
    assert state("2026-05-01", Suspension(day("2026-03-10"), None)) == "suspended"


def test_what_is_left_is_in_the_unit_of_the_rule() -> None:
    def left(rule_id: str, start: str, as_of: str) -> str:
        return str(remaining(ask(rule_id, start), day(as_of)))

    assert left("M1", "2026-02-12", "2026-02-13") == "还剩2个工作日"
    assert left("M1", "2026-02-12", "2026-02-24") == "今日届满"
    assert left("M1", "2026-02-12", "2026-03-02") == "已逾期5个工作日"  # 25, 26, 27, 28（调休）, 2
    assert left("S21", "2024-02-06", "2024-02-08") == "还剩3个交易日"
    assert left("J1", "2026-03-02", "2026-03-31") == "还剩1日"
    assert left("procedure.trial_summary_months", "2026-03-16", "2026-04-10") == "还剩2个月零6日"
    assert left("L2", "2023-05-08", "2023-06-01") == "还剩2年零341日"  # 2025-06-01 to 2026-05-08
    assert left("L2", "2023-05-08", "2026-05-18") == "已逾期10日"
    open_end = ask("M5", "2026-03-02", suspensions=[Suspension(day("2026-03-10"), None)])
    assert remaining(open_end, day("2026-03-20")) is None
    assert "尚余23日" in open_end.headline()


def test_a_change_of_law_since_then_is_noted() -> None:
    found = ask("confirmation.objection_party_days", "2020-06-01", as_of="2026-03-02")
    assert any("是否适用须核对" in note for note in found.notes)
    assert not any("是否适用须核对" in note for note in ask("J1", "2026-01-20", as_of="2026-06-01").notes)


def test_the_last_week_that_is_not_settled_is_noted() -> None:
    assert any("下一年度放假通知尚未收入" in note for note in ask("J17", "2026-12-24").notes)


@pytest.mark.parametrize("rule_id", [item.id for item in rules()])
def test_a_moment_for_a_day_is_refused(rule_id: str) -> None:
    moment = dt.datetime(2026, 3, 2, 9, tzinfo=CHINA)
    with pytest.raises(InputError, match="not moments"):
        due(rule_id, moment, as_of=moment.date(), calendars=CALENDARS)


def test_beyond_what_is_known_nothing_is_guessed_unless_asked() -> None:
    with pytest.raises(OutOfKnownDatesError, match="after the last known day"):
        ask("M1", "2026-12-30")
    guessed = ask("M1", "2026-12-30", calendars=known_calendars(provisional=True))
    assert guessed.provisional  # 31 December, 4 and 5 January
    assert guessed.day == day("2027-01-05")
    assert "（暂算）" in guessed.headline()
    assert any("暂算" in note for note in guessed.notes)
    trading = ask("S21", "2026-12-30", calendars=known_calendars(provisional=True))
    assert trading.day == day("2027-01-07")  # 31 December, 4 to 7 January
    assert trading.provisional


def test_a_guess_beyond_the_tabled_festivals_knows_weekends_only() -> None:
    found = ask("limitation.longest_years", "2023-06-01", calendars=known_calendars(provisional=True))
    assert found.day == day("2043-06-01")  # a Monday
    assert found.provisional
    assert any("只计周末" in note for note in found.notes)


def test_before_the_first_known_day_is_refused() -> None:
    with pytest.raises(OutOfKnownDatesError, match="before the first known day"):
        ask("designated.forward", "1999-01-04", length=GivenLength(Period(5, "WD"), "通知"))


@pytest.mark.parametrize(
    ("rule_id", "facts", "says"),
    [
        ("J1", {"interruptions": [Interruption(dt.date(2026, 3, 9))]}, "cannot be interrupted"),
        ("J1", {"damaged_on": dt.date(2020, 1, 1)}, "no longest period"),
        ("J1", {"ended_by": dt.date(2026, 4, 1)}, "not ended by an event"),
        ("J1", {"length": GivenLength(Period(20, "CD"), "约定")}, "has its length from the law"),
        ("S12", {"ended_by": dt.date(2026, 3, 2)}, "ends before it begins"),
        ("S12", {"extensions": [Extension(dt.date(2026, 3, 9), "parties", Period(1, "CD"))]}, "nothing extends it"),
        ("S6", {"extensions": [Extension(dt.date(2026, 3, 9), "parties", Period(1, "CD"))]}, "nothing extends it"),
        ("taskforce.topics_due", {"extensions": [Extension(dt.date(2026, 3, 9), "x", Period(1, "CD"))]}, "calendar"),
        ("S16", {}, "Row S16 has 2 periods"),
        ("T1", {}, "has no period"),
        ("confirmation.aply_days", {}, 'did you mean "confirmation.apply_days"'),
        ("M5", {"extensions": [Extension(dt.date(2026, 3, 1), "parties", Period(1, "CD"))]}, "before it began"),
        ("M5", {"extensions": [Extension(dt.date(2026, 3, 9), "parties", until=dt.date(2026, 4, 1))]}, "not longer"),
    ],
)
def test_what_a_rule_does_not_know_is_refused(rule_id: str, facts: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=re.escape(says)):
        ask(rule_id, "2026-03-02", **facts)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Period(0, "CD"),
        lambda: Period(True, "CD"),
        lambda: Period(1, "D"),  # type: ignore[arg-type]
        lambda: read_period("fifteen"),
        lambda: Suspension(dt.date(2026, 3, 2), dt.date(2026, 3, 1)),
        lambda: Interruption(dt.date(2026, 3, 2), restarts_on=dt.date(2026, 3, 1)),
        lambda: Interruption(dt.date(2026, 3, 2), restarts_on=dt.date(2026, 3, 9), pending=True),
        lambda: Extension(dt.date(2026, 3, 2), "parties"),
        lambda: Extension(dt.date(2026, 3, 2), "parties", Period(1, "H")),
        lambda: GivenLength(Period(1, "CD"), " "),
        lambda: Settings(week="month"),  # type: ignore[arg-type]
        lambda: misrepresentation_start(None, None),
        lambda: close_of_business("services.line_accepts", dt.date(2026, 3, 2)),
        lambda: hours_end(dt.datetime(2026, 3, 2, 9, tzinfo=CHINA), Period(1, "CD")),
        lambda: holds("左右", 1, 1),
    ],
)
def test_values_that_make_no_sense_are_refused(wrong: object) -> None:
    with pytest.raises(InputError):
        wrong()  # type: ignore[operator]


def test_an_interruption_of_one_debtor_counts_for_the_jointly_liable() -> None:
    text = law.value_on("limitation.interruption_joint", day("2023-05-08")).value
    assert "其他连带责任人" in str(text)
    found = ask("L2", "2022-05-09", interruptions=[Interruption(day("2023-05-08"), "对一名连带责任人起诉")])
    assert found.day == day("2026-05-08")
    assert "limitation.interruption_joint" in {item.parameter for item in found.basis}


def test_words_of_bound_are_those_of_the_civil_code() -> None:
    text = str(law.value_on("counting.inclusive_words", day("2026-03-02")).value)
    including, _, excluding = text.partition("；")
    for word in WORDS:
        assert (word in including) != (word in excluding)
        assert holds(word, 10, 10) == (word in including)


@pytest.mark.parametrize("rule_id", ["J1", "S12", "taskforce.quarter_circular", "S6", "L2"])
def test_json_says_what_the_answer_says(rule_id: str) -> None:
    found = ask(rule_id, "2023-03-02" if rule_id == "L2" else "2026-03-02")
    read = json.loads(json.dumps(found.as_json(), ensure_ascii=False))
    assert read["day"] == (str(found.day) if found.day else None)
    assert read["moment"] == (found.moment.isoformat() if found.moment else None)
    assert [step["text"] for step in read["steps"]] == [step.text for step in found.steps]
    assert [item["source"] for item in read["basis"]] == [item.source for item in found.basis]


@pytest.mark.parametrize(
    ("started_at", "hours", "ends_at"),
    [
        ("2026-02-14T09:20", 48, "2026-02-16T10:00"),  # from 10:00; 春节 does not move it
        ("2026-02-14T09:00", 1, "2026-02-14T11:00"),  # the hour from 9 to 10 is not counted
        ("2026-12-31T23:30", 24, "2027-01-02T00:00"),  # from midnight, a whole day
        ("2024-02-28T22:59", 2, "2024-02-29T01:00"),  # into the leap day
    ],
)
def test_hours_run_from_the_next_full_hour(started_at: str, hours: int, ends_at: str) -> None:
    begun = dt.datetime.fromisoformat(started_at).replace(tzinfo=CHINA)
    assert hours_end(begun, Period(hours, "H")) == dt.datetime.fromisoformat(ends_at).replace(tzinfo=CHINA)


def test_a_period_in_hours_has_no_last_day() -> None:
    with pytest.raises(InputError, match="by the hour"):
        ask("designated.forward", "2026-03-02", length=GivenLength(Period(24, "H"), "通知"))


def test_backwards_there_is_a_day_to_act_by_or_a_day_that_is_settled() -> None:
    length = GivenLength(Period(3, "CD"), "开庭传票")
    assert ask("designated.backward", "2026-03-20", "2026-03-10", length=length).state == "running"
    late = ask("designated.backward", "2026-03-20", "2026-03-18", length=length)
    assert late.state == "expired"
    assert str(remaining(late, late.as_of)) == "已逾期1日"
    assert ask("S6", "2026-03-20").state == "settled"


def test_an_interruption_rests_on_its_article() -> None:
    found = ask("J12", "2024-03-01", interruptions=[Interruption(day("2024-05-06"))])
    assert "《民法典》第195条" in found.explanation()
    assert not found.verified


def test_proceedings_that_go_on_need_no_calendar_of_later_years() -> None:
    pending = ask("L2", "2025-05-08", "2026-03-02", interruptions=[Interruption(day("2026-01-05"), pending=True)])
    assert pending.state == "interrupted"
    anew = [Interruption(day("2026-01-05"), restarts_on=day("2026-02-02"))]
    with pytest.raises(OutOfKnownDatesError, match="--provisional"):
        ask("L2", "2025-05-08", "2026-03-02", interruptions=anew)
    guessed = known_calendars(provisional=True)
    assert ask("L2", "2025-05-08", "2026-03-02", guessed, interruptions=anew).day == day("2029-02-02")  # a Friday


def test_an_obstacle_or_interruption_on_the_day_a_period_rolled_to_is_in_time() -> None:
    """Three years from 2023-01-31 end on Saturday 31 January 2026 and roll to Monday 2 February."""
    monday, tuesday = day("2026-02-02"), day("2026-02-03")
    assert ask("limitation.general_years", "2023-01-31", interruptions=[Interruption(monday, pending=True)]).day is None
    late = ask("limitation.general_years", "2023-01-31", interruptions=[Interruption(tuesday, pending=True)])
    assert late.day == monday
    held = ask("limitation.general_years", "2023-01-31", suspensions=[Suspension(monday, monday)])
    assert held.day == day("2026-08-03")  # 2 August is a Sunday
    assert ask("limitation.general_years", "2023-01-31", suspensions=[Suspension(tuesday, tuesday)]).day == monday


def test_working_days_that_are_left_are_named_so() -> None:
    found = ask("M1", "2026-03-02", suspensions=[Suspension(day("2026-03-04"), None)])
    assert "尚余2个工作日" in found.headline()


def test_the_documentation_names_every_setting_with_its_default() -> None:
    document = Path(__file__).parents[4] / "docs" / "methods" / "deadlines.md"
    if not document.exists():
        pytest.skip("the documentation is not installed beside the package")
    text = document.read_text(encoding="utf-8")
    for item in dataclasses.fields(Settings):
        shown = {True: "`true`", None: "24时"}.get(item.default, f"`{item.default}`")
        assert f"| `{item.name}` | {shown} |" in text, item.name
    for name, choices in CHOICES.items():
        line = next(line for line in text.splitlines() if line.startswith(f"| `{name}` |"))
        assert all(f"`{choice}`" in line for choice in choices)
