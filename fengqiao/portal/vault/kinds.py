"""Kinds of personal data: how each is written the same way always, and how much of it a screen shows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from enum import StrEnum


class Kind(StrEnum):
    """What a sealed value is."""

    IDENTITY_NUMBER = "identity_number"
    MOBILE = "mobile"
    BANK_ACCOUNT = "bank_account"
    ADDRESS = "address"
    PASSPORT = "passport"
    CREDIT_CODE = "credit_code"
    NAME = "name"
    EMAIL = "email"
    TEXT = "text"


HIDDEN = "***********"


def mask_identity_number(text: str) -> str:
    """The first three and the last four: 110***********1234."""
    return ends(text, 3, 4)


def mask_mobile(text: str) -> str:
    """138****1234."""
    return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}" if len(text) >= 11 else ends(text, 0, 2)


def mask_bank_account(text: str) -> str:
    """****1234: neither the bank nor the length."""
    return "****" + text[-4:] if len(text) >= 12 else "****"


def mask_passport(text: str) -> str:
    """The letter and the last two."""
    return ends(text, 1, 2)


def mask_credit_code(text: str) -> str:
    """The first two (what kind of body) and the last four."""
    return ends(text, 2, 4)


def mask_name(text: str) -> str:
    """The family name: 张*, 欧阳**; of foreign names the first letter."""
    text = text.strip()
    if not text or len(text) == 1:
        return "*" * len(text)
    if text.isascii():
        return text[0] + "***"
    known = 2 if len(text) > 2 and text[:2] in COMPOUND_NAMES else 1
    return text[:known] + "*" * (len(text) - known)


def mask_email(text: str) -> str:
    """a***@example.cn."""
    name, at, host = text.rpartition("@")
    return f"{name[0]}***@{host}" if at and len(name) > 1 else "***"


PROVINCE = re.compile(r"^(?:[\u4e00-\u9fff]{2,8}?(?:省|自治区|特别行政区)|(?:北京|天津|上海|重庆)市?)")
CITY = re.compile(r"^[\u4e00-\u9fff]{1,10}?(?:市|自治州|地区|盟)")


def mask_address(text: str) -> str:
    """Province and city only."""
    text = re.sub(r"\s", "", text)
    province = PROVINCE.match(text)
    shown = province.group() if province else ""
    municipality = shown[:2] in ("北京", "天津", "上海", "重庆")
    city = None if municipality else CITY.match(text[len(shown) :])
    shown += city.group() if city else ""
    return shown + "****"


def mask_text(text: str) -> str:
    """Nothing at all."""
    return "****" if text else ""


def ends(text: str, first: int, last: int) -> str:
    """The first and last few characters; nothing when that would be more than half of it."""
    if len(text) < 2 * (first + last):
        return "*" * len(text)
    return text[:first] + "*" * (len(text) - first - last) + text[-last:]


MASKS: dict[Kind, Callable[[str], str]] = {
    Kind.IDENTITY_NUMBER: mask_identity_number,
    Kind.MOBILE: mask_mobile,
    Kind.BANK_ACCOUNT: mask_bank_account,
    Kind.ADDRESS: mask_address,
    Kind.PASSPORT: mask_passport,
    Kind.CREDIT_CODE: mask_credit_code,
    Kind.NAME: mask_name,
    Kind.EMAIL: mask_email,
    Kind.TEXT: mask_text,
}


def mask(kind: Kind, text: str) -> str:
    """What a screen shows of a value."""
    return MASKS[kind](normal(kind, text))


def normal(kind: Kind, text: str) -> str:
    """A value as it is looked up: equal for everybody who writes the same thing in another way."""
    text = unicodedata.normalize("NFKC", text).strip()
    if kind in (Kind.IDENTITY_NUMBER, Kind.PASSPORT, Kind.CREDIT_CODE):
        return re.sub(r"[\s-]", "", text).upper()
    if kind is Kind.MOBILE:
        return re.sub(r"^(?:\+?86|0086)(?=1\d{10}$)", "", re.sub(r"[\s()-]", "", text))
    if kind is Kind.BANK_ACCOUNT:
        return re.sub(r"[\s-]", "", text)
    if kind is Kind.EMAIL:
        return text.lower()
    if kind is Kind.ADDRESS:
        return re.sub(r"\s", "", text)
    return re.sub(r"\s+", " ", text)


COMPOUND_NAMES = frozenset(
    re.findall(
        r"\S+",
        """
欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶
太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良
漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 呼延 东郭 南门 羊舌 微生 梁丘 左丘 东门 西门 第五
欧侯
""",
    )
)
"""复姓: family names of two characters."""
