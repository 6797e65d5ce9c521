"""Findings: what was noticed about the data, as values with their place. A finding never stops a run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DataFinding:
    """One thing noticed about one row, one investor or one file.

    code: stable identifier (see `CODES`). reason: one Chinese sentence for people. file, sheet, row: where;
    rows count as people see them (header = 1); 0 when it is not about a row. investor: "" when unknown.
    used: whether the row still takes part in the computation.

    >>> DataFinding("bad_price", "价格“12,3a”不是数字，该行未参与计算。", "t.csv", row=3).used
    False
    """

    code: str
    reason: str
    file: str = ""
    sheet: str = ""
    row: int = 0
    investor: str = ""
    used: bool = False


# code -> short Chinese name used in tables and in the `findings` column of results
CODES: dict[str, str] = {
    "missing_value": "缺少必填项",
    "bad_investor": "投资者标识无效",
    "bad_date": "日期无效",
    "bad_time": "时间无效",
    "bad_sequence": "序号无效",
    "bad_side": "买卖方向无效",
    "bad_quantity": "数量无效",
    "bad_price": "价格无效",
    "bad_fee": "费用无效",
    "bad_kind": "业务类别无效",
    "price_rounded": "价格超过四位小数，已四舍五入",
    "unknown_security": "非本案证券",
    "oversold": "卖出超过已知持仓",
    "duplicate": "重复记录",
    "price_out_of_range": "价格偏离当日区间超过15%",
    "non_trading_day": "非交易日成交",
    "suspended_day": "停牌日成交",
    "broken_sequence": "时间与序号次序矛盾",
    "outside_known_dates": "日期超出行情或日历范围",
    "bonus_mismatch": "红股与权益分派不符",
    "transfer_without_cost": "转入股份缺少成本",
    "block_trade": "大宗交易",
    "index_not_comparable": "无法与指数对比",
    "beyond_limits": "数额超出可计算范围",
    "unreadable": "无法读取",
    "not_understood": "未能识别",
    "not_share_trade": "不是股票成交",
    "statement_layout": "标题、表头、合计、页脚",
    "counted_once": "同一笔业务只计一次",
    "repeated_export": "重叠期间重复导出",
    "side_contradiction": "买卖方向矛盾",
    "amount_mismatch": "数量乘价格与金额不符",
    "price_from_amount": "价格由金额或缴款得出",
    "receipt_missing": "只有缴款没有入账",
    "own_transfer_unmatched": "划转没有对应记录",
    "transfer_price": "转入的价格按成本计",
    "opening_missing": "缺少期初持股的来源",
}
