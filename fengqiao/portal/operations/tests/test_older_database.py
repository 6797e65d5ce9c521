"""A database made by the migrations of earlier states goes on: the same tables as a new one, its rows kept."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import CreateModel

from fengqiao.portal.first_migration import FirstMigration, Triggers
from tests import second_process

MAKE_AND_UPGRADE = """
import datetime as dt, json
from django.db import connection, transaction
from fengqiao.portal.audit import actions
from fengqiao.portal.audit.stamp import Stamp
from fengqiao.portal.operations.database import bring_up_to_date, not_up_to_date
from tests.older_chain import migrate_older
now = dt.datetime(2026, 11, 20, 1, 0, tzinfo=dt.UTC)
older = migrate_older(parties="0005_papers_in_the_store", service="0004_triggers")
user = older.get_model("accounts", "User").objects.create(username="mediator", name="调解员甲", joined_at=now)
party = older.get_model("parties", "Party").objects.create(name="投资者甲", created_at=now, last_act_at=now)
needs = older.get_model("parties", "SpecialNeed")
needs.objects.create(party=party, kind="hardship", since=now.date(), noted_by_id=user.pk, noted_at=now)
with transaction.atomic():
    actions.record(
        stamp=Stamp(user.pk, user.name, "mediator", "调解员", 3, "调解组织甲"), verb="disputes.noted",
        subject=("disputes.dispute", 1), after={"state": 2}, now=now,
    )
done = bring_up_to_date()
from fengqiao.portal.accounts.models import User
from fengqiao.portal.audit.verification import verify
from fengqiao.portal.parties.models import SpecialNeed
print(json.dumps({
    "done": done, "left": not_up_to_date(), "user": User.objects.get().name,
    "needs": [(need.party.name, need.key, need.source) for need in SpecialNeed.objects.all()],
    "sound": verify().sound,
}))
"""


@pytest.fixture
def older(tmp_path: Path, db: None) -> Iterator[dict[str, str]]:
    """The environment of an installation with an empty database of the same kind as the tests'."""
    given = second_process.environment(FENGQIAO_HOME=str(tmp_path))
    if connection.vendor == "sqlite":
        yield {**given, "DATABASE_URL": f"sqlite:///{tmp_path / 'older.sqlite3'}"}
        return
    name = f"older_{os.getpid()}"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    yield {**given, "DATABASE_URL": f"{given['DATABASE_URL'].rpartition('/')[0]}/{name}"}
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def shape(url: str) -> dict[str, list[str]]:
    """Every table with its columns, constraints, indexes and triggers, whatever their order and their made-up names."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
            return _of_sqlite(file.execute("SELECT tbl_name, type, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    import psycopg

    with psycopg.connect(url) as session:
        return _by_table(session.execute(OF_POSTGRESQL))


OF_POSTGRESQL = """
SELECT table_name, concat_ws(' ', column_name, data_type, character_maximum_length, is_nullable, column_default,
    is_identity, identity_generation)
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid <> 0
    AND connamespace = 'public'::regnamespace
UNION ALL SELECT tablename, regexp_replace(indexdef, '_[0-9a-f]{8}(_[a-z0-9]+)? ON|_key ON', ' ON') FROM pg_indexes
    WHERE schemaname = 'public'
UNION ALL SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'functions', prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""


def _of_sqlite(rows: Iterator[tuple[str, str, str]]) -> dict[str, list[str]]:
    found = []
    for table, kind, statement in rows:
        if kind == "table":
            inner = statement[statement.index("(") + 1 : statement.rindex(")")]
            found += [(table, part) for part in _parts(inner)]
        else:
            found.append((table, statement))
    return _by_table(found)


def _parts(inner: str) -> list[str]:
    """What stands between the commas of a CREATE TABLE, but not those within brackets and quotes."""
    depth, quote, parts, current = 0, "", [], ""
    for letter in inner:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        else:
            depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth and not quote:
            parts.append(current.strip())
            current = ""
        else:
            current += letter
    return [*parts, current.strip()]


def _by_table(rows: Any) -> dict[str, list[str]]:
    tables: dict[str, list[str]] = {}
    for table, said in rows:
        tables.setdefault(table, []).append(re.sub(r"\s+", " ", said))
    return {table: sorted(said) for table, said in tables.items()}


def test_an_older_database_becomes_like_a_new_one(older: dict[str, str]) -> None:
    process = second_process.start(MAKE_AND_UPGRADE, env=older)
    said, errors = process.communicate(timeout=600)
    assert process.returncode == 0, errors[-3000:]
    told = json.loads(said.splitlines()[-1])
    older_ones = ["parties.0006_needs_sealed", "parties.0007_needs_closed", "parties.0008_confirmations"]
    assert [name for name in told.pop("done") if name in older_ones] == older_ones
    assert told == {
        "left": [], "user": "调解员甲", "needs": [["投资者甲", "hardship", "word"]], "sound": True,
    }  # fmt: skip
    upgraded, new = shape(older["DATABASE_URL"]), shape(second_process.database_url())
    assert sorted(upgraded) == sorted(new)
    assert {table: parts for table, parts in upgraded.items() if parts != new[table]} == {
        table: parts for table, parts in new.items() if parts != upgraded[table]
    }


def test_first_migrations_make_whole_tables_and_nothing_else() -> None:
    """A column, an index or a trigger's table that comes later belongs in a later migration."""
    found = MigrationLoader(None).disk_migrations.values()
    firsts = [migration for migration in found if isinstance(migration, FirstMigration)]
    assert {type(operation) for first in firsts for operation in first.operations} == {CreateModel, Triggers}
    for first in firsts:
        for app, last in first.replaces[-1:]:
            assert (first.app_label, first.name) == (app, f"0001_squashed_{last}"), "the next is numbered after it"


@pytest.mark.django_db
def test_the_migrations_make_what_the_models_say() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
