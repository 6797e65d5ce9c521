"""Events in their chains; the database refuses every change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from fengqiao.portal.audit import actions, labels, queries, triggers
from fengqiao.portal.audit.models import ALL, Event, Head
from fengqiao.portal.audit.stamp import Stamp, system_stamp

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)
MEDIATOR = Stamp(7, "调解员甲", "mediator", "调解员", 3, "调解组织甲", address="192.0.2.1")


def leave(stamp: Stamp = MEDIATOR, **given: object) -> Event:
    """An event, with what does not matter filled in."""
    given = {"verb": "disputes.accepted", "subject": ("disputes.dispute", 1), "now": NOW} | given
    with transaction.atomic():
        return actions.record(stamp=stamp, **given)


def test_events_are_numbered_in_the_chain_of_all_and_in_their_own() -> None:
    events = [leave(), leave(system_stamp()), leave(), leave(organisation_id=9)]
    assert [event.number for event in events] == [1, 2, 3, 4]
    assert [(event.chain, event.chain_number) for event in events] == [(3, 1), (0, 1), (3, 2), (9, 1)]
    assert {head.chain: head.number for head in Head.objects.all()} == {ALL: 4, 0: 1, 3: 2, 9: 1}
    assert bytes(events[1].previous_sha256) != bytes(32)
    assert bytes(events[1].chain_previous_sha256) == bytes(32)


def test_an_event_says_who_what_and_which_fields_but_not_their_values() -> None:
    before, after = {"phone": "old", "name": "甲"}, {"phone": "new", "name": "甲"}
    event = leave(before=before, after=after, reason="当事人更正", case="disputes.dispute:1")
    event = Event.objects.get(pk=event.pk)
    assert event.changed_names == ("phone",)
    assert (event.actor, event.address, event.at) == ("调解员甲（调解组织甲 · 调解员）", "192.0.2.1", NOW)
    assert queries.was(event, "before", before) and queries.was(event, "after", after)
    assert not queries.was(event, "before", after)
    assert leave(after=after).after_sha256 != event.after_sha256, "equal values cannot be recognised by their digest"
    assert list(queries.of_case("disputes.dispute:1")) == [event]
    assert queries.of_subject(("disputes.dispute", 1)).count() == 2
    assert not queries.of_case("").exists()


def test_an_event_falls_with_its_transaction() -> None:
    leave()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.record(stamp=MEDIATOR, verb="disputes.closed", subject=None, now=NOW)
        1 / 0  # noqa: B018
    assert leave().number == 2


def test_what_is_too_long_is_refused_on_every_database() -> None:
    with pytest.raises(ValueError, match="case is longer than 96"):
        leave(case="x" * 97)


@pytest.mark.django_db(transaction=True)
def test_an_event_without_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="atomic"):
        actions.record(stamp=MEDIATOR, verb="disputes.closed", subject=None, now=NOW)


def test_people_see_their_own_acts_and_those_of_their_organisation() -> None:
    own, colleague, other = leave(), leave(Stamp(8, "调解员乙", "mediator", "调解员", 3, "调解组织甲")), leave(
        Stamp(9, "投资者A", "investor", "投资者", None, "")
    )  # fmt: skip
    assert list(queries.visible_to(MEDIATOR)) == [own, colleague]
    assert list(queries.visible_to(Stamp(9, "投资者A", "investor", "投资者", None, ""))) == [other]
    assert queries.visible_to(MEDIATOR, everything=True).count() == 3


CHANGES: dict[str, Callable[[], object]] = {
    "update": lambda: Event.objects.filter(number=1).update(reason="另一个理由"),
    "save": lambda: Event.objects.get(number=1).save(),
    "delete": lambda: Event.objects.filter(number=2).delete(),
    "delete one": lambda: Event.objects.get(number=2).delete(),
    "head back": lambda: Head.objects.filter(chain=ALL).update(number=1),
    "head on without event": lambda: Head.objects.filter(chain=ALL).update(number=3),
    "head away": lambda: Head.objects.filter(chain=ALL).delete(),
    "head from nothing": lambda: Head.objects.create(chain=77, number=5),
}
STATEMENTS = (
    "UPDATE audit_event SET name = 'x'",
    "UPDATE audit_event SET number = number + 100",
    "DELETE FROM audit_event",
    "DELETE FROM audit_event WHERE number = 2",
    "INSERT INTO audit_event SELECT * FROM audit_event WHERE number = 1",
    "UPDATE audit_head SET number = 0",
    "DELETE FROM audit_head",
)
OF_ONE_DATABASE = {
    "sqlite": ("INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event WHERE number = 1",
               "REPLACE INTO audit_head SELECT chain, 0, sha256, sm3, seal FROM audit_head"),
    "postgresql": ("TRUNCATE audit_event", "TRUNCATE audit_head", "TRUNCATE audit_event, audit_head CASCADE"),
}  # fmt: skip


def everything() -> list[tuple[object, ...]]:
    """All rows of the audit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM audit_event ORDER BY number")
        events = cursor.fetchall()
        cursor.execute("SELECT * FROM audit_head ORDER BY chain")
        return [*events, *cursor.fetchall()]


@pytest.mark.parametrize("change", CHANGES)
def test_the_database_refuses_changes_by_the_portal(change: str) -> None:
    leave(), leave()
    before = everything()
    with pytest.raises(DatabaseError), transaction.atomic():
        CHANGES[change]()
    assert everything() == before


def test_the_database_refuses_changes_by_hand() -> None:
    leave(), leave()
    before = everything()
    for statement in (*STATEMENTS, *OF_ONE_DATABASE[connection.vendor]):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert everything() == before, statement


def test_triggers_that_are_gone_or_switched_off_are_noticed() -> None:
    assert triggers.missing(connection) == []
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE audit_head DISABLE TRIGGER audit_head_delete")
            assert triggers.missing(connection) == ["audit_head_delete"]
            cursor.execute("ALTER TABLE audit_head ENABLE TRIGGER audit_head_delete")
    with connection.cursor() as cursor:
        on = " ON audit_event" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER audit_event_update{on}")
    assert triggers.missing(connection) == ["audit_event_update"]


def test_events_are_shown_in_words_where_there_are_any() -> None:
    assert labels.verb_label("vault.revealed") == "查看完整的个人信息"
    assert labels.verb_label("vault.unknown") == "vault.unknown" and labels.verb_label("nobody.did") == "nobody.did"
    assert labels.subject_label("accounts.user", "7") == "用户 7"
    assert (labels.subject_label("gone.thing", "7"), labels.subject_label("", "")) == ("gone.thing 7", "")
    assert labels.field_labels("accounts.user", ("username", "gone")) == ["登录名", "gone"]
