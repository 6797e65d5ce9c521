"""The wrongs whose losses can be measured, by the name that a case file gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fengqiao.engine.errors import InputError, unknown_name

MISREPRESENTATION = "misrepresentation"
WRONGS: dict[str, str] = {
    MISREPRESENTATION: "虚假陈述",
    "bond_misrepresentation": "债券欺诈发行、虚假陈述",
    "bond_default": "债券违约",
    "insider_dealing": "内幕交易",
    "manipulation": "操纵市场",
    "futures_misconduct": "期货经营机构或者交易所的过错",
    "unsuitable_sale": "不适当销售",
}
"""Name in the case file -> what it is called in Chinese."""


def wrong_of(data: Mapping[str, Any]) -> str:
    """Which wrong a case file is about: `[case] wrong`, misrepresentation where it says nothing.

    >>> wrong_of({"case": {"wrong": "insider_dealing"}}), wrong_of({"case": {}})
    ('insider_dealing', 'misrepresentation')
    """
    head = data.get("case")
    name = head.get("wrong", MISREPRESENTATION) if isinstance(head, Mapping) else MISREPRESENTATION
    if name not in WRONGS:
        raise unknown_name("value of [case] wrong", str(name), WRONGS)
    return str(name)


def is_other_wrong(data: Mapping[str, Any]) -> bool:
    """Whether a case is about another wrong than misrepresentation.

    >>> is_other_wrong({"case": {"wrong": "manipulation"}})
    True
    """
    return wrong_of(data) != MISREPRESENTATION


def require_misrepresentation(data: Mapping[str, Any]) -> None:
    """Refuse a case of another wrong where only misrepresentation can be meant (simulation, key dates)."""
    wrong = wrong_of(data)
    if wrong != MISREPRESENTATION:
        raise InputError(
            f"This works on cases of misrepresentation (虚假陈述) only; the case is about {wrong} ({WRONGS[wrong]})",
            todo="Use `fengqiao loss measure` or `fengqiao loss explain` for this case",
        )
