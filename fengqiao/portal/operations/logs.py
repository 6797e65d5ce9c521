"""Structured logs without personal data: one JSON object a line, numbers for names, nothing that may identify."""

from __future__ import annotations

import datetime as dt
import logging
import re
from typing import Any

from pythonjsonlogger.json import JsonFormatter

NUMBERS = re.compile(r"(?<!\d)\d{11,19}[Xx]?(?!\d)")
"""Mobiles, identity numbers, bank cards: eleven digits and more."""
HIDDEN = "[号码]"


def without_numbers(value: Any) -> Any:
    """A value with everything hidden that may identify a person."""
    if isinstance(value, str):
        return NUMBERS.sub(HIDDEN, value)
    if isinstance(value, dict):
        return {key: without_numbers(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [without_numbers(inner) for inner in value]
    return value if isinstance(value, int | float | bool | None) else NUMBERS.sub(HIDDEN, str(value))


class PlainFormatter(JsonFormatter):
    """JSON lines; local variables and request bodies never get into them."""

    def __init__(self) -> None:
        super().__init__(
            "{asctime}{levelname}{name}{message}", style="{", json_ensure_ascii=False,
            rename_fields={"asctime": "at", "levelname": "level", "name": "logger"},
        )  # fmt: skip

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """The last look before a line is written."""
        log_data.pop("request", None)
        return {key: without_numbers(value) for key, value in log_data.items()}

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - logging's
        """The moment with its distance from UTC: lines of machines in several zones can be put in order."""
        return dt.datetime.fromtimestamp(record.created, dt.UTC).astimezone().isoformat(timespec="milliseconds")

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name is logging's
        """Where it happened, without the exception's own words: they may hold what somebody typed."""
        text = super().formatException(ei)
        lines = text.splitlines()
        kind = ei[0].__name__ if ei and ei[0] else "Exception"
        return "\n".join([line for line in lines[:-1] if line.startswith("  File ")] + [kind])


def settings(level: str, url: str = "", roots: str = "") -> dict[str, Any]:
    """Django's LOGGING. url: where the lines go besides."""
    away = {"away": {
        "class": "fengqiao.portal.operations.log_shipping.ShippingHandler", "formatter": "plain", "url": url,
        "authority": roots,
    }} if url else {}  # fmt: skip
    handlers = ["lines", *away]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"plain": {"()": "fengqiao.portal.operations.logs.PlainFormatter"}},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "plain"}, **away},
        "root": {"handlers": handlers, "level": level},
        "loggers": {
            "django": {"handlers": handlers, "level": level, "propagate": False},
            "django.request": {"level": "ERROR"},
            "axes": {"level": "ERROR"},
            "fengqiao": {"level": "INFO"},
        },
    }
