"""Every event has a name in words: nobody reads `app.verb` on a page or in a proof."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import chain

from fengqiao.portal.audit.labels import verb_label
from fengqiao.portal.jobs.models import Job
from fengqiao.portal.service.models import Trace
from fengqiao.portal.signing.models import Evidence
from tests.guards.tree import python, say, tree


def written() -> Iterator[str]:
    """Verbs as they stand in the code."""
    for path in python("fengqiao/portal"):
        if "/tests/" in path:
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call):
                given = [word.value for word in node.keywords if word.arg == "verb"]
                said = (str(one.value) for one in given if isinstance(one, ast.Constant))
                yield from (verb if "." in verb else f"{path.split('/')[2]}.{verb}" for verb in said)


def put_together() -> Iterator[str]:
    """Verbs that are made of the app and what happened."""
    yield from (f"signing.{what}" for what in Evidence.What.values)
    yield from (f"service.{what}" for what in Trace.What.values)
    yield from (f"jobs.{state}" for state in ("finished", Job.State.FAILED, Job.State.CANCELLED))


def test_every_event_has_a_name_in_words() -> None:
    verbs = set(chain(written(), put_together()))
    assert len(verbs) > 100
    without = sorted(verb for verb in verbs if verb_label(verb) == verb)
    assert not without, say(without, "name them in audit_verbs of the app, in apps.py.")
