"""Reading files for loss measurement: trades, market data, indices, price paths, actions."""

from fengqiao.engine.loss.reading.market_files import read_actions, read_indices, read_market, read_path
from fengqiao.engine.loss.reading.noticed import LeftOut, merge_left_out
from fengqiao.engine.loss.reading.trades import open_trades, rows_explained

__all__ = [
    "LeftOut", "merge_left_out", "open_trades", "read_actions", "read_indices", "read_market",
    "read_path", "rows_explained",
]  # fmt: skip
