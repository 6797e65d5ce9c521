"""Numbers that identify people and bodies: format, check digits, what can be read from them. Knows no register."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from fengqiao.engine.errors import InputError

PROVINCES = {
    "11": "北京市", "12": "天津市", "13": "河北省", "14": "山西省", "15": "内蒙古自治区",
    "21": "辽宁省", "22": "吉林省", "23": "黑龙江省",
    "31": "上海市", "32": "江苏省", "33": "浙江省", "34": "安徽省", "35": "福建省", "36": "江西省", "37": "山东省",
    "41": "河南省", "42": "湖北省", "43": "湖南省", "44": "广东省", "45": "广西壮族自治区", "46": "海南省",
    "50": "重庆市", "51": "四川省", "52": "贵州省", "53": "云南省", "54": "西藏自治区",
    "61": "陕西省", "62": "甘肃省", "63": "青海省", "64": "宁夏回族自治区", "65": "新疆维吾尔自治区",
    "71": "台湾省", "81": "香港特别行政区", "82": "澳门特别行政区", "83": "台湾居民居住证",
}  # fmt: skip
"""First two digits of a citizen's number (GB/T 2260); 81, 82, 83 also on residence permits of people from there."""
FOREIGN_RESIDENT = "9"
"""First digit of the number on a foreigner's permanent residence card of the 2023 pattern."""
EARLIEST_BIRTH = dt.date(1880, 1, 1)

IDENTITY_SHAPE = re.compile(r"[1-9]\d{16}[\dX]")
MOBILE_SHAPE = re.compile(r"1[3-9]\d{9}")
CREDIT_CODE_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 signs of a unified social credit code: digits and letters without I, O, S, V, Z (GB 32100-2015)."""
CREDIT_CODE_WEIGHTS = tuple(3**place % 31 for place in range(17))
ORGANISATION_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
CREDIT_CODE_SHAPE = re.compile(rf"[1-9AN][1-9A-Y]\d{{6}}[{CREDIT_CODE_SIGNS}]{{10}}")
CARD_SHAPE = re.compile(r"\d{12,19}")


@dataclass(frozen=True)
class IdentityNumber:
    """A valid 18-digit number and what it says.

    province: two-digit code, of the place of first registration, not of residence. For foreign residents the place
    of issue. born: date of birth. male: by the 17th digit.
    """

    number: str
    province: str
    born: dt.date
    male: bool

    @property
    def province_name(self) -> str:
        """The name of the province."""
        return PROVINCES[self.province]


def check_digit(seventeen: str) -> str:
    """The 18th character of an identity number (GB 11643-1999, ISO 7064 MOD 11-2).

    seventeen: the digits before it. The weight of place i from the right, counting the check digit, is 2^(i-1) mod 11.

    >>> check_digit("11010119000101" + "001")
    '4'
    """
    if not re.fullmatch(r"\d{17}", seventeen):
        raise InputError("A check digit follows seventeen digits")
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(seventeen))
    return "10X98765432"[total % 11]


def with_check_digit(seventeen: str) -> str:
    """Seventeen digits with their check digit; for made-up numbers in tests.

    >>> len(with_check_digit("11010119000101" + "001"))
    18
    """
    return seventeen + check_digit(seventeen)


def identity_number_problem(text: str, on: dt.date) -> str:
    """What is wrong with an 18-digit identity number (GB 11643-1999), as a Chinese sentence; "" when nothing is.

    on: the day of asking; nobody is born after it. Spaces are not ignored: normalise before.

    >>> identity_number_problem(with_check_digit("11010119000101" + "001"), dt.date(2026, 1, 1))
    ''
    >>> identity_number_problem("110101190001010011", dt.date(2026, 1, 1))
    '身份证号码的最后一位校验码不对，请核对是否输错。'
    >>> identity_number_problem("110101190013010014", dt.date(2026, 1, 1))
    '身份证号码中的出生日期不存在，请核对第7至14位。'
    >>> identity_number_problem("1101", dt.date(2026, 1, 1))
    '身份证号码应为18位，最后一位可以是X；现在是4位。'
    """
    if len(text) == 15 and text.isdecimal():
        return "这是15位的旧号码，请填写现在使用的18位号码。"
    if len(text) != 18:
        return f"身份证号码应为18位，最后一位可以是X；现在是{len(text)}位。"
    if not (text.isascii() and IDENTITY_SHAPE.fullmatch(text)):
        return "身份证号码只能是数字，最后一位可以是X。"
    if province_of(text) not in PROVINCES:
        return "身份证号码开头的地区代码不存在，请核对前两位。"
    try:
        born = dt.date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return "身份证号码中的出生日期不存在，请核对第7至14位。"
    if not EARLIEST_BIRTH <= born <= on:
        return "身份证号码中的出生日期太早或在今天之后，请核对第7至14位。"
    if check_digit(text[:17]) != text[17]:
        return "身份证号码的最后一位校验码不对，请核对是否输错。"
    return ""


def province_of(text: str) -> str:
    """The two-digit province of an identity number; of a foreign resident's the place of issue (places 2 and 3)."""
    return text[1:3] if text.startswith(FOREIGN_RESIDENT) else text[:2]


def read_identity_number(text: str, on: dt.date) -> IdentityNumber:
    """A valid identity number and what it says; InputError with the sentence when it is not valid.

    >>> found = read_identity_number(with_check_digit("11010119000101" + "001"), dt.date(2026, 1, 1))
    >>> found.province_name, found.born.isoformat(), found.male
    ('北京市', '1900-01-01', True)
    """
    if problem := identity_number_problem(text, on):
        raise InputError(problem)
    born = dt.date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    return IdentityNumber(text, province_of(text), born, int(text[16]) % 2 == 1)


def mobile_problem(text: str) -> str:
    """What is wrong with a mobile number of the mainland (11 digits from 13 to 19; 电信网编号计划), or "".

    >>> mobile_problem("138" + "00000000"), mobile_problem("12800000000")
    ('', '手机号应为1开头的11位数字，第二位是3至9。')
    """
    good = text.isascii() and MOBILE_SHAPE.fullmatch(text)
    return "" if good else "手机号应为1开头的11位数字，第二位是3至9。"


def credit_code_check(seventeen: str) -> str:
    """The 18th sign of a unified social credit code (GB 32100-2015): 31 minus the weighted sum modulo 31.

    The weight of place i from the left, counted from 0, is 3^i mod 31; the value of a sign is its place among the 31.

    >>> credit_code_check("91110000000000019")
    'B'
    """
    total = sum(
        CREDIT_CODE_SIGNS.index(sign) * weight for sign, weight in zip(seventeen, CREDIT_CODE_WEIGHTS, strict=True)
    )
    return CREDIT_CODE_SIGNS[-total % 31]


def organisation_check(eight: str) -> str:
    """The ninth sign of an organisation code (GB 11714-1997), places 9 to 17 of a credit code: 11 minus the sum mod 11.

    >>> organisation_check("00000001")
    '9'
    """
    total = sum(
        ORGANISATION_SIGNS.index(sign) * weight for sign, weight in zip(eight, ORGANISATION_WEIGHTS, strict=True)
    )
    return "0X987654321"[total % 11]


def credit_code_problem(text: str) -> str:
    """What is wrong with a unified social credit code (GB 32100-2015), as a Chinese sentence; "" when nothing is.

    >>> credit_code_problem("91110000000000019" + credit_code_check("91110000000000019"))
    ''
    >>> credit_code_problem("911100000000000191")
    '统一社会信用代码的最后一位校验码不对，请核对是否输错。'
    """
    if len(text) != 18:
        return f"统一社会信用代码应为18位；现在是{len(text)}位。"
    if not CREDIT_CODE_SHAPE.fullmatch(text):
        return "统一社会信用代码由数字和大写字母组成，不含I、O、S、V、Z；第3至8位是数字。"
    if organisation_check(text[8:16]) != text[16]:
        return "统一社会信用代码第17位（组织机构代码的校验码）不对，请核对是否输错。"
    if credit_code_check(text[:17]) != text[17]:
        return "统一社会信用代码的最后一位校验码不对，请核对是否输错。"
    return ""


def bank_card_problem(text: str) -> str:
    """What is wrong with the number of a bank card (12 to 19 digits, ISO/IEC 7812 with the Luhn check), or "".

    Accounts of companies and old passbooks follow no check digit; use it for cards only.

    >>> bank_card_problem("6200000000000005"), bank_card_problem("6200000000000006")
    ('', '银行卡号的校验位不对，请核对是否输错。')
    """
    if not (text.isascii() and CARD_SHAPE.fullmatch(text)):
        return "银行卡号应为12至19位数字。"
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(text)))
    total = sum(value - 9 if value > 9 else value for value in doubled)
    return "" if total % 10 == 0 else "银行卡号的校验位不对，请核对是否输错。"
