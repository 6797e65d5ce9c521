"""The rows of an investor's record with what each one did, in words, with the key dates between them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fengqiao.engine.loss.market import day_of
from fengqiao.engine.loss.outputs.figures import day_text, price_text, quantity_text
from fengqiao.engine.loss.outputs.running import running_averages
from fengqiao.engine.loss.outputs.words import KIND_WORDS, SEGMENT_WORDS
from fengqiao.engine.loss.rows import BLOCK, KINDS, OPENING, TRANSFER_IN

if TYPE_CHECKING:
    from fractions import Fraction

    from fengqiao.engine.loss.exact import Step
    from fengqiao.engine.loss.run_result import SegmentStatement


@dataclass(frozen=True)
class StepRow:
    """One row of the table of steps; a divider has only `effect`, the key date that lies here.

    row: number in the input file, "" when unknown. adjusted: quantity and price on the benchmark basis where they
    differ from the record.
    """

    row: str
    date: str
    business: str
    quantity: str
    price: str
    effect: str
    scope_after: str
    average: str
    adjusted: str = ""
    divider: bool = False


def step_rows(part: SegmentStatement) -> list[StepRow]:
    """All steps of one segment in the order they were taken, with dividers at the key dates."""
    marks = _dividers(part)
    rows: list[StepRow] = []
    for step, average in zip(part.steps, running_averages(part), strict=True):
        day = day_of(step.trade.date)
        while marks and step.trade.kind != OPENING and marks[0][0] <= day:
            rows.append(_divider(marks.pop(0)[1]))
        rows.append(_row(part, step, average))
    rows.extend(_divider(text) for _, text in marks)
    return rows


def _dividers(part: SegmentStatement) -> list[tuple[dt.date, str]]:
    segment, plan = part.plan.segment, part.plan
    revealed = SEGMENT_WORDS[segment.revelation_kind]
    what = "买入" if plan.purchases else "卖出"
    t1 = "" if plan.t1 == segment.revelation else f"，自首个交易日{day_text(plan.t1)}起算"
    return [
        (segment.implementation, f"实施日 {day_text(segment.implementation)}：此后{what}计入范围"),
        (plan.t1, f"{revealed} {day_text(segment.revelation)}{t1}：此后{what}不计入范围"),
        (plan.benchmark + dt.timedelta(days=1), f"基准日 {day_text(plan.benchmark)}：此后的交易不影响计算"),
    ]


def _divider(text: str) -> StepRow:
    return StepRow("", "", "", "", "", text, "", "", divider=True)


def _row(part: SegmentStatement, step: Step, average: Fraction | None) -> StepRow:
    from fractions import Fraction

    from fengqiao.engine.money import PRICE_UNITS_PER_YUAN

    trade = step.trade
    price = Fraction(trade.price, PRICE_UNITS_PER_YUAN)
    adjusted = ""
    if step.quantity != trade.quantity or step.price != price:
        adjusted = f"复权 {quantity_text(step.quantity)} 股 @ {price_text(step.price)}"
    return StepRow(
        row=str(trade.source[0]) if trade.source[0] else "",
        date=day_text(day_of(trade.date)),
        business=KIND_WORDS[KINDS[trade.kind]][trade.side],
        quantity=quantity_text(trade.quantity),
        price=price_text(price),
        effect=_effect(part, step),
        scope_after=quantity_text(step.scope_after),
        average=price_text(average) if average is not None else "-",
        adjusted=adjusted,
    )


def _effect(part: SegmentStatement, step: Step) -> str:
    """What a row did, in a few words."""
    if step.what == "entry_in_scope":
        return f"计入范围 +{quantity_text(step.quantity)} 股"
    if step.what == "entry_out_of_scope":
        return _why_outside(part, step)
    if step.what == "dividend":
        return "现金红利，从损失中抵扣" if part.plan.method.dividends == "deduct" else "现金红利，不影响计算"
    if step.what in ("bonus", "rights"):
        return f"{'送转股' if step.what == 'bonus' else '配股'}，按除权换算"
    return _consumption(part, step)


def _why_outside(part: SegmentStatement, step: Step) -> str:
    plan, trade, day = part.plan, step.trade, day_of(step.trade.date)
    what = "买入" if plan.purchases else "卖出"
    if trade.kind == OPENING:
        return "实施日前的持股，不计入范围"
    if trade.kind == BLOCK and plan.method.block_trades != "count":
        return "大宗交易，不计入范围"
    if trade.kind == TRANSFER_IN and trade.price == 0:
        return "转入没有成本，不计入范围"
    if plan.owner(day) not in (None, plan.place):
        return "属于另一虚假陈述的区间，不计入本段范围"
    if day < plan.segment.implementation:
        return f"实施日之前{what}，不计入范围"
    return f"{SEGMENT_WORDS[plan.segment.revelation_kind]}以后{what}，不计入范围"


def _consumption(part: SegmentStatement, step: Step) -> str:
    """First in, first out: what was taken from shares outside the scope, from in-scope shares, from nothing known."""
    purchases = part.plan.purchases
    verb = ("转出" if step.what == "transfer_out" else "卖出") if purchases else "买回"
    parts = []
    if step.other:
        parts.append(f"抵范围外 {quantity_text(step.other)} 股")
    if step.scope:
        parts.append(f"抵范围内 {quantity_text(step.scope)} 股")
    if step.excess:
        parts.append(f"超出记录持股 {quantity_text(step.excess)} 股（见数据问题）")
    if parts:
        return f"{verb}先进先出：{'，'.join(parts)}" if len(parts) > 1 else f"{verb}{parts[0]}"
    if not purchases:
        return "没有在前的范围内卖出可抵" if step.what == "purchase" else "不在区间内的卖出，不计入范围"
    return "没有可抵的持股"
