"""What verification finds when rows are changed by hand, with the triggers out of the way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fengqiao.portal.audit import actions, digests, rows, triggers
from fengqiao.portal.audit.models import ALL, Event, Head
from fengqiao.portal.audit.stamp import Stamp, system_stamp
from fengqiao.portal.audit.verification import Problem, Report, verify

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)
PEOPLE = (
    Stamp(7, "调解员甲", "mediator", "调解员", 3, "调解组织甲"),
    Stamp(8, "书记员甲", "clerk", "书记员", 4, "法院甲"),
    system_stamp(),
)
EVENTS = 12  # chains: 3 has 1, 4, 7, 10; 4 has 2, 5, 8, 11; 0 has 3, 6, 9, 12


@pytest.fixture(autouse=True)
def _events() -> None:
    with transaction.atomic():
        for number in range(EVENTS):
            actions.record(
                stamp=PEOPLE[number % 3], verb="disputes.noted", subject=("disputes.dispute", number), case="d:1",
                after={"n": number}, reason=f"理由{number}", now=NOW + dt.timedelta(hours=number),
            )  # fmt: skip


@contextmanager
def by_hand() -> Iterator[Callable[..., None]]:
    """SQL without triggers, as somebody with the database file would write it; undone afterwards."""
    with transaction.atomic():
        with triggers.lifted(connection), connection.cursor() as cursor:
            yield cursor.execute
        transaction.set_rollback(True)


def found(*statements: str, **given: Any) -> list[tuple[Problem, int, int]]:
    """What verification finds after the statements."""
    out = []
    with transaction.atomic():
        with triggers.lifted(connection), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        out = kinds(verify(**given))
        transaction.set_rollback(True)
    return out


def kinds(report: Report) -> list[tuple[Problem, int, int]]:
    """Findings without their sentences."""
    assert all(finding.sentence.endswith("。") for finding in report.findings)
    return [(finding.problem, finding.chain, finding.number) for finding in report.findings]


def test_untouched_events_are_sound() -> None:
    for report in (verify(), verify(since=NOW + dt.timedelta(hours=5)), verify(organisation=3)):
        assert report.sound and report.findings == []
    assert (verify().events, verify().chains, verify(organisation=3).events) == (12, 3, 4)
    assert verify(since=NOW + dt.timedelta(hours=5)).events == 7
    assert verify(since=NOW + dt.timedelta(days=5)).sound


@pytest.mark.parametrize("column", [*digests.TEXTS, *digests.NUMBERS, *digests.DIGESTS, "at"])
def test_a_changed_field_is_found(column: str) -> None:
    new = {"at": "'2026-11-20 09:30:00.5'", **dict.fromkeys(digests.TEXTS, "'x'")}
    blob = "decode('00', 'hex')" if connection.vendor == "postgresql" else "x'00'"
    value = new.get(column, blob if column in digests.DIGESTS else "99")
    problems = found(f'UPDATE audit_event SET "{column}" = {value} WHERE number = 5')
    if column == "number":
        assert (Problem.MISSING, ALL, 5) in problems and (Problem.ADDED, ALL, 99) in problems
    else:
        assert (Problem.CONTENT, ALL, 5) in problems


def test_a_removed_row_is_found() -> None:
    assert found("DELETE FROM audit_event WHERE number = 5") == [(Problem.MISSING, ALL, 5), (Problem.MISSING, 4, 2)]
    assert found("DELETE FROM audit_event WHERE number IN (1, 2)") == [
        (Problem.MISSING, ALL, 1), (Problem.MISSING, 3, 1), (Problem.MISSING, 4, 1),
    ]  # fmt: skip


def test_a_cut_end_is_found() -> None:
    assert found("DELETE FROM audit_event WHERE number >= 11") == [
        (Problem.CUT, ALL, 11), (Problem.CUT, 0, 4), (Problem.CUT, 4, 4),
    ]  # fmt: skip
    assert len(found("DELETE FROM audit_event")) == 4


def test_swapped_rows_are_found() -> None:
    swap = [f"UPDATE audit_event SET number = {new} WHERE number = {old}" for old, new in ((5, 99), (7, 5), (99, 7))]
    problems = found(*swap)
    assert (Problem.REORDERED, ALL, 5) in problems and (Problem.REORDERED, ALL, 7) in problems
    assert not [problem for problem in problems if problem[0] is Problem.CONTENT]


def added(number: int) -> str:
    """A copy of the last row, at another number."""
    names = ", ".join(f'"{field.column}"' for field in Event._meta.concrete_fields)
    values = names.replace('"number"', str(number)).replace('"chain_number"', "chain_number + 1", 1)
    return f"INSERT INTO audit_event ({names}) SELECT {values} FROM audit_event WHERE number = {EVENTS}"


def test_an_added_row_is_found() -> None:
    assert found(added(EVENTS + 1)) == [(Problem.ADDED, ALL, EVENTS + 1)]
    chain, place = Event.objects.order_by("-number").values_list("chain", "chain_number")[0]
    assert (Problem.ADDED, chain, place + 1) in found(added(EVENTS + 1), organisation=chain)
    shift = [f"UPDATE audit_event SET number = {n + 1} WHERE number = {n}" for n in range(EVENTS, 6, -1)]
    assert len(found(*shift, added(7))) > 6


def recomputed(number: int, *, onwards: bool, heads: bool) -> None:
    """Change a reason and compute the digests again as the portal does, but without its keys."""
    Event.objects.filter(number=number).update(reason="改写")
    at = {chain: rows.link_after(row, chain) for chain in (ALL, 0, 3, 4)
          if (row := last_before(chain, number)) is not None}  # fmt: skip
    for event in Event.objects.filter(number__gte=number).order_by("number"):
        if event.number > number and not onwards:
            break
        content = digests.content_of([getattr(event, name) for name in digests.CONTENT])
        event.content_sha256, event.content_sm3 = digests.sha256(content), digests.sm3(content)
        for chain, part in ((ALL, ""), (event.chain, "chain_")):
            known = at.get(chain, rows.START)
            setattr(event, f"{part}previous_sha256", known.sha256)
            setattr(event, f"{part}previous_sm3", known.sm3)
        event.save()
        for chain in (ALL, event.chain):
            row = rows.row_at(ALL, event.number)
            assert row is not None
            at[chain] = rows.link_after(row, chain)
    if heads:
        for chain, link in at.items():
            Head.objects.filter(chain=chain).update(sha256=link.sha256, sm3=link.sm3)


def last_before(chain: int, number: int) -> tuple[Any, ...] | None:
    """The last row of a chain before a number of all."""
    each = [row for row in rows.rows_of_all(0, number - 1) if chain in (ALL, row[rows.CHAIN])]
    return each[-1] if each else None


def test_a_row_with_its_digest_computed_anew_is_found() -> None:
    with by_hand():
        recomputed(5, onwards=False, heads=False)
        assert kinds(verify())[:2] == [(Problem.LINK, ALL, 6), (Problem.LINK, 4, 3)]


def test_the_last_row_with_its_digest_computed_anew_is_found() -> None:
    with by_hand():
        recomputed(EVENTS, onwards=False, heads=False)
        assert kinds(verify())[:2] == [(Problem.HEAD, ALL, EVENTS), (Problem.HEAD, 0, 4)]


def test_a_whole_chain_computed_anew_is_found_by_the_seal_of_its_head() -> None:
    with by_hand():
        recomputed(5, onwards=True, heads=True)
        report = verify()
        assert {finding.problem for finding in report.findings} == {Problem.HEAD, Problem.TRIGGER}
        assert "封印不符" in report.findings[0].sentence


def test_a_head_changed_or_removed_is_found() -> None:
    assert found("UPDATE audit_head SET number = 11 WHERE chain = -1")[0] == (Problem.HEAD, ALL, 11)
    assert found("DELETE FROM audit_head WHERE chain = 3") == [(Problem.HEAD, 3, 4)]
    assert found("UPDATE audit_head SET seal = '' WHERE chain = -1") == [(Problem.HEAD, ALL, EVENTS)]
    assert len(found("DELETE FROM audit_head")) == 4


def test_one_organisation_and_a_later_start_find_the_same() -> None:
    assert found("UPDATE audit_event SET name = 'x' WHERE number = 5", organisation=4) == [(Problem.CONTENT, ALL, 5)]
    assert found("UPDATE audit_event SET name = 'x' WHERE number = 5", organisation=3) == []
    since = NOW + dt.timedelta(hours=5)
    assert found("UPDATE audit_event SET name = 'x' WHERE number = 8", since=since) == [(Problem.CONTENT, ALL, 8)]
    assert found("UPDATE audit_event SET name = 'x' WHERE number = 2", since=since) == []
    assert found("DELETE FROM audit_event WHERE number = 9", since=since) == [
        (Problem.MISSING, ALL, 9), (Problem.MISSING, 0, 3),
    ]  # fmt: skip


def kept() -> dict[str, Any]:
    """An anchor of now."""
    heads = [
        {"chain": chain, "number": link.number, "sha256": link.sha256.hex(), "sm3": link.sm3.hex()}
        for chain, (link, _) in rows.heads().items()
    ]
    return {"heads": heads}


def test_an_anchor_finds_what_heads_do_not() -> None:
    """Somebody who has the keys, too, and takes the end away together with its heads."""
    early = kept()
    assert verify(anchors=(early,)).sound
    with by_hand():
        heads = rows.heads()
        Event.objects.filter(number=EVENTS).delete()
        for chain in (ALL, 0):
            row = last_before(chain, EVENTS)
            assert row is not None
            link, key = rows.link_after(row, chain), actions.key_store().get(heads[chain][1][:8])
            seal = digests.head_seal(key, chain, link.number, link.sha256, link.sm3)
            Head.objects.filter(chain=chain).update(number=link.number, sha256=link.sha256, sm3=link.sm3, seal=seal)
        assert [problem for problem, *_ in kinds(verify())] == [Problem.TRIGGER]
        assert kinds(verify(anchors=(early,)))[1:] == [(Problem.ANCHOR, ALL, EVENTS), (Problem.ANCHOR, 0, 4)]
    with by_hand():
        recomputed(5, onwards=True, heads=True)
        anchored = [place for place in kinds(verify(anchors=(early,))) if place[0] is Problem.ANCHOR]
        assert anchored == [(Problem.ANCHOR, ALL, EVENTS), (Problem.ANCHOR, 4, 4)]


# -- any tampering at all

COLUMNS = st.sampled_from([field.column for field in Event._meta.concrete_fields])
NUMBERS = st.integers(1, EVENTS)


@st.composite
def tampering(draw: st.DrawFn) -> list[str]:
    """A statement or two that change, remove, swap or copy rows."""
    one, other = draw(NUMBERS), draw(NUMBERS)
    act = draw(st.sampled_from(("change", "copy column", "remove", "swap", "cut", "head")))
    column = draw(COLUMNS)
    if act == "change" and column in digests.TEXTS:
        return [f'UPDATE audit_event SET "{column}" = "{column}" || \'x\' WHERE number = {one}']
    if act in ("change", "copy column") and column not in ("number", "chain_number"):
        return [
            f'UPDATE audit_event SET "{column}" = (SELECT "{column}" FROM audit_event WHERE number = {other}) '
            f"WHERE number = {one}"
        ]
    if act == "swap":
        return [f"UPDATE audit_event SET number = {new} WHERE number = {old}"
                for old, new in ((one, 99), (other, one), (99, other))] if one != other else []  # fmt: skip
    if act == "cut":
        return [f"DELETE FROM audit_event WHERE number >= {one}"]
    if act == "head":
        return [f"UPDATE audit_head SET number = {one} WHERE chain = -1"]
    return [f"DELETE FROM audit_event WHERE number = {one}"]


def everything() -> list[Any]:
    """All rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM audit_event ORDER BY number")
        rows_ = [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in cursor.fetchall()]
        cursor.execute("SELECT chain, number FROM audit_head ORDER BY chain")
        return [*rows_, *cursor.fetchall()]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=80)
@given(statements=st.lists(tampering(), min_size=1, max_size=2))
def test_any_tampering_is_found(statements: list[list[str]]) -> None:
    before = everything()
    with by_hand() as execute:
        for statement in (each for group in statements for each in group):
            try:
                with transaction.atomic():
                    execute(statement)
            except Exception as error:  # refused by a constraint: then nothing was changed
                assert "constraint" in str(error).lower() or "too long" in str(error), error
        changed = everything() != before
        problems = [problem for problem in kinds(verify()) if problem[0] is not Problem.TRIGGER]
        assert bool(problems) == changed
