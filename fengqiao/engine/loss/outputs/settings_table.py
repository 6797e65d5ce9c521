"""The settings of a case in words with what they rest on, and the law values used that are still to be verified."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fengqiao.engine import law
from fengqiao.engine.loss.outputs.figures import day_text
from fengqiao.engine.loss.outputs.words import MARK_WORDS, RULE_WORDS, SETTING_NAMES, setting_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fengqiao.engine.law import Dated, RuleSet
    from fengqiao.engine.loss.plan import CasePlan

SWITCH_OF = {
    "fees.mode": "fees",
    "fees.stamp_duty_rate": "stamp_duty",
    "case.direction": "direction",
}
NOT_APPLIED = "不适用"
COMMISSION, STAMP_DUTY, DEPOSIT = "fees.court_commission_rate", "fees.stamp_duty_sell", "interest.demand_deposit"
HELD_BACK = ("case.name", "case.security", "case.rules")


@dataclass(frozen=True)
class SettingRow:
    """One setting: key in the case file, name and value in Chinese, source, and who sets it (MARK_WORDS)."""

    key: str
    name: str
    value: str
    source: str
    mark: str


@dataclass(frozen=True)
class LawRow:
    """One law value that entered the figures: id, title, value, days in force, source, what is missing."""

    id: str
    title: str
    value: str
    in_force: str
    source: str
    verified: bool
    missing: str


def rules_of(plan: CasePlan) -> RuleSet:
    """The rule set of a case."""
    return law.rule_set(plan.case.rules)


def basis(plan: CasePlan, figure: str) -> str:
    """The citation of a figure under the case's rule set, "" where the rule set has none."""
    return rules_of(plan).basis.get(figure, "")


def setting_rows(plan: CasePlan, settings: Mapping[str, str]) -> list[SettingRow]:
    """Every setting of a run in words, in the order in which the run gives them."""
    rules = rules_of(plan)
    rows = []
    for key, text in settings.items():
        if key in HELD_BACK:
            continue
        switch = rules.switches.get(SWITCH_OF.get(key, key.rpartition(".")[2]))
        value = setting_value(key, text)
        if key == "fees.commission_rate" and not text:
            value = setting_value(key, str(plan.commission)) + "（默认）"
        if key == "method.not_reached" and rules.switch("max_trading_days").value is not None:
            value = f"不适用（最长{rules.switch('max_trading_days').value}个交易日）"
        if _not_applied(plan, key):
            value = NOT_APPLIED
        source, mark = (switch.source, MARK_WORDS[switch.mark]) if switch else ("", "")
        rows.append(SettingRow(key, SETTING_NAMES.get(key, key), value, source, mark))
    return rows


def _not_applied(plan: CasePlan, key: str) -> bool:
    """True for a setting that plays no part because of another one."""
    deduction, fees = plan.case.deduction, plan.case.fees
    if key in ("deduction.index_floor", "deduction.parts"):
        return deduction.market_risk != "synchronised_index"
    if key == "deduction.combination":
        return deduction.market_risk == "none" or not deduction.other_ratio
    return key in ("fees.commission_rate", "fees.stamp_duty_rate") and fees.mode == "recorded"


def law_rows(plan: CasePlan) -> list[LawRow]:
    """The law values that entered the figures, with the rule text itself, in a fixed order."""
    rules = rules_of(plan)
    text = law.instrument(rules.instrument)
    since = _in_force(text.in_force_from, text.in_force_to)
    rows = [
        LawRow(
            rules.id, "适用规则", RULE_WORDS[plan.case.rules], since, text.title, text.status != "待核", text.missing
        )
    ]
    fees, first = plan.case.fees, plan.case.first_implementation
    last = max(segment.benchmark for segment in plan.segments)
    if fees.mode == "flat" and fees.commission_rate is None:
        rows += _rows(COMMISSION, last, last)
    if fees.mode == "flat" and fees.stamp_duty_rate is None:
        start = min(s.t1 for s in plan.segments) if plan.segments[0].purchases else first
        rows += _rows(STAMP_DUTY, start, last)
    if fees.interest != "none":
        rows += _rows(DEPOSIT, first, last) + _rows("interest.day_count_basis", last, last)
    return rows


def unverified(plan: CasePlan) -> list[LawRow]:
    """The law values of `law_rows` that are marked 待核."""
    return [row for row in law_rows(plan) if not row.verified]


def flag(plan: CasePlan, parameter: str) -> str:
    """ "（待核）" when a value of the law parameter is in use and not verified, else ""."""
    return "（待核）" if any(row.id == parameter for row in unverified(plan)) else ""


def law_value_rows(parameter: str) -> list[LawRow]:
    """All values of a law parameter, whatever their days."""
    title = law.parameter(parameter).title
    return [_row(parameter, title, value) for value in law.history(parameter)]


def _rows(parameter: str, start: dt.date, end: dt.date) -> list[LawRow]:
    title = law.parameter(parameter).title
    return [_row(parameter, title, value) for value in law.history(parameter) if _overlaps(value, start, end)]


def _overlaps(value: Dated, start: dt.date, end: dt.date) -> bool:
    return value.in_force_from <= end and (value.in_force_to is None or value.in_force_to >= start)


def _row(parameter: str, title: str, value: Dated) -> LawRow:
    plain = value.label().partition("（待核")[0]
    days = _in_force(value.in_force_from, value.in_force_to)
    return LawRow(parameter, title, plain, days, value.source, value.verified, value.missing)


def _in_force(start: dt.date, end: dt.date | None) -> str:
    return f"{day_text(start)}至{day_text(end)}" if end else f"{day_text(start)}起"
