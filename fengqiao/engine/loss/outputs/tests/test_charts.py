"""The charts: well-formed SVG with titles, labels that never overlap, gaps where trading was suspended."""

from __future__ import annotations

import datetime as dt
import random
import xml.etree.ElementTree as ET
from fractions import Fraction

import pytest

from fengqiao.engine.loss.market import CorporateAction
from fengqiao.engine.loss.outputs import write_charts
from fengqiao.engine.loss.outputs.chart_price import assign_lanes, price_chart
from fengqiao.engine.loss.outputs.chart_turnover import turnover_chart
from fengqiao.engine.loss.outputs.summary import LOSS_CLASSES, summarise
from fengqiao.engine.loss.outputs.svg import text_width
from fengqiao.engine.loss.outputs.tests.samples import made_market, made_plan, made_result, result_of

SVG = "{http://www.w3.org/2000/svg}"
INDEX = {"market_risk": "synchronised_index", "indices": ["000001"]}
GIVEN = {"benchmark": "2019-07-01", "benchmark_price": "3.5"}
CLOSE_TOGETHER = [
    {"name": "甲", "implementation": "2018-04-28", "revelation": "2019-03-02"},
    {"name": "乙", "implementation": "2019-03-05", "revelation": "2019-03-28"},
    {"name": "丙", "implementation": "2019-04-02", "revelation": "2019-05-17"},
]


def texts(svg):
    return ["".join(item.itertext()) for item in ET.fromstring(svg).iter(f"{SVG}text")]


def boxes(svg):
    """(left, right, baseline, size, text) of every text of a chart."""
    out = []
    for item in ET.fromstring(svg).iter(f"{SVG}text"):
        text, size, x = "".join(item.itertext()), float(item.get("font-size")), float(item.get("x"))
        wide = text_width(text, size)
        left = {"start": x, "middle": x - wide / 2, "end": x - wide}[item.get("text-anchor")]
        out.append((left, left + wide, float(item.get("y")), size, text))
    return out


def test_all_four_are_written_and_well_formed(tmp_path):
    result = made_result(made_plan(made_market(), deduction=INDEX), 30)
    written = write_charts(result, tmp_path / "charts")
    assert [path.name for path in written] == ["price.svg", "turnover.svg", "losses.svg", "ratios.svg"]
    for path in written:
        root = ET.fromstring(path.read_text(encoding="utf-8"))
        assert root.find(f"{SVG}title").text and len(root.find(f"{SVG}desc").text) > 10
        assert root.get("role") == "img"
        assert "\r" not in path.read_text(encoding="utf-8")


def test_the_price_chart_names_the_key_dates_and_the_benchmark_price():
    found = texts(price_chart(made_plan(made_market())))
    for words in ("实施日 2018年4月28日", "揭露日 2019年5月17日", "基准日 2019年7月1日", "3.5830 元", "停牌"):
        assert words in found


def test_the_path_is_broken_where_trading_was_suspended():
    root = ET.fromstring(price_chart(made_plan(made_market())))
    paths = [item for item in root.iter(f"{SVG}path") if item.get("stroke") == "#1d4e89" and len(item.get("d")) > 60]
    assert len(paths) == 3
    ends = [[float(point.split(" ")[0]) for point in item.get("d")[1:].split("L")] for item in paths]
    assert ends[1][0] - ends[0][-1] > 30


@pytest.mark.parametrize("segments", [None, CLOSE_TOGETHER])
def test_labels_do_not_overlap(segments):
    more = {"segments": segments} if segments else {}
    plan = made_plan(made_market(), **more)
    for svg in (price_chart(plan), turnover_chart(plan)):
        placed = boxes(svg)
        wide, high = (float(value) for value in ET.fromstring(svg).get("viewBox").split()[2:])
        assert all(left >= -1 and right <= wide + 1 and y <= high for left, right, y, _, _ in placed)
        for k, (left, right, y, size, text) in enumerate(placed):
            for other_left, other_right, other_y, other_size, other in placed[k + 1 :]:
                apart = right <= other_left or other_right <= left or abs(y - other_y) >= min(size, other_size) * 0.9
                assert apart, (text, other)


def test_lanes_keep_labels_off_each_other_and_off_each_others_lines():
    rng = random.Random(4)
    for _ in range(300):
        labels = sorted((rng.uniform(0, 600), rng.uniform(60, 180)) for _ in range(rng.randint(1, 9)))
        lanes = assign_lanes(labels)
        for i, (x, wide) in enumerate(labels):
            for j, (other_x, _) in enumerate(labels):
                if i < j and other_x < x + wide:
                    assert lanes[j] < lanes[i]


def test_several_segments_have_a_panel_of_turnover_each():
    plan = made_plan(made_market(), segments=CLOSE_TOGETHER)
    headings = [text for text in texts(turnover_chart(plan)) if text.startswith("累计换手率")]
    assert len(headings) == 3


def test_without_market_data_only_the_distributions_are_drawn(tmp_path):
    result = made_result(made_plan(None, dates=GIVEN), 10)
    assert [path.name for path in write_charts(result, tmp_path)] == ["losses.svg"]


def test_with_market_data_and_given_dates_the_price_is_drawn(tmp_path):
    result = made_result(made_plan(made_market(), dates=GIVEN), 10)
    assert [path.name for path in write_charts(result, tmp_path)] == ["price.svg", "losses.svg"]


def test_nobody_gives_no_distribution(tmp_path):
    assert write_charts(result_of(made_plan(None, dates=GIVEN), []), tmp_path / "new" / "charts") == ()
    assert (tmp_path / "new" / "charts").is_dir()


def test_ex_rights_prices_are_on_the_basis_of_the_benchmark_date():
    plan = made_plan(made_market(), (CorporateAction(dt.date(2018, 6, 15), bonus_ratio=Fraction(1)),))
    svg = price_chart(plan)
    assert any("按基准日口径复权" in text for text in texts(svg))
    root = ET.fromstring(svg)
    first = next(item for item in root.iter(f"{SVG}path") if len(item.get("d")) > 60)
    plain = next(
        item
        for item in ET.fromstring(price_chart(made_plan(made_market()))).iter(f"{SVG}path")
        if len(item.get("d")) > 60
    )
    assert first.get("d") != plain.get("d")
    assert "最高10." not in root.find(f"{SVG}desc").text


def test_hostile_names_are_escaped():
    plan = made_plan(
        made_market(),
        case={"security": '"><script>&'},
        segments=[{**CLOSE_TOGETHER[0], "name": "<b>&\u202e"}, CLOSE_TOGETHER[2]],
    )
    svg = price_chart(plan)
    assert "<script>" not in svg and "\u202e" not in svg
    assert any("<b>&[U+202E]" in text for text in texts(svg))


def test_the_same_charts_every_time(tmp_path):
    result = made_result(made_plan(made_market(), deduction=INDEX), 10)
    for name in ("a", "b"):
        write_charts(result, tmp_path / name)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_the_summary_counts_every_investor_once():
    result = made_result(made_plan(made_market(), deduction=INDEX), 50)
    summary, rows = summarise(result), result.table.to_pylist()
    totals = [int(row["total"] * 100) for row in rows if row["scope_quantity"]]
    assert sum(item.count for item in summary.losses) == len(totals) == summary.in_scope
    assert sum(item.fen for item in summary.losses) == sum(totals) == summary.money["total"]
    assert sum(item.count for item in summary.ratios) == summary.rows_with_loss
    positive = sorted(total for total in totals if total)
    assert summary.largest == positive[-1] and summary.awarded == len(positive)
    bounds = [bound for bound, _ in LOSS_CLASSES]
    for place, item in enumerate(summary.losses[1:], start=1):
        assert item.count == sum(bounds[place - 1] <= total < bounds[place] and total > 0 for total in totals)
