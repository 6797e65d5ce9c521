"""Double-double arithmetic against exact fractions, and where `settle` may and may not decide."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import pytest

from fengqiao.engine.loss import ddouble as dd
from fengqiao.engine.loss.ddouble import OPEN, SETTLED
from fengqiao.engine.money import round_fraction

BOUND = Fraction(1, 2**102)
Pair = tuple[float, float]


def exactly(pair: Pair) -> Fraction:
    return Fraction(pair[0]) + Fraction(pair[1])


def nearest(value: Fraction) -> Pair:
    hi = float(value)
    return hi, float(value - Fraction(hi))


def pairs(seed: int, count: int) -> list[tuple[Pair, Pair]]:
    """Random double-doubles of any size, with and without a low part, many of them nearly equal in amount."""
    rng = random.Random(seed)
    out = []
    for _ in range(count):
        values = []
        for _ in range(2):
            hi = rng.choice([1.0, -1.0]) * rng.uniform(1, 2) * 2.0 ** rng.randint(-60, 61)
            lo = rng.choice([0.0, rng.uniform(-0.5, 0.5), 0.5, -0.5]) * math.ulp(hi)
            values.append(exactly(dd.two_sum(hi, lo)))
        if rng.random() < 0.4:  # nearly cancelling
            values[1] = -values[0] * (1 + Fraction(rng.randint(-8, 8), 2 ** rng.randint(40, 110)))
        out.append((nearest(values[0]), nearest(values[1])))
    return out


@pytest.mark.parametrize("name", ["add", "mul", "div"])
def test_operations_keep_their_bound(name: str) -> None:
    operation = {"add": dd.add, "mul": dd.mul, "div": dd.div}[name]
    plain = {"add": Fraction.__add__, "mul": Fraction.__mul__, "div": Fraction.__truediv__}[name]
    inexact = 0
    for one, other in pairs(5, 6_000):
        want = plain(exactly(one), exactly(other))
        got = operation(*one, *other)
        assert abs(exactly(got) - want) <= BOUND * abs(want), (one, other)
        assert got[0] == got[0] + got[1], "not normalised"
        inexact += exactly(got) != want
    assert inexact > 1_000  # the bound was put to the test


def test_sums_and_integers_without_error() -> None:
    rng = random.Random(6)
    for _ in range(2_000):
        a, b = rng.uniform(-1, 1) * 2.0 ** rng.randint(-80, 80), rng.uniform(-1, 1) * 2.0 ** rng.randint(-80, 80)
        assert exactly(dd.two_sum(a, b)) == Fraction(a) + Fraction(b)
        number = rng.choice([1, -1]) * rng.randrange(2 ** rng.randint(1, 62))
        assert exactly(dd.of_int(number)) == number
    for number in (0, 2**53 + 1, 2**62, 2**62 - 1, -(2**62) + 1):
        assert exactly(dd.of_int(number)) == number


def check_settle(true: Fraction, error: Fraction, denominator: float, half_up: int, shift: Fraction) -> int:
    """settle at a point `shift` away from the truth: whatever it settles must be right."""
    point = nearest(true + shift)
    assert abs(exactly(point) - true) <= error
    value, state = dd.settle(*point, float(error), denominator, half_up)
    if state == SETTLED:
        assert value == round_fraction(true, "half_up" if half_up else "truncate"), (true, shift)
    return int(state)


@pytest.mark.parametrize("half_up", [0, 1])
def test_settle_is_right_or_open_near_every_rounding_point(half_up: int) -> None:
    rng = random.Random(7)
    states = []
    for _ in range(4_000):
        whole = rng.choice([0, 1, 2, rng.randrange(10**4), rng.randrange(10**9), rng.randrange(10**15)])
        point = Fraction(whole) + (Fraction(1, 2) if half_up else 0)
        error = min(Fraction(1, 2 ** rng.randint(40, 70)) * max(whole, 1) / 2**10, Fraction(1, 64))
        true = point + rng.choice([-1, 1]) * error * Fraction(rng.randint(0, 300), 100)
        true *= rng.choice([1, -1])
        shift = error * Fraction(rng.randint(-100, 100), 101)
        shift -= shift % Fraction(1, 2**120)
        states.append(check_settle(true, error, math.inf, half_up, shift))
        far = abs(abs(true) - point) > 2 * error + Fraction(1, 2**95) * (whole + 1)
        assert states[-1] == SETTLED or not far, "settled too little"
    assert 500 < states.count(OPEN) < 3_500


def test_settle_decides_ties_when_the_denominator_proves_them() -> None:
    rng = random.Random(8)
    for _ in range(3_000):
        denominator = 2 * rng.randrange(1, 10 ** rng.randint(1, 12))
        true = Fraction(rng.randrange(10**9) * 2 + 1, 2) + Fraction(rng.choice([0, 0, 1, -1]), denominator)
        error = Fraction(1, 8 * denominator)
        shift = error * rng.choice([-1, 1, 0])
        for half_up in (0, 1):
            state = check_settle(true, error * Fraction(1001, 1000), float(denominator), half_up, shift)
            assert state == SETTLED


def test_settle_just_below_an_integer_with_a_huge_known_denominator() -> None:
    """2 < 3 - 2**-80 < 3: the fraction is known to have a denominator of 2**80, and is not 3."""
    for power in (54, 60, 70, 80, 90):
        true = 3 - Fraction(1, 2**power)
        for rounding, wanted in ((0, 2), (1, 3)):
            value, state = dd.settle(*nearest(true), 2.0**-99, 2.0**power, rounding)
            assert (value, state) == (wanted, SETTLED)
        half = Fraction(7, 2) - Fraction(1, 2**power)
        assert dd.settle(*nearest(half), 2.0**-99, 2.0**power, 1) == (3, SETTLED)
        assert dd.settle(*nearest(half + Fraction(2, 2**power)), 2.0**-99, 2.0**power, 1) == (4, SETTLED)


def test_settle_leaves_open_what_the_error_does_not_decide() -> None:
    half, error = Fraction(5, 2), 2.0**-60
    assert dd.settle(2.5, 0.0, error, math.inf, 1) == (0, OPEN)
    assert dd.settle(*nearest(half + Fraction(error) / 2), error, math.inf, 1) == (0, OPEN)
    assert dd.settle(*nearest(half - Fraction(error) / 2), error, math.inf, 1) == (0, OPEN)
    assert dd.settle(*nearest(half + 2 * Fraction(error)), error, math.inf, 1) == (3, SETTLED)
    assert dd.settle(*nearest(half - 2 * Fraction(error)), error, math.inf, 1) == (2, SETTLED)
    # a denominator too large for the error proves nothing
    assert dd.settle(2.5, 0.0, error, 2.0**60, 1) == (0, OPEN)
    assert dd.settle(2.5, 0.0, error, 2.0**50, 1) == (3, SETTLED)
    # no number at all, or too large to be told
    assert dd.settle(math.nan, 0.0, 0.0, 1.0, 1)[1] == OPEN
    assert dd.settle(math.inf, 0.0, 0.0, 1.0, 1)[1] == OPEN
    assert dd.settle(5e15, 0.0, 0.0, 1.0, 1)[1] == OPEN


def test_an_error_bound_that_is_too_small_would_be_noticed() -> None:
    """The comparison of kernels and twin rests on this: with a bound below the real error settle answers wrongly."""
    true = Fraction(5, 2) - Fraction(1, 2**70)  # rounds to 2
    approximation = nearest(true + Fraction(1, 2**60))  # an error of 2**-60, above the tie
    assert dd.settle(*approximation, 2.0**-59, math.inf, 1) == (0, OPEN)
    wrong, state = dd.settle(*approximation, 2.0**-80, math.inf, 1)
    assert (wrong, state) == (3, SETTLED)
    assert wrong != round_fraction(true)


def test_negative_values_round_away_from_zero_or_towards_it() -> None:
    for value, half_up, wanted in [
        (-2.5, 1, -3),
        (-2.5, 0, -2),
        (-2.4, 1, -2),
        (-0.4, 1, 0),
        (-2.0, 0, -2),
        (-2.0, 1, -2),
    ]:
        assert dd.settle(value, 0.0, 0.0, 1e6, half_up) == (wanted, SETTLED)
