"""Every action looks itself whether whoever acts may: strangers are answered as if nothing were there.

The pages look, too, and `test_permissions` walks them; here the actions are called past the pages. What an action is
given is found by the types it names; an action that leaves the looking to its callers stands in LEFT, with the reason.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Iterator
from functools import cache, partial
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.http import Http404
from django.utils import timezone

from fengqiao.portal.accounts.acting import Acting, acting_for
from fengqiao.portal.accounts.models import User
from fengqiao.portal.signing.tests.made_round import text_pdf
from tests.permission_objects import OBJECTS
from tests.permission_walk import Walk, nothing_stays, on_the_way

MODULES = (
    "accounts.access", "accounts.actions", "accounts.resting", "claims.actions", "claims.publishing",
    "deadlines.actions", "drafting.actions", "notices.resending", "parties.actions", "parties.authorising",
    "parties.confirming", "parties.consenting", "parties.handing_over", "parties.disposing", "parties.noting",
    "service.actions", "service.confirming", "service.proving", "signing.actions", "tokens.actions",
)  # fmt: skip
STRANGERS = ("outreach_worker", "nobody")
PLAIN: dict[str, Any] = {
    "str": "已核对并写明理由", "bool": True, "bytes": b"", "int": 1, "dt.date": dt.date(2026, 11, 20),
    "dt.datetime": dt.datetime(2026, 12, 20, 9, 0, tzinfo=dt.UTC),
}  # fmt: skip
PAPERS = {"name": "当事人甲", "kind": "id_card", "number": "x"}
PARTLY: dict[str, dict[str, Any]] = {
    "claims.actions.add_file": {"part": "trades"},
    "deadlines.actions.enter": {"starts_time": None},
    "drafting.actions.begin": {"form": "complaint", "data": {}},
    "parties.authorising.submit": {"scopes": ["file"], "valid_until": dt.date(2036, 11, 20)},
    "parties.authorising.submit_guardian": {
        "ground": "minor", "relation": "parent", "valid_until": dt.date(2036, 11, 20)
    },
    "parties.consenting.take_in_with_consents": {"papers": PAPERS},
    "signing.actions.reissue": {"data": text_pdf()},
    "tokens.actions.issue": {"scopes": ["measurements.read"], "last_day": dt.date(2026, 12, 31)},
}  # fmt: skip
"""What has to be right before the looking begins."""
LEFT = {
    "accounts.actions.note_role_changed": "puts down that somebody changed their own role",
    "accounts.actions.set_elder_mode": "changes only how the portal looks to who asks for it",
    "claims.actions.note": "puts down what the worker did, with the verb it is given",
    "claims.actions.note_seen": "puts down a look at what visible_to has found",
    "deadlines.actions.hand_on": "a part of end_role, which looks",
    "deadlines.actions.hand_to": "a part of hand_over_house, which looks",
    "deadlines.actions.open_deadline": "apps open deadlines of what they have looked at themselves",
    "parties.authorising.keep_submitted": "the second half of hand_in, which looks",
    "service.actions.begin": "the second half of serve, which looks",
    "service.proving.keep": "the second half of make_proof, which looks",
    "signing.actions.start_batch": "takes from the chosen only the places of who asks",
}  # fmt: skip
EVERYBODY = {"deadlines.actions.enter", "drafting.actions.begin", "tokens.actions.issue"}
"""What everybody who wears a role may do for themselves: there only who wears none is a stranger."""


@cache
def actions() -> dict[str, Callable[..., Any]]:
    """Everything public that somebody does: functions of those modules with a keyword `acting`."""
    found = {}
    for place in MODULES:
        module = import_module(f"fengqiao.portal.{place}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            plain = inspect.unwrap(function)
            named = {one.name for one in inspect.signature(plain).parameters.values() if one.kind is one.KEYWORD_ONLY}
            if plain.__module__ == module.__name__ and not name.startswith("_") and {"acting", "now"} <= named:
                found[f"{place}.{name}"] = function
    return found


@pytest.fixture(scope="module")
def db(django_db_setup: None) -> None:
    """The tests' database; one transaction for the whole file, each action in one of its own."""


@pytest.fixture(scope="module")
def walk(db: None, django_db_blocker: Any) -> Iterator[Walk]:
    """The cast, with everything that the permission walk makes for it."""
    with django_db_blocker.unblock(), on_the_way() as walking:
        for make in OBJECTS.values():
            make(walking.cast)
        yield walking


def stranger(walk: Walk, who: str) -> Acting:
    """Somebody who has nothing to do with any of it."""
    if who == "nobody":
        return acting_for(User.objects.create(username="nobody", name="路人甲", joined_at=timezone.now()))
    return acting_for(walk.cast.users[who])


def given(action: str) -> dict[str, Any]:
    """Something for each of its parameters."""
    function, partly = actions()[action], PARTLY.get(action, {})
    found = dict(partly)
    models = {model.__name__: model for model in apps.get_models()}
    for name, parameter in inspect.signature(inspect.unwrap(function)).parameters.items():
        kind = str(parameter.annotation)
        if name in ("acting", "now", *partly) or parameter.kind is parameter.VAR_KEYWORD:
            continue
        if parameter.default is not parameter.empty:
            continue
        if kind in models:
            row = models[kind].objects.order_by("pk").first()
            assert row is not None, f"the walk has no {kind}"
            found[name] = row
        elif kind == "Party | User":
            found[name] = models["Party"].objects.order_by("pk").first()
        else:
            found[name] = PLAIN.get(kind, [])
    return found


def called(name: str) -> Callable[..., Any]:
    """The action, with what it is given in front by place as by name."""
    function, values = actions()[name], given(name)
    placed = [
        values.pop(parameter.name)
        for parameter in inspect.signature(inspect.unwrap(function)).parameters.values()
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ]  # fmt: skip
    return partial(function, *placed, **values)


@pytest.mark.parametrize("who", STRANGERS)
@pytest.mark.parametrize("name", sorted(actions().keys() - LEFT.keys()))
def test_an_action_does_nothing_for_strangers(walk: Walk, name: str, who: str) -> None:
    if name in EVERYBODY and who != "nobody":
        return
    action = called(name)
    with nothing_stays(), pytest.raises(Http404):
        action(acting=stranger(walk, who), now=timezone.now())


def test_what_is_left_to_callers_is_there() -> None:
    assert len(actions()) > 60
    assert LEFT.keys() | PARTLY.keys() | EVERYBODY <= actions().keys()
    assert not LEFT.keys() & (PARTLY.keys() | EVERYBODY)
