"""Leaving events."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Union

from django.db import models, transaction

from fengqiao.portal.audit import digests, statements
from fengqiao.portal.audit.models import ALL, NO_ORGANISATION, Event, Head
from fengqiao.portal.audit.stamp import Stamp
from fengqiao.portal.keystore import Key, Use, key_store

VERB = re.compile(r"[a-z][a-z_]*\.[a-z][a-z0-9_]*")
LIMITED = tuple(field for field in Event._meta.concrete_fields if isinstance(field, models.CharField))
ADMITTED: list[Callable[[Stamp], None]] = []
"""Later apps refuse here what somebody may no longer do: asked while the head of all events is held, so that it comes
either before or after whatever took the right away."""
Subject = Union[models.Model, tuple[str, int | str], None]  # noqa: UP007 - mypy sees a type in this form only


class Organisation(Enum):
    """Whose chain an event stands in, when no number is given."""

    OF_STAMP = "of_stamp"


def record(
    *,
    stamp: Stamp,
    verb: str,
    subject: Subject,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    case: str = "",
    organisation_id: int | Organisation | None = Organisation.OF_STAMP,
    now: dt.datetime,
) -> Event:
    """Leave an event in the caller's transaction: both stay, or neither.

    Make it the last thing an action does: from here to the end of the transaction no other event can be left.
    before, after: values of fields; only their salted digests and the names of the fields that differ are kept.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An audit event belongs to the transaction of the change; call record() inside atomic().")
    if not VERB.fullmatch(verb):
        raise ValueError(f"{verb!r} is not a verb of the form app.past_tense.")
    if now.tzinfo is None:
        raise ValueError("An audit event needs a time with its zone.")
    whose = stamp.organisation_id if isinstance(organisation_id, Organisation) else organisation_id
    chain = NO_ORGANISATION if whose is None else whose
    heads = lock_heads(chain)
    for admit in ADMITTED:
        admit(stamp)
    kind, subject_id = named(subject)
    event = Event(
        number=heads[ALL].number + 1, chain=chain, chain_number=heads[chain].number + 1, at=now, verb=verb,
        subject_kind=kind, subject_id=subject_id, case=case, reason=without_nul(reason),
        changed=",".join(changed_names(before, after)),
        **{name: without_nul(value) for name, value in vars(stamp).items()},
    )  # fmt: skip
    for field in LIMITED:
        if len(getattr(event, field.name)) > field.max_length:
            raise ValueError(f"{field.name} is longer than {field.max_length} characters.")
    key = key_store().current(Use.AUDIT)
    add_value_digests(event, key, before, after)
    add_links(event, heads)
    statements.insert(event)
    moved(heads[ALL], event.number, event, "", key)
    moved(heads[chain], event.chain_number, event, "chain_", key)
    statements.advance((heads[ALL], heads[chain]))
    return event


def lock_heads(chain: int) -> dict[int, Head]:
    """The heads of all events and of one organisation, held until the transaction ends. The one of all comes first:
    whoever has it has no rival for any other."""
    wanted = (ALL, chain)
    while True:
        heads = statements.lock(*wanted)
        if len(heads) == len(wanted):
            return heads
        missing = [Head(chain=each) for each in wanted if each not in heads]
        Head.objects.bulk_create(missing, ignore_conflicts=True)  # somebody may be making them just now


def named(subject: Subject) -> tuple[str, str]:
    """What an event is about: the kind of thing and its number."""
    if subject is None:
        return "", ""
    if isinstance(subject, tuple):
        return subject[0], str(subject[1])
    return subject._meta.label_lower, str(subject.pk)


def changed_names(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[str]:
    """Names of the fields that differ; of all fields when there is only one side."""
    one, other = digests.plain(before or {}), digests.plain(after or {})
    missing = object()
    return [name for name in sorted({*one, *other}) if one.get(name, missing) != other.get(name, missing)]


def without_nul(value: Any) -> Any:
    """Text that every database can hold."""
    return value.replace("\0", "") if isinstance(value, str) else value


def add_value_digests(
    event: Event, key: Key, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> None:
    """Digests of the values before and after, with a salt."""
    salt = digests.salt(key, event.number)
    event.salt_key = key.id if before is not None or after is not None else ""
    for side, values in (("before", before), ("after", after)):
        salted = b"" if values is None else salt + digests.canonical(values)
        setattr(event, f"{side}_sha256", digests.sha256(salted) if salted else b"")
        setattr(event, f"{side}_sm3", digests.sm3(salted) if salted else b"")


def add_links(event: Event, heads: Mapping[int, Head]) -> None:
    """The digests of the content and of the links before it."""
    content = digests.content_of([getattr(event, name) for name in digests.CONTENT])
    event.content_sha256, event.content_sm3 = digests.sha256(content), digests.sm3(content)
    last, last_of_chain = heads[ALL], heads[event.chain]
    event.previous_sha256, event.previous_sm3 = bytes(last.sha256), bytes(last.sm3)
    event.chain_previous_sha256, event.chain_previous_sm3 = bytes(last_of_chain.sha256), bytes(last_of_chain.sm3)


def moved(head: Head, number: int, event: Event, part: str, key: Key) -> None:
    """Move a head to an event. part: the columns' prefix of the chain."""
    head.number = number
    head.sha256 = digests.link(getattr(event, f"{part}previous_sha256"), event.content_sha256, digests.sha256)
    head.sm3 = digests.link(getattr(event, f"{part}previous_sm3"), event.content_sm3, digests.sm3)
    head.seal = digests.head_seal(key, head.chain, number, head.sha256, head.sm3)
