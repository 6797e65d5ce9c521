"""`fengqiao deadline` in a process of its own: what it prints, its JSON, its refusals."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fengqiao.engine.deadlines import provisions, rules


def fengqiao(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    import os

    return subprocess.run(
        [sys.executable, "-m", "fengqiao.cli.main", "deadline", *words],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
    )  # fmt: skip


def test_one_period_step_by_step() -> None:
    done = fengqiao("J1", "--from", "2026-01-20", "--as-of", "2026-02-10")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "共同申请司法确认：2026年2月24日（星期二）24时，最迟在该日完成"
    assert lines[1] == "2026-02-10：还剩14日"
    assert any("春节" in line for line in lines)
    assert any(line.startswith("依据：《民事诉讼法》第205条") for line in lines)


def test_suspended_and_extended_as_json() -> None:
    done = fengqiao(
        "M5", "--from", "2026-03-02", "--as-of", "2026-03-11", "--suspend", "2026-03-10", "2026-03-12",
        "--extend", "2026-04-01", "parties", "15CD", "--json",
    )  # fmt: skip
    read = json.loads(done.stdout)
    assert (read["day"], read["counted_on"], read["state"]) == ("2026-04-22", "2026-04-22", "suspended")
    assert read["moment"] == "2026-04-23T00:00:00+08:00"
    assert read["remaining"]["natural_days"] == 42


def test_other_facts_and_settings() -> None:
    anew = fengqiao("L2", "--from", "2023-05-08", "--interrupt", "2023-05-15:2023-06-30", "--json")
    assert json.loads(anew.stdout)["day"] == "2026-06-30"
    pending = fengqiao("L2", "--from", "2023-05-08", "--interrupt", "2023-05-15:-", "--json")
    assert json.loads(pending.stdout)["state"] == "interrupted"
    lasts = fengqiao("M5", "--from", "2026-03-02", "--suspend", "2026-03-10", "-")
    assert "届满日未定，尚余23日" in lasts.stdout
    given = fengqiao("M11", "--from", "2026-01-01", "--length", "10WD", "--source", "规则", "--set", "closing=17:00")
    assert "2026年1月15日（星期四）17时" in given.stdout
    until = fengqiao("M5", "--from", "2026-03-02", "--extend", "2026-04-01", "parties", "2026-05-20")
    assert "2026年5月20日" in until.stdout.splitlines()[0]
    week = fengqiao("taskforce.quarter_circular", "--from", "2026-04-01", "--set", "week=calendar_week")
    assert "2026年6月29日起，至2026年6月30日" in week.stdout


def test_all_rules_and_rows() -> None:
    text = fengqiao("--list").stdout
    assert all(item.id in text for item in rules())
    read = json.loads(fengqiao("--list", "--json").stdout)
    assert [item["rule"] for item in read["rules"]] == [item.id for item in rules()]
    assert [item["row"] for item in read["without_period"]] == [item.row for item in provisions()]


def test_a_year_that_is_added_is_used(tmp_path: Path) -> None:
    added = tmp_path / "2027.toml"
    added.write_text(
        'year = 2027\nnotice = "示例"\nholidays = [{ name = "元旦", from = 2027-01-01, to = 2027-01-03 }]\n',
        encoding="utf-8",
    )
    done = fengqiao("J17", "--from", "2026-12-25", "--json", FENGQIAO_CALENDAR_OVERRIDES=str(added))
    read = json.loads(done.stdout)
    assert (read["day"], read["provisional"]) == ("2027-01-04", False)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["J1"], "RULE and --from are needed"),
        (["J3", "--from", "2026-03-02"], "管辖，没有期间"),
        (["J17", "--from", "2026-12-25"], "after the last known day"),
        (["M5", "--from", "2026-03-02", "--suspend", "2026-03-10", "soon"], "not a day"),
        (["M5", "--from", "2026-03-02", "--set", "weak=x"], 'did you mean "week"'),
        (["M5", "--from", "2026-03-02", "--set", "closing=noon"], "not an hour"),
        (["M5", "--from", "2026-03-02", "--set", "before_includes_day=1"], "true or false"),
        (["M5", "--from", "02.03.2026"], "is not a day"),
        (["M11", "--from", "2026-03-02", "--length", "ten", "--source", "x"], "not a period"),
        (["M11", "--from", "2026-03-02", "--length", "10WD"], "needs its source"),
    ],
)
def test_refusals_are_one_sentence(words: list[str], says: str) -> None:
    done = fengqiao(*words)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
