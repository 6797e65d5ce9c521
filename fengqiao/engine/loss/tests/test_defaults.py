"""Defaults of a case are the defaults of its rule set, and every choice of a case is one that the rule set knows."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_args

import pytest

from fengqiao.engine import law
from fengqiao.engine.errors import InputError
from fengqiao.engine.loss import case as model
from fengqiao.engine.loss.case import Deduction, Fees, Method
from fengqiao.engine.loss.case_file import DEDUCTION_KEYS, FEE_KEYS, METHOD_KEYS, parse_case
from fengqiao.engine.loss.plan import prepare
from fengqiao.engine.loss.tests.invented_case import market

RULES = ("cn2003", "cn2022")
# setting -> switch of the rule set, where the names differ; None: no switch, for the reason given
SWITCH: dict[str, str | None] = {
    "duplicates": None,  # about the record, not about the law
    "ratio": None, "reason": None, "indices": None, "path": None, "other_ratio": None, "other_reason": None,  # facts
    "mode": "fees", "stamp_duty_rate": "stamp_duty",
}  # fmt: skip
# where the rule set says it in other words than a case
SAME = {("not_reached", "max_trading_day"): "wait", ("stamp_duty", "dated_table"): None}


def parsed(rules: str, **sections: dict[str, Any]) -> Any:
    return parse_case(
        {
            "case": {"name": "样本", "security": "600000", "rules": rules, "direction": "inducing_purchase"},
            "dates": {"implementation": "2022-03-01", "revelation": "2023-07-20"},
            **sections,
        }
    )


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize("section", ["method", "deduction", "fees"])
def test_defaults_are_those_of_the_rule_set(rules: str, section: str) -> None:
    found = law.rule_set(rules)
    given = getattr(parsed(rules), section)
    checked = 0
    for item in fields(given):
        name = SWITCH.get(item.name, item.name)
        if name is None or item.name == "commission_rate":
            continue
        switch = found.switch(name)
        assert getattr(given, item.name) == SAME.get((name, switch.value), switch.value), item.name
        checked += 1
    assert checked >= 3


@pytest.mark.parametrize("rules", RULES)
def test_the_commission_rate_of_the_rule_set_is_used(rules: str) -> None:
    from fractions import Fraction

    method = {"not_reached": "thirtieth_day"} if rules == "cn2003" else {}
    whole = prepare(parsed(rules, method=method), market=market())
    assert whole.commission == law.rule_set(rules).switch("commission_rate").ratio == Fraction(3, 10_000)


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize(
    ("section", "name"),
    [
        (section, item.name)
        for section, group in (("method", Method), ("deduction", Deduction), ("fees", Fees))
        for item in fields(group)
        if SWITCH.get(item.name, item.name) not in (None, "stamp_duty")
    ],
)
def test_every_option_of_the_rule_set_is_accepted_and_no_other(rules: str, section: str, name: str) -> None:
    switch = law.rule_set(rules).switch(str(SWITCH.get(name, name)))
    kind = {"method": Method, "deduction": Deduction, "fees": Fees}[section].__annotations__[name]
    every = get_args(getattr(model, str(kind).removesuffix(" | None"), None)) or (
        ("half_up", "truncate") if name == "rounding" else ()
    )
    needs = {"fixed": {"ratio": "0.1", "reason": "甲"}, "synchronised_index": {"indices": ["000300"]},
             "simulated_price": {"path": "x.csv"}}  # fmt: skip
    for value in every:
        allowed = value in switch.options or (name == "not_reached" and value == "wait")
        table = {section: {name: value, **needs.get(value, {})}}
        if allowed:
            assert getattr(getattr(parsed(rules, **table), section), name) == value
        else:
            with pytest.raises(InputError, match=name):
                parsed(rules, **table)
    assert set(switch.options) <= set(every)


def test_keys_of_a_case_file_are_the_fields_of_a_case() -> None:
    assert set(METHOD_KEYS) == {item.name for item in fields(Method)}
    assert set(DEDUCTION_KEYS) == {item.name for item in fields(Deduction)}
    assert set(FEE_KEYS) == {item.name for item in fields(Fees)}
