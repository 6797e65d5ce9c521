"""Who the investors are: how much each trades, how large, with which accounts and which fault.

Everything about an investor follows from four 64-bit numbers drawn for it from a generator seeded by the block
of investors it lies in, so any range of investors can be drawn alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from fengqiao.engine.loss.simulate.spec import FAULTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.loss.simulate.spec import SimulationSpec

BLOCK = 4096
DRAWS = 4
QUANTILES = 1 << 16
SPREAD_OF_COUNTS = 2.2
LARGEST_COUNT_TO_MEAN = 80
SMALLEST_CAP = 20
MEDIAN_LOTS, SPREAD_OF_LOTS, LARGEST_LOTS = 4.0, 1.1, 3000
DUPLICATE = FAULTS.index("duplicate") + 1


@dataclass(frozen=True)
class Investors:
    """A range of n investors, `first` being the number of the first one, from 0.

    stream   uint64[n], start of the investor's own stream of random numbers
    records  int32[n], records to write, a duplicated one included
    lots     int32[n], usual size of an order in lots of 100 shares
    fault    int8[n], 0 or 1 + index into FAULTS
    two      bool[n], trades through two accounts
    opening  bool[n], holds shares from before the implementation date
    """

    first: int
    stream: NDArray[np.uint64]
    records: NDArray[np.int32]
    lots: NDArray[np.int32]
    fault: NDArray[np.int8]
    two: NDArray[np.bool_]
    opening: NDArray[np.bool_]


@dataclass(frozen=True)
class Population:
    """Draws ranges of investors of a spec; `counts` and `sizes` are tables of quantiles, int32[65536]."""

    spec: SimulationSpec
    counts: NDArray[np.int32]
    sizes: NDArray[np.int32]

    def draw(self, first: int, stop: int) -> Investors:
        """Investors number `first` to `stop - 1`, the same whatever else is drawn."""
        raw = _raw(self.spec.seed, first, stop)
        faulty = _unit(raw[:, 2]) < self.spec.faults
        kind = (raw[:, 2] & np.uint64(0x3FF)) % np.uint64(len(FAULTS)) + np.uint64(1)
        fault = np.where(faulty, kind, np.uint64(0)).astype(np.int8)
        records = self.counts[(raw[:, 0] >> np.uint64(48)).astype(np.int64)] + (fault == DUPLICATE)
        half = np.uint64(32)
        return Investors(
            first=first,
            stream=raw[:, 3],
            records=records.astype(np.int32),
            lots=self.sizes[(raw[:, 0] & np.uint64(0xFFFF)).astype(np.int64)],
            fault=fault,
            two=_unit(raw[:, 1] << half) < self.spec.two_accounts,
            opening=(_unit(raw[:, 1]) < self.spec.opening_share),
        )

    def records(self) -> NDArray[np.int32]:
        """Number of records of every investor, int32[investors]."""
        total = self.spec.investors
        step = BLOCK * 16
        return np.concatenate([self.draw(low, min(low + step, total)).records for low in range(0, total, step)])


def build_population(spec: SimulationSpec) -> Population:
    """The population of a checked spec."""
    normal = NormalDist()
    z = np.array([normal.inv_cdf((k + 0.5) / QUANTILES) for k in range(QUANTILES)])
    sizes = np.clip(np.rint(MEDIAN_LOTS * np.exp(SPREAD_OF_LOTS * z)), 1, LARGEST_LOTS).astype(np.int32)
    return Population(spec, _counts(z, spec.trades_per_investor), sizes)


def _counts(z: NDArray[np.float64], mean: float) -> NDArray[np.int32]:
    """Quantiles of a cut log-normal number of records from 1 up whose mean is as near to `mean` as can be."""
    cap = max(SMALLEST_CAP, math.ceil(LARGEST_COUNT_TO_MEAN * mean))
    shape = np.exp(SPREAD_OF_COUNTS * z)
    low, high = -30.0, math.log(cap)
    for _ in range(60):
        middle = (low + high) / 2
        if np.clip(np.rint(math.exp(middle) * shape), 1, cap).mean() < mean:
            low = middle
        else:
            high = middle
    return np.clip(np.rint(math.exp(low) * shape), 1, cap).astype(np.int32)


def _raw(seed: int, first: int, stop: int) -> NDArray[np.uint64]:
    """Four raw 64-bit numbers for each investor, uint64[stop - first, 4]."""
    parts = []
    for block in range(first // BLOCK, -(-stop // BLOCK)):
        source = np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(block,)))
        numbers = np.asarray(source.random_raw(BLOCK * DRAWS), dtype=np.uint64).reshape(BLOCK, DRAWS)
        parts.append(numbers[max(first - block * BLOCK, 0) : stop - block * BLOCK])
    return np.concatenate(parts)


def _unit(raw: NDArray[np.uint64]) -> NDArray[np.float64]:
    """The upper 32 bits as a number in [0, 1)."""
    return (raw >> np.uint64(32)).astype(np.float64) / 2.0**32
