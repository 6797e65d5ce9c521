"""Who sees what: every address, asked for by everybody, answers as fengqiao/portal/permissions.csv says.

PERMISSIONS_AS_FOUND=FILE writes the table as the portal answers now, for comparing it with the one in the repository.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fengqiao.portal.accounts.models import Organisation, Role
from fengqiao.portal.demo.cast import bodies, people
from tests.guards.tree import say
from tests.permission_objects import OBJECTS
from tests.permission_walk import (
    HEAD,
    LOGIN,
    NOT_THERE,
    TABLE,
    VISITOR,
    Answer,
    Row,
    Walk,
    addresses,
    line,
    members,
    missing,
    on_the_way,
    table,
)  # fmt: skip

METHODS = ("GET", "POST")
NO_WAY_IN = {"405", NOT_THERE, LOGIN}
"""What everybody is answered where the table has no row for a method."""
CHECKED_LATER = {"claims:upload", "claims:people_upload", "signing:new_round", "signing:reissue", "service:new",
                 "service:other_way", "service:address_on_paper"}  # fmt: skip
"""Takes large files: who asks is looked at before the request is read, the token after; tested in claims/tests."""
BY_MACHINES = {"notices:report", "api:compute_deadline", "api:verify_signatures"}
"""Brings no cookie: what the gateway sends is signed with its key, the interface knows no session; tested in
notices/tests and in tests/test_interface.py."""
TO_DO = (
    "look at each answer; when all are right, put the line into fengqiao/portal/permissions.csv, in the order of the "
    "file, with a title. An empty cell is 404. When one is wrong, put the view or visible_to() right."
)


@pytest.fixture(scope="module")
def db(django_db_setup: None) -> None:
    """The tests' database; one transaction for the whole file, each question in one of its own."""


@pytest.fixture(scope="module")
def walk(db: None, django_db_blocker: Any) -> Iterator[Walk]:
    """The cast in a database that is as it was afterwards."""
    with django_db_blocker.unblock(), on_the_way() as walking:
        yield walking


def asked(name: str) -> set[str]:
    """Objects that rows of an address speak of."""
    return {row.object for row in table() if row.name == name} or {""}


def found(walk: Walk, name: str, method: str, what: str) -> dict[str, Answer]:
    """What everybody is answered now."""
    parts = OBJECTS[what](walk.cast)
    answers = {who: walk.ask(who, name, method, parts) for who in members()}
    failed = [f"{who}: {answer.error}" for who, answer in answers.items() if answer.error]
    assert not failed, say(failed[:3], f"{name} {method} fails; let it answer with a sentence (Refusal).")
    return answers


def row_of(answers: dict[str, Answer], name: str, method: str, what: str, title: str = "") -> Row:
    """The answers as a row of the table."""
    return Row(name, method, title, what, {who: answer.said for who, answer in answers.items()})


def test_every_address_has_a_row() -> None:
    named = {row.name for row in table()}
    problems = [f"{name} has no row" for name in sorted(addresses().keys() - named)]
    problems += [f"{name} is no address" for name in sorted(named - addresses().keys())]
    assert not problems, say(
        problems,
        "add `name,GET,title,object` to fengqiao/portal/permissions.csv and run this test: it says what the cells are. "
        "An address with parts needs an object of tests/permission_objects.py.",
    )


def test_the_table_is_whole() -> None:
    heads = TABLE.read_text(encoding="utf-8-sig").splitlines()[0].split(",")
    assert heads == [*HEAD, *members()], f"the first line has to be {','.join([*HEAD, *members()])}"
    rows = table()
    problems = [f"{row.label} stands twice" for row in rows if [r.label for r in rows].count(row.label) > 1]
    problems += [f"{row.label}: no title" for row in rows if not row.title]
    problems += [f"{row.label}: no method {row.method}" for row in rows if row.method not in METHODS]
    problems += [f"{row.label}: unknown object, add it to OBJECTS" for row in rows if row.object not in OBJECTS]
    problems += [
        f"{row.label}: {who} is answered {answer}"
        for row in rows
        for who, answer in row.answers.items()
        if answer == "403" or answer.startswith("5")
    ]
    assert not problems, say(problems, "see docs/methods/permissions.md.")


def test_the_cast_has_every_kind_of_role_and_organisation() -> None:
    roles = {kind for person in people() for kind, _ in person.roles}
    assert set(Role.Kind.values) == roles, "add people to fengqiao/portal/demo/cast.toml"
    assert set(Organisation.Kind.values) == {body.kind for body in bodies()}, "add organisations to cast.toml"


@pytest.mark.parametrize("row", table(), ids=lambda row: row.label)
def test_everybody_is_answered_as_the_table_says(walk: Walk, row: Row) -> None:
    answers = found(walk, row.name, row.method, row.object)
    now = row_of(answers, row.name, row.method, row.object, row.title)
    wrong = {who for who in members() if now.answers[who] != row.answers.get(who)}
    problems = [f"{who}: {now.answers[who]}, the table has {row.answers.get(who)}" for who in members() if who in wrong]
    assert not problems, say(problems, f"{TO_DO}\n  {line(now)}")
    for who, answer in now.answers.items():
        assert answer != "403", f"{who}: who may not see something is answered 404"
        assert not answer.startswith("5"), f"{who}: {answer}"
    if row.object:
        nobody_can_tell_what_exists(walk, row, answers)


def nobody_can_tell_what_exists(walk: Walk, row: Row, there: dict[str, Answer]) -> None:
    """What is not there is answered like what may not be seen."""
    nowhere = missing(row.name)
    for who, expected in row.answers.items():
        answer = walk.ask(who, row.name, row.method, nowhere)
        assert answer.said == (expected if expected in (LOGIN, "405", "401") else NOT_THERE), f"{who}: {answer.said}"
        if expected == NOT_THERE:
            assert there[who].body == answer.body, f"{who} can tell that {row.object} exists"


@pytest.mark.parametrize("name", sorted(addresses()))
def test_where_there_is_no_row_there_is_no_way_in(walk: Walk, name: str) -> None:
    for what in sorted(asked(name)):
        for method in METHODS:
            if any((row.name, row.method, row.object) == (name, method, what) for row in table()):
                continue
            now = row_of(found(walk, name, method, what), name, method, what)
            ways = [f"{who}: {answer}" for who, answer in now.answers.items() if answer not in NO_WAY_IN]
            assert not ways, say(ways, f"{TO_DO}\n  {line(now)}")


def test_a_form_without_its_token_changes_nothing(walk: Walk) -> None:
    for row in table():
        if row.method != "POST" or row.name in CHECKED_LATER | BY_MACHINES:
            continue
        parts = OBJECTS[row.object](walk.cast)
        for who in (VISITOR, "平台管理员甲"):
            answer = walk.ask(who, row.name, "POST", parts, csrfmiddlewaretoken="x" * 32)
            if answer.said == LOGIN and who == VISITOR:  # a view that reads its token itself, after asking who it is
                continue
            assert answer.said == "403", f"{row.label}: {who} is answered {answer.said} without a token"
            assert "没有保存任何修改" in answer.body


@pytest.mark.skipif("PERMISSIONS_AS_FOUND" not in os.environ, reason="only when asked for")
def test_write_the_table_as_found(walk: Walk) -> None:
    titles = {(row.name, row.method, row.object): row.title for row in table()}
    lines = [",".join([*HEAD, *members()])]
    for name in addresses():
        for what in [row.object for row in table() if row.name == name] or [""]:
            for method in METHODS:
                title = titles.get((name, method, what), "？")
                now = row_of(found(walk, name, method, what), name, method, what, title)
                kept = (name, method, what) in titles or not set(now.answers.values()) <= NO_WAY_IN
                if kept and line(now) not in lines:
                    lines.append(line(now))
    Path(os.environ["PERMISSIONS_AS_FOUND"]).write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_this_guard_can_fail(walk: Walk) -> None:
    row = next(row for row in table() if row.name == "accounts:people")
    wrong = Row(row.name, row.method, row.title, row.object, {**row.answers, "投资者甲": "200"})
    with pytest.raises(AssertionError, match="投资者甲: 404, the table has 200"):
        test_everybody_is_answered_as_the_table_says(walk, wrong)
