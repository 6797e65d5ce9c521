"""The formula of one investor's loss with the numbers filled in, line by line, each with its legal basis."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from fengqiao.engine.loss.outputs.figures import (
    amount_text,
    day_text,
    grouped,
    percent_text,
    price_text,
    quantity_text,
    rate_text,
)
from fengqiao.engine.loss.outputs.settings_table import COMMISSION, DEPOSIT, STAMP_DUTY, basis, flag, rules_of
from fengqiao.engine.loss.outputs.words import exit_words
from fengqiao.engine.money import yuan_grouped

if TYPE_CHECKING:
    from fengqiao.engine.loss.plan import CasePlan
    from fengqiao.engine.loss.run_result import SegmentStatement

ONE = Fraction(1)


@dataclass(frozen=True)
class Line:
    """One figure: what it is, how it comes about with the numbers in it, the result, what it rests on."""

    name: str
    formula: str
    value: str
    basis: str = ""
    strong: bool = False


def lines(plan: CasePlan, part: SegmentStatement) -> list[Line]:
    """All lines of one segment, from the averages to the total. Without in-scope shares: one line that says so."""
    if not part.outcome.scope:
        what = "买入" if part.plan.purchases else "卖出"
        end = "卖出" if part.plan.purchases else "买回"
        text = f"实施日至揭露日之间没有{what}，或者{what}的股份在揭露日之前已经全部{end}"
        return [Line("范围内股份", text, "0 股", basis(plan, "scope")), Line("合计", "", "0.00 元", "", strong=True)]
    return [
        *_averages(plan, part),
        *_difference(plan, part),
        *_market_risk(plan, part),
        *_award(plan, part),
        *_fees(plan, part),
        _total(plan, part),
    ]


def _averages(plan: CasePlan, part: SegmentStatement) -> list[Line]:
    tally, got, purchases = part.tally, part.outcome, part.plan.purchases
    enter, leave = ("买入", "卖出") if purchases else ("卖出", "买回")
    done, rest = exit_words(purchases)
    entry = Line(
        f"{enter}平均价",
        f"范围内余额 {amount_text(tally.cost)} ÷ 范围内股数 {quantity_text(tally.scope)}",
        f"{price_text(got.entry_average)} 元",
        rules_of(plan).switch("averaging").source,
    )
    out = [
        Line(
            "范围内股份",
            f"{done} {quantity_text(got.exited)} 股 + {rest} {quantity_text(got.held)} 股",
            f"{quantity_text(got.scope)} 股",
            basis(plan, "scope"),
        ),
        entry,
    ]
    if got.exited:
        out.append(
            Line(
                f"{leave}平均价",
                f"{leave}金额 {amount_text(tally.exit_value)} ÷ {done} {quantity_text(got.exited)}",
                f"{price_text(got.exit_average)} 元",
                basis(plan, "difference_loss" if purchases else "difference_loss_sale"),
            )
        )
    found = part.plan.key_dates
    how = "由案件文件给定"
    if found and part.plan.segment.benchmark_price is None:
        count = sum(day.adjusted_close is not None for day in found.days)
        how = f"{day_text(part.plan.t1)}至{day_text(part.plan.benchmark)} {count} 个收盘价的平均"
    out.append(Line("基准价", how, f"{price_text(part.plan.price)} 元", basis(plan, "benchmark_price")))
    return out


def _difference(plan: CasePlan, part: SegmentStatement) -> list[Line]:
    got, purchases = part.outcome, part.plan.purchases
    done, rest = exit_words(purchases)
    entry, leaving, price = price_text(got.entry_average), price_text(got.exit_average), price_text(part.plan.price)
    first = f"({entry} - {leaving})" if purchases else f"({leaving} - {entry})"
    second = f"({entry} - {price})" if purchases else f"({price} - {entry})"
    out = []
    if got.exited:
        out.append(Line(f"{done}部分", f"{first} × {quantity_text(got.exited)}", amount_text(got.exited_part)))
    if got.held:
        out.append(Line(f"{rest}部分", f"{second} × {quantity_text(got.held)}", amount_text(got.held_part)))
    if got.dividends:
        out.append(
            Line("现金红利抵扣", "范围内股份收到的现金红利", f"-{amount_text(got.dividends)}", basis(plan, "dividends"))
        )
    figure = "difference_loss" if purchases else "difference_loss_sale"
    out.append(
        Line("投资差额损失", _sum_words(part), yuan_grouped(got.difference_fen), basis(plan, figure), strong=True)
    )
    return out


def _sum_words(part: SegmentStatement) -> str:
    got = part.outcome
    each = part.plan.method.floor == "each_part"
    parts = [value for value, count in ((got.exited_part, got.exited), (got.held_part, got.held)) if count]
    if each:
        parts = [max(value, Fraction(0)) for value in parts]
    terms = " + ".join(grouped(value, 2) if value >= 0 else f"({grouped(value, 2)})" for value in parts)
    if got.dividends:
        terms += f" - {grouped(got.dividends, 2)}"
    raw = sum(parts, Fraction(0)) - got.dividends
    if raw < 0:
        return f"{terms} 为负，按零计算"
    if each and any(value < 0 for value in (got.exited_part, got.held_part)):
        return f"{terms}（为负的部分按零计算）"
    return terms


def _market_risk(plan: CasePlan, part: SegmentStatement) -> list[Line]:
    deduction, got, cited = plan.case.deduction, part.outcome, basis(plan, "market_risk")
    if deduction.market_risk == "none":
        return [Line("市场风险比例", "没有设置市场风险扣除", "0%", cited)]
    if deduction.market_risk == "fixed":
        return [Line("市场风险比例", f"固定比例；理由：{deduction.reason}", percent_text(got.ratio, 4), cited)]
    if deduction.market_risk == "simulated_price":
        text = "模拟损失 ÷ 投资差额损失（不小于0，不大于1）"
        return [*_falls(part, "模拟价格"), Line("市场风险比例", text, percent_text(got.ratio, 4), cited)]
    out = _falls(part, "指数 {}")
    word = "跌幅" if part.plan.purchases else "涨幅"
    if "index_not_comparable" in got.marks:
        text = f"证券{word}不为正，无法与指数对比，不扣除"
    elif deduction.parts == "separate":
        text = f"{'和'.join(exit_words(part.plan.purchases))}两部分分别对比后的综合比例"
    else:
        mean = _mean(part, each=deduction.index_floor == "each")
        text = f"指数平均{word} {percent_text(mean, 4)} ÷ 证券{word} {percent_text(got.stock_drop, 4)}"
        if mean < 0:
            text += "，为负按零"
        elif got.ratio == ONE:
            text += "，以100%为限"
    out.append(Line("市场风险比例", text, percent_text(got.ratio, 4), cited))
    return out


def _mean(part: SegmentStatement, *, each: bool) -> Fraction:
    drops = [max(drop, Fraction(0)) for drop in part.outcome.drops] if each else list(part.outcome.drops)
    return sum(drops, Fraction(0)) / len(drops) if drops else Fraction(0)


def _falls(part: SegmentStatement, name: str) -> list[Line]:
    """The stock's own fall (诱空: rise), then that of every series, with the average points of entry and exit."""
    tally, got = part.tally, part.outcome
    word = "跌幅" if part.plan.purchases else "涨幅"
    out = []
    if got.stock_drop is not None:
        loss = amount_text(got.exited_part + got.held_part)
        text = f"{loss} ÷ 范围内余额 {amount_text(tally.cost)}"
        out.append(Line(f"证券{word}", text, percent_text(got.stock_drop, 4)))
    for series, cost, left, drop in zip(part.plan.replay, tally.replay_cost, tally.replay_exit, got.drops, strict=True):
        entry = cost / tally.scope
        leaving = (left + tally.held * series.held) / tally.scope
        text = f"进入时平均 {grouped(entry, 2)}，离开时平均 {grouped(leaving, 2)}"
        out.append(Line(f"{name.format(series.name)}{word}", text, percent_text(drop, 4)))
    return out


def _award(plan: CasePlan, part: SegmentStatement) -> list[Line]:
    deduction, got = plan.case.deduction, part.outcome
    other = deduction.other_ratio or Fraction(0)
    out = []
    if other:
        text = f"理由：{deduction.other_reason}"
        out.append(Line("其他因素比例", text, percent_text(other, 4), basis(plan, "other_causes")))
    loss, risk = yuan_grouped(got.difference_fen), percent_text(got.ratio, 4)
    if deduction.combination == "add" and other:
        text = f"{loss} × (1 - {risk} - {percent_text(other, 4)})"
    else:
        text = (
            loss + (f" × (1 - {risk})" if got.ratio else "") + (f" × (1 - {percent_text(other, 4)})" if other else "")
        )
    if not got.ratio and not other:
        text += "，没有扣除"
    cited = basis(plan, "other_causes")
    out.append(Line("认定差额损失", text, yuan_grouped(got.award_fen), cited, strong=True))
    return out


def _fees(plan: CasePlan, part: SegmentStatement) -> list[Line]:
    got, fees, award = part.outcome, plan.case.fees, yuan_grouped(part.outcome.award_fen)
    cited = basis(plan, "commission"), basis(plan, "stamp_duty")
    if fees.mode == "recorded":
        share = f" × 认定占比 {percent_text(got.award / got.difference if got.difference else Fraction(0), 4)}"
        commission = f"记录中范围内交易的佣金 {amount_text(part.tally.commission)}{share}"
        duty = f"记录中范围内交易的印花税 {amount_text(part.tally.stamp_duty)}{share}"
    else:
        court = flag(plan, COMMISSION) if fees.commission_rate is None else ""
        commission = f"{award} × {rate_text(plan.commission)}{court}"
        dated = flag(plan, STAMP_DUTY) if fees.stamp_duty_rate is None else ""
        duty = f"{award} × {rate_text(got.duty_rate)}{dated}"
    out = [
        Line("佣金", commission, yuan_grouped(got.commission_fen), cited[0]),
        Line("印花税", duty, yuan_grouped(got.stamp_duty_fen), cited[1]),
    ]
    if fees.interest == "none":
        return out
    text = "没有认定的损失，不计利息"
    if got.interest_from and got.interest_to:
        base = got.award_fen + got.commission_fen + got.stamp_duty_fen
        text = (
            f"{yuan_grouped(base)} × 累计利率 {percent_text(got.interest_factor, 6)}"
            f"（{day_text(got.interest_from)}至{day_text(got.interest_to)}，分段计算{flag(plan, DEPOSIT)}）"
        )
    out.append(Line("利息", text, yuan_grouped(got.interest_fen), basis(plan, "interest")))
    return out


def _total(plan: CasePlan, part: SegmentStatement) -> Line:
    got = part.outcome
    items = [got.award_fen, got.commission_fen, got.stamp_duty_fen]
    if plan.case.fees.interest != "none":
        items.append(got.interest_fen)
    text = " + ".join(yuan_grouped(item).removesuffix(" 元") for item in items)
    return Line("合计", text, yuan_grouped(got.total_fen), basis(plan, "total"), strong=True)
