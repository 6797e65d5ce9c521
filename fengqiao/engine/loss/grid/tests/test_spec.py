"""SPEC.toml: what it may say, what it means, and one clear sentence for what it may not."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from fengqiao.engine.errors import InputError
from fengqiao.engine.loss.grid.scenarios import MOST_SCENARIOS, find, planned, scenarios_of
from fengqiao.engine.loss.grid.spec import parse_spec
from fengqiao.engine.loss.tests.invented_case import INDICES, market, series

CASE = """
[case]
name = "样本"
security = "600000"
rules = "cn2022"
direction = "inducing_purchase"
[dates]
implementation = 2022-03-01
revelation = 2023-07-20
[method]
averaging = "weighted"
"""
RISK = """
[[axis]]
name = "市场风险"
[[axis.alternative]]
name = "不扣"
deduction.market_risk = "none"
[[axis.alternative]]
name = "三个指数"
deduction = { market_risk = "synchronised_index", indices = ["000001", "000300", "000905"] }
"""


def scenarios(spec: str, case: str = CASE) -> list[Any]:
    return scenarios_of(parse_spec(tomllib.loads(spec), file="SPEC.toml"), tomllib.loads(case), Path())


def test_the_product_of_all_axes_in_their_order() -> None:
    found = scenarios(
        '[vary]\nrules = ["cn2003", "cn2022"]\n[vary.method]\naveraging = ["weighted", "actual_cost"]\n' + RISK
    )
    assert [item.id for item in found] == [f"s{n:02d}" for n in range(1, 9)]
    assert found[0].name == "法释〔2003〕2号 · 综合加权平均 · 不扣"
    assert found[7].case.rules == "cn2022" and found[7].case.method.averaging == "actual_cost"
    assert found[7].case.deduction.indices == INDICES
    assert [item.id for item in found if item.base] == ["s05"]  # the case as it stands
    assert {item.case.fees.interest for item in found[:4]} == {"demand_deposit"}
    assert {item.case.fees.interest for item in found[4:]} == {"none"}


def test_named_scenarios_stand_beside_the_product_and_change_only_what_they_say() -> None:
    found = scenarios(
        'base = "截断"\n[vary.method]\naveraging = ["weighted", "fifo_weighted"]\n'
        '[[scenario]]\nname = "截断"\nmethod = { rounding = "truncate" }\n[[scenario]]\nname = "案件文件"\n'
    )
    assert [item.name for item in found] == ["综合加权平均", "先进先出加权平均", "截断", "案件文件"]
    assert (
        found[2].base and found[2].case.method.rounding == "truncate" and found[2].case.method.averaging == "weighted"
    )
    assert found[3].case.method.averaging == "weighted"
    assert find(found, "s02") is found[1] and find(found, "截断") is found[2]


def test_values_may_have_names_and_an_empty_value_takes_a_key_away() -> None:
    case = CASE.replace("2023-07-20", '2023-07-20\nbenchmark = 2023-08-31\nbenchmark_price = "7.5"')
    found = scenarios(
        '[vary.dates]\nrevelation = [{ value = 2023-07-20, name = "首次公告" }, 2023-07-06]\n'
        '[[axis]]\nname = "基准"\n[[axis.alternative]]\nname = "给定"\n[[axis.alternative]]\nname = "推算"\n'
        'dates = { benchmark = "", benchmark_price = "" }\n',
        case,
    )
    assert [item.name for item in found][:2] == ["首次公告 · 给定", "首次公告 · 推算"]
    assert found[0].case.segments[0].benchmark is not None and found[1].case.segments[0].benchmark is None
    assert found[0].base


def test_the_risk_that_is_left_takes_its_own_keys_with_it() -> None:
    case = (
        CASE + '[deduction]\nmarket_risk = "synchronised_index"\nindices = ["000300"]\n'
        'other_ratio = "0.1"\nother_reason = "甲"\n'
    )
    found = scenarios(
        '[[scenario]]\nname = "固定"\ndeduction = { market_risk = "fixed", ratio = "0.3", reason = "乙" }\n'
        '[[scenario]]\nname = "不扣"\ndeduction.market_risk = "none"\n',
        case,
    )
    assert [item.reason for item in found] == ["", ""]
    assert found[0].case.deduction.indices == () and str(found[0].case.deduction.other_ratio) == "1/10"


def test_exclusions_by_value_and_by_name() -> None:
    text = '[vary.method]\naveraging = ["weighted", "actual_cost", "fifo_weighted"]\n' + RISK
    all_of_them = scenarios(text)
    left = scenarios(
        text + '[[exclude]]\nalternatives = ["三个指数"]\nmethod = { averaging = ["actual_cost", "weighted"] }\n'
    )
    assert [item.name for item in all_of_them if item.name not in {one.name for one in left}] == [
        "综合加权平均 · 三个指数", "实际成本 · 三个指数",
    ]  # fmt: skip
    with pytest.raises(InputError, match=r"\[\[exclude\]\] number 1 fits no scenario"):
        scenarios(text + '[[exclude]]\nmethod.rounding = "truncate"\n')


def test_dates_of_a_named_segment() -> None:
    case = CASE.partition("[dates]")[0] + (
        '[[segments]]\nname = "甲"\nimplementation = 2022-03-01\nrevelation = 2022-11-15\n'
        '[[segments]]\nname = "乙"\nimplementation = 2023-01-04\nrevelation = 2023-07-20\n'
    )
    found = scenarios('[vary.segments."乙"]\nrevelation = [2023-07-20, 2023-07-06]\n', case)
    assert [str(item.case.segments[1].revelation) for item in found] == ["2023-07-20", "2023-07-06"]
    with pytest.raises(InputError, match="Unknown segment"):
        scenarios('[vary.segments."丙"]\nrevelation = [2023-07-20]\n', case)


def test_what_cannot_be_combined_is_a_reason_and_stops_nothing() -> None:
    found = scenarios('[vary]\nrules = ["cn2022", "cn2003"]\ndirection = ["inducing_purchase", "inducing_sale"]\n')
    assert [item.case is not None for item in found] == [True, True, True, False]
    assert "not possible under cn2003" in found[3].reason
    from fengqiao.engine.loss.plan import prepare

    wanted = scenarios("[vary.dates]\nrevelation = [2023-07-20, 2023-12-20]\n")
    made = planned(wanted, lambda case: prepare(case, market=market(), indices=[series(name) for name in INDICES]))
    assert [item.computed for item in made] == [True, False]
    assert "trading day" in made[1].reason


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[varry]\n", 'Unknown table "varry": did you mean "vary"?'),
        ('[vary.method]\naveragin = ["weighted"]\n', 'did you mean "averaging"?'),
        ('[vary.method]\naveraging = ["weigthed"]\n', 'did you mean "weighted"?'),
        ('[vary.methods]\naveraging = ["weighted"]\n', 'did you mean "method"?'),
        ('[vary.method]\naveraging = "weighted"\n', "must be a list of values"),
        ('[vary.method]\naveraging = ["weighted", "weighted"]\n', "twice"),
        ('[vary]\nsecurity = ["600000", "600001"]\n', "cannot be varied"),
        ('[vary.dates]\nrevelation = [""]\n', "cannot be left empty"),
        ("[vary.dates]\nrevelation = [2023-13-01]\n", None),
        ("", "names no alternatives"),
        ('[[axis]]\n[[axis.alternative]]\nname = "a"\n', "needs a name"),
        ('[[axis]]\nname = "a"\n', "has no alternatives"),
        ('base = "x"\n[vary.method]\naveraging = ["weighted"]\n', 'Unknown scenario "x"'),
        ('[[scenario]]\nname = "a"\n[[scenario]]\nname = "a"\n', "Two scenarios have the name"),
        (RISK + '[vary.deduction]\nmarket_risk = ["none", "fixed"]\n', "is set by two axes"),
        ('[vary.method]\naveraging = ["weighted"]\n[[exclude]]\nalternatives = ["x"]\n', "Unknown alternative"),
    ],
)
def test_one_sentence_for_what_it_may_not_say(text: str, said: str | None) -> None:
    if said is None:
        with pytest.raises(tomllib.TOMLDecodeError):
            tomllib.loads(text)
        return
    with pytest.raises(InputError) as found:
        scenarios(text)
    assert said in str(found.value)


def test_too_many_scenarios_are_refused_before_they_are_made() -> None:
    days = ", ".join(f"2023-{month:02d}-{day:02d}" for month in (5, 6, 7) for day in range(1, 29))
    text = f'[vary.dates]\nrevelation = [{days}]\n[vary.method]\naveraging = ["weighted", "actual_cost"]\n'
    text += 'floor = ["total", "each_part"]\n'
    with pytest.raises(InputError, match=f"more than {MOST_SCENARIOS}"):
        scenarios(text + 'rounding = ["half_up", "truncate"]\n')
    assert len(scenarios(text)) == 336
