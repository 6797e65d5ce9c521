"""What single lines are taken for, and lines that belong together."""

from __future__ import annotations

from pathlib import Path

import pytest

from fengqiao.engine.loss.broker import Settings, read_statements
from fengqiao.engine.loss.broker.tests.reading import brief, checked, codes, read_lines, told

A = "A100000001"


def test_what_comes_in_is_bought_and_what_goes_out_is_sold(tmp_path: Path) -> None:
    done = read_lines(
        tmp_path,
        f"""
        20160104,600518,某某股份,期初余额,900,12,,,{A}
        20160105,600518,某某股份,非交易过户转入,100,0,,,{A}
        20160106,600518,某某股份,红股入账,200,0,0,0,{A}
        20160107,600518,某某股份,司法划出,150,0,,,{A}
        20160108,600518,某某股份,股息入账,900,0,,180,{A}
        20160109,600518,某某股份,大宗交易买入,300,11,3300,-3300,{A}
        """,
    )
    assert brief(done) == [
        "2016-01-04 buy 900@12 opening 600518.SH", "2016-01-05 buy 100@0 transfer_in 600518.SH",
        "2016-01-06 buy 200@0 bonus 600518.SH", "2016-01-07 sell 150@0 transfer_out 600518.SH",
        "2016-01-08 buy 900@0 dividend 600518.SH", "2016-01-09 buy 300@11 block 600518.SH",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        "证券买入",
        "买入",
        "融资买入",
        "担保品买入",
        "信用买入",
        "限价买入",
        " 证券 买入 ",
        "证券买入（盘后定价）",
        "蓝补证券买入",
        "B",
    ],
)
def test_purchases(words: str, tmp_path: Path) -> None:
    assert brief(read_lines(tmp_path, f"20160105,600518,某某股份,{words},100,12,1200,,")) == [
        "2016-01-05 buy 100@12 trade 600518.SH"
    ]


@pytest.mark.parametrize("words", ["证券卖出", "卖出", "卖券还款", "融资平仓", "担保品卖出", "强制平仓", "S"])
def test_sales(words: str, tmp_path: Path) -> None:
    assert brief(read_lines(tmp_path, f"20160105,600518,某某股份,{words},100,12,1200,,")) == [
        "2016-01-05 sell 100@12 trade 600518.SH"
    ]


NOT_TRADES = {
    "20160105,204001,GC001,融券回购,100,2.5,10000,,": "债券回购",
    "20160105,131810,R-001,质押回购拆出,100,2.5,10000,,": "债券回购",
    "20160105,510300,某ETF,证券买入,100,3.3,330,,": "基金",
    "20160105,159915,某ETF,证券买入,100,3.3,330,,": "基金",
    "20160105,161725,某LOF,证券买入,100,1.3,130,,": "基金",
    "20160105,900901,某某B股,证券买入,100,0.6,60,,": "B股",
    "20160105,200012,某某B,证券卖出,100,6,600,,": "B股",
    "20160105,113011,某某转债,证券买入,10,101,1010,,": "可转换债券",
    "20160105,128013,某某转债,证券卖出,10,101,1010,,": "可转换债券",
    "20160105,019547,16国债19,证券买入,10,101,1010,,": "债券",
    "20160105,00700,某某控股,港股通股票买入,100,300,30000,,": "港股通",
    "20160105,580027,某某CWB1,权证买入,100,3,300,,": "期权、权证",
    "20160105,,,银行转证券,0,0,0,50000,": "资金划转",
    "20160105,,,利息归本,0,0,0,1.25,": "资金划转",
    "20160105,600518,某某股份,股息红利税补缴,0,0,0,-20,": "股息红利税",
    "20160105,600518,某某股份,指定交易,0,0,0,0,": "指定交易、登记",
    "20160105,799999,登记指定,撤指定,1,0,0,0,": "指定交易、登记",
    "20160105,600518,某某股份,证券买入,0,0,0,0,": "未成交",
    "20160105,600518,某某股份,买入撤单,500,12,0,0,": "撤单、废单",
    "20160105,600518,某某股份,证券冻结,500,0,0,0,": "冻结、解冻",
    "20160105,360518,某某投票,投票确认,1,1,0,0,": "投票",
    "20160105,600518,某某股份,偿还融资利息,0,0,0,-30,": "融资负债",
    "20160105,738518,某某投票,证券买入,1,1,0,0,": "投票、密码服务代码",
}


@pytest.mark.parametrize("line", NOT_TRADES)
def test_what_is_no_trade_in_shares_is_explained(line: str, tmp_path: Path) -> None:
    done = read_lines(tmp_path, f"{line}\n20160106,600518,某某股份,证券买入,100,12,1200,,")
    assert len(done.rows) == 1
    code, reason = told(done, 2)
    assert code == "not_share_trade"
    assert any(taken == NOT_TRADES[line] for _, taken, used in done.kinds if not used), dict(done.kinds)
    assert reason.endswith("。")


def test_borrowed_shares_are_no_shares_of_the_investor_and_are_to_be_looked_at(tmp_path: Path) -> None:
    text = "20160105,600518,某某股份,融券卖出,100,12,1200,,\n20160107,600518,某某股份,买券还券,100,11,1100,,"
    done = read_lines(tmp_path, text)
    assert not done.rows and done.to_look_at == 2
    own = read_lines(tmp_path, text, settings=Settings(words={"融券卖出": "sell", "买券还券": "buy"}))
    assert brief(own) == ["2016-01-05 sell 100@12 trade 600518.SH", "2016-01-07 buy 100@11 trade 600518.SH"]


def test_payment_and_receipt_of_a_subscription_count_once(tmp_path: Path) -> None:
    done = read_lines(
        tmp_path,
        f"""
        20160601,730111,新股申购,新股申购,1000,8.88,8880,0,{A}
        20160603,730111,新股申购,申购中签,1000,8.88,8880,-8880,{A}
        20160603,730111,新股申购,中签缴款,1000,8.88,8880,-8880,{A}
        20160620,600111,新某股份,新股入账,1000,0,0,0,{A}
        20160620,600111,新某股份,新股上市,1000,0,0,0,{A}
        """,
    )
    assert brief(done) == ["2016-06-20 buy 1000@8.88 transfer_in 600111.SH"]
    assert codes(done) == {
        2: "not_share_trade", 3: "counted_once", 4: "counted_once", 5: "price_from_amount", 6: "counted_once",
    }  # fmt: skip


def test_a_payment_without_receipt_counts_and_is_told(tmp_path: Path) -> None:
    done = read_lines(tmp_path, f"20160603,001979,新某股份,中签缴款,500,23.6,11800,-11800,{A}")
    assert brief(done) == ["2016-06-03 buy 500@23.6 transfer_in 001979.SZ"]
    assert codes(done) == {2: "receipt_missing"}


def test_payment_and_receipt_of_a_rights_issue_count_once(tmp_path: Path) -> None:
    done = read_lines(
        tmp_path,
        f"""
        20160704,080001,某某A1配,配股权证,300,0,0,0,{A}
        20160704,080001,某某A1配,配股缴款,300,7,2100,-2100,{A}
        20160720,000001,某某银行,配股入账,300,0,0,0,{A}
        20170704,700518,某某配股,证券买入,60,6,360,-360,{A}
        20170720,600518,某某股份,配股上市,60,0,0,0,{A}
        """,
    )
    assert brief(done) == ["2016-07-20 buy 300@7 rights 000001.SZ", "2017-07-20 buy 60@6 rights 600518.SH"]


def test_a_correction_takes_back_the_line_it_corrects(tmp_path: Path) -> None:
    done = read_lines(
        tmp_path,
        f"""
        20160105,600518,某某股份,证券买入,500,12,6000,,{A}
        20160106,600518,某某股份,证券买入,500,12,6000,,{A}
        20160107,600518,某某股份,红冲证券买入,-500,12,-6000,,{A}
        20160107,600518,某某股份,蓝补证券买入,600,12,7200,,{A}
        20160108,600518,某某股份,交易冲正,-77,12,,,{A}
        20160109,600518,某某股份,证券买入,-600,12,,,{A}
        20160110,600518,某某股份,证券买入,-41,12,,,{A}
        """,
    )
    assert brief(done) == ["2016-01-05 buy 500@12 trade 600518.SH"]
    assert codes(done) == {
        3: "counted_once", 4: "counted_once", 5: "counted_once", 6: "not_understood", 7: "counted_once",
        8: "side_contradiction",
    }  # fmt: skip


def test_moves_between_own_accounts_cancel_out(tmp_path: Path) -> None:
    done = read_lines(
        tmp_path,
        f"""
        20160105,600518,某某股份,证券买入,1000,12,12000,,{A}
        20160106,600518,某某股份,担保品划出,1000,12.5,,,{A}
        20160106,600518,某某股份,担保品划入,1000,12.5,,,E000000009
        20160110,600518,某某股份,转托管转出,300,0,,,{A}
        """,
    )
    assert brief(done) == ["2016-01-05 buy 1000@12 trade 600518.SH", "2016-01-10 sell 300@0 transfer_out 600518.SH"]
    assert codes(done) == {3: "counted_once", 4: "counted_once", 5: "own_transfer_unmatched"}


def test_signs_settle_what_words_leave_open(tmp_path: Path) -> None:
    text = f"""
        20160105,600518,某某股份,证券买入,1000,12,12000,,{A}
        20160106,600518,某某股份,非交易过户,{{sign}}300,0,,,{A}
        20160107,600518,某某股份,大宗交易,{{sign}}200,11,2200,{{money}}2200,{A}
        20160108,600518,某某股份,证券卖出,{{sign}}100,13,1300,,{A}
        """
    signed = read_lines(tmp_path, text.format(sign="-", money=""))
    assert [line[11:] for line in brief(signed)] == [
        "buy 1000@12 trade 600518.SH", "sell 300@0 transfer_out 600518.SH", "sell 200@11 block 600518.SH",
        "sell 100@13 trade 600518.SH",
    ]  # fmt: skip
    plain = read_lines(tmp_path, text.format(sign="", money=""))
    assert codes(plain) == {3: "not_understood", 4: "not_understood"}


def test_signed_quantities_alone_say_bought_or_sold(tmp_path: Path) -> None:
    done = read_lines(
        tmp_path, "2016-01-05,600518,1000,12\n2016-01-06,600518,-400,13", header="日期,证券代码,数量,价格"
    )
    assert [line[11:] for line in brief(done)] == ["buy 1000@12 trade 600518.SH", "sell 400@13 trade 600518.SH"]


def test_contradictions_are_told(tmp_path: Path) -> None:
    header = "成交日期,证券代码,业务名称,买卖标志,成交数量,成交价格,成交金额,发生金额"
    done = read_lines(
        tmp_path,
        """
        20160105,600518,证券买入,卖出,1000,12,12000,-12000
        20160106,600518,证券买入,买入,1000,12,12000,-12000
        20160107,600518,证券卖出,卖出,500,12,6000,6000
        20160108,600518,证券卖出,卖出,100,12,1200,-1200
        20160109,600518,证券卖出,卖出,100,12,1300,1300
        """,
        header=header,
    )
    assert codes(done) == {2: "side_contradiction", 5: "side_contradiction", 6: "amount_mismatch"}
    assert len(done.rows) == 4


def test_amount_and_price_help_one_another(tmp_path: Path) -> None:
    done = read_lines(
        tmp_path,
        """
        20160105,600518,某某股份,证券买入,300,,3700,,
        20160106,600518,某某股份,证券买入,300,12.33,3700,,
        20160107,600518,某某股份,证券买入,300,12.333333,3700,,
        20160108,600518,某某股份,证券买入,300,,,,
        20160109,600518,某某股份,证券买入,,12,3600,,
        """,
    )
    assert [line.split()[2] for line in brief(done)] == ["300@12.3333", "300@12.33", "300@12.3333"]
    assert codes(done) == {2: "price_from_amount", 4: "price_rounded", 5: "bad_price", 6: "bad_quantity"}


def test_hands_and_ten_thousands(tmp_path: Path) -> None:
    header = "成交日期,证券代码,业务名称,成交数量(手),成交价格,成交金额（万元）"
    done = read_lines(tmp_path, "20160105,600518,证券买入,10,12,1.2", header=header)
    assert brief(done) == ["2016-01-05 buy 1000@12 trade 600518.SH"]
    silent = read_lines(
        tmp_path, "20160105,600518,证券买入,10,12,12000\n20160106,600518,证券卖出,5,13,6500",
        header="成交日期,证券代码,业务名称,成交数量,成交价格,成交金额",
    )  # fmt: skip
    assert [line.split()[2] for line in brief(silent)] == ["1000@12", "500@13"]
    assert silent.sheets[0].tables[0].notes == ["数量与金额相差100倍，按手换算为股"]


BAD = {
    "16-01-05,600518,,证券买入,100,12,,,": ("bad_date", "年份只有两位"),
    "160105,600518,,证券买入,100,12,,,": ("bad_date", "年份只有两位"),
    "05/01/2016,600518,,证券买入,100,12,,,": ("bad_date", "年份在后"),
    "2016-02-30,600518,,证券买入,100,12,,,": ("bad_date", "不是有效日期"),
    ",600518,,证券买入,100,12,,,": ("bad_date", "缺少日期"),
    "20160105,600518,,证券买入,1OO,12,,,": ("bad_quantity", "不是数字"),
    "20160105,600518,,证券买入,0.5,12,,,": ("bad_quantity", "不是整数"),
    "20160105,600518,,证券买入,100,十二,,,": ("bad_price", "不是数字"),
    "20160105,600518,,证券买入,1e30,12,,,": ("bad_quantity", "超出"),
    "20160105,,,证券买入,100,12,,,": ("not_understood", "没有证券代码"),
    "20160105,ABCD,,证券买入,100,12,,,": ("not_understood", "无法识别"),
    "20160105,600518,,某种新业务,100,12,,,": ("not_understood", "不在词表中"),
    "20160105,600518,,换股,100,12,,,": ("not_share_trade", "换股"),
}


@pytest.mark.parametrize("line", BAD)
def test_bad_cells_are_told_with_their_reason(line: str, tmp_path: Path) -> None:
    done = read_lines(tmp_path, f"{line}\n20160106,600518,某某股份,证券买入,100,12,1200,,")
    code, words = BAD[line]
    found, reason = told(done, 2)
    assert (found, words in reason) == (code, True), reason
    assert len(done.rows) == 1 and done.to_look_at == 1


def test_balances_tell_of_shares_held_before(tmp_path: Path) -> None:
    header = "成交日期,证券代码,业务名称,成交数量,成交价格,股份余额"
    done = read_lines(tmp_path, "20160105,600518,证券买入,100,12,400\n20160106,600518,证券卖出,400,12,0", header=header)
    code, reason = told(done, 2)
    assert code == "opening_missing" and "300股" in reason
    whole = read_lines(tmp_path, "20160105,600518,证券买入,100,12,100", header=header)
    assert not codes(whole)


def test_overlapping_exports_count_once(tmp_path: Path) -> None:
    first = "客户姓名：投资者A\n成交日期,证券代码,业务名称,成交数量,成交价格,成交编号\n"
    one, two = tmp_path / "2016上.csv", tmp_path / "2016下.csv"
    one.write_text(f"{first}20160105,600518,证券买入,100,12,1\n20160105,600518,证券买入,100,12,2\n", encoding="utf-8")
    two.write_text(
        f"{first}20160105,600518,证券买入,100,12,1\n20160105,600518,证券买入,100,12,2\n20160301,600518,证券卖出,100,12,3\n",
        encoding="utf-8",
    )
    done = checked(read_statements([one, two]))
    assert len(done.rows) == 3
    assert [finding.row for finding in done.findings if finding.code == "repeated_export"] == [3, 4]
    assert len(read_statements([one, two], Settings(keep_repeated=True)).rows) == 5


def test_one_equal_trade_at_two_brokers_is_no_repetition(tmp_path: Path) -> None:
    first = "客户姓名：投资者A\n成交日期,证券代码,业务名称,成交数量,成交价格\n"
    one, two = tmp_path / "甲.csv", tmp_path / "乙.csv"
    one.write_text(f"{first}20160105,600518,证券买入,100,12\n20160105,600518,证券买入,300,12\n", encoding="utf-8")
    two.write_text(f"{first}20160105,600518,证券买入,100,12\n20160105,000001,证券买入,700,9\n", encoding="utf-8")
    done = checked(read_statements([one, two]))
    assert len(done.rows) == 4
    assert [(finding.code, finding.used) for finding in done.findings if finding.code == "duplicate"] == [
        ("duplicate", True)
    ]


def test_equal_rows_of_one_file_count_and_are_told(tmp_path: Path) -> None:
    done = read_lines(tmp_path, "20160105,600518,,证券买入,100,12,,,\n20160105,600518,,证券买入,100,12,,,")
    assert len(done.rows) == 2 and codes(done) == {3: "duplicate"}


def test_a_price_on_shares_transferred_in_counts_as_cost_and_is_told(tmp_path: Path) -> None:
    done = read_lines(
        tmp_path,
        f"""
        20160105,600518,某某股份,非交易过户转入,100,12.5,,,{A}
        20160106,600518,某某股份,非交易过户转入,200,,,,{A}
        20160620,600111,某某股份,新股入账,1000,8.88,,,{A}
        """,
    )
    assert brief(done) == [
        "2016-01-05 buy 100@12.5 transfer_in 600518.SH", "2016-01-06 buy 200@0 transfer_in 600518.SH",
        "2016-06-20 buy 1000@8.88 transfer_in 600111.SH",
    ]  # fmt: skip
    found = [(finding.row, finding.used) for finding in done.findings if finding.code == "transfer_price"]
    assert found == [(2, True)]
