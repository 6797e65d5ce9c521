"""Does a list keep its promise? Every order and filter it declares must be one range of an index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from fengqiao.portal.shell.columns import Filter
from fengqiao.portal.shell.listing import Listing
from fengqiao.portal.shell.paging import Order, Position, stretches

INDEX = re.compile(r"Index (?:Only )?Scan (?:Backward )?using \"?(\w+)\"?")

HIDE = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass"
"""The planner no longer sees an index, be it that of a key, until the transaction is rolled back."""


def explained(rows: QuerySet, *, narrowed: bool = True, moved: bool = False) -> str:
    """How the database would fetch a page of rows, if the table were long."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            return str(rows[:31].explain())
        for habit in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
            cursor.execute(
                f"SET LOCAL enable_{habit} = off"
            )  # the tables of a test are short: it would read them whole
        plan = str(rows[:31].explain())
        # of a short table it takes any index that will do: the others are looked at one by one, as if it were not there
        while fault(plan, narrowed=narrowed, moved=moved) and (taken := INDEX.search(plan)):
            cursor.execute(HIDE, [connection.ops.quote_name(taken[1])])
            plan = str(rows[:31].explain())
        transaction.set_rollback(True)
        return plan


def fault(plan: str, *, narrowed: bool, moved: bool) -> str:
    """What is wrong with a plan; narrowed: by an equality or a range, moved: behind a place."""
    text = plan.upper()
    if "TEMP B-TREE" in text or " SORT" in text or text.startswith("SORT"):
        return "sorts the rows"
    if "SEQ SCAN" in text or ("SCAN" in text and "INDEX" not in text):
        return "reads the whole table"
    if connection.vendor == "sqlite" and (narrowed or moved) and "SEARCH" not in text:
        return "walks along the index instead of searching in it"
    searched = "INDEX COND" in text
    if connection.vendor == "postgresql" and "FILTER:" in text and not (searched and "~~" in text):
        return "throws rows away after reading them"
    return ""


def cases(listing: Listing, rows: QuerySet) -> Iterator[tuple[str, QuerySet, Order, bool]]:
    """Every way to see a list, each filter alone in each order it can be seen in: name, rows, order, narrowed."""
    orders = [
        Order("id", True),
        *(Order(column.order, down) for column in listing.orders.values() for down in (False, True)),
    ]
    if listing.first.removeprefix("-") != "id":
        orders = orders[1:]
    for scope in listing.scopes:
        seen = rows.filter(**dict(_sample(listing, name) for name in scope))
        searched = any(
            not _is_truth(listing, name.removeprefix("!")) for name in scope
        )  # truths are conditions of a partial index
        for order in orders:
            yield f"{scope} by {order.text}", seen, order, searched
        for item in listing.filters:
            narrowed = seen.filter(item.condition(item.samples(seen), None))
            if item.narrows_a_range:  # long ranges are shown in their own order only
                yield f"{scope} {item.key}", narrowed, Order(item.field or item.key, True), True
                continue
            for order in orders:
                yield f"{scope} {item.key} by {order.text}", narrowed, order, True


def _sample(listing: Listing, name: str) -> tuple[str, Any]:
    if name.startswith("!"):
        return name[1:], False
    field: Any = listing.model._meta.get_field(name)
    return name, _value(field.target_field if field.is_relation else field)


def _is_truth(listing: Listing, name: str) -> bool:
    field: Any = listing.model._meta.get_field(name)
    return field.get_internal_type() == "BooleanField"


def _value(field: Any) -> Any:
    kind = field.get_internal_type()
    known: dict[str, Any] = {
        "DateField": "2026-01-01", "DateTimeField": "2026-01-01T00:00:00+08:00", "BooleanField": True,
        "UUIDField": "00000000-0000-0000-0000-000000000001", "CharField": "x", "TextField": "x",
    }  # fmt: skip
    return field.to_python(known.get(kind, 1))


def problems(listing: Listing) -> list[str]:
    """All ways to see a list that would take the longer the more rows there are."""
    if listing.small:
        return []
    found = []
    for name, rows, order, narrowed in cases(listing, listing.model._default_manager.all()):
        value = None if order.field == "id" else _value(listing.model._meta.get_field(order.field))
        pk: Any = _value(listing.model._meta.pk)
        for at in (None, Position(value, pk), Position(value, pk, before=True)):
            for part in stretches(rows, order, at):
                wrong = fault(
                    explained(part, narrowed=narrowed, moved=at is not None), narrowed=narrowed, moved=at is not None
                )
                if wrong:
                    found.append(f"{listing.key} {name}{'' if at is None else ', a later page'}: {wrong}")
    return sorted(set(found))


__all__ = ["Filter", "problems"]
