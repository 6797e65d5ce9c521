"""Chinese words of a price model: its kinds, settings, parts and tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fengqiao.engine.loss.model.settings import ModelSettings

KINDS = {
    "constant_mean": "常数均值模型",
    "market": "市场模型",
    "market_adjusted": "市场调整模型",
    "factors": "多因子模型",
}
CAUSES = {
    "operations": "经营情况",
    "over_reaction": "市场过度反应",
    "manipulation": "他人操纵市场",
    "environment": "内外部经营环境",
    "other": "其他",
    "misstatement": "虚假陈述",
    "market": "大盘及因子",
    "rest": "未归因",
}
SETTINGS = {
    "model.kind": "模型",
    "model.market": "大盘",
    "model.factors": "因子",
    "model.risk_free": "无风险利率",
    "model.units": "因子单位",
    "model.returns": "收益率",
    "model.side": "估计窗口的位置",
    "model.length": "估计窗口长度（交易日）",
    "model.gap": "与影响期间的间隔（交易日）",
    "model.estimation_from": "估计窗口起",
    "model.estimation_to": "估计窗口止",
    "model.minimum_observations": "最少观测",
    "model.wanted_observations": "通常要求的观测",
    "model.suspended": "停牌",
    "model.limit_days": "涨跌停日",
    "model.price_limit": "涨跌幅限制",
    "model.special_treatment": "风险警示期间",
    "model.errors": "标准误",
    "model.hac_lags": "HAC 滞后期数",
    "model.confidence": "置信水平",
    "model.inducing_window": "实施日窗口",
    "model.revelation_window": "揭露日窗口",
    "model.path": "模拟价格的算法",
    "model.path_intercept": "模拟价格的截距项",
    "model.path_events": "模拟价格中的公司事件",
}
VALUES = {
    "model.kind": KINDS,
    "model.units": {"ratio": "比例", "percent": "百分数", "level": "点位"},
    "model.returns": {"simple": "简单收益率", "log": "对数收益率"},
    "model.side": {"before": "实施日之前", "after": "基准日之后"},
    "model.suspended": {"trade_to_trade": "跨期收益率，加权", "drop": "剔除"},
    "model.limit_days": {"keep": "保留并标注", "drop": "剔除", "pool": "连续涨跌停合并"},
    "model.errors": {"ols": "普通最小二乘", "hac": "Newey-West（HAC）"},
    "model.path": {"compound": "自实施日前收盘价起按预期收益率复利", "remove_events": "只剔除虚假陈述窗口的异常收益率"},
    "model.path_intercept": {"estimated": "计入", "zero": "不计入"},
    "model.path_events": {"remove": "一并剔除", "keep": "保留其异常收益率"},
    "model.price_limit": {"": "按板块的规则（待核）"},
}


def coefficient_word(name: str) -> str:
    """A coefficient as people write it.

    >>> coefficient_word("intercept"), coefficient_word("000300")
    ('α（截距项）', 'β（000300）')
    """
    return "α（截距项）" if name == "intercept" else f"β（{name}）"


def p_text(p: float | None) -> str:
    """A p value for people.

    >>> p_text(0.04321), p_text(0.00001), p_text(None)
    ('0.043', '<0.001', '—')
    """
    if p is None:
        return "—"
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def p_clause(p: float | None) -> str:
    """A p value within a sentence.

    >>> p_clause(0.04321), p_clause(0.00001)
    ('p=0.043', 'p<0.001')
    """
    text = p_text(p)
    return f"p{text}" if text.startswith("<") else f"p={text}"


def setting_words(key: str, text: str) -> str:
    """A setting's value in Chinese, the text itself where it is a name or a number.

    >>> setting_words("model.returns", "log"), setting_words("model.gap", "10")
    ('对数收益率', '10')
    """
    return VALUES.get(key, {}).get(text, text) or "未设置"


def described(settings: ModelSettings) -> str:
    """What kind of model it is, with its formula.

    >>> from fengqiao.engine.loss.model.settings import ModelSettings
    >>> described(ModelSettings(kind="market", market="000300"))
    '市场模型：R = α + β·R(000300) + ε'
    """
    free = "" if settings.risk_free is None else f" − {settings.risk_free}"
    left = f"R{free}"
    terms = {
        "constant_mean": [],
        "market_adjusted": [f"R({settings.market})"],
        "market": [f"β·(R({settings.market}){free})" if free else f"β·R({settings.market})"],
        "factors": [f"β{place}·{name}" for place, name in enumerate(settings.columns, start=1)],
    }[settings.kind]
    start = [] if settings.kind == "market_adjusted" else ["α"]
    return f"{KINDS[settings.kind]}：{left} = {' + '.join([*start, *terms, 'ε'])}"
