"""Check digits: right numbers pass, every single mistake is found."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fengqiao.engine import identity
from fengqiao.engine.errors import InputError

ON = dt.date(2026, 11, 20)
BIRTHS = st.dates(dt.date(1880, 1, 1), ON)
STANDARD_EXAMPLE = "91350100M000100Y43"
"""The example of GB 32100-2015."""


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """Made-up numbers with the right check digit."""
    province = draw(st.sampled_from(sorted(identity.PROVINCES)))
    born = draw(BIRTHS)
    return identity.with_check_digit(
        f"{province}{draw(st.integers(0, 9999)):04d}{born:%Y%m%d}{draw(st.integers(0, 999)):03d}"
    )


@settings(deadline=None)
@given(number=numbers())
def test_right_numbers_are_read(number: str) -> None:
    found = identity.read_identity_number(number, ON)
    assert f"{found.born:%Y%m%d}" == number[6:14] and found.province == number[:2]
    assert found.male == (number[16] in "13579")
    with pytest.raises(InputError):
        identity.read_identity_number(number, found.born - dt.timedelta(days=1))


@settings(deadline=None)
@given(number=numbers(), place=st.integers(0, 16), digit=st.sampled_from("0123456789"))
def test_one_wrong_digit_is_found(number: str, place: int, digit: str) -> None:
    assume(number[place] != digit)
    assert identity.identity_number_problem(number[:place] + digit + number[place + 1 :], ON)


@settings(deadline=None)
@given(number=numbers(), place=st.integers(0, 15))
def test_two_neighbours_exchanged_are_found(number: str, place: int) -> None:
    assume(number[place] != number[place + 1])
    exchanged = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert identity.identity_number_problem(exchanged, ON)


@settings(deadline=None)
@given(text=st.text())
def test_any_text_is_answered(text: str) -> None:
    for problem in (identity.identity_number_problem(text, ON), identity.mobile_problem(text),
                    identity.credit_code_problem(text), identity.bank_card_problem(text)):  # fmt: skip
        assert problem == "" or problem.endswith("。")


@pytest.mark.parametrize(
    ("number", "word"),
    [
        ("110101" + "000101" + "001", "15位的旧号码"), ("", "现在是0位"), ("1" * 17 + "x", "只能是数字"),
        ("990101190001010014", "地区代码"), ("110101190002300014", "出生日期不存在"), ("110101187901010014", "太早"),
        ("110101202701010014", "今天之后"), ("１１０１０１１９０００１０１００１４", "只能是数字"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(number: str, word: str) -> None:
    assert word in identity.identity_number_problem(number, ON)


def test_a_foreign_resident_has_the_place_of_issue_behind_the_nine() -> None:
    number = identity.with_check_digit("911" + "000" + "19000101" + "001")
    assert identity.read_identity_number(number, ON).province == "11"


def test_credit_codes() -> None:
    assert identity.credit_code_problem(STANDARD_EXAMPLE) == ""
    for place in range(18):
        for sign in identity.CREDIT_CODE_SIGNS:
            changed = STANDARD_EXAMPLE[:place] + sign + STANDARD_EXAMPLE[place + 1 :]
            assert (identity.credit_code_problem(changed) == "") == (changed == STANDARD_EXAMPLE)
    for text in ("", "9" * 17, STANDARD_EXAMPLE.lower(), STANDARD_EXAMPLE[:-1] + "I"):
        assert identity.credit_code_problem(text)


@settings(deadline=None)
@given(
    digits=st.text("0123456789", min_size=11, max_size=18),
    place=st.integers(0, 17),
    digit=st.sampled_from("0123456789"),
)
def test_one_wrong_digit_of_a_bank_card_is_found(digits: str, place: int, digit: str) -> None:
    right = next(digits + last for last in "0123456789" if not identity.bank_card_problem(digits + last))
    assume(place < len(right) and right[place] != digit)
    assert identity.bank_card_problem(right[:place] + digit + right[place + 1 :])


def test_mobile_numbers() -> None:
    assert identity.mobile_problem("199" + "00000000") == ""
    for text in ("12900000000", "1380000000", "138000000000", "+86138" + "00000000", "138 0000 0000", "１" * 11):
        assert identity.mobile_problem(text)
