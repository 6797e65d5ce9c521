"""The limits are exact however many ask at once: processes and threads of their own, on the tests' database."""

from __future__ import annotations

import datetime as dt
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from fengqiao.portal.accounts.acting import address_of
from fengqiao.portal.accounts.adapter import AccountAdapter
from fengqiao.portal.accounts.models import RateCount, User
from fengqiao.portal.accounts.rate_limits import Rate, TooOften, counted, delete_old_counts, give_back, standing, take
from tests import second_process

NOW = 1_800_000_000
RATE = Rate("test", 100, 3600, "试验")
ASK = """
import sys
from fengqiao.portal.accounts.rate_limits import Rate, counted
rate = Rate("test", 100, 3600, "试验")
print("ready", flush=True)
sys.stdin.readline()
print(*[counted(rate, "somebody", 1_800_000_000) for _ in range(60)])
"""


def ask_often(times: int) -> list[int]:
    """In a thread with a connection of its own."""
    try:
        return [counted(RATE, "somebody", NOW) for _ in range(times)]
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_processes_at_once_never_pass_the_limit() -> None:
    running = [second_process.start(ASK) for _ in range(4)]
    try:
        for one in running:
            assert one.stdout
            assert one.stdout.readline() == "ready\n", one.stderr and one.stderr.read()
        for one in running:
            assert one.stdin
            one.stdin.write("\n")
            one.stdin.flush()
        answers = [one.communicate(timeout=120) for one in running]
    finally:
        for one in running:
            one.kill()
    numbers = [int(number) for said, _ in answers for number in said.split()]
    assert len(numbers) == 240, answers
    assert sorted(numbers) == [0] * 140 + list(range(1, 101)), "each number once, and no more than the limit"


@pytest.mark.django_db(transaction=True)
def test_threads_at_once_never_pass_the_limit_and_none_waits_for_long() -> None:
    began = time.perf_counter()
    with ThreadPoolExecutor(8) as pool:
        numbers = [number for found in pool.map(ask_often, [25] * 8) for number in found]
    assert sorted(numbers) == [0] * 100 + list(range(1, 101))
    assert time.perf_counter() - began < 60
    assert counted(RATE, "somebody", NOW + 3600 + 3600) == 1, "an hour and a slot later all of them are over"
    assert RateCount.objects.count() == 1, "one row, however long it goes on"


@pytest.mark.django_db(transaction=True)
def test_a_count_that_is_undone_does_not_hold_up_others() -> None:
    """Somebody counts within a transaction that fails; another in the meantime counts elsewhere, at once."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time; waiting for it is what `timeout` is for")
    inside, done = threading.Event(), threading.Event()

    def fails() -> None:
        try:
            with transaction.atomic():
                counted(RATE, "slow", NOW)
                inside.set()
                done.wait(30)
                transaction.set_rollback(True)
        finally:
            connection.close()

    slow = threading.Thread(target=fails)
    slow.start()
    try:
        assert inside.wait(30)
        began = time.perf_counter()
        assert counted(RATE, "quick", NOW) == 1
        assert time.perf_counter() - began < 5
    finally:
        done.set()
        slow.join()
    assert counted(RATE, "slow", NOW) == 1


@pytest.mark.django_db
def test_what_is_given_back_may_be_taken_again() -> None:
    rate = Rate("few", 2, 60, "试验")
    for _ in range(5):
        take(rate, "somebody", NOW)
        give_back(rate, "somebody", NOW)
    take(rate, "somebody", NOW)
    take(rate, "somebody", NOW)
    with pytest.raises(TooOften):
        take(rate, "somebody", NOW)
    give_back(rate, "somebody", NOW + 60)
    give_back(rate, "somebody", NOW - 60)
    with pytest.raises(TooOften):
        take(rate, "somebody", NOW)
    take(rate, "somebody", NOW + 62)
    give_back(rate, "somebody", NOW)
    assert standing(rate, "somebody", NOW + 62) == 1, "what is over is not given back"
    take(rate, "somebody", NOW + 64)
    give_back(rate, "somebody", NOW + 62)
    assert standing(rate, "somebody", NOW + 64) == 1, "from the slot in which it was counted"
    take(rate, "somebody", NOW + 122)
    give_back(rate, "nobody", NOW)
    late = Rate("late", 2, 60, "试验")
    take(late, "somebody", NOW + 59.9)
    give_back(late, "somebody", NOW + 60.1)
    assert standing(late, "somebody", NOW + 60.1) == 0, "a new slot may begin while a password is compared"


@pytest.mark.django_db
def test_a_clock_that_is_behind_gets_no_more() -> None:
    rate = Rate("few", 2, 60, "试验")
    assert [counted(rate, "somebody", moment) for moment in (NOW + 60, NOW, NOW + 60, NOW)] == [1, 2, 0, 0]
    assert counted(rate, "somebody", NOW + 121) == 0, "counted in the newest slot, so it stays as long"
    assert counted(rate, "somebody", NOW + 122) == 1


@pytest.mark.django_db
def test_old_counts_are_removed_and_no_name_stands_in_the_table() -> None:
    counted(RATE, "user 7", NOW)
    assert "user 7" not in str(RateCount.objects.values().get())
    over = RATE.over(RATE.slot_at(NOW))
    assert NOW + RATE.seconds <= RATE.begins(RATE.slot_at(NOW) + RATE.slots) <= over <= NOW + 3 * RATE.seconds
    assert delete_old_counts(now=dt.datetime.fromtimestamp(over, dt.UTC)) == 0
    assert delete_old_counts(now=dt.datetime.fromtimestamp(over + 1, dt.UTC)) == 1


@pytest.mark.django_db(transaction=True)
def test_passwords_tried_at_once_are_compared_no_more_often_than_one_after_the_other(rf: Any, settings: Any) -> None:
    """allauth's and axes' own limits, which look first and count afterwards, are out of the way."""
    settings.ACCOUNT_RATE_LIMITS, settings.AXES_FAILURE_LIMIT = {"login_failed": ""}, 1000
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    User.objects.create_user("t", name="投资者甲", joined_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), password="right")

    def guess(word: str, address: str = "192.0.2.1") -> str:
        request = rf.post("/login/", REMOTE_ADDR=address)
        request.session = {}
        try:
            found = AccountAdapter(request).authenticate(request, username="t", password=word)
            return "in" if found else "compared"
        except ValidationError:
            return "not compared"
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(guess, [f"wrong {number}" for number in range(30)]))
    assert (said.count("compared"), said.count("not compared")) == (8, 22)
    assert guess("right") == "not compared"
    assert guess("right", "192.0.2.9") == "in", "somebody elsewhere cannot lock the owner out"
    for _ in range(3):
        assert [guess("wrong", "192.0.2.9") for _ in range(7)] == ["compared"] * 7
        assert guess("right", "192.0.2.9") == "in", "the right one begins anew"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "192.0.2.66", "127.0.0.1"),
        (1, "192.0.2.66, 192.0.2.1", "192.0.2.1"),
        (2, "192.0.2.66, 192.0.2.1, 10.0.0.7", "192.0.2.1"),
        (2, "192.0.2.1", "127.0.0.1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_who_makes_up_an_address_is_counted_where_they_are(
    rf: Any, settings: Any, proxies: int, forwarded: str, expected: str
) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, proxies=proxies)
    assert address_of(rf.get("/", HTTP_X_FORWARDED_FOR=forwarded)) == expected
