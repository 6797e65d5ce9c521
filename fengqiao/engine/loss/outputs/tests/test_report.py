"""report.pdf: its Chinese figures can be read back, fonts are embedded, nothing in the input harms it."""

from __future__ import annotations

import io
import re

import pytest
from pypdf import PdfReader

from fengqiao.engine.findings import DataFinding
from fengqiao.engine.loss.outputs import write_report
from fengqiao.engine.loss.outputs.tests.samples import made_market, made_plan, made_result, repeated, result_of
from fengqiao.engine.money import yuan_grouped
from fengqiao.engine.typesetting.glyphs import FONTS, covered

INDEX = {"market_risk": "synchronised_index", "indices": ["000001", "000300"]}
EVIL = '#panic("x") $a$ \\ <script>alert(1)</script> *b* _c_ @ref `raw` [x] {y} // /* 张\u202e三\n㼆𬭩'
SEGMENTS = [
    {"name": "甲", "implementation": "2018-04-28", "revelation": "2019-03-02"},
    {"name": "乙", "implementation": "2019-03-20", "revelation": "2019-05-17", "revelation_kind": "correction"},
]


def text_of(path):
    return re.sub(r"[\s\u200b]", "", "".join(page.extract_text() for page in PdfReader(path).pages))


@pytest.fixture(scope="module")
def result():
    return made_result(made_plan(made_market(), deduction=INDEX), 40)


@pytest.fixture(scope="module")
def printed(result, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.pdf"
    write_report(result, path)
    return path


def test_report_says_dates_totals_and_settings(result, printed):
    text = text_of(printed)
    total = sum(int(row["total"] * 100) for row in result.table.to_pylist())
    expected = (
        "样本股份证券虚假陈述责任纠纷", "损失测算报告", "2018年4月28日", "2019年5月17日", "2019年7月1日",
        "法释〔2022〕2号第26条第4款", "法释〔2022〕2号第27条", "移动加权平均", "同步指数对比", "000001、000300",
        "待核", "trades.csv", "sha256:0123456789abcdef", "引擎版本0.1.0", "卖出超过已知持仓", yuan_grouped(total),
    )  # fmt: skip
    for words in expected:
        assert words.replace(" ", "") in text


def test_report_pages_are_numbered(printed):
    reader = PdfReader(printed)
    count = len(reader.pages)
    for number, page in enumerate(reader.pages, start=1):
        assert f"第{number}页共{count}页" in re.sub(r"\s", "", page.extract_text())


def test_report_embeds_its_fonts_and_no_other(printed):
    fonts = {}
    for page in PdfReader(printed).pages:
        for entry in page["/Resources"]["/Font"].get_object().values():
            font = entry.get_object()
            parts = font.get("/DescendantFonts", [font])
            descriptor = parts[0].get_object()["/FontDescriptor"].get_object()
            fonts[font["/BaseFont"]] = "/FontFile3" in descriptor or "/FontFile2" in descriptor
    assert fonts and all(fonts.values())
    assert all("NotoSansCJKsc" in name for name in fonts)


def test_report_is_the_same_every_time_and_carries_no_date(result, printed, tmp_path):
    write_report(result, tmp_path / "again.pdf")
    raw = (tmp_path / "again.pdf").read_bytes()
    assert raw == printed.read_bytes()
    assert b"CreationDate" not in raw and b"ModDate" not in raw and b"CreateDate" not in raw


def test_report_shows_its_charts_as_pictures(printed):
    sizes = [len(page.get_contents().get_data()) for page in PdfReader(printed).pages]
    assert max(sizes) > 10_000


def test_hostile_texts_are_harmless(tmp_path):
    findings = tuple(DataFinding("bad_price", EVIL, EVIL, EVIL, 3, EVIL) for _ in range(30))
    long = "超" * 300 + "A" * 300
    plan = made_plan(made_market(), case={"name": EVIL}, deduction={"other_ratio": "0.1", "other_reason": long})
    write_report(made_result(plan, 5, findings), tmp_path / "r.pdf")
    text = text_of(tmp_path / "r.pdf")
    assert '#panic("x")$a$\\<script>alert(1)</script>*b*_c_@ref`raw`[x]{y}' in text
    assert "[U+202E]" in text and "[U+3F06]" in text and "U+2CB69" in text
    assert "不在本文件所用字库内" in text and "\u202e" not in text
    assert "另有5项未列出" in text and "（共600个字符）" in text


def test_report_of_nobody(tmp_path):
    plan = made_plan(None, dates={"benchmark": "2019-07-01", "benchmark_price": "3.5"})
    write_report(result_of(plan, []), tmp_path / "r.pdf")
    text = text_of(tmp_path / "r.pdf")
    assert "没有提供行情" in text and "没有发现数据问题" in text and "0.00元" in text
    assert "基准日和基准价由案件文件给定，没有以行情推算" in text and "没有投资者持有范围内的股份" in text


def test_report_of_one_investor(tmp_path):
    write_report(made_result(made_plan(made_market()), 1, ()), tmp_path / "r.pdf")
    assert "1人，其中有范围内股份1人" in text_of(tmp_path / "r.pdf")


def test_report_of_several_segments_and_inducing_sale(tmp_path):
    plan = made_plan(made_market(), case={"direction": "inducing_sale"}, segments=SEGMENTS)
    write_report(made_result(plan, 20), tmp_path / "r.pdf")
    text = text_of(tmp_path / "r.pdf")
    for words in ("诱空（诱导卖出）", "已买回", "未买回", "更正日", "按虚假陈述分列", "虚假陈述：甲", "虚假陈述：乙",
                  "法释〔2022〕2号第28条", "（买回平均价－卖出平均价）×已买回股数"):  # fmt: skip
        assert words in text
    assert "已卖出股数" not in text


METHODS = [
    ({"rules": "cn2003"}, {}, {}, {"interest": True},
     ("法释〔2003〕2号第33条", "活期存款利率", "没有最少和最多交易日数")),
    ({}, {"averaging": "fifo_weighted"}, {}, {}, ("先进先出加权平均",)),
    ({}, {"averaging": "weighted", "floor": "each_part"}, {}, {}, ("综合加权平均", "该部分按零计算")),
    ({}, {"averaging": "actual_cost", "rounding": "truncate"}, {}, {}, ("实际成本法", "分位截断一次")),
    ({}, {}, {"market_risk": "fixed", "ratio": "0.3", "reason": "专家意见"}, {}, ("固定比例30%", "专家意见")),
    ({}, {}, {"market_risk": "simulated_price", "path": "path.csv"}, {}, ("模拟价格对比", "模拟损失÷投资差额损失")),
    ({}, {}, {**INDEX, "index_floor": "each", "parts": "separate"}, {}, ("逐个按零计入平均", "分别对比、分别扣除")),
    ({}, {}, {**INDEX, "other_ratio": "0.2", "other_reason": "经营", "combination": "add"}, {},
     ("（1－市场风险比例－其他因素比例）", "其他因素按20%扣除")),
    ({}, {"dividends": "deduct"}, {}, {"mode": "recorded"}, ("从投资差额损失中抵扣", "取交易记录中范围内交易的费用")),
    ({}, {}, {}, {"stamp_duty_rate": "0.1%", "commission_rate": "0.02%"}, ("×0.1%", "×0.02%")),
]  # fmt: skip


@pytest.mark.parametrize(("case", "method", "deduction", "fees", "expected"), METHODS)
def test_the_method_in_words_follows_the_settings(case, method, deduction, fees, expected, tmp_path):
    dates = {"benchmark": "2019-07-01"}
    plan = made_plan(made_market(), case=case, dates=dates, method=method, deduction=deduction, fees=fees)
    write_report(made_result(plan, 3, ()), tmp_path / "r.pdf")
    text = text_of(tmp_path / "r.pdf")
    for words in expected:
        assert words in text


def test_a_report_of_fifty_thousand_investors_counts_all_of_them(result, tmp_path):
    big = repeated(result, 1300)
    write_report(big, tmp_path / "r.pdf")
    assert "52,000人" in text_of(tmp_path / "r.pdf")


def test_the_fonts_hold_the_characters_they_promise():
    from fontTools.ttLib import TTFont

    for weight in ("Regular", "Bold"):
        font = TTFont(io.BytesIO((FONTS / f"NotoSansCJKsc-{weight}.subset.otf").read_bytes()))
        assert frozenset(map(chr, font.getBestCmap())) == covered()
        assert len((FONTS / f"NotoSansCJKsc-{weight}.subset.otf").read_bytes()) < 3_000_000
    level_1_and_2 = {
        bytes([row, cell]).decode("gb2312") for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF)
        if not (row == 0xD7 and cell > 0xF9)
    }  # fmt: skip
    assert len(level_1_and_2) == 6763 and level_1_and_2 <= covered()
    assert "SIL OPEN FONT LICENSE" in (FONTS / "OFL.txt").read_text(encoding="utf-8")
