"""report.pdf of a price model: what was estimated, on what, how sure, and what the statistics cannot bear."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import fengqiao
from fengqiao.engine import law
from fengqiao.engine.loss.market import day_of
from fengqiao.engine.loss.model.attribution import NOT_PROPOSED
from fengqiao.engine.loss.model.chart_days import cumulative_chart, path_chart
from fengqiao.engine.loss.model.chart_events import attribution_chart, event_chart
from fengqiao.engine.loss.model.limits import MAIN, SPECIAL, limit_parameter
from fengqiao.engine.loss.model.settings import model_settings_of
from fengqiao.engine.loss.model.words import (
    CAUSES,
    SETTINGS,
    coefficient_word,
    described,
    p_clause,
    p_text,
    setting_words,
)
from fengqiao.engine.loss.outputs.figures import day_text, price_text
from fengqiao.engine.loss.outputs.shown import unprintable
from fengqiao.engine.loss.outputs.typeset import typeset
from fengqiao.engine.loss.outputs.words import FILE_WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from fengqiao.engine.loss.model.attribution import Attribution
    from fengqiao.engine.loss.model.estimate import Estimate
    from fengqiao.engine.loss.model.event_windows import EventResult
    from fengqiao.engine.loss.model.significance import Test

EVENT_CHARTS = 6


def model_charts(found: Estimate) -> dict[str, str]:
    """Chart name -> SVG: path, cumulative, one for each revelation and for the first company events, attribution."""
    out = {"path": path_chart(found), "cumulative": cumulative_chart(found)}
    revelations = [item for item in found.events if item.window.role == "revelation"]
    company = [item for item in found.events if item.window.role == "company"][:EVENT_CHARTS]
    for number, item in enumerate(revelations, start=1):
        out[f"revelation_{number}"] = event_chart(found, item)
    for number, item in enumerate(company, start=1):
        out[f"event_{number}"] = event_chart(found, item)
    for number, one in enumerate(found.attributions, start=1):
        out[f"attribution_{number}"] = attribution_chart(one)
    return out


def write_report(
    found: Estimate, warnings: Sequence[str], inputs: Sequence[Mapping[str, str]], charts: Mapping[str, str], path: Path
) -> None:
    """Write report.pdf; the same estimate gives the same bytes."""
    data = report_data(found, warnings, inputs)
    data["unprintable"] = unprintable(data)
    path.write_bytes(typeset("price_model.typ", data, dict(charts)))


def report_data(
    found: Estimate, warnings: Sequence[str], inputs: Sequence[Mapping[str, str]]
) -> dict[str, Any]:  # fmt: skip
    """Everything the template shows, as texts."""
    case, windows = found.material.plan.case, found.windows
    several = len(found.attributions) > 1
    return {
        "title": case.name,
        "headline": _headline(found),
        "head": [
            ["证券代码", case.security],
            ["模型", described(found.settings)],
            ["估计窗口", window_words(found)],
            ["虚假陈述影响期间", f"{day_text(windows.conduct[0])}至{day_text(windows.conduct[1])}"],
            ["适用规则", law.rule_set(case.rules).title],
        ],
        "warnings": list(warnings),
        "story": _story(found),
        "coefficients": _coefficients(found),
        "quality": _quality(found),
        "events": [_event(item) for item in found.events],
        "event_names": [item.window.name for item in found.events],
        "tests": [_tests(item) for item in found.events],
        "joint": _joint(found),
        "attributions": [_attribution(item, several) for item in found.attributions],
        "variants": [_variant(found, place) for place in range(len(found.variants))],
        "charts": _chart_titles(found),
        "settings": [
            [SETTINGS[key], setting_words(key, text)] for key, text in model_settings_of(found.settings).items()
        ],
        "law": _law_rows(found),
        "inputs": [[f"{FILE_WORDS[item['role']]}：{item['file']}", item["digest"]] for item in inputs],
        "basis": law.rule_set(case.rules).basis.get("other_causes", ""),
        "version": fengqiao.__version__,
    }  # fmt: skip


def window_words(found: Estimate) -> str:
    """The estimation window as it was set and, where the data did not fill it, as it was used."""
    windows, used = found.windows, found.model.observed.day[found.model.used]
    text = f"{day_text(windows.estimation[0])}至{day_text(windows.estimation[1])}"
    first, last = day_of(used[0]), day_of(used[-1])
    if (first, last) != windows.estimation:
        text += f"（有收益率的为{day_text(first)}至{day_text(last)}）"
    return f"{text}，收益率 {found.model.fit.observations} 个"


def percent(value: float | None, digits: int = 2) -> str:
    """A ratio for people.

    >>> percent(0.12345), percent(None), percent(-0.00001)
    ('12.35%', '—', '0.00%')
    """
    return "—" if value is None else f"{round(value, digits + 2) + 0.0:.{digits}%}"


def _headline(found: Estimate) -> list[list[str]]:
    first = found.revelations[0]
    plan = found.material.plan.segments[0]
    made = found.path
    sure = "统计上显著" if first.t.p is not None and first.t.p < 0.05 else "统计上不显著"
    return [
        [f"{first.window.name}窗口的累计异常收益率", percent(first.car), f"{p_clause(first.t.p)}，{sure}"],
        ["同期模拟价格平均", f"{found.simulated_benchmark():.4f} 元", f"实际基准价 {price_text(plan.price)} 元"],
        ["模拟价格起点", f"{made.simulated[0] / 10_000:.2f} 元", f"{day_text(day_of(made.date[0]))}收盘价"],
    ]


def _story(found: Estimate) -> list[str]:
    """In words: what was estimated, on what, how sure, how the path was made."""
    fit, settings = found.model.fit, found.settings
    out = [
        "用虚假陈述影响期间以外的日收益率估计该股的正常收益率，再以此推算影响期间内每日的预期收益率；"
        "实际收益率减预期收益率为异常收益率。",
    ]
    if settings.kind in ("market", "factors"):
        slopes = zip(fit.names[1:], fit.coefficient[1:], fit.error[1:], strict=True)
        parts = [f"{coefficient_word(name)}为 {b:.4f}（标准误 {e:.4f}）" for name, b, e in slopes]
        out.append(f"估计结果：{'，'.join(parts)}；模型解释了收益率变动的 {fit.r2:.1%}。")
    out.append(
        f"该股每日收益率在预期上下的波动（残差标准误）为 {fit.s:.2%}；"
        "小于其约两倍的单日异常收益率不能与日常波动相区别。"
    )
    if settings.path == "compound":
        word = "不计截距项" if settings.intercept_on_path == "zero" else "计入截距项"
        out.append(
            f"模拟价格自{day_text(day_of(found.path.date[0]))}的收盘价起，按每日预期收益率（{word}）复利得到；"
            "除权除息与实际价格同样处理。"
        )
    else:
        out.append("模拟价格在虚假陈述的窗口内取预期收益率，其余日子取实际收益率，自实施日前的收盘价起复利得到。")
    out.append(
        "模拟价格在 path.csv 中四舍五入到0.0001元，此后的测算为精确计算。"
        f"依据：{law.rule_set(found.material.plan.case.rules).basis.get('other_causes', '')}；方法属本平台约定。"
    )
    return out


def _coefficients(found: Estimate) -> list[list[str]]:
    fit = found.model.fit
    return [
        [coefficient_word(name), f"{b:.6f}", f"{e:.6f}", f"{t:.3f}", p_text(float(p))]
        for name, b, e, t, p in zip(fit.names, fit.coefficient, fit.error, fit.t(), fit.p(), strict=True)
    ]


def _quality(found: Estimate) -> list[list[str]]:
    fit, checks = found.model.fit, found.stability
    errors = "普通最小二乘" if fit.lags is None else f"Newey-West，滞后 {fit.lags} 期，乘以 n/(n−k)"
    return [
        ["观测数与自由度", f"{fit.observations}，{fit.freedom}", ""],
        ["R² 与调整后 R²", f"{fit.r2:.4f}，{fit.adjusted_r2:.4f}" if fit.names else "—", ""],
        ["残差标准误", f"{fit.s:.6f}", ""],
        ["标准误的算法", errors, ""],
        ["前后两半系数相同（Chow）", *_pair(checks.chow, "F")],
        ["系数稳定（CUSUM）", *_pair(checks.cusum, "")],
        ["残差正态（Jarque-Bera）", *_pair(checks.jarque_bera, "")],
        ["一阶自相关（Durbin-Watson）", "—" if fit.exact else f"{checks.durbin_watson:.3f}", "接近2为没有"],
    ]


def _pair(test: Test, name: str) -> tuple[str, str]:
    if test.statistic is None:
        return "—", test.why_not
    head = f"{name}=" if name else ""
    return f"{head}{test.statistic:.3f}", p_clause(test.p)


def _event(item: EventResult) -> list[str]:
    window = item.window
    flags = [f"涨跌停{item.limits}日"] if item.limits else []
    flags += [f"停牌{item.suspended}日"] if item.suspended else []
    flags += [f"与{'、'.join(item.shared)}重叠"] if item.shared else []
    cause = "" if window.role != "company" else f"（{CAUSES[window.cause]}）"
    return [
        f"{window.name}{cause}", window.day_zero.isoformat(), str(len(window.places)), percent(item.actual),
        percent(item.expected), percent(item.car), percent(item.error), percent(item.bhar), "；".join(flags),
    ]  # fmt: skip


def _tests(item: EventResult) -> list[str]:
    def cell(test: Test) -> str:
        return "—" if test.statistic is None else f"{test.statistic:.2f}（{p_text(test.p)}）"

    return [
        item.window.name, cell(item.t), p_text(item.holm), cell(item.rank), cell(item.sign), p_text(item.empirical.p),
        cell(item.bhar_t),
    ]  # fmt: skip


def _joint(found: Estimate) -> list[list[str]]:
    joint = found.joint
    if joint is None:
        return []
    named = (
        ("Patell 标准化残差检验", joint.patell), ("BMP 标准化截面检验", joint.bmp),
        ("广义符号检验", joint.sign), ("Corrado 秩检验（各事件首日）", joint.rank),
    )  # fmt: skip
    return [[name, *_pair(test, "")] for name, test in named]


def _attribution(item: Attribution, several: bool) -> dict[str, Any]:
    rows = [
        [
            part.name, CAUSES.get(part.cause, part.cause), str(part.days), percent(part.amount), percent(part.share, 1),
            "—" if part.error is None or not part.days else f"±{1.96 * part.error:.1%}", percent(part.harm, 1),
            p_text(part.p), "是" if part.bears else "",
        ]
        for part in item.parts
        if part.days or not several
    ]  # fmt: skip
    proposal = []
    if item.other_ratio_all is not None and any(part.cause not in NOT_PROPOSED
                                                for part in item.parts):  # fmt: skip
        proposal = [
            ["统计上能够成立的公司事件", percent(item.other_ratio_borne), percent(item.other_ratio_borne_multiply)],
            ["全部使损失扩大的公司事件", percent(item.other_ratio_all), percent(item.other_ratio_all_multiply)],
        ]
    return {
        "name": f"虚假陈述：{item.segment}" if several else "",
        "decline": f"按成交量加权的平均买入者，自买入至基准日的损失为对数价格的 {item.decline:.2%}。",
        "rows": rows,
        "proposal": proposal,
    }


def _variant(found: Estimate, place: int) -> list[str]:
    item = found.variants[place]
    if item.why_not:
        return [item.name, f"不能估计：{item.why_not}", "", "", "", "", ""]
    slope = "—" if len(item.coefficient) < 2 else "，".join(f"{b:.3f}" for b in item.coefficient[1:])
    return [
        item.name, str(item.observations), slope, percent(item.r2, 1), percent(item.car), p_text(item.car_p),
        f"{item.benchmark:.4f}",
    ]  # fmt: skip


def _chart_titles(found: Estimate) -> list[list[str]]:
    out = [
        [f"revelation_{number}", f"“{item.window.name}”前后的异常收益率"]
        for number, item in enumerate(found.revelations, start=1)
    ]
    company = [item for item in found.events if item.window.role == "company"][:EVENT_CHARTS]
    return out + [
        [f"event_{number}", f"“{item.window.name}”前后的异常收益率"] for number, item in enumerate(company, start=1)
    ]


def _law_rows(found: Estimate) -> list[list[str]]:
    if found.settings.price_limit is not None:
        return []
    names = [limit_parameter(found.material.plan.case.security)]
    if names == [MAIN] and found.settings.special_treatment:
        names.append(SPECIAL)
    return [
        [law.parameter(name).title, str(dated), f"{dated.in_force_from}起", dated.source]
        for name in names
        for dated in law.history(name)
    ]
