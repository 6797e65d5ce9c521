"""What was filled in: kept as it was typed, and as the engine takes it; what is wrong with it, in words for people.

Amounts are kept as fen, answers as true and false. What could not be read is kept as it was typed, so nothing is lost.
What does not apply by another answer stays kept, and is not part of the document.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from decimal import Decimal
from typing import Any

from django.views.decorators.debug import sensitive_variables

from fengqiao.engine import forms
from fengqiao.engine.forms import Field, Problem
from fengqiao.engine.money import yuan
from fengqiao.portal.drafting.models import Filling
from fengqiao.portal.drafting.steps import Step
from fengqiao.portal.vault.actions import opened

AMOUNT = re.compile(r"^\d{1,17}(\.\d{1,2})?$")
SAID = {
    "money": "没有看懂这个金额，请按 12345.67 的样子填写，单位是元，最多两位小数。",
    "number": "请填整数，例如 4。",
    "yes_no": "请选“是”或者“否”。",
    "date": "没有看懂这个日期，请按 2026-11-20 的样子填写。",
}
MISSING = "没有填写，这一项必须填写。"


@sensitive_variables()
def kept(filling: Filling) -> dict[str, Any]:
    """What is kept of a form."""
    if not filling.data:
        return {}
    read: dict[str, Any] = json.loads(opened(filling.data))
    return read


def taken(field: Field, typed: str) -> Any:
    """A typed text as it is kept; None for nothing."""
    text = typed.replace("\r\n", "\n").strip() if field.kind == "long" else " ".join(typed.split())
    if not text:
        return None
    if field.kind == "yes_no":
        return {"yes": True, "no": False}.get(text, text)
    if field.kind in ("money", "number", "identity", "credit_code", "mobile"):
        text = unicodedata.normalize("NFKC", text)  # digits of full width, as they are typed in Chinese
    if field.kind == "money":
        plain = text.removesuffix("元").replace(",", "").replace(" ", "").lstrip("¥￥")
        return int(Decimal(plain) * 100) if AMOUNT.match(plain) else text
    if field.kind == "number":
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text
    if field.kind in ("identity", "credit_code", "mobile"):
        return "".join(text.split()).upper()
    return text


def typed(field: Field, value: Any) -> str:
    """A kept value as it stands in its input."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field.kind == "money" and isinstance(value, int):
        return yuan(value)
    return str(value)


def used(form: str, data: dict[str, Any]) -> dict[str, Any]:
    """What of the kept data is part of the document: known fields that apply by the answers given."""
    return _used(forms.get(form).fields, data)


def _used(fields: tuple[Field, ...], data: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields:
        value = data.get(field.key)
        if value in (None, "", []) or not applies(field, data):
            continue
        if field.kind == "group":
            rows = [_used(field.fields, row) for row in (value if field.many else [value])]
            value = rows if field.many else rows[0]
        found[field.key] = value
    return found


def applies(field: Field, beside: dict[str, Any]) -> bool:
    """True when a field is asked for, by the answers beside it."""
    return all(beside.get(key) in values for key, values in field.when.items())


def left_out(step: Step, data: dict[str, Any]) -> list[str]:
    """The labels of what was filled in on a step and is not used."""
    found = []
    for field in step.fields:
        value = data.get(field.key)
        if value not in (None, "", []) and not applies(field, data):
            found.append(field.label)
        elif field.kind == "group" and value:
            rows = value if field.many else [value]
            found += [one.label for row in rows for one in field.fields if one.key in row and not applies(one, row)]
    return list(dict.fromkeys(found))


def problems(form: str, data: dict[str, Any], today: dt.date) -> list[Problem]:
    """What must be mended before the document is made, or should be looked at."""
    whole = used(form, data)
    return [_in_words(form, problem, whole) for problem in forms.check(form, whole, as_of=today)]


def _in_words(form: str, problem: Problem, data: dict[str, Any]) -> Problem:
    field, value = _at(form, problem.path, data)
    said = SAID.get(field.kind) if field and isinstance(value, str) and value else None
    return Problem(problem.path, problem.label, said, problem.blocking) if said else problem


def _at(form: str, path: str, data: dict[str, Any]) -> tuple[Field | None, Any]:
    fields: tuple[Field, ...] = forms.get(form).fields
    field, value = None, data
    for part in path.split("."):
        key, _, row = part.partition("[")
        field = next((one for one in fields if one.key == key), None)
        if field is None or not isinstance(value, dict):
            return None, None
        value, fields = value.get(key), field.fields
        if row and isinstance(value, list):
            value = value[int(row.rstrip("]"))]
    return field, value


def differences(step: Step, mine: dict[str, Any], theirs: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Where two fillings of a step are not the same: label, mine, theirs."""
    found = []
    for label, path in _paths(step, mine, theirs):
        one, other = _shown(path, mine), _shown(path, theirs)
        if one != other:
            found.append((label, one, other))
    return found


def _paths(step: Step, *datas: dict[str, Any]) -> list[tuple[str, tuple[Field, str, int]]]:
    found: list[tuple[str, tuple[Field, str, int]]] = []
    for field in step.fields:
        if field.kind != "group":
            found.append((field.label, (field, field.key, -1)))
            continue
        rows = max(len(_rows(field, data)) for data in datas)
        for row in range(rows):
            place = f"{field.label}{row + 1}：" if field.many else f"{field.label}："
            found += [(place + one.label, (one, field.key, row)) for one in field.fields]
    return found


def _rows(field: Field, data: dict[str, Any]) -> list[dict[str, Any]]:
    value = data.get(field.key) or []
    return value if isinstance(value, list) else [value]


def _shown(path: tuple[Field, str, int], data: dict[str, Any]) -> str:
    field, key, row = path
    if row < 0:
        value = data.get(key)
    else:
        value = data.get(key) or []
        rows = value if isinstance(value, list) else [value]
        value = rows[row].get(field.key) if row < len(rows) else None
    if isinstance(value, bool):
        return "是" if value else "否"
    if field.kind == "choice" and isinstance(value, str):
        return dict(field.choices).get(value, value)
    return typed(field, value)


def is_day(text: str) -> bool:
    """True for a day as 2026-11-20."""
    try:
        return len(text) == len("2026-11-20") and bool(dt.date.fromisoformat(text))
    except ValueError:
        return False
