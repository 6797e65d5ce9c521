"""Chinese words for results of the wrongs other than misrepresentation: headings, settings and their values."""

from __future__ import annotations

from fractions import Fraction

from fengqiao.engine.loss.outputs.figures import rate_text
from fengqiao.engine.loss.wrongs.interest import RATE_WORDS
from fengqiao.engine.loss.wrongs.kinds import WRONGS

SHARED = {
    "investor": "投资者",
    "security": "证券",
    "segment": "序号",
    "market_risk_ratio": "市场风险比例",
    "other_ratio": "其他因素比例",
    "commission": "佣金（元）",
    "stamp_duty": "印花税（元）",
    "interest": "利息（元）",
    "total": "合计（元）",
    "findings": "数据问题",
}
BONDS = {
    "scope_quantity": "范围内张数",
    "purchase_average": "买入平均价（元）",
    "sold_quantity": "判决前已卖出张数",
    "sale_average": "卖出平均价（元）",
    "held_quantity": "仍持有张数",
    "benchmark_price": "每张到期未付本金（元）",
    "difference_loss": "本金损失（元）",
    "awarded_loss": "认定的本金损失（元）",
    "interest": "票息、逾期利息等（元）",
    "sold_loss": "已卖出部分的本金损失（元）",
    "held_principal": "仍持有部分的到期本金（元）",
    "coupons": "未付的票息（元）",
    "overdue_interest": "逾期利息（元）",
    "penalty": "违约金（元）",
    "sold_interest": "已卖出部分损失的利息（元）",
}
BUYERS = {
    "scope_quantity": "同期买入股数",
    "purchase_average": "买入平均价（元）",
    "sold_quantity": "其间卖出股数",
    "sale_average": "卖出平均价（元）",
    "held_quantity": "其间未卖出股数",
    "benchmark_price": "影响消除日模拟价格（元）",
    "difference_loss": "损失（元）",
    "awarded_loss": "认定的损失（元）",
    "entry_harm": "买入时的差额（元）",
    "exit_gain": "卖出时收回的差额（元）",
}
SELLERS = BUYERS | {
    "scope_quantity": "同期卖出股数",
    "purchase_average": "买回平均价（元）",
    "sold_quantity": "其间买回股数",
    "held_quantity": "其间未买回股数",
    "entry_harm": "卖出时的差额（元）",
    "exit_gain": "买回时收回的差额（元）",
}
FUTURES = {
    "scope_quantity": "范围内手数",
    "purchase_average": "买入平均价（元）",
    "sold_quantity": "期间平仓手数",
    "sale_average": "卖出平均价（元）",
    "held_quantity": "期末持仓手数",
    "benchmark_price": "期末结算价（元）",
    "difference_loss": "损失（元）",
    "awarded_loss": "认定的损失（元）",
    "trading_loss": "交易亏损（元，负数为盈利）",
    "fees": "手续费（元）",
}
SALE = {
    "scope_quantity": "买入份数",
    "purchase_average": "买入平均价（元）",
    "sold_quantity": "已赎回份数",
    "sale_average": "赎回平均价（元）",
    "held_quantity": "仍持有份数",
    "benchmark_price": "仍持有部分每份价值（元）",
    "difference_loss": "损失的本金（元）",
    "awarded_loss": "认定的本金损失（元）",
    "paid": "支付的金钱总额（元）",
    "returned": "已经收回（元）",
    "residual": "仍持有部分的价值（元）",
}
HEADINGS = {
    "bond_misrepresentation": BONDS,
    "bond_default": BONDS,
    "futures_misconduct": FUTURES,
    "unsuitable_sale": SALE,
}

SETTING_NAMES = {
    "case.wrong": "侵权类型",
    "method.rounding": "金额舍入",
    "deduction.other_ratio": "其他因素比例",
    "deduction.other_reason": "其他因素的理由",
    "interest.rate": "利息",
    "interest.fixed": "固定年利率",
    "interest.reason": "利率的依据",
    "interest.table": "利率表",
    "interest.until": "利息计至",
    "bond.judgment": "一审判决日",
    "bond.face": "面值（元）",
    "bond.repayments": "本金偿付（日期 每张元 是否支付）",
    "bond.coupons": "票息（日期 每张元 是否支付）",
    "bond.implementation": "实施日",
    "bond.revelation": "揭露日",
    "bond.accelerated": "提前到期日",
    "bond.coupon_from": "首期计息起始日",
    "bond.price": "记录中的价格",
    "bond.averaging": "买入平均价的算法",
    "bond.sold_before_revelation": "揭露日以前卖出的",
    "bond.held": "仍持有部分的本金",
    "bond.sold_interest_from": "已卖出部分利息的起点",
    "bond.overdue_rate": "逾期利息年率",
    "bond.penalty_rate": "违约金年率",
    "bond.rate_reason": "逾期利息、违约金的依据",
    "conduct.harmed": "受损的一方",
    "conduct.start": "行为开始日",
    "conduct.end": "行为结束日",
    "conduct.path": "模拟价格文件",
    "conduct.effect_end": "影响消除日",
    "conduct.contemporaneous": "同期交易者",
    "conduct.days": "行为人交易日",
    "conduct.netting": "离开时收回的差额",
    "conduct.block_trades": "投资者的大宗交易",
    "conduct.commission_rate": "佣金比例",
    "conduct.stamp_duty_rate": "印花税税率",
    "futures.liable": "责任方",
    "futures.misconduct": "过错",
    "futures.start": "期间开始日",
    "futures.end": "期间结束日",
    "futures.contracts": "合约（代码 乘数 期初结算价 期末结算价）",
    "futures.positions": "计入的持仓",
    "futures.share": "承担的比例",
    "futures.share_reason": "比例的理由",
    "futures.fees": "手续费",
    "sale.start": "期间开始日",
    "sale.end": "期间结束日",
    "sale.residual_price": "仍持有部分每份价值",
    "sale.residual_reason": "每份价值的依据",
    "sale.interest_base": "利息的基数",
    "sale.own_share": "投资者自担比例",
    "sale.own_reason": "自担比例的理由",
    "sale.fees": "认购费用",
}
SETTING_VALUES = {
    "case.wrong": WRONGS,
    "method.rounding": {"half_up": "四舍五入到分", "truncate": "截断到分"},
    "interest.rate": RATE_WORDS,
    "bond.price": {"full": "全价", "clean": "净价，加计应计利息"},
    "bond.averaging": {"weighted": "全部范围内买入的加权平均", "fifo_weighted": "先进先出后所涉各批的加权平均"},
    "bond.sold_before_revelation": {"exclude": "不计损失", "count": "计入已卖出部分"},
    "bond.held": {"owed": "发行人应付的到期本金", "owed_up_to_cost": "应付的到期本金，不超过买入成本"},
    "bond.sold_interest_from": {"each_sale": "各笔卖出之日", "last_sale": "最后一笔卖出之日"},
    "conduct.harmed": {"buyers": "买入者", "sellers": "卖出者"},
    "conduct.contemporaneous": {
        "days": "行为人交易当日的反向交易者",
        "conduct": "行为期间的反向交易者",
        "effect": "至影响消除日止的反向交易者",
    },
    "conduct.netting": {"fifo": "先进先出，从损失中减去", "none": "不减，各笔单独计算"},
    "conduct.block_trades": {"exclude": "不计入", "count": "计入"},
    "futures.liable": {"firm": "期货公司", "exchange": "期货交易所"},
    "futures.misconduct": {
        "full_discretion": "接受全权委托",
        "settlement_notice": "结算结果未按约定通知",
        "margin_call": "未通知追加保证金",
        "overdraft": "允许开仓透支",
        "shared_overdraft": "允许透支并约定分享利益",
        "risk_disclosure": "未提示交易风险",
        "excessive_liquidation": "超量或者违约强行平仓",
    },
    "futures.positions": {
        "all": "期间的全部持仓",
        "kept": "期间开始前已有的持仓",
        "opened": "期间开仓的",
        "": "按过错的性质（默认）",
    },
    "futures.share": {"": "条文的上限（默认）"},
    "futures.fees": {"include": "计入损失", "exclude": "不计入"},
    "sale.interest_base": {
        "lost_principal": "损失的本金，自支付之日",
        "outstanding": "逐日尚未收回的金额",
        "paid": "支付的金钱总额",
    },
    "sale.fees": {"include": "计入", "exclude": "不计入"},
}
RATES = (
    "deduction.other_ratio",
    "interest.fixed",
    "bond.overdue_rate",
    "bond.penalty_rate",
    "conduct.commission_rate",
    "conduct.stamp_duty_rate",
    "futures.share",
    "sale.own_share",
)
NOT_SET = "未设置"


def wrong_heading(name: str, wrong: str, harmed: str = "buyers") -> str:
    """Chinese heading of a column of results.

    >>> wrong_heading("held_quantity", "futures_misconduct"), wrong_heading("sold_quantity", "manipulation", "sellers")
    ('期末持仓手数', '其间买回股数')
    """
    own = HEADINGS.get(wrong, SELLERS if harmed == "sellers" else BUYERS)
    return own.get(name) or SHARED[name]


def wrong_setting(key: str, text: str) -> tuple[str, str]:
    """A setting's name and value in Chinese.

    >>> wrong_setting("bond.price", "full"), wrong_setting("sale.own_share", "0.2")
    (('记录中的价格', '全价'), ('投资者自担比例', '20%'))
    """
    words = SETTING_VALUES.get(key, {})
    if text in words:
        value = words[text]
    elif key in RATES and text:
        value = rate_text(Fraction(text))
    else:
        value = text.replace(" true", " 已付").replace(" false", " 未付") or NOT_SET
    return SETTING_NAMES.get(key, key), value
