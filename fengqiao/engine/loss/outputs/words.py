"""Chinese words of the outputs: headings of the result columns, names and values of settings, business of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fengqiao.engine.loss.plan import CasePlan

SEGMENT_WORDS = {"revelation": "揭露日", "correction": "更正日"}
RULE_WORDS = {"cn2022": "法释〔2022〕2号", "cn2003": "法释〔2003〕2号"}
DIRECTION_WORDS = {"inducing_purchase": "诱多（诱导买入）", "inducing_sale": "诱空（诱导卖出）"}
MARK_WORDS = {"law": "规则条文", "court": "裁判实践", "ours": "本平台约定"}

_COLUMNS = {
    "investor": "投资者",
    "security": "证券",
    "segment": "虚假陈述",
    "scope_quantity": "范围内股数",
    "purchase_average": "买入平均价（元）",
    "sold_quantity": "已卖出股数",
    "sale_average": "卖出平均价（元）",
    "held_quantity": "仍持有股数",
    "benchmark_price": "基准价（元）",
    "difference_loss": "投资差额损失（元）",
    "market_risk_ratio": "市场风险比例",
    "other_ratio": "其他因素比例",
    "awarded_loss": "认定差额损失（元）",
    "commission": "佣金（元）",
    "stamp_duty": "印花税（元）",
    "interest": "利息（元）",
    "total": "合计（元）",
    "findings": "数据问题",
}
_SALE_COLUMNS = {
    "scope_quantity": "范围内卖出股数",
    "purchase_average": "买回平均价（元）",
    "sold_quantity": "已买回股数",
    "sale_average": "卖出平均价（元）",
    "held_quantity": "未买回股数",
}

SETTING_NAMES = {
    "case.name": "案件名称",
    "case.security": "证券代码",
    "case.rules": "适用规则",
    "case.direction": "虚假陈述类型",
    "case.trading": "交易方式",
    "method.averaging": "平均价格算法",
    "method.rounding": "金额舍入",
    "method.floor": "损失为负时",
    "method.benchmark_price_digits": "基准价小数位",
    "method.ratio_digits": "扣除比例小数位",
    "method.after_close": "收市后揭露的起算日",
    "method.suspended": "停牌日",
    "method.turnover": "累计换手率的分母",
    "method.not_reached": "换手率未达到时",
    "method.dividends": "现金红利",
    "method.rights": "配股",
    "method.overlap": "区间重叠时归属",
    "method.block_trades": "投资者的大宗交易",
    "method.duplicates": "完全相同的记录",
    "deduction.market_risk": "市场风险扣除",
    "deduction.ratio": "市场风险固定比例",
    "deduction.reason": "固定比例的理由",
    "deduction.indices": "对比指数",
    "deduction.index_floor": "指数跌幅为负时",
    "deduction.parts": "对比的部分",
    "deduction.path": "模拟价格文件",
    "deduction.other_ratio": "其他因素比例",
    "deduction.other_reason": "其他因素的理由",
    "deduction.combination": "两种扣除的合并",
    "fees.mode": "费用算法",
    "fees.commission_rate": "佣金比例",
    "fees.stamp_duty_rate": "印花税税率",
    "fees.interest": "利息",
}
SETTING_VALUES = {
    "case.rules": RULE_WORDS,
    "case.direction": DIRECTION_WORDS,
    "case.trading": {"central_bidding": "集中竞价", "other": "非集中竞价（比照适用）"},
    "method.averaging": {
        "moving_weighted": "移动加权平均",
        "fifo_weighted": "先进先出加权平均",
        "weighted": "综合加权平均",
        "actual_cost": "实际成本",
    },
    "method.rounding": {"half_up": "四舍五入到分", "truncate": "截断到分"},
    "method.floor": {"total": "两部分合计后归零", "each_part": "两部分各自归零"},
    "method.after_close": {"next_day": "下一交易日", "same_day": "当日"},
    "method.suspended": {
        "skip": "不计入交易日数",
        "count": "计入交易日数",
        "day_before": "以停牌前一交易日为基准日",
        "resume": "复牌后继续累计",
    },
    "method.turnover": {"daily_float": "各日可流通股数，逐日累计", "float_at_t1": "首个交易日的可流通股数"},
    "method.not_reached": {"wait": "继续累计至达到", "thirtieth_day": "以其后第30个交易日为基准日"},
    "method.dividends": {"ignore": "不影响计算", "deduct": "从损失中抵扣", "adjust": "作除息调整"},
    "method.rights": {"adjust": "复权计算", "ignore": "不复权"},
    "method.overlap": {"earliest": "最早的虚假陈述", "latest": "最晚的虚假陈述", "": "不适用"},
    "method.block_trades": {"exclude": "不计入", "count": "计入"},
    "method.duplicates": {"keep": "保留并提示", "drop": "只计一次"},
    "deduction.market_risk": {
        "none": "不扣除",
        "fixed": "固定比例",
        "synchronised_index": "同步指数对比（逐一投资者）",
        "simulated_price": "模拟价格对比（逐一投资者）",
    },
    "deduction.index_floor": {"after_mean": "取平均后归零", "each": "逐个归零"},
    "deduction.parts": {"combined": "已卖出与仍持有合并对比", "separate": "已卖出与仍持有分别对比"},
    "deduction.combination": {"multiply": "连乘", "add": "相加"},
    "fees.mode": {"flat": "按认定损失的比例", "recorded": "按交易记录中的费用"},
    "fees.interest": {"none": "不计", "demand_deposit": "活期存款利率，分段计算"},
    "fees.stamp_duty_rate": {"": "按日期适用法定税率"},
}
NOT_SET = "未设置"
DIGIT_SETTINGS = ("method.benchmark_price_digits", "method.ratio_digits")
RATE_SETTINGS = ("deduction.ratio", "deduction.other_ratio", "fees.commission_rate", "fees.stamp_duty_rate")

# kind -> (word when shares come in, word when they go out)
FILE_WORDS = {
    "case": "案件文件", "spec": "方案文件", "trades": "交易记录", "market": "行情", "indices": "指数",
    "actions": "权益分派", "path": "模拟价格", "factors": "因子",
}  # fmt: skip
KIND_WORDS = {
    "trade": ("买入", "卖出"),
    "opening": ("期初持股", "期初持股"),
    "transfer_in": ("转入", "转入"),
    "transfer_out": ("转出", "转出"),
    "bonus": ("送转股", "送转股"),
    "rights": ("配股", "配股"),
    "dividend": ("现金红利", "现金红利"),
    "block": ("大宗买入", "大宗卖出"),
}
SETTLED_WORDS = {
    "turnover": "累计换手率达到100%之日",
    "shortest": "第10个交易日以内已达到100%，以第10个交易日为准",
    "longest": "30个交易日内未达到100%，以第30个交易日为准",
    "thirtieth_day": "开庭前不能确定，以其后第30个交易日为准",
    "suspension": "停牌前一交易日",
    "delisting": "摘牌前一交易日",
    "given": "由案件文件给定",
}


def column_heading(name: str, direction: str) -> str:
    """Chinese heading of a result column; for 诱空 the columns speak of buying back.

    >>> column_heading("sold_quantity", "inducing_purchase"), column_heading("sold_quantity", "inducing_sale")
    ('已卖出股数', '已买回股数')
    """
    if direction == "inducing_sale" and name in _SALE_COLUMNS:
        return _SALE_COLUMNS[name]
    return _COLUMNS[name]


def exit_words(purchases: bool) -> tuple[str, str]:
    """What the two parts of the in-scope shares are called: those that left in time, and the rest."""
    return ("已卖出", "仍持有") if purchases else ("已买回", "未买回")


def setting_value(key: str, text: str) -> str:
    """A setting's value in Chinese (the text itself where it is a name, a reason or a number).

    >>> setting_value("method.averaging", "weighted"), setting_value("fees.commission_rate", "0.0003")
    ('综合加权平均', '0.03%')
    """
    from fractions import Fraction

    from fengqiao.engine.loss.outputs.figures import rate_text

    words = SETTING_VALUES.get(key, {})
    if text in words:
        return words[text]
    if key == "deduction.indices" and text:
        return "、".join(text.split(","))
    if key in DIGIT_SETTINGS:
        return f"{text}位小数" if text else "不舍入"
    if key in RATE_SETTINGS and text:
        return rate_text(Fraction(text))
    return text or NOT_SET


def segment_suffix(plan: CasePlan, name: str) -> str:
    """ "（名称）" where a case has several misstatements, "" where it has one."""
    return f"（{name}）" if len(plan.segments) > 1 else ""


def named_digests(digests: Mapping[str, str]) -> list[tuple[str, str]]:
    """Digests of input files with the files' roles in words.

    >>> named_digests({"case: case.toml": "sha256:0"})
    [('案件文件：case.toml', 'sha256:0')]
    """
    return [(_named(name), digest) for name, digest in digests.items()]


def _named(file: str) -> str:
    role, colon, name = file.partition(": ")
    return f"{FILE_WORDS.get(role, role)}：{name}" if colon else file
