"""Pages by the last row seen, not by number: the thousandth page costs what the first one costs.

A page is cut out of an index on (field, id). Rows without a value come last in both directions; they are a stretch of
their own, so that every query is one range of the index.
"""

from __future__ import annotations

import datetime as dt
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from fengqiao.portal.shell.errors import Refusal

STALE = "这个翻页地址已经失效，没有取到数据。请回到列表的第一页重新翻页。"


@dataclass(frozen=True)
class Order:
    """By what rows are sorted; the id decides between equals."""

    field: str
    descending: bool = False

    @property
    def text(self) -> str:
        """As it stands in an address: name, or -name."""
        return f"-{self.field}" if self.descending else self.field


@dataclass(frozen=True)
class Position:
    """A place in a sorted list: after (or before) the row with this value and id."""

    value: Any
    id: Any
    before: bool = False

    def text(self) -> str:
        """As it stands in an address."""
        value = self.value.isoformat() if isinstance(self.value, dt.date) else self.value
        raw = json.dumps([value, str(self.id), int(self.before)], ensure_ascii=False)
        return urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def read_position(text: str, model: Any, order: Order) -> Position | None:
    """The place an address speaks of; one that cannot be read is refused."""
    if not text:
        return None
    try:
        value, row, before = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        field = model._meta.get_field(order.field)
        return Position(None if value is None else field.to_python(value), model._meta.pk.to_python(row), bool(before))
    except (ValueError, TypeError, ValidationError) as error:
        raise Refusal(STALE) from error


@dataclass(frozen=True)
class Page:
    """The rows of a page, and where its neighbours begin."""

    rows: list[Any]
    previous: Position | None
    next: Position | None


def _nullable(rows: QuerySet, order: Order) -> bool:
    return order.field != "id" and bool(rows.model._meta.get_field(order.field).null)


def stretches(rows: QuerySet, order: Order, at: Position | None = None) -> list[QuerySet]:
    """The queries that give the rows behind a place, one after the other; each is one range of the index.

    Equal values and the values behind them are asked for apart: a comparison of pairs would begin at the first of the
    equal ones, however many there are.
    """
    backwards = at is not None and at.before
    down = order.descending != backwards
    sign, behind = ("-", "lt") if down else ("", "gt")
    by_id = rows.order_by(f"{sign}pk")
    if order.field == "id":
        return [by_id if at is None else by_id.filter(**{f"pk__{behind}": at.id})]
    without = by_id.filter(**{f"{order.field}__isnull": True}) if _nullable(rows, order) else None
    ordered = rows.order_by(f"{sign}{order.field}", f"{sign}pk")
    if without is not None:
        ordered = ordered.filter(**{f"{order.field}__isnull": False})
    if at is None:
        return [ordered] if without is None else [ordered, without]
    if at.value is None:
        if without is None:
            raise Refusal(STALE)
        rest = without.filter(**{f"pk__{behind}": at.id})
        return [rest, ordered] if backwards else [rest]
    equal = by_id.filter(**{order.field: at.value, f"pk__{behind}": at.id})
    further = ordered.filter(**{f"{order.field}__{behind}": at.value})
    return [equal, further] if without is None or backwards else [equal, further, without]


def page_of(rows: QuerySet, order: Order, at: Position | None, size: int) -> Page:
    """One page, and whether there is more on both sides."""
    found: list[Any] = []
    for part in stretches(rows, order, at):
        found += part[: size + 1 - len(found)]
        if len(found) > size:
            break
    more, found = len(found) > size, found[:size]
    backwards = at is not None and at.before
    if backwards:
        found.reverse()
    if not found:
        return Page([], None, None)
    first, last = (_position(row, order) for row in (found[0], found[-1]))
    back = Position(first.value, first.id, before=True)
    return Page(found, back if (more if backwards else at is not None) else None, last if backwards or more else None)


def _position(row: Any, order: Order) -> Position:
    return Position(row.pk if order.field == "id" else getattr(row, order.field), row.pk)
