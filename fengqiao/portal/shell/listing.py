"""The list pattern: declared once, it sorts, filters, pages and exports; as plain links and forms, quicker with htmx.

ORGANISATIONS = Listing(key="organisations", title="机构", model=Organisation, columns=(...), filters=(...))

def organisations(request):
    return ORGANISATIONS.respond(request, queries.visible_to(request.acting), "workbench/organisations.html")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from fengqiao.portal.shell import words
from fengqiao.portal.shell.columns import Column, Filter
from fengqiao.portal.shell.export import FORMATS, export
from fengqiao.portal.shell.paging import Order, Page, page_of, read_position

PAGE_SIZE = 30
COUNTED_UP_TO = 10_000
SORTED_UP_TO = 2_000
"""A stretch of an index with more rows than this is not sorted by another column: that would take long."""
REGISTRY: dict[str, Listing] = {}


@dataclass(frozen=True)
class Empty:
    """What an empty list says: why, and what to do."""

    title: str = "这里还没有内容"
    text: str = "有了新的记录后会显示在这里。"
    url_name: str = ""
    action: str = ""


@dataclass(frozen=True)
class Listing:
    """A list: its columns, by what it is narrowed and sorted. Every one is checked against the indexes of its table."""

    key: str
    title: str
    model: type[Model]
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...] = ()
    first: str = "-id"
    """The order in which it is shown at first: the key of a column, with - for descending, or -id for newest first."""
    scopes: tuple[tuple[str, ...], ...] = ((),)
    """The fields by which `visible_to` narrows the rows, for the check of the plans: one tuple a way of seeing;
    !name is a truth that must be false."""
    small: bool = False
    """True for tables that stay below some thousand rows: not checked, may be searched by what a value contains."""
    empty: Empty = field(default_factory=Empty)
    prepare: Callable[[QuerySet], QuerySet] = field(default=lambda rows: rows)
    """What the shown rows need besides, as select_related."""
    besides: Callable[[Sequence[Any], Any], None] | None = None
    """The same from tables that no join reaches: puts it into the rows, a page or a stretch of an export at a time;
    gets who is acting, too."""

    def __post_init__(self) -> None:
        if self.key in REGISTRY and REGISTRY[self.key].title != self.title:
            raise ValueError(f"two lists are called {self.key}")
        REGISTRY[self.key] = self

    @property
    def orders(self) -> dict[str, Column]:
        """The columns by which it can be sorted, by key."""
        return {column.key: column for column in self.columns if column.order}

    def order_of(self, text: str) -> tuple[str, Order]:
        """The key and order an address asks for, or the first one."""
        known = self.orders
        for wanted in (text, self.first):
            key, descending = wanted.removeprefix("-"), wanted.startswith("-")
            if key in known:
                return key, Order(known[key].order, descending)
            if key == "id":
                return key, Order("id", descending)
        return "id", Order("id", descending=True)

    def view(self, rows: QuerySet, given: Mapping[str, str], acting: Any) -> View:
        """The list as an address asks for it."""
        known = {name: given.get(name, "") for item in self.filters for name in item.names()}
        conditions = [(item, item.condition(known, acting)) for item in self.filters]
        active = [(item, condition) for item, condition in conditions if condition is not None]
        for _, condition in active:
            rows = rows.filter(condition)
        key, order = self.order_of(given.get("sort", ""))
        seen = View(self, rows, {name: value for name, value in known.items() if value}, acting, key, order)
        ranges = [item for item, _ in active if item.narrows_a_range]
        if self.small or not ranges or any((item.field or item.key) == order.field for item in ranges):
            return seen
        # a range of one index in the order of another column: only when the range is short
        found = list(rows.order_by().values_list("pk", flat=True)[: SORTED_UP_TO + 1])
        if len(found) <= SORTED_UP_TO:
            return replace(seen, rows=rows.model._default_manager.filter(pk__in=found))
        leading = ranges[0].field or ranges[0].key
        by = next((column.key for column in self.orders.values() if column.order == leading), leading)
        note = f"符合条件的超过{SORTED_UP_TO:,}条，已改按“{ranges[0].title}”排序；缩小范围后可以按其他列排序。"
        return replace(seen, order=Order(leading, True), key=by, note=note)

    def respond(
        self, request: HttpRequest, rows: QuerySet, template: str = "shell/list_page.html", **context: Any
    ) -> HttpResponse:
        """The answer: the whole page, the table alone for htmx, or a file."""
        acting = getattr(request, "acting", None)
        seen = self.view(rows, request.GET, acting)
        wanted = request.GET.get("export", "")
        if wanted in FORMATS:
            return export(self.title, self.columns, seen.in_order(), wanted, count=seen.count, besides=seen.besides)
        at = read_position(request.GET.get("at", ""), self.model, seen.order)
        page = page_of(self.prepare(seen.rows), seen.order, at, PAGE_SIZE)
        seen.besides(page.rows)
        shown = Shown.of(seen, page, request.path, at is None)
        alone = bool(request.htmx and request.htmx.target == f"list-{self.key}")
        response = render(request, "shell/list.html" if alone else template, {"list": shown, **context})
        patch_vary_headers(response, ("HX-Request", "HX-Target"))
        return response


@dataclass(frozen=True)
class View:
    """A list, narrowed and sorted."""

    listing: Listing
    rows: QuerySet
    given: dict[str, str]
    acting: Any
    key: str
    order: Order
    note: str = ""

    @property
    def sort(self) -> str:
        """The order as it stands in an address."""
        return f"-{self.key}" if self.order.descending else self.key

    def count(self, most: int = COUNTED_UP_TO) -> int:
        """How many rows there are; most + 1 stands for more."""
        return int(self.rows.order_by()[: most + 1].count())

    def besides(self, rows: Sequence[Any]) -> None:
        """Put into rows what the list shows of other tables."""
        if self.listing.besides is not None and rows:
            self.listing.besides(rows, self.acting)

    def in_order(self) -> QuerySet:
        """All its rows in the order shown."""
        if self.order.field == "id":
            ordered = self.rows.order_by(self.order.text)
        else:
            by = F(self.order.field)
            by = by.desc(nulls_last=True) if self.order.descending else by.asc(nulls_last=True)
            ordered = self.rows.order_by(by, "-pk" if self.order.descending else "pk")
        return self.listing.prepare(ordered)


@dataclass(frozen=True)
class Cell:
    """One value as it stands in the table."""

    column: Column
    text: str
    url: str | None
    sign: str


@dataclass(frozen=True)
class Heading:
    """A column's head: where a click on it leads."""

    column: Column
    url: str
    direction: str
    """ascending, descending or nothing, as aria-sort has it."""


@dataclass(frozen=True)
class Shown:
    """Everything the template of a list needs."""

    listing: Listing
    headings: list[Heading]
    rows: list[list[Cell]]
    filters: list[dict[str, Any]]
    orders: list[tuple[str, str, bool]]
    count: str
    note: str
    narrowed: bool
    path: str
    previous: str
    next: str
    exports: list[tuple[str, str]]
    first_page: bool

    @classmethod
    def of(cls, seen: View, page: Page, path: str, first_page: bool) -> Shown:
        """Put a page of a list into words and addresses."""
        listing, base = seen.listing, dict(seen.given)
        address = _Addresses(path, base, seen.sort)
        count = seen.count()
        return cls(
            listing=listing,
            headings=[_heading(column, seen, address) for column in listing.columns],
            rows=[[_cell(column, row) for column in listing.columns] for row in page.rows],
            filters=[_filter(item, seen) for item in listing.filters],
            orders=_orders(seen),
            count=f"{COUNTED_UP_TO:,}条以上" if count > COUNTED_UP_TO else f"共{words.count_text(count)}条",
            note=seen.note,
            narrowed=bool(base),
            path=path,
            previous=address(at=page.previous.text()) if page.previous else "",
            next=address(at=page.next.text()) if page.next else "",
            exports=[(name, address(export=kind)) for kind, name in FORMATS.items()],
            first_page=first_page,
        )


@dataclass(frozen=True)
class _Addresses:
    path: str
    base: dict[str, str]
    sort: str

    def __call__(self, **changes: str) -> str:
        return f"{self.path}?{urlencode({**self.base, 'sort': self.sort, **changes})}"


def _heading(column: Column, seen: View, address: _Addresses) -> Heading:
    if not column.order:
        return Heading(column, "", "")
    here = seen.key == column.key
    turn = f"-{column.key}" if here and not seen.order.descending else column.key
    direction = ("descending" if seen.order.descending else "ascending") if here else ""
    return Heading(column, address(sort=turn), direction)


def _cell(column: Column, row: Any) -> Cell:
    return Cell(
        column,
        column.shown(column.of(row)),
        column.link(row) if column.link else None,
        column.sign(row) if column.sign else "quiet",
    )


def _filter(item: Filter, seen: View) -> dict[str, Any]:
    values = [seen.given.get(name, "") for name in item.names()]
    options = item.options(seen.acting) if hasattr(item, "options") else []
    return {"item": item, "values": values, "value": values[0], "names": item.names(), "options": options,
            "template": item.template}  # fmt: skip


DIRECTIONS = {
    "text": ("升序", "降序"),
    "state": ("升序", "降序"),
    "day": ("从早到晚", "从晚到早"),
    "moment": ("从早到晚", "从晚到早"),
}


def _orders(seen: View) -> list[tuple[str, str, bool]]:
    """What the menu of orders offers: value, name, whether it is the present one."""
    out = [("-id", "最新的在前", seen.sort == "-id")] if seen.listing.first == "-id" else []
    for key, column in seen.listing.orders.items():
        up, down = DIRECTIONS.get(column.kind, ("从小到大", "从大到小"))
        for value, direction in ((key, up), (f"-{key}", down)):
            out.append((value, f"{column.title}（{direction}）", seen.sort == value))
    return out


__all__ = ["Column", "Empty", "Listing", "View"]
