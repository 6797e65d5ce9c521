"""The statement of one investor, printed and for a terminal: every step, every figure, nothing that harms."""

from __future__ import annotations

import datetime as dt
import re
from fractions import Fraction

import pytest
from pypdf import PdfReader

from fengqiao.engine.findings import DataFinding
from fengqiao.engine.loss.market import CorporateAction, ordinal
from fengqiao.engine.loss.outputs import statement_text, write_statement
from fengqiao.engine.loss.outputs.running import running_averages
from fengqiao.engine.loss.outputs.shown import width
from fengqiao.engine.loss.outputs.statement_terminal import pad, wrap
from fengqiao.engine.loss.outputs.tests.samples import made_market, made_plan, made_statement, made_trades
from fengqiao.engine.loss.rows import BONUS, BUY, OPENING, SELL, TRANSFER_OUT
from fengqiao.engine.loss.trade import Trade

INDEX = {"market_risk": "synchronised_index", "indices": ["000001", "000300"]}
EVIL = '#panic("x") $a$ \\ <script> *b*\n\x1b[31m张\u202e三㼆'


def on(year, month, day):
    return ordinal(dt.date(year, month, day))


TRADES = [
    Trade(on(2018, 2, 1), BUY, 500, 95_000, kind=OPENING),
    Trade(on(2018, 5, 3), BUY, 1000, 78_000, source=(12, 0)),
    Trade(on(2018, 6, 4), SELL, 900, 75_000, source=(13, 0)),
    Trade(on(2018, 9, 4), BUY, 1200, 62_000, source=(14, 0)),
    Trade(on(2019, 5, 20), BUY, 300, 44_000, source=(15, 0)),
    Trade(on(2019, 5, 31), SELL, 700, 35_000, source=(16, 0)),
    Trade(on(2019, 9, 20), SELL, 100, 35_000, source=(18, 0)),
]


@pytest.fixture(scope="module")
def plan():
    return made_plan(made_market(), deduction={**INDEX, "other_ratio": "0.1", "other_reason": "经营"})


@pytest.fixture(scope="module")
def statement(plan):
    return made_statement(plan, TRADES)


def printed_text(statement, path):
    write_statement(statement, path)
    return re.sub(r"[\s\u200b]", "", "".join(page.extract_text() for page in PdfReader(path).pages))


def test_terminal_shows_each_step_and_what_it_did(statement):
    lines = statement_text(statement).splitlines()

    def line(start):
        return next(text for text in lines if text.strip().startswith(start))

    assert "实施日前的持股，不计入范围" in line("2018年2月1日")
    assert "-- 实施日 2018年4月28日" in line("-- 实施日")
    assert line("12").endswith("1,000  7.8000")
    assert "抵范围外 500 股，抵范围内 400 股" in line("13") and line("13").endswith("600  7.8000")
    assert line("14").endswith("1,800  6.7333")
    assert "揭露日以后买入，不计入范围" in line("15")
    assert line("16").endswith("1,100  6.7333")
    assert not any("2019年9月20日" in text for text in lines)


def test_terminal_fills_the_formula(statement):
    text = statement_text(statement)
    got = statement.segments[0].outcome
    for words in (
        "已卖出 700 股 + 仍持有 1,100 股", "(6.7333 - 3.5000) × 700", "(6.7333 - 3.5830) × 1,100", "10.0000%",
        "指数 000001跌幅", "指数 000300跌幅", "法释〔2022〕2号第31条第2款", "0.03%（待核）", "0.1%（待核）",
    ):  # fmt: skip
        assert words in text
    assert f"{got.total_fen / 100:,.2f} 元" in text


@pytest.mark.parametrize("investor", ["A1", "超" * 700, "B" * 900])
def test_terminal_is_never_wider_than_120_columns(plan, investor):
    for seed in range(6):
        text = statement_text(made_statement(plan, made_trades(plan, seed), investor))
        assert max(width(line) for line in text.splitlines()) <= 120


def test_terminal_columns_stand_under_each_other(statement):
    lines = statement_text(statement).splitlines()
    heading = next(line for line in lines if line.startswith("行"))
    right_edge = width(heading)
    rows = [line for line in lines if re.match(r"1[2-6]  2", line)]
    assert len(rows) == 5 and {width(line) for line in rows} == {right_edge}


def test_print_says_the_same_as_the_terminal(statement, tmp_path):
    printed = printed_text(statement, tmp_path / "s.pdf")
    for line in statement_text(statement).splitlines():
        if re.match(r"1[2-6]  2", line):
            for word in re.split(r"\s{2,}", line.strip()):
                if len(word) > 2:
                    assert re.sub(r"[\s（].*|抵.*", "", word) in printed
    for words in (
        "投资者损失计算书",
        "A000000003",
        "2019年7月1日",
        "投资差额损失",
        "认定差额损失",
        "sha256:0123456789",
    ):
        assert words in printed


def test_print_is_the_same_every_time(statement, tmp_path):
    for name in ("a", "b"):
        write_statement(statement, tmp_path / name)
    raw = (tmp_path / "a").read_bytes()
    assert raw == (tmp_path / "b").read_bytes() and b"CreationDate" not in raw


def test_hostile_names_are_harmless(plan, tmp_path):
    findings = (DataFinding("bad_price", EVIL, EVIL, EVIL, 3, EVIL),)
    hostile = made_statement(plan, TRADES, EVIL, findings)
    printed = printed_text(hostile, tmp_path / "s.pdf")
    assert '#panic("x")$a$\\<script>*b*' in printed
    for code in ("[U+202E]", "[U+001B]", "[U+3F06]"):
        assert code in printed
    text = statement_text(hostile)
    assert "\x1b" not in text and "\u202e" not in text and "[U+202E]" in text and "㼆" in text


def test_long_names_stay_on_the_page(plan, tmp_path):
    write_statement(made_statement(plan, TRADES, "超" * 30 + "A" * 300), tmp_path / "s.pdf")
    page = PdfReader(tmp_path / "s.pdf").pages[0]
    runs = re.findall(r"A+", page.extract_text().replace("\u200b", ""))
    assert sum(map(len, runs)) >= 300 and max(map(len, runs)) < 60


def test_an_investor_without_in_scope_shares(plan, tmp_path):
    outside = made_statement(plan, [Trade(on(2019, 6, 3), BUY, 100, 40_000)], findings=())
    text = statement_text(outside)
    assert "实施日至揭露日之间没有买入" in text and "没有发现该投资者的数据问题" in text
    assert "0.00元" in printed_text(outside, tmp_path / "s.pdf")


def test_no_records_before_the_benchmark_date(plan):
    assert "没有基准日及以前的交易记录" in statement_text(made_statement(plan, [], findings=()))


def test_inducing_sale_speaks_of_buying_back():
    plan = made_plan(made_market(), case={"direction": "inducing_sale"})
    trades = [
        Trade(on(2018, 3, 1), BUY, 3000, 70_000), Trade(on(2018, 9, 3), SELL, 1000, 30_000),
        Trade(on(2018, 10, 8), BUY, 200, 45_000), Trade(on(2019, 5, 20), BUY, 300, 52_000),
    ]  # fmt: skip
    text = statement_text(made_statement(plan, trades))
    for words in ("已买回 300 股 + 未买回 500 股", "(5.2000 - 3.0000) × 300", "(3.5830 - 3.0000) × 500",
                  "买回抵范围内 200 股", "卖出平均价", "买回平均价", "法释〔2022〕2号第28条"):  # fmt: skip
        assert words in text
    assert "仍持有" not in text


def test_several_segments_are_added_up():
    segments = [
        {"name": "甲", "implementation": "2018-04-28", "revelation": "2018-12-03"},
        {"name": "乙", "implementation": "2019-03-20", "revelation": "2019-05-17"},
    ]
    plan = made_plan(made_market(), segments=segments)
    trades = [Trade(on(2018, 5, 3), BUY, 1000, 78_000), Trade(on(2019, 4, 3), BUY, 1000, 78_000)]
    made = made_statement(plan, trades)
    text = statement_text(made)
    total = sum(part.outcome.total_fen for part in made.segments)
    assert "计算（甲）" in text and "计算（乙）" in text and "属于另一虚假陈述的区间" in text
    assert f"各虚假陈述合计  {total / 100:,.2f} 元" in text


def test_recorded_fees_interest_and_given_benchmark():
    plan = made_plan(
        None, case={"rules": "cn2003"}, dates={"benchmark": "2019-07-01", "benchmark_price": "3.5"},
        fees={"mode": "recorded", "interest": True},
    )  # fmt: skip
    text = statement_text(made_statement(plan, made_trades(plan, 6)))
    for words in (
        "由案件文件给定",
        "记录中范围内交易的佣金",
        "累计利率",
        "法释〔2003〕2号第30条第2款",
        "活期存款基准利率",
    ):
        assert words in text


def test_ex_rights_figures_are_shown_on_both_bases():
    action = CorporateAction(dt.date(2018, 6, 15), bonus_ratio=Fraction(3, 10))
    plan = made_plan(made_market(), (action,))
    text = statement_text(made_statement(plan, [Trade(on(2018, 5, 3), BUY, 1000, 78_000)]))
    assert "复权 1,300 股 @ 6.0000" in text and "换算到基准日的口径" in text


@pytest.mark.parametrize("averaging", ["moving_weighted", "fifo_weighted", "weighted", "actual_cost"])
@pytest.mark.parametrize("seed", range(12))
def test_the_running_average_ends_at_the_settled_one(averaging, seed):
    plan = made_plan(made_market(), method={"averaging": averaging})
    trades = made_trades(plan, seed)
    bonus = Trade(on(2019, 5, 16), BUY, 130, 0, kind=BONUS)
    for rows in (trades, [*trades, bonus]):
        part = made_statement(plan, rows).segments[0]
        before = [
            (average, step.scope_after)
            for step, average in zip(part.steps, running_averages(part), strict=True)
            if step.trade.kind == OPENING or step.trade.date < ordinal(part.plan.t1)
        ]
        if before and before[-1][1]:
            assert before[-1][0] == part.outcome.entry_average


def test_a_transfer_out_says_what_it_took(plan):
    trades = [*TRADES[:2], Trade(on(2018, 9, 4), SELL, 700, 0, kind=TRANSFER_OUT)]
    assert "转出先进先出：抵范围外 500 股，抵范围内 200 股" in statement_text(made_statement(plan, trades))


def test_wrapping_keeps_numbers_whole_and_marks_off_the_start():
    assert wrap("法释〔2003〕2号第18条、第19条", 25) == ["法释〔2003〕2号第18条、第", "19条"]
    assert wrap("投资差额损失，合计", 12) == ["投资差额损", "失，合计"]
    assert pad("价", 4) == "价  "
