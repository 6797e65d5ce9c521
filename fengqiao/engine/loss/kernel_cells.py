"""Numbers of clean columns to the units of the computation, and whether all of them are what they must be."""

from __future__ import annotations

from typing import Any

from numba import types

from fengqiao.engine.loss.ddouble import kernel
from fengqiao.engine.loss.kernels import F64, I32, I64

Pointer = Any

UNITS = types.int64(types.int64, F64, I64, I64)
TICKS = types.int64(types.int64, I32, I64, I64)
WITHIN = types.int64(types.int64, I64, I64)
WITHIN_SHORT = types.int64(types.int64, I32, I64)
NOT_EXACT = 1e-6
LARGEST = 2.0**53


@kernel
def price_units(rows: int, yuan: Pointer, limits: Pointer, units: Pointer) -> int:
    """Yuan as 1/10000 yuan; how many are no whole number of them between limits[0] and limits[1]."""
    low, high = float(limits[0]), float(limits[1])
    odd = 0
    for r in range(rows):
        scaled = yuan[r] * 10_000.0
        nearest = float(int(scaled + 0.5)) if -LARGEST < scaled < LARGEST else -1.0
        units[r] = int(nearest)
        good = low <= nearest <= high and abs(scaled - nearest) <= NOT_EXACT
        odd += 0 if good else 1
    return odd


@kernel
def clock_ticks(rows: int, ticks: Pointer, limits: Pointer, out: Pointer) -> int:
    """Ticks times limits[2]; how many lie outside limits[0]..limits[1]."""
    low, high, factor = limits[0], limits[1], limits[2]
    odd = 0
    for r in range(rows):
        tick = ticks[r]
        out[r] = tick * factor
        odd += 1 if tick < low or tick > high else 0
    return odd


@kernel
def outside(rows: int, values: Pointer, limits: Pointer) -> int:
    """How many of some int64 lie outside limits[0]..limits[1]."""
    low, high = limits[0], limits[1]
    odd = 0
    for r in range(rows):
        odd += 1 if values[r] < low or values[r] > high else 0
    return odd


@kernel
def outside_short(rows: int, values: Pointer, limits: Pointer) -> int:
    """How many of some int32 lie outside limits[0]..limits[1]."""
    low, high = limits[0], limits[1]
    odd = 0
    for r in range(rows):
        odd += 1 if values[r] < low or values[r] > high else 0
    return odd
