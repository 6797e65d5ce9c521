"""Worked cases, kept as data that a lawyer can read and write."""

import tomllib
from pathlib import Path

import pytest

from fengqiao.engine import dates

CASES = tomllib.loads((Path(__file__).parent / "cases" / "worked.toml").read_text(encoding="utf-8"))["case"]


def asked(case):
    if case["calendar"] == "trading":
        calendar = dates.trading_calendar()
        following = calendar.next_trading_day
    else:
        calendar = dates.working_calendar()
        following = calendar.next_working_day
    match case["ask"]:
        case "between" | "count" as word:
            return getattr(calendar, word)(case["first"], case["last"])
        case "shift":
            return calendar.shift(case["day"], case["n"])
        case "next":
            return following(case["day"])
        case word:
            return getattr(calendar, word)(case["day"])


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_worked_case(case):
    assert asked(case) == case["answer"], case["why"]
