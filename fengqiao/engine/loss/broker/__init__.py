"""Statements of brokers (交割单, 对账单) as investors have them: read, shown, and made into canonical rows."""

from fengqiao.engine.loss.broker.canonical import canonical_table, write_findings, write_trades
from fengqiao.engine.loss.broker.read import FileRead, Statements, read_statements
from fengqiao.engine.loss.broker.settings import FileSettings, Settings, load_settings

__all__ = [
    "FileRead", "FileSettings", "Settings", "Statements", "canonical_table", "load_settings", "read_statements",
    "write_findings", "write_trades",
]  # fmt: skip
