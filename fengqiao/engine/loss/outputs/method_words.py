"""The method in words, with article numbers: the text follows rule set, direction and settings of a case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fengqiao.engine.loss.outputs.figures import rate_text
from fengqiao.engine.loss.outputs.settings_table import COMMISSION, DEPOSIT, STAMP_DUTY, basis, flag, rules_of
from fengqiao.engine.loss.outputs.words import SEGMENT_WORDS

if TYPE_CHECKING:
    from fengqiao.engine.loss.plan import CasePlan


@dataclass(frozen=True)
class Paragraph:
    """One step of the method: heading, text, legal basis."""

    heading: str
    text: str
    basis: str


AVERAGING = {
    "moving_weighted": (
        "采用移动加权平均：自第一笔范围内{enter}起，每次{enter}把金额和股数计入，每次{leave}范围内股份按当时的平均价减去"
        "相应金额；股数减到零时重新起算。揭露日时的余额除以余股，即{average}。"
    ),
    "fifo_weighted": (
        "采用先进先出加权平均：按先进先出{leave}之后余下的各笔范围内{enter}，以股数加权求平均价，即{average}。"
    ),
    "weighted": "采用综合加权平均：范围内全部{enter}的总金额除以总股数，即{average}。",
    "actual_cost": (
        "采用实际成本法：范围内全部{enter}的总金额，减去揭露日之前{leave}的范围内股份的总金额，除以余股，即{average}。"
    ),
}

SUSPENDED = {
    "skip": "停牌日不计入交易日数",
    "count": "停牌日计入交易日数",
    "day_before": "停牌的，以停牌前一交易日为基准日",
    "resume": "停牌的，复牌后继续累计",
}


def method_paragraphs(plan: CasePlan) -> list[Paragraph]:
    """The method of a case, step by step, from the benchmark date to rounding."""
    return [
        _rule_choice(plan),
        _benchmark(plan),
        _scope(plan),
        _average(plan),
        _difference(plan),
        *_ex_rights(plan),
        _market_risk(plan),
        *_other(plan),
        _fees(plan),
        _interest(plan),
        _rounding(plan),
    ]


def _rule_choice(plan: CasePlan) -> Paragraph:
    rules = rules_of(plan)
    if plan.case.rules == "cn2022":
        text = f"适用{rules.title}。该规定施行后尚未终审的案件均适用，不论虚假陈述发生在何时。"
    else:
        text = f"适用{rules.title}。该规定只用于2022年1月22日之前已经终审的案件，再审亦同。"
    return Paragraph("适用规则", text, basis(plan, "rule_choice"))


def _benchmark(plan: CasePlan) -> Paragraph:
    method = plan.case.method
    revealed = "、".join(dict.fromkeys(SEGMENT_WORDS[part.segment.revelation_kind] for part in plan.segments))
    text = f"自{revealed}起（非交易日的，自其后首个交易日起），逐日累计集中交易成交量占可流通股数的比例。"
    if plan.case.rules == "cn2022":
        text += (
            "累计达到100%之日为基准日；10个交易日内达到的，以第10个交易日为准；"
            "30个交易日内未达到的，以第30个交易日为准。"
        )
    else:
        text += (
            "累计达到100%之日为基准日，没有最少和最多交易日数的限制；开庭前不能确定的，可以其后第30个交易日为基准日。"
        )
    base = "当日可流通股数" if method.turnover == "daily_float" else "首个交易日的可流通股数"
    text += f"分母为{base}；{SUSPENDED[method.suspended]}。"
    text += "基准价为首个交易日至基准日（均含）每日收盘价的平均价，没有收盘价的日子不计。"
    if any(part.key_dates is None for part in plan.segments):
        text += "本案基准日和基准价由案件文件给定，以给定者为准。"
    return Paragraph("基准日和基准价", text, f"{basis(plan, 'benchmark_date')}；{basis(plan, 'benchmark_price')}")


def _scope(plan: CasePlan) -> Paragraph:
    fifo = rules_of(plan).switch("consumption").source
    if plan.segments[0].purchases:
        text = (
            "实施日（含）至揭露日或更正日（不含）之间买入的股份为范围内股份。同一投资者各账户的交易合并，按成交先后排列；"
            "卖出的股份先进先出：先抵实施日之前已有的股份，再抵范围内的股份，再抵其后买入的股份。揭露日仍余的范围内股份，"
            "在揭露日至基准日（均含）之间卖出的为“已卖出”部分，其余为“仍持有”部分。揭露日以后买入的股份不在范围内。"
            "记录中卖出多于买入的，多出部分视为来自记录之前的持股，并在数据问题中列明。"
        )
    else:
        text = (
            "实施日（含）至揭露日或更正日（不含）之间卖出的股份为范围内股份。同一投资者各账户的交易合并，按成交先后排列；"
            "其后的买入先进先出地抵减在前的卖出。揭露日仍未买回的部分，在揭露日至基准日（均含）之间买回的为“已买回”部分，"
            "其余为“未买回”部分。"
        )
    block = "计入" if plan.case.method.block_trades == "count" else "不计入范围"
    text += f"投资者的大宗交易{block}。"
    if plan.case.method.overlap and len(plan.segments) > 1:
        which = "最早" if plan.case.method.overlap == "earliest" else "最晚"
        text += f"几个虚假陈述的区间重叠时，归{which}的一个，股份不重复计算。"
    return Paragraph("范围内股份", text, f"{basis(plan, 'scope')}；{basis(plan, 'intervals')}；先进先出：{fifo}")


def _average(plan: CasePlan) -> Paragraph:
    purchases = plan.segments[0].purchases
    words = {
        "enter": "买入" if purchases else "卖出",
        "leave": "卖出" if purchases else "买回",
        "average": "买入平均价" if purchases else "卖出平均价",
    }
    text = AVERAGING[plan.case.method.averaging].format(**words)
    other = "卖出平均价" if purchases else "买回平均价"
    text += f"{other}为揭露日至基准日之间{words['leave']}的范围内股份的加权平均价。"
    return Paragraph("平均价格", text, rules_of(plan).switch("averaging").source)


def _difference(plan: CasePlan) -> Paragraph:
    if plan.segments[0].purchases:
        text = "投资差额损失＝（买入平均价－卖出平均价）×已卖出股数＋（买入平均价－基准价）×仍持有股数。"
        figure = "difference_loss"
    else:
        text = "投资差额损失＝（买回平均价－卖出平均价）×已买回股数＋（基准价－卖出平均价）×未买回股数。"
        figure = "difference_loss_sale"
    if plan.case.method.floor == "each_part":
        text += "两部分各自为负时，该部分按零计算。"
    else:
        text += "两部分之和为负时按零计算。"
    return Paragraph("投资差额损失", text, basis(plan, figure))


def _ex_rights(plan: CasePlan) -> list[Paragraph]:
    method = plan.case.method
    if not plan.actions and method.dividends == "ignore":
        return []
    text = "送股、转增股等除权的，价格和股数都换算到基准日的口径，除权本身不改变损失。"
    text += "配股按除权换算。" if method.rights == "adjust" else "配股不作换算。"
    text += {
        "ignore": "现金红利不影响计算。",
        "deduct": "范围内股份收到的现金红利从投资差额损失中抵扣。",
        "adjust": "现金红利按除息调整价格。",
    }[method.dividends]
    return [Paragraph("除权除息", text, f"{basis(plan, 'ex_rights')}；{basis(plan, 'dividends')}")]


def _market_risk(plan: CasePlan) -> Paragraph:
    deduction, cited = plan.case.deduction, basis(plan, "market_risk")
    purchases = plan.segments[0].purchases
    if deduction.market_risk == "none":
        text = "由被告就市场风险等其他因素举证；本案没有设置市场风险扣除，不予扣除。"
        return Paragraph("市场风险", text, cited)
    if deduction.market_risk == "fixed":
        ratio = rate_text(deduction.ratio) if deduction.ratio is not None else ""
        return Paragraph("市场风险", f"对全部投资者按固定比例{ratio}扣除。理由：{deduction.reason}", cited)
    if deduction.market_risk == "simulated_price":
        text = (
            "模拟价格对比：把该投资者相同的交易放到没有虚假陈述时的模拟价格上重算一遍，得出模拟损失；"
            "市场风险比例＝模拟损失÷投资差额损失，不小于0，不大于1。"
        )
        return Paragraph("市场风险", text, cited)
    falls, word = ("跌幅", "下跌") if purchases else ("涨幅", "上涨")
    text = (
        f"同步指数对比：把该投资者范围内的每笔交易按当日收盘点位放到指数（{'、'.join(deduction.indices)}）上，"
        f"以同样的股数和平均算法计算各指数的{falls}；未了结的股份以首个交易日至基准日的平均点位计。"
        f"市场风险比例＝各指数{falls}的平均值÷该投资者所持证券的{falls}，不小于0，不大于1。"
    )
    text += f"指数没有{word}的，" + (
        "逐个按零计入平均。" if deduction.index_floor == "each" else "先平均，平均值为负时按零。"
    )
    if deduction.parts == "separate":
        first, second = ("已卖出", "仍持有") if purchases else ("已买回", "未买回")
        text += f"{first}和{second}两部分分别对比、分别扣除。"
    return Paragraph("市场风险", text, cited)


def _other(plan: CasePlan) -> list[Paragraph]:
    deduction = plan.case.deduction
    if not deduction.other_ratio:
        return []
    text = f"其他因素按{rate_text(deduction.other_ratio)}扣除。理由：{deduction.other_reason}。"
    if deduction.combination == "multiply":
        text += "认定差额损失＝投资差额损失×（1－市场风险比例）×（1－其他因素比例）。"
    else:
        text += "认定差额损失＝投资差额损失×（1－市场风险比例－其他因素比例），不小于0。"
    return [Paragraph("其他因素", text, basis(plan, "other_causes"))]


def _fees(plan: CasePlan) -> Paragraph:
    fees = plan.case.fees
    cited = "；".join(dict.fromkeys((basis(plan, "commission"), basis(plan, "stamp_duty"))))
    if fees.mode == "recorded":
        text = "佣金和印花税取交易记录中范围内交易的费用，按认定差额损失占投资差额损失的比例折算。"
        return Paragraph("佣金和印花税", text, cited)
    text = f"佣金＝认定差额损失×{rate_text(plan.commission)}{flag(plan, COMMISSION)}；"
    if fees.stamp_duty_rate is not None:
        text += f"印花税＝认定差额损失×{rate_text(fees.stamp_duty_rate)}。"
    elif plan.segments[0].purchases:
        text += (
            f"印花税＝认定差额损失×税率，税率为卖出日（仍持有部分为基准日）的法定税率，按股数加权"
            f"{flag(plan, STAMP_DUTY)}。"
        )
    else:
        text += f"印花税＝认定差额损失×税率，税率为范围内卖出日的法定税率，按股数加权{flag(plan, STAMP_DUTY)}。"
    return Paragraph("佣金和印花税", text, cited)


def _interest(plan: CasePlan) -> Paragraph:
    if plan.case.fees.interest == "none":
        return Paragraph("利息", "不计利息。", basis(plan, "interest"))
    text = (
        "利息＝（认定差额损失＋佣金＋印花税）×利率×天数÷365，自第一笔范围内买入之日至最后一笔范围内卖出之日（仍持有的，"
        f"至基准日），按银行同期活期存款利率分段计算，不计复利{flag(plan, DEPOSIT)}。"
    )
    return Paragraph("利息", text, basis(plan, "interest"))


def _rounding(plan: CasePlan) -> Paragraph:
    how = "四舍五入" if plan.case.method.rounding == "half_up" else "截断"
    text = (
        f"全部计算以精确分数进行，每个金额只在分位{how}一次；费用以舍入后的认定差额损失为基数，合计为各舍入后金额之和。"
        "文中平均价等按四位小数显示，计算用的是精确值。"
    )
    return Paragraph("精确和舍入", text, rules_of(plan).switch("rounding").source)
