"""What stands around the tables of a statement: the customer, totals, page marks, footers, headings of sections."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from fengqiao.engine.loss.broker.cell_text import Cell, cell_text

NAME = (
    r"客户姓名|客户名称|投资者姓名|投资者名称|股东姓名|股东名称|账户名称|持有人名称|姓名|户名|投资者标识|投资者编号|"
    r"投资者"
)
NUMBER = r"信用资金[账帐][号户]|资金[账帐][号户]|资产[账帐][号户]|客户号|客户代码|客户编号|牛卡号"
ACCOUNT = r"证券[账帐][户号]号?码?|股东代码|股东[账帐][户号]|股东卡号"
VALUE = r"\s*[:：]\s*([^\s:：,，;；|()（）\[\]]{1,40})"
FOUND = {
    kind: re.compile(f"(?:{names}){VALUE}")
    for kind, names in (("name", NAME), ("number", NUMBER), ("account", ACCOUNT))
}
ALONE = {
    kind: re.compile(f"(?:{names})\\s*[:：]?")
    for kind, names in (("name", NAME), ("number", NUMBER), ("account", ACCOUNT))
}
NO_VALUE = re.compile(r"[-—*/]+")

TOTAL = re.compile(r"^[【\[(（]?\s*(?:本[页月日期年]|当[日月]|全部|总)?\s*(?:合\s*计|小\s*计|总\s*计|累\s*计|汇\s*总)")
PAGE = re.compile(
    r"第\s*\d+\s*页|共\s*\d+\s*页|^\s*page\s*\d+|^\s*-\s*\d+\s*-\s*$|续\s*[上下前]\s*页|转下页|承前页", re.IGNORECASE
)
FOOTER = re.compile(
    r"打印|制表|查询时间|查询日期|导出时间|生成时间|^[注备说声][:：明注意]|备\s*注\s*[:：]|声明|以上|仅供参考|客服|热线|盖章|签[字章名]|营业部|"
    r"如有疑问|解释权|核对|^[-=*_]{4,}$|温馨提示|风险提示|^#|本对账单|本表|数据来源|未经|记录数|笔数|共\s*\d+\s*[条笔]|起始日期|截止日期|币种"
)
SECTION = re.compile(
    r"对账单|对帐单|交割单|流水|明细|清单|持仓|股份|证券余额|股票余额|资金|余额|查询|历史成交|成交记录|汇总|账户|资产|负债|合约|客户|信用|普通|开放式基金|理财|配号|委托"
)
OPENING = re.compile("期初|上期|年初|月初")


@dataclass(frozen=True)
class Customer:
    """Who a statement says its customer is; "" where it does not say."""

    name: str = ""
    number: str = ""
    account: str = ""

    def identifier(self) -> str:
        """How the customer is called: name and number of the fund account, as far as given.

        >>> Customer("投资者A", "1001").identifier(), Customer("", "1001").identifier()
        ('投资者A 1001', '1001')
        """
        return f"{self.name} {self.number}" if self.name and self.number else self.name or self.number


def customer_in(cells: Sequence[Cell], before: Customer) -> Customer:
    """The customer after a title line: what the line says, and what was known before where it says nothing.

    >>> customer_in(["客户姓名：投资者A  资金账号：1001"], Customer())
    Customer(name='投资者A', number='1001', account='')
    >>> customer_in(["资金账号:", 1002.0, "", "姓名", "投资者B"], Customer()).identifier()
    '投资者B 1002'
    """
    texts = [text for text in (cell_text(cell) for cell in cells) if text]
    found = {"name": before.name, "number": before.number, "account": before.account}
    seen: set[str] = set()
    for place, text in enumerate(texts):
        for kind, pattern in FOUND.items():
            inside = pattern.search(text)
            value = inside[1] if inside else ""
            if not value and place + 1 < len(texts) and ALONE[kind].fullmatch(text) and not _label(texts[place + 1]):
                value = texts[place + 1]
            if value and kind not in seen and not NO_VALUE.fullmatch(value) and not _label(value):
                found[kind] = value[:40]
                seen.add(kind)
    changed = Customer(found["name"], found["number"], found["account"])
    if "number" in seen and "name" not in seen and before.number and before.number != changed.number:
        return Customer("", changed.number, changed.account)
    if "name" in seen and "number" not in seen and before.name and before.name != changed.name:
        return Customer(changed.name, "", changed.account)
    return changed


def _label(text: str) -> bool:
    return any(pattern.fullmatch(text) for pattern in ALONE.values())


def around(cells: Sequence[Cell]) -> str:
    """What a line is that is no record: "合计", "页码", "页脚", "标题", or "" when nothing says so.

    >>> around(["合计", "", 300.0]), around(["第 1 页 共 3 页"]), around(["股份余额"]), around(["20161229", "600518"])
    ('合计', '页码', '标题', '')
    """
    return _around(tuple([text for cell in cells if cell != "" and (text := cell_text(cell))]))


@lru_cache(maxsize=1 << 12)
def _around(texts: tuple[str, ...]) -> str:
    if not texts:
        return ""
    if any(TOTAL.search(text) for text in texts[:3] if len(text) <= 20):
        return "合计"
    if any(PAGE.search(text) for text in texts[:4]):
        return "页码"
    words = [text for text in texts if not _numeric(text)]
    if not words or len(texts) > 8:
        return ""
    if FOOTER.search(texts[0]) or (len(texts) <= 3 and any(FOOTER.search(text) for text in words)):
        return "页脚"
    if len(texts) <= 3 and any(SECTION.search(text) for text in words):
        return "标题"
    return ""


def _numeric(text: str) -> bool:
    return text.replace(",", "").replace(".", "", 1).lstrip("+-").isdigit()
