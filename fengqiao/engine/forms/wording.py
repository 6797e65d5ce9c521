"""What values look like in a document, and sentences with places for them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from fengqiao.engine.forms.model import Field
from fengqiao.engine.money import yuan_grouped
from fengqiao.engine.money_words import money_words
from fengqiao.engine.typesetting.glyphs import in_print

PLACE = re.compile(r"\{([a-z_0-9]+(?:\.[a-z_0-9]+)*)\}")
BLANK = "＿＿＿＿"


def applies(when: dict[str, Any], *scopes: dict[str, Any]) -> bool:
    """True when every named field has one of the values; the nearest scope that has the field counts."""
    return all(
        next((scope[key] for scope in scopes if key in scope), None) in tuple(values) for key, values in when.items()
    )


def day(text: str) -> str:
    """A day as people write it.

    >>> day("2026-02-03")
    '2026年2月3日'
    """
    on = dt.date.fromisoformat(text)
    return f"{on.year}年{on.month}月{on.day}日"


def shown(field: Field, value: Any) -> str:
    """A value of a field as the document shows it; "" for none."""
    if value is None or value == "":
        return ""
    if field.kind == "money":
        return yuan_grouped(value)
    if field.kind == "date":
        return day(value)
    if field.kind == "yes_no":
        return "是" if value else "否"
    if field.kind == "choice":
        return dict(field.choices)[value]
    return in_print(str(value).strip())


def found(path: str, fields: Sequence[Field], data: dict[str, Any]) -> str | None:
    """What a place such as amount.words or claimants.names stands for; None when no field is meant."""
    key, _, rest = path.partition(".")
    field = next((item for item in fields if item.key == key), None)
    if field is None:
        return None
    value = data.get(key)
    if field.kind == "group":
        rows = value if isinstance(value, list) else [value] if value else []
        if rest == "count":
            return str(len(rows))
        inner = "name" if rest == "names" else rest
        said = (found(inner, field.fields, row) for row in rows)
        return "、".join(text for text in said if text)
    if rest == "words":
        return "" if value is None else money_words(value)
    return shown(field, value)


def filled(text: str, *scopes: tuple[Sequence[Field], dict[str, Any]], blank: str = "") -> str:
    """A sentence with its places filled from the nearest scope that knows them."""

    def put(place: re.Match[str]) -> str:
        for fields, data in scopes:
            said = found(place[1], fields, data)
            if said is not None:
                return said or blank
        raise KeyError(place[1])

    return PLACE.sub(put, text)
