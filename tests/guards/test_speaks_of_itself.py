"""The files speak of the project alone, hold nobody's personal data, and copy no data that belong elsewhere."""

from __future__ import annotations

import hashlib
import re

import pytest

from tests.guards.tree import ROOT, files, say, text

NOT_READ = {"uv.lock"}
ELSEWHERE = {
    "a path of one machine": re.compile(r"(?<![\w.}$])[/](?:work|tmp|root)/|(?<!\w)[/]home/\w+"),
    "the host of a package registry": re.compile(r"\bpypi[.]org|python[h]osted|npm[j]s\b", re.IGNORECASE),
    "how the project is written": re.compile(
        r"\b(?:[c]laude|[a]nthropic|[c]hatgpt|AI [a]ssistant|[h]elper agent|[s]ub-?agent|[s]eed documents?"
        r"|[l]anguage models?|(?:system|user|initial) [p]rompt)\b|AI\s?[助]手|大语言[模]型",
        re.IGNORECASE,
    ),
}
MOBILE = re.compile(r"(?<![0-9A-Za-z.])1[3-9]\d{9}(?![0-9A-Za-z])")
IDENTITY = re.compile(
    r"(?<![0-9A-Za-z])[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])"
)
TEST_DATA: dict[str, str] = {}
"""Files that may hold made-up mobile or identity numbers, each with its reason."""
SHARED = ROOT.parent / "shared" / "data"


def speaks_of_others(line: str) -> list[str]:
    """What a line says that is no business of the project."""
    return [what for what, pattern in ELSEWHERE.items() if pattern.search(line)]


def personal(line: str) -> list[str]:
    """Numbers in a line that look like a mobile number, or like an identity number whose check digit is right."""
    found = ["a mobile number"] if MOBILE.search(line) else []
    return found + ["an identity number" for match in IDENTITY.findall(line) if check_digit_holds(match)]


def check_digit_holds(number: str) -> bool:
    """The last character of an identity number (GB 11643), from the seventeen before it."""
    total = sum(int(digit) * (1 << (17 - place)) for place, digit in enumerate(number[:17]))
    return "10X98765432"[total % 11] == number[17].upper()


def lines() -> list[tuple[str, int, str]]:
    """Every line of every text of the project."""
    return [
        (path, number, line)
        for path in files()
        if path not in NOT_READ
        for number, line in enumerate((text(path) or "").splitlines(), start=1)
    ]


def test_the_project_speaks_of_itself_alone() -> None:
    problems = [f"{path}:{n}: {what}" for path, n, line in lines() for what in speaks_of_others(line)]
    problems += [f"{path}: {what} in its name" for path in files() for what in speaks_of_others(path)]
    assert not problems, say(problems, "say it in terms of the project; a path is given relative to it.")


def test_nobodys_numbers_are_in_the_files() -> None:
    problems = [f"{path}:{n}: {what}" for path, n, line in lines() if path not in TEST_DATA for what in personal(line)]
    assert not problems, say(problems, "take it out; made-up numbers of test data are listed in TEST_DATA.")


def test_no_data_are_copied_from_elsewhere() -> None:
    if not SHARED.is_dir():
        pytest.skip("there are no data beside the project to compare with")
    foreign = {digest(path.read_bytes()): path.name for path in SHARED.rglob("*") if path.is_file()}
    problems = [
        f"{path} is {foreign[found]}" for path in files() if (found := digest((ROOT / path).read_bytes())) in foreign
    ]
    assert not problems, say(problems, "remove it; tests make their own data, or read what is beside the project.")


def digest(content: bytes) -> str:
    """What tells two contents apart; line ends do not matter, an empty file is like no other."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest() if content.strip() else ""


def test_these_guards_can_fail() -> None:
    for line in (
        "/wo" "rk/main", "see /t" "mp/x.csv", "/ho" "me/li/x", "https://py" "pi.org/simple",
        "files.python" "hosted.org", "Cla" "ude", "an AI assi" "stant", "the see" "d documents", "a helper a" "gent",
    ):  # fmt: skip
        assert speaks_of_others(line), line
    for line in ("docs/work/map.md", "a tmp/file", "user/root/", "the working day", "seeded with 3"):
        assert not speaks_of_others(line), line
    assert personal("手机" + "138" + "00138000")
    assert not personal("1.13800138000 and 113800138000 and 13800138.00")
    assert personal("11010519491231" + "002X")
    assert not personal("11010519491231" + "0021")
