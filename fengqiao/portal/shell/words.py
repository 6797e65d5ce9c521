"""Dates, amounts and numbers as people here write them; values that are shown in part."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from django.utils import timezone

from fengqiao.engine import money
from fengqiao.engine.money import round_fraction

NOTHING = "—"
WAN = 10_000
FEN_OF_WAN = WAN * 100
WEEKDAYS = "一二三四五六日"


def day_text(value: dt.date | dt.datetime | None) -> str:
    """2026年11月20日"""
    if value is None:
        return NOTHING
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return f"{value.year}年{value.month}月{value.day}日"


def moment_text(value: dt.datetime | None) -> str:
    """2026年11月20日 16:30"""
    if value is None:
        return NOTHING
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{day_text(local)} {local:%H:%M}"


def weekday_text(value: dt.date) -> str:
    """星期五"""
    return f"星期{WEEKDAYS[value.weekday()]}"


def amount_text(fen: int | None) -> str:
    """12,345.67 元, from whole fen."""
    return NOTHING if fen is None else money.yuan_grouped(fen)


def large_amount_text(fen: int | None) -> str:
    """123.46 万元 or 1.23 亿元, for reading; below 1 万元 as it is. Halves go away from zero."""
    if fen is None:
        return NOTHING
    size = abs(fen)
    wan = round_fraction(Fraction(size, FEN_OF_WAN // 100))  # hundredths of 万元
    if size < FEN_OF_WAN:
        return amount_text(fen)
    if wan < 100 * WAN:
        hundredths, unit = wan, "万元"
    else:
        hundredths, unit = round_fraction(Fraction(size, WAN * FEN_OF_WAN // 100)), "亿元"
    return f"{'-' if fen < 0 else ''}{hundredths // 100:,}.{hundredths % 100:02d} {unit}"


def both_amounts_text(fen: int | None) -> str:
    """12,345,678.90 元（1,234.57 万元）; the second only where it helps."""
    exact, large = amount_text(fen), large_amount_text(fen)
    return exact if exact == large else f"{exact}（{large}）"


def count_text(value: int | None) -> str:
    """1,234,567"""
    return NOTHING if value is None else f"{value:,}"


def masked(value: str | None, *, first: int = 3, last: int = 4) -> str:
    """What identifies somebody, shown in part: 138****0000. Short values show their first sign alone."""
    if not value:
        return NOTHING
    if len(value) < first + last + 2:
        return value[0] + "*" * max(len(value) - 1, 1)
    return value[:first] + "*" * (len(value) - first - last) + value[-last:]


def size_text(size: int) -> str:
    """3.2 MB"""
    if size < 1024:
        return f"{size} 字节"
    if size < 1 << 20:
        return f"{size / 1024:.0f} KB"
    if size < 1 << 30:
        return f"{size / (1 << 20):.1f} MB"
    return f"{size / (1 << 30):.1f} GB"


def left_text(due: dt.datetime, now: dt.datetime) -> str:
    """How long there is until something is due: 已逾期3天, 今天到期, 还有5天."""
    days = (timezone.localtime(due).date() - timezone.localtime(now).date()).days
    if due < now:
        return f"已逾期{-days}天" if days < 0 else "今天已逾期"
    return "今天到期" if days == 0 else "明天到期" if days == 1 else f"还有{days}天"
