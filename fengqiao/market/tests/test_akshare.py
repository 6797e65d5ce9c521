"""The adapter on frames shaped as AKShare documents them, and what comes of frames that are not."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from fengqiao.cli.loss_fetch import write
from fengqiao.engine.errors import CannotComputeError, InputError
from fengqiao.engine.loss.reading import read_actions, read_indices, read_market
from fengqiao.market import akshare

FIRST, LAST = dt.date(2016, 1, 4), dt.date(2016, 12, 30)
DAYS = [dt.date(2015, 12, 31), dt.date(2016, 1, 4), dt.date(2016, 1, 5), dt.date(2017, 1, 3)]


class Source:
    """Gives frames with the columns and types of the documentation."""

    def __init__(self) -> None:
        volume, shares = [1_000_000.0, 2_000_000.0, 2_500_001.0, 1.0], [1e8, 1e8, 1.5e8, 1.5e8]
        self.daily = pd.DataFrame({
            "date": DAYS, "open": 12.0, "high": 12.5, "low": 11.5, "close": [12.0, 12.34, 11.9, 10.0],
            "volume": volume, "amount": 1.0, "outstanding_share": shares,
            "turnover": [a / b for a, b in zip(volume, shares, strict=True)],
        })  # fmt: skip
        self.dividends = pd.DataFrame({
            "公告日期": DAYS[:3], "送股": [0, 3, 1], "转增": [0, 2, 0], "派息": [1.0, 2.5, 0.0],
            "进度": ["实施", "实施", "预案"], "除权除息日": [dt.date(2015, 6, 1), dt.date(2016, 6, 1), pd.NaT],
            "股权登记日": DAYS[:3], "红股上市日": [pd.NaT] * 3,
        })  # fmt: skip
        self.rights = pd.DataFrame({
            "公告日期": DAYS[:1], "配股方案": [3.0], "配股价格": [7.35], "基准股本": [100000000],
            "除权日": [dt.date(2016, 9, 1)], "股权登记日": DAYS[:1], "缴款起始日": DAYS[:1], "缴款终止日": DAYS[:1],
            "配股上市日": DAYS[:1], "募集资金合计": [1.0],
        })  # fmt: skip
        self.asked: list[dict[str, Any]] = []

    def stock_zh_a_daily(self, **arguments: Any) -> pd.DataFrame:
        self.asked.append(arguments)
        return self.daily

    def stock_history_dividend_detail(self, *, symbol: str, indicator: str) -> pd.DataFrame:
        self.asked.append({"symbol": symbol, "indicator": indicator})
        return self.dividends if indicator == "分红" else self.rights

    def stock_zh_index_daily(self, *, symbol: str) -> pd.DataFrame:
        self.asked.append({"symbol": symbol})
        return pd.DataFrame(
            {"date": DAYS, "open": 1.0, "high": 1.0, "low": 1.0, "close": [3731.005] * 4, "volume": [1] * 4}
        )


def test_what_is_fetched_is_what_measuring_reads(tmp_path: Path) -> None:
    source = Source()
    fetched = {
        "market.csv": akshare.market(source, "600518", FIRST, LAST),
        "actions.csv": akshare.actions(source, "600518", FIRST, LAST),
        "indices.csv": akshare.indices(source, ["000300", "399006"], FIRST, LAST),
    }
    write(fetched, tmp_path)
    market = read_market(tmp_path / "market.csv", "600518")
    assert (market.close.tolist(), market.volume.tolist()) == ([123_400, 119_000], [2_000_000, 2_500_001])
    assert market.float_shares.tolist() == [100_000_000, 150_000_000]
    bonus, rights = read_actions(tmp_path / "actions.csv", "600518")
    assert (bonus.ex_date, str(bonus.bonus_ratio), str(bonus.cash_per_share)) == (dt.date(2016, 6, 1), "1/2", "1/4")
    assert (rights.ex_date, str(rights.rights_ratio), float(rights.rights_price)) == (dt.date(2016, 9, 1), "3/10", 7.35)
    assert len(read_indices(tmp_path / "indices.csv", ["000300", "399006"])) == 2
    assert source.asked[0] == {"symbol": "sh600518", "start_date": "20160104", "end_date": "20161230", "adjust": ""}
    assert [one["symbol"] for one in source.asked[1:]] == ["600518", "600518", "sh000300", "sz399006"]


def test_shares_without_actions_have_none() -> None:
    source = Source()
    source.dividends = source.rights = pd.DataFrame()
    assert akshare.actions(source, "000001", FIRST, LAST) == []


def test_units_that_do_not_fit_are_refused() -> None:
    source = Source()
    source.daily["volume"] /= 100  # hands
    with pytest.raises(CannotComputeError, match="turnover"):
        akshare.market(source, "600518", FIRST, LAST)


@pytest.mark.parametrize("column", ["close", "outstanding_share", "date"])
def test_frames_of_another_shape_are_refused(column: str) -> None:
    source = Source()
    source.daily = source.daily.drop(columns=column)
    with pytest.raises(CannotComputeError, match=column):
        akshare.market(source, "600518", FIRST, LAST)


def test_gaps_and_failures_are_sentences() -> None:
    source = Source()
    source.daily.loc[1, "close"] = float("nan")
    with pytest.raises(CannotComputeError, match="2016-01-04, close"):
        akshare.market(source, "600518", FIRST, LAST)

    def broken(**_arguments: Any) -> None:
        raise ConnectionError("no route\nto host")

    source.stock_zh_a_daily = broken  # type: ignore[method-assign]
    with pytest.raises(CannotComputeError) as caught:
        akshare.market(source, "600518", FIRST, LAST)
    assert "no route" in str(caught.value) and "\n" not in str(caught.value)
    empty = Source()
    empty.daily = pd.DataFrame()
    with pytest.raises(CannotComputeError, match="no rows"):
        akshare.market(empty, "600518", FIRST, LAST)


@pytest.mark.parametrize("code", ["204001", "510300", "900901", "00700.HK", "x", ""])
def test_only_shares_of_shanghai_and_shenzhen(code: str) -> None:
    with pytest.raises(InputError, match="沪深A股"):
        akshare.symbol_of(code)
