"""The window moves with the clock: in no stretch of its length, wherever it begins, more than a limit allows."""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fengqiao.portal.accounts import rate_limits
from fengqiao.portal.accounts.models import RateCount
from fengqiao.portal.accounts.rate_limits import Rate, TooOften, counted, give_back, standing, take
from fengqiao.portal.deadlines import feeds

NOW = 1_800_000_000
NUMBER = itertools.count()
RATES = st.builds(
    Rate, st.just("test"), st.integers(1, 40), st.sampled_from([1, 7, 60, 300, 1800, 86400]), st.just("试")
)
STEPS = st.lists(st.tuples(st.floats(0, 1.3), st.integers(1, 12)), min_size=1, max_size=14)
"""How far the clock moves, in lengths of the limit, and how often is asked then."""
QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


def someone() -> str:
    return f"somebody {next(NUMBER)}"


def most_within(moments: list[float], length: float) -> int:
    """The most of them in any stretch of that length: the end counts, the beginning does not."""
    return max(
        (bisect_right(moments, moment) - bisect_right(moments, moment - length) for moment in moments), default=0
    )


@QUICK
@given(rate=RATES, steps=STEPS, began=st.floats(NOW, NOW + 86400))
def test_in_no_stretch_more_than_the_limit_and_nobody_waits_longer_than_a_slot(
    db: None, rate: Rate, steps: list[tuple[float, int]], began: float
) -> None:
    who, moment, passed = someone(), began, list[float]()
    slot = rate.seconds / (rate.slots - 1)
    for forward, times in steps:
        moment += forward * rate.seconds
        for _ in range(times):
            recent = len(passed) - bisect_left(passed, moment - rate.seconds - slot)
            inside = len(passed) - bisect_right(passed, moment - rate.seconds)
            number = counted(rate, who, moment)
            if number:
                passed.append(moment)
                assert inside < number <= min(recent + 1, rate.most)
            else:
                assert recent >= rate.most, "refused although there were few in the length of the limit and one slot"
        assert inside <= standing(rate, who, moment) <= rate.most
    assert most_within(passed, rate.seconds) <= rate.most


@QUICK
@given(rate=RATES, steps=STEPS, began=st.integers(NOW, NOW + 86400))
def test_what_is_said_of_when_to_come_again_is_so_to_the_second(
    db: None, rate: Rate, steps: list[tuple[float, int]], began: int
) -> None:
    who, moment = someone(), began
    for forward, _ in steps:
        moment += int(forward * rate.seconds / 4)
        counted(rate, who, moment)
    with pytest.raises(TooOften) as refused:
        for _ in range(rate.most + 1):
            take(rate, who, moment)
    again = refused.value.again_in
    assert again is not None
    assert 1 <= again <= rate.seconds + -(-rate.seconds // (rate.slots - 1)) + 1
    if again > 1:
        assert not counted(rate, who, moment + again - 1)
    assert counted(rate, who, moment + again)


@QUICK
@given(rate=RATES, moves=st.lists(st.tuples(st.sampled_from(["take", "give back"]), st.floats(0, 0.4)), max_size=30))
def test_counts_are_those_of_a_plain_list_of_slots(db: None, rate: Rate, moves: list[tuple[str, float]]) -> None:
    who, moment, plain, newest = someone(), float(NOW), dict[int, int](), 0
    for move, forward in moves:
        moment += forward * rate.seconds
        slot = rate.slot_at(moment)
        plain = {at: count for at, count in plain.items() if at > slot - rate.slots}
        if move == "take":
            number = counted(rate, who, moment)
            assert number == (sum(plain.values()) + 1 if sum(plain.values()) < rate.most else 0)
            plain[slot] = plain.get(slot, 0) + bool(number)
            newest = slot if number else newest
        else:
            give_back(rate, who, moment)
            at = newest if slot == newest + 1 else slot
            plain[at] = max(0, plain.get(at, 0) - 1)
        assert standing(rate, who, moment) == sum(plain.values())


@pytest.mark.django_db
def test_across_the_boundary_of_a_stretch_there_are_no_more_than_within_it() -> None:
    rate, who = Rate("test", 10, 60, "试验"), someone()
    boundary = NOW - NOW % 60
    before = [counted(rate, who, boundary - 1) for _ in range(20)]
    after = [counted(rate, who, boundary + 1) for _ in range(20)]
    assert before == [*range(1, 11), *[0] * 10]
    assert after == [0] * 20, "a fixed minute would have begun anew and let ten more pass"


@pytest.mark.django_db(transaction=True)
def test_while_the_window_moves_many_at_once_get_no_more_than_it_allows() -> None:
    """Threads with connections of their own; the clock goes on when all of them have asked."""
    rate, who, began, together = Rate("test", 40, 60, "试验"), someone(), NOW + 0.5, Barrier(6)

    def ask(number: int) -> list[float]:
        passed = []
        try:
            for step in range(30):
                together.wait(60)
                passed += [began + step * 4 for _ in range(2) if counted(rate, who, began + step * 4)]
            return passed
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        passed = sorted(moment for found in pool.map(ask, range(6)) for moment in found)
    assert most_within(passed, rate.seconds) <= rate.most
    assert 80 <= len(passed) <= 120, "and as many as it does: two minutes are asked through"
    assert RateCount.objects.count() == 1


def test_every_limit_fits_into_one_number() -> None:
    limits = [one for module in (rate_limits, feeds) for one in vars(module).values() if isinstance(one, Rate)]
    assert len(limits) >= 12
    for rate in [*limits, *(Rate("test", most, 60, "试验") for most in range(1, 1023))]:
        assert rate.most < rate.ones, "the sum of the slots is what is left of the division"
        assert rate.slots >= 6, "nobody waits longer than a fifth more than the limit says"
        assert rate.bits * rate.slots <= 63
        assert len(rate_limits.key_of(rate, "somebody")) <= 64
