"""Layouts of statements, with the headings that trading clients are documented to export, each as a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from fengqiao.engine.loss.broker.tests.writing import (
    STORY,
    Grid,
    grid,
    texts,
    write_csv,
    write_html,
    write_text,
    write_xls,
    write_xlsx,
    write_xml,
)

Layout = tuple[tuple[str, str], ...]


def layout(text: str) -> Layout:
    """A layout from its headings, each with what stands under it."""
    return tuple((heading, what) for heading, what in (pair.split("=") for pair in text.split()))


TONGHUASHUN = layout(
    """
    成交日期=date 摘要=words 证券名称=name 合同编号=blank 成交数量=quantity 成交均价=price 成交金额=amount
    手续费=fee 印花税=duty 其他杂费=zero 发生金额=net 股东帐户=account 备注=blank 操作=side 证券代码=code
    结算汇率=blank
    """
)
GUOTAI = layout(
    """
    成交日期=date 业务名称=words 证券代码=code 证券名称=name 成交价格=price 成交数量=quantity 剩余数量=blank
    成交金额=amount 清算金额=net 剩余金额=zero 净佣金=fee 规费=zero 印花税=duty 过户费=zero 结算费=zero
    附加费=zero 成交编号=blank 股东代码=account
    """
)
ZHONGXIN = layout(
    """
    发生日期=date 成交时间=time 证券代码=code 证券名称=name 业务名称=words 成交数量=quantity 成交价格=price
    成交金额=amount 余额=blank 清算金额=net 手续费=fee 印花税=duty 附加费=zero 资金本次余额=zero 委托编号=blank
    股东代码=account 过户费=zero 交易所清算费=zero 资金帐号=fund 币种=money 费用备注=blank
    """
)
ZHESHANG = layout(
    """
    成交日期=date 证券代码=code 证券名称=name 成交价格=price 发生数量=signed 成交数量=quantity 成交金额=amount
    发生金额=net 股票余额=blank 佣金=fee 印花税=duty 过户费=zero 成交编号=blank 合同编号=blank 操作=words
    股东帐户=account 交易市场=market 备注=blank
    """
)
GUOJIN = layout(
    """
    成交日期=date 证券代码=code 证券名称=name 买卖标志=words 成交价格=price 成交数量=quantity 成交金额=amount
    发生金额=net 佣金=fee 印花税=duty 过户费=zero 成交编号=blank 股东代码=account 备注=blank
    """
)
CAITONG = layout(
    """
    成交日期=date 证券代码=code 证券名称=name 操作=side 成交均价=price 成交数量=quantity 成交金额=amount
    手续费=fee 印花税=duty 其他杂费=zero 发生金额=net 本次金额=zero 合同编号=blank 成交时间=time
    股东帐户=account 备注=words 成交编号=blank 交易市场=market
    """
)
DONGCAI = layout(
    """
    交割日期=date 业务名称=words 证券代码=code 证券名称=name 成交价格=price 成交数量=quantity 成交金额=amount
    发生金额=net 手续费=fee 印花税=duty 过户费=zero 资金余额=zero 币种=money 合同编号=blank 备注=blank
    """
)
GUOXIN = layout(
    """
    日期=date 证券代码=code 证券名称=name 业务标志=words 发生数量=signed 成交均价=price 佣金=fee 印花税=duty
    其他费=zero 发生金额=net 资金余额=zero 股东代码=account
    """
)
TONGDAXIN = layout(
    """
    发生日期=date 成交时间=time 业务名称=words 证券代码=code 证券名称=name 成交价格=price 成交股数=quantity
    成交金额=amount 手续费=fee 印花税=duty 发生金额=net 股东代码=account
    """
)


def as_numbers(rows: Grid) -> Grid:
    """Codes and dates as a spreadsheet turns them: 000001 into 1, days into their numbers."""

    def cell(item: object) -> object:
        if isinstance(item, str) and item.isdigit() and len(item) == 6:
            return int(item)
        return (item - dt.date(1899, 12, 30)).days if isinstance(item, dt.date) else item

    return [[cell(item) for item in row] for row in rows]


def filled(rows: list[list[str]]) -> list[list[str]]:
    """No empty cells, as texts aligned by blanks need it."""
    return [[cell or "--" for cell in row] for row in rows]


def full_width(rows: list[list[str]]) -> list[list[str]]:
    """Digits as wide as Chinese signs."""
    table = str.maketrans("0123456789.", "０１２３４５６７８９．")
    return [[cell.translate(table) for cell in row] for row in rows]


TITLE = ["某某证券股份有限公司客户对账单"]
CUSTOMER = ["客户姓名：投资者A", "资金账号：100200300", "币种：人民币"]

WRITTEN: dict[str, Callable[[Path], Path]] = {
    "text under the name of a workbook, GBK": lambda at: write_text(
        at / "a.xls", texts(grid(TONGHUASHUN), shells=True), "gbk"),
    "old workbook": lambda at: write_xls(at / "b.xls", grid(GUOTAI)),
    "workbook with titles and totals": lambda at: write_xlsx(
        at / "c.xlsx", {"对账单": [TITLE, CUSTOMER, *grid(ZHONGXIN), ["合计", "", "", "", "", 9999, "", 12345.6]]}),
    "csv with signed quantities, UTF-8 with mark": lambda at: write_csv(
        at / "d.csv", texts(grid(ZHESHANG), "%Y/%m/%d", thousands=True), "utf-8-sig"),
    "csv, GB18030": lambda at: write_csv(at / "e.csv", texts(grid(GUOJIN), "%Y-%m-%d", shells=True), "gb18030"),
    "web page under the name of a workbook": lambda at: write_html(
        at / "f.xls", texts(grid(CAITONG), "%Y年%m月%d日", thousands=True), "交割单查询"),
    "workbook with codes and days as numbers": lambda at: write_xlsx(
        at / "g.xlsx", {"Sheet1": as_numbers(grid(DONGCAI))}),
    "XML spreadsheet": lambda at: write_xml(at / "h.xls", grid(GUOXIN), "资金流水"),
    "text in columns of blanks": lambda at: write_text(
        at / "i.txt", filled(texts(grid(TONGDAXIN))), "gb18030", delimiter="    "),
    "text in UTF-16": lambda at: write_text(at / "j.csv", texts(grid(GUOTAI), "%Y.%m.%d"), "utf-16"),
    "full-width digits": lambda at: write_text(at / "k.txt", full_width(texts(grid(GUOJIN))), "gbk", delimiter="|"),
    "signed quantities, newest first": lambda at: write_csv(
        at / "l.csv", texts(grid(TONGDAXIN, tuple(reversed(STORY)), signed=True)), "utf-8"),
}  # fmt: skip
