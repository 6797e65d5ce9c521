"""What is wrong with the data of a form, as Chinese sentences with the path of the field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from fengqiao.engine import identity
from fengqiao.engine.forms.model import Field, FormTemplate, Problem
from fengqiao.engine.forms.wording import applies, day
from fengqiao.engine.money import yuan_grouped
from fengqiao.engine.money_words import LARGEST
from fengqiao.engine.typesetting.glyphs import not_in_print

LAST = dt.date(9999, 12, 31)


def problems_of(template: FormTemplate, data: Any, as_of: dt.date | None = None) -> list[Problem]:
    """All problems; as_of: the day of asking, after which nobody is born."""
    if not isinstance(data, dict):
        return [Problem("", template.title, "数据应是一个对象（字段名和值）。请按样例的格式填写。")]
    found = list(_group(template.fields, data, "", as_of or LAST))
    if not any(item.blocking for item in found):
        found += _rules(template, data)
    return found


def _group(fields: tuple[Field, ...], data: dict[str, Any], path: str, on: dt.date) -> Iterator[Problem]:
    known = [item.key for item in fields]
    for key in data:
        if key not in known:
            near = get_close_matches(str(key), known, n=1, cutoff=0.5)
            hint = f"是否应为“{near[0]}”？" if near else f"可填的有：{'、'.join(known)}。"
            yield Problem(f"{path}{key}", str(key), f"没有这个字段。{hint}")
    for field in fields:
        value = data.get(field.key)
        empty = value in (None, []) or (isinstance(value, str) and not value.strip())
        if not applies(field.when, data):
            if not empty and field.kind != "yes_no":
                yield Problem(f"{path}{field.key}", field.label, "按所作的选择不需要填写这一项，请删去或改选。")
        elif empty:
            if field.required or field.at_least:
                yield Problem(f"{path}{field.key}", field.label, "没有填写，这一项必须填写。")
        else:
            yield from _value(field, value, f"{path}{field.key}", on)


def _value(field: Field, value: Any, path: str, on: dt.date) -> Iterator[Problem]:
    if field.kind != "group":
        yield from (Problem(path, field.label, said) for said in _scalar(field, value, on))
        if isinstance(value, str) and (lacking := not_in_print(value)):
            codes = "、".join(lacking[:10])
            yield Problem(path, field.label, f"字库没有这些字符，文书中以统一码代替：{codes}。请核对。", blocking=False)
        return
    rows = value if field.many else [value]
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        yield Problem(path, field.label, "应是" + ("若干行，每行" if field.many else "") + "一个对象（字段名和值）。")
        return
    if field.many and not max(1, field.at_least) <= len(rows) <= field.at_most:
        yield Problem(path, field.label, f"应有{max(1, field.at_least)}至{field.at_most}项；现在是{len(rows)}项。")
    for number, row in enumerate(rows[: field.at_most]):
        yield from _group(field.fields, row, f"{path}[{number}]." if field.many else f"{path}.", on)


def _scalar(field: Field, value: Any, on: dt.date) -> Iterator[str]:
    if field.kind in ("money", "number"):
        if isinstance(value, bool) or not isinstance(value, int):
            yield "应是整数" + ("，以分为单位。" if field.kind == "money" else "。")
        elif not 0 <= value <= LARGEST:
            yield "不能是负数，也不能超过一亿亿元。"
    elif field.kind == "yes_no":
        if not isinstance(value, bool):
            yield "应是“是”（true）或“否”（false）。"
        elif field.must and not value:
            yield field.must
    elif not isinstance(value, str):
        yield "应是文字。"
    elif field.kind == "date":
        if not _is_day(value):
            yield "不是日期，应如2026-02-24。"
    elif field.kind == "choice":
        if value not in dict(field.choices):
            yield f"不在可选的范围内：{'、'.join(f'{key}（{label}）' for key, label in field.choices)}。"
    elif len(value) > field.longest:
        yield f"最多{field.longest}个字；现在是{len(value)}个字。"
    elif said := _number(field.kind, value, on):
        yield said


def _number(kind: str, value: str, on: dt.date) -> str:
    if kind == "identity":
        return identity.identity_number_problem(value, on)
    if kind == "credit_code":
        return identity.credit_code_problem(value)
    return identity.mobile_problem(value) if kind == "mobile" else ""


def fitting(template: FormTemplate, data: Any) -> dict[str, Any]:
    """What of unfinished data can be shown: values that hold by themselves; the rest is left out."""
    return _fitting(template.fields, data if isinstance(data, dict) else {})


def _fitting(fields: tuple[Field, ...], data: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for field in fields:
        value = data.get(field.key)
        if value in (None, "", []) or not applies(field.when, data):
            continue
        if field.kind == "group":
            rows = value if isinstance(value, list) and field.many else [value]
            held = [_fitting(field.fields, row) for row in rows[: field.at_most] if isinstance(row, dict)]
            if held := [row for row in held if row]:
                kept[field.key] = held if field.many else held[0]
        elif (field.must and value is False) or not any(_scalar(field, value, LAST)):
            kept[field.key] = value
    return kept


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and dt.date.fromisoformat(text).year >= 1900
    except ValueError:
        return False


def _rules(template: FormTemplate, data: dict[str, Any]) -> Iterator[Problem]:
    labels = {item.key: item for item in template.fields}
    for rule in template.rules:
        kind = rule["kind"]
        if kind == "sum" and data.get(rule["rows"]):
            total = sum(row.get(rule["column"]) or 0 for row in data[rule["rows"]])
            stated = data.get(rule["total"]) or 0
            if total != stated:
                said = f"各行合计{yuan_grouped(total)}，与“{labels[rule['total']].label}”{yuan_grouped(stated)}不一致。"
                yield Problem(rule["rows"], labels[rule["rows"]].label, said)
        elif kind == "parts":
            total, stated = sum(data.get(key) or 0 for key in rule["fields"]), data.get(rule["total"]) or 0
            if total != stated:
                said = f"各项合计{yuan_grouped(total)}，与所填{yuan_grouped(stated)}不一致。"
                yield Problem(rule["total"], labels[rule["total"]].label, said)
        elif kind == "ascending":
            days = _values(rule["rows"] + "." + rule["column"], data)
            if days != sorted(days):
                yield Problem(rule["rows"], labels[rule["rows"]].label, "日期应由先到后排列。")
        elif kind == "order":
            yield from _order(rule, labels, data)
        elif kind == "different":
            names = [set(_values(path, data)) for path in rule["fields"]]
            if both := sorted(names[0] & names[1]):
                label = labels[rule["fields"][1].partition(".")[0]].label
                yield Problem(rule["fields"][1], label, f"“{both[0]}”同时填在两方，请核对。")
        elif kind == "any" and not any(_values(path, data) for path in rule["fields"]):
            names_of = "、".join(labels[path].label for path in rule["fields"])
            yield Problem(rule["fields"][0], labels[rule["fields"][0]].label, f"{names_of}至少填写一项。")


def _order(rule: dict[str, Any], labels: dict[str, Field], data: dict[str, Any]) -> Iterator[Problem]:
    first, second = (_values(path, data) for path in rule["fields"])
    if not first or not second:
        return
    wrong = min(second) <= max(first) if rule.get("strict") else min(second) < max(first)
    if wrong:
        names = [labels[path.partition(".")[0]].label for path in rule["fields"]]
        said = f"{day(min(second))}早于或等于" if rule.get("strict") else f"{day(min(second))}早于"
        yield Problem(rule["fields"][1], names[1], f"{said}“{names[0]}”{day(max(first))}，请核对。")


def _values(path: str, data: dict[str, Any]) -> list[Any]:
    key, _, rest = path.partition(".")
    value = data.get(key)
    rows = value if isinstance(value, list) else [value]
    found = [row.get(rest) if rest and isinstance(row, dict) else row for row in rows]
    return [item for item in found if item not in (None, "", False)]
