"""Chinese words for what a grid varies: names of keys, values as labels."""

from __future__ import annotations

import datetime as dt
from typing import Any

from fengqiao.engine.loss.case import setting_text
from fengqiao.engine.loss.outputs.words import NOT_SET, SETTING_NAMES, setting_value

DATE_NAMES = {
    "implementation": "实施日",
    "revelation": "揭露日",
    "revelation_after_close": "收市后揭露",
    "revelation_kind": "揭露或更正",
    "benchmark": "基准日",
    "benchmark_price": "基准价",
    "benchmark_reason": "给定基准的依据",
    "delisting": "摘牌日",
}
FLAGS = {"true": "是", "false": "否"}
KINDS = {"revelation": "揭露", "correction": "更正"}
NUMBERS = (
    "ratio", "other_ratio", "commission_rate", "stamp_duty_rate", "benchmark_price", "benchmark_price_digits",
    "ratio_digits",
)  # fmt: skip
SHORT = {"synchronised_index": "同步指数", "simulated_price": "模拟价格", "demand_deposit": "活期利率"}


def key_name(key: str) -> str:
    """The name of a varied key.

    >>> key_name("method.averaging"), key_name("dates.revelation"), key_name("segments.甲.benchmark")
    ('平均价格算法', '揭露日', '甲：基准日')
    """
    section, _, rest = key.partition(".")
    if section == "segments":
        segment, _, name = rest.rpartition(".")
        return f"{segment}：{DATE_NAMES.get(name, name)}"
    if section == "dates":
        return DATE_NAMES.get(rest, rest)
    return SETTING_NAMES.get(key, key)


def value_text(key: str, value: Any) -> str:
    """A value as the label of an alternative.

    >>> value_text("method.averaging", "weighted"), value_text("dates.revelation_after_close", True)
    ('综合加权平均', '收市后揭露：是')
    >>> value_text("fees.commission_rate", "0.0003"), value_text("fees.stamp_duty_rate", "by_date")
    ('佣金比例 0.03%', '印花税税率 按日期适用法定税率')
    >>> value_text("deduction.indices", ["000001", "000300"]), value_text("dates.benchmark", "")
    ('000001、000300', '基准日：未设置')
    """
    name = key.rpartition(".")[2]
    if value == "":
        return f"{key_name(key)}：{NOT_SET}"
    if isinstance(value, bool):
        return f"{key_name(key)}：{FLAGS[setting_text(value)]}"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list):
        return "、".join(str(item) for item in value)
    text = str(value)
    if name in NUMBERS:
        return f"{key_name(key)} {_number(key, text)}"
    if key.startswith(("dates.", "segments.")):
        return KINDS.get(text, text)
    return SHORT.get(text) or setting_value(key, text)


def _number(key: str, text: str) -> str:
    """A rate, a price or a number of decimals, which says little without its name."""
    if text in ("none", "by_date"):
        return setting_value(key, "")
    if key.endswith("benchmark_price") or text.endswith("%"):
        return text
    return setting_value(key, text)


def shown_setting(key: str, text: str) -> str:
    """A setting of a case, as its text, in words.

    >>> shown_setting("method.averaging", "weighted"), shown_setting("dates.revelation_after_close", "false")
    ('综合加权平均', '否')
    """
    if key.startswith(("dates.", "segments.")):
        return FLAGS.get(text) or KINDS.get(text) or text or NOT_SET
    if key == "deduction.indices" and text:
        return text.replace(",", "、")
    return setting_value(key, text)
