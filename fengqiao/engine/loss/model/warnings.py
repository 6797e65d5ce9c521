"""What the statistics of a price model cannot bear, in sentences for the people who decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fengqiao.engine import law
from fengqiao.engine.loss.market import NO_PRICE, day_of
from fengqiao.engine.loss.model.words import p_clause

if TYPE_CHECKING:
    from fengqiao.engine.loss.model.estimate import Estimate
    from fengqiao.engine.loss.model.event_windows import EventResult

LOW_R2 = 0.10
LONG_HORIZON = 60
FEW_EVENTS = 5
SIGNIFICANT = 0.05
INTERCEPT_SHARE = 0.05
RESUMED = 5
OUTLIER = 4.0


def warnings_of(found: Estimate) -> tuple[str, ...]:
    """Every warning that applies, the weightiest first."""
    out = [*_sample(found), *_fit(found), *_path(found)]
    for item in found.events:
        out += _event(item, found)
    return (*out, *_company(found), *found.daily.notes)


def _sample(found: Estimate) -> list[str]:
    fit, settings, observed = found.model.fit, found.settings, found.model.observed
    out = []
    if fit.observations < settings.wanted_observations:
        out.append(
            f"估计窗口只有 {fit.observations} 个收益率，少于通常要求的 {settings.wanted_observations} 个："
            "系数的标准误偏大，结论应当谨慎使用。"
        )
    market = found.material.market
    if settings.estimation_from is None and settings.side == "before":
        start = found.windows.estimation[0]
        if day_of(market.date[0]) > start:
            out.append(f"估计窗口应自 {start} 起，行情自 {day_of(market.date[0])} 起，只用了其中有行情的部分。")
    used = found.model.used
    limits = int(np.sum(observed.limit[used] != 0))
    if limits and settings.limit_days == "keep":
        out.append(
            f"估计窗口内有 {limits} 个涨跌停日，当日价格未能反映全部信息，系数可能因此偏离；见“换一种设置的结果”。"
        )
    longest = int(np.max(observed.span[used] - observed.joined[used], initial=0))
    if longest >= RESUMED:
        out.append(f"估计窗口内有长达 {longest} 个交易日的停牌，复牌首日的收益率跨越整个停牌期间。")
    out += _contaminated(found)
    inside = (market.date >= found.path.date[0]) & (market.date <= found.path.date[-1])
    suspended = int(np.sum(inside & (market.close == NO_PRICE)))
    if suspended:
        out.append(f"虚假陈述影响期间内有 {suspended} 个停牌日；复牌日的收益率与停牌期间的大盘累计收益率相比较。")
    return out


def _contaminated(found: Estimate) -> list[str]:
    """Company events in the estimation window, and days there that look like one."""
    model, observed = found.model, found.model.observed
    out = [
        f"“{item.window.name}”的窗口有在估计窗口内的日子，正常收益率的估计因此受其影响。"
        for item in found.events
        if bool(np.any(model.used[item.window.places]))
    ]
    if model.fit.exact:
        return out
    days = observed.day[model.used][np.abs(model.residual) > OUTLIER * model.fit.s]
    if len(days):
        named = "、".join(day_of(day).isoformat() for day in days[:3]) + ("等" if len(days) > 3 else "")
        out.append(
            f"估计窗口内有 {len(days)} 日的收益率偏离预期超过 {OUTLIER:g} 倍标准误（{named}），"
            "可能有没有列明的公司事件。"
        )
    return out


def _fit(found: Estimate) -> list[str]:
    fit, checks, settings = found.model.fit, found.stability, found.settings
    if fit.exact:
        return ["模型完全解释了估计窗口内的收益率，没有残差，无从判断任何异常收益率是否显著。"]
    out = []
    if settings.kind in ("market", "factors") and fit.r2 < LOW_R2:
        out.append(f"模型只解释了收益率变动的 {fit.r2:.1%}（R²），大盘走势不能说明该股价格的多少。")
    if checks.chow.p is not None and checks.chow.p < SIGNIFICANT:
        out.append(
            f"估计窗口前后两半的系数不同（Chow 检验 {p_clause(checks.chow.p)}）："
            "该窗口内不是同一个模型，不宜外推到虚假陈述期间。"
        )
    if checks.cusum.p is not None and checks.cusum.p < SIGNIFICANT:
        out.append(f"累积残差显示结构变化（CUSUM 检验 {p_clause(checks.cusum.p)}）。")
    if checks.jarque_bera.p is not None and checks.jarque_bera.p < SIGNIFICANT:
        out.append(
            f"残差不服从正态分布（Jarque-Bera 检验 {p_clause(checks.jarque_bera.p)}，峰度 {checks.kurtosis:.1f}）："
            "单一公司的 t 检验偏于乐观，应同时看秩检验和经验分布检验。"
        )
    if not 1.5 < checks.durbin_watson < 2.5 and settings.errors == "ols":
        out.append(f'残差有自相关（Durbin-Watson {checks.durbin_watson:.2f}），可改用 errors = "hac"。')
    return out


def _path(found: Estimate) -> list[str]:
    fit, path, settings = found.model.fit, found.path, found.settings
    out = []
    days = int(path.replaced.sum())
    if settings.path == "compound" and days > LONG_HORIZON and fit.names and not fit.exact:
        from scipy import special

        width = float(special.stdtrit(fit.freedom, 0.5 + settings.level / 2))
        low, high = path.band(width)
        out.append(
            f"模拟价格把估计出的关系连续外推 {days} 个交易日：期末 {path.simulated[-1] / 10_000:.2f} 元，"
            f"仅因系数估计误差，{settings.level:.0%} 置信区间即为 {low[-1]:.2f} 至 {high[-1]:.2f} 元。"
            "长期外推不可靠，不宜单独作为认定依据。"
        )
    if fit.names and settings.kind != "constant_mean" and settings.path == "compound" and not fit.exact:
        total = float(fit.coefficient[0]) * float(found.daily.span[_inside(found)].sum())
        if settings.intercept_on_path == "zero" and abs(total) > INTERCEPT_SHARE:
            out.append(
                f"模拟价格不计截距项（日均 {fit.coefficient[0]:.4%}，{p_clause(float(fit.p()[0]))}）："
                f"计入则期末价格约为 {np.exp(total):.2f} 倍，结果取决于这一选择。"
            )
    if fit.names and settings.intercept_on_path == "estimated" and settings.path == "compound" and not fit.exact:
        total = float(fit.coefficient[0]) * float(found.daily.span[_inside(found)].sum())
        p = float(fit.p()[0])
        if abs(total) > INTERCEPT_SHARE and p >= SIGNIFICANT:
            out.append(
                f"截距项（日均 {fit.coefficient[0]:.4%}）与零没有显著差异（{p_clause(p)}），却使模拟价格累计变动约 "
                f"{np.expm1(total):+.0%}；“换一种设置的结果”列有不计截距项的价格。"
            )
    if settings.path_events == "keep" and settings.path == "compound":
        out.append("模拟价格已经保留公司事件的异常收益率，不得再以 other_ratio 重复扣除。")
    return out


def _inside(found: Estimate) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    inside: np.ndarray[tuple[int], np.dtype[np.bool_]] = (found.daily.day > found.path.date[0]) & (
        found.daily.day <= found.path.date[-1]
    )
    return inside


def _event(item: EventResult, found: Estimate) -> list[str]:
    window, out = item.window, []
    if item.limits and found.settings.limit_days != "pool":
        out.append(f"“{window.name}”的窗口内有 {item.limits} 个涨跌停日，价格反应可能延续到窗口之外。")
    if item.suspended >= RESUMED:
        out.append(f"“{window.name}”的窗口跨越 {item.suspended} 个停牌日，停牌期间的其他消息混在其中。")
    if not window.complete:
        out.append(f"“{window.name}”的窗口超出行情范围，只计算了有行情的日子。")
    if item.shared:
        out.append(f"“{window.name}”与{'、'.join(item.shared)}的窗口重叠，同一天的异常收益率不能归于其中一个。")
    if item.t.p is not None and window.role == "revelation" and item.t.p >= SIGNIFICANT:
        out.append(
            f"“{window.name}”的累计异常收益率在统计上不显著（{p_clause(item.t.p)}）："
            "不能据此认为揭露对价格有影响，也不能据此认为没有影响。"
        )
    return out


def _company(found: Estimate) -> list[str]:
    events = [item for item in found.events if item.window.role == "company"]
    if not events:
        return []
    basis = law.rule_set(found.material.plan.case.rules).basis.get("other_causes", "")
    out = [
        f"各事件的比例只是供论证的建议值；其他因素由被告举证（{basis}），是否扣除及比例由裁判者认定。",
    ]
    if len(events) < FEW_EVENTS:
        out.append(
            f"公司事件只有 {len(events)} 个，且都出自同一家公司、同一估计窗口："
            "多事件联合检验（Patell、BMP、符号、秩）的前提不具备，仅供参考。"
        )
    for item in events:
        named = [part for one in found.attributions for part in one.parts if part.name == item.window.name]
        if not any(part.days for part in named):
            out.append(
                f"“{item.window.name}”的日子都不在影响期间内，或者已归于虚假陈述或较早的事件，没有可以归于它的跌幅。"
            )
    out.append("同一天的价格变动可能由多个消息引起，事件研究不能区分同日的原因。")
    if any(abs(part.share or 0) > 1 for item in found.attributions for part in item.parts):
        out.append(
            "有的日子上涨、有的下跌，互相抵消，有的部分超过净跌幅的100%："
            "建议比例因此按该部分占全部致损部分的比例计算，不按净跌幅。"
        )
    if any(item.decline <= 0 for item in found.attributions):
        out.append("按成交量加权的平均买入者在该期间没有发生价格损失，故不提出比例。")
    return out
