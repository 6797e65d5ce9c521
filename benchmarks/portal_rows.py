"""A list of the usual kind (number, name, state, amount, day) over two tables, made for measuring."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import connection, models
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import clear_url_caches, path
from django.utils import timezone

from fengqiao.portal.accounts.models import Organisation, Role, User
from fengqiao.portal.shell.columns import Choice, Column, Period, Text
from fengqiao.portal.shell.listing import Listing

STATES = [("new", "待受理"), ("running", "办理中"), ("waiting", "待签署"), ("closed", "已办结"), ("rare", "已撤回")]
WEIGHTS = (30, 40, 20, 10)
FIRST_DAY = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


class Row(models.Model):
    """One case."""

    number = models.CharField(max_length=20)
    name = models.CharField(max_length=40)
    state = models.CharField(max_length=10)
    amount = models.BigIntegerField()
    due = models.DateTimeField(null=True)

    class Meta:
        abstract = True


def _indexes(prefix: str) -> list[models.Index]:
    orders = ("number", "name", "amount", "due")
    alone = [models.Index(fields=[name, "id"], name=f"{prefix}_{name}") for name in orders]
    behind = [models.Index(fields=["state", name, "id"], name=f"{prefix}_s_{name}") for name in orders]
    return [*alone, *behind, models.Index(fields=["state", "id"], name=f"{prefix}_s")]


class ShortRow(Row):
    """The short table."""

    class Meta:
        app_label = "workbench"
        indexes = _indexes("short")


class LongRow(Row):
    """The long table."""

    class Meta:
        app_label = "workbench"
        indexes = _indexes("long")


def listings() -> dict[str, Listing]:
    """The list over both."""
    return {
        key: Listing(
            key=key, title="案件", model=model, first="-id",
            columns=(
                Column("number", "编号", order="number"), Column("name", "当事人", order="name"),
                Column("state", "状态", "state", value=lambda row: dict(STATES)[row.state]),
                Column("amount", "金额", "yuan", order="amount"), Column("due", "期限", "moment", order="due"),
            ),
            filters=(Choice("state", "状态", STATES), Text("name", "当事人"), Period("due", "期限")),
        )
        for key, model in (("short", ShortRow), ("long", LongRow))
    }  # fmt: skip


def fill(model: type[Row], count: int) -> None:
    """Make the table, put rows into it, then index them: the other way round takes the longer the more there are."""
    indexes, model._meta.indexes = model._meta.indexes, []
    with connection.schema_editor() as editor:
        editor.create_model(model)
    model._meta.indexes = indexes
    made = random.Random(11)
    for first in range(0, count, 20_000):
        model.objects.bulk_create(_row(model, n, count, made) for n in range(first, min(first + 20_000, count)))
    with connection.schema_editor() as editor:
        for index in indexes:
            editor.add_index(model, index)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _row(model: type[Row], n: int, count: int, made: random.Random) -> Row:
    """A row; forty of each table are alike in state, name or due day, so that both have the same number to show."""
    turn = n % (count // 40)
    due = FIRST_DAY + dt.timedelta(minutes=made.randrange(3_600_000)) if made.random() > 0.2 else None
    return model(
        number=f"MC{2020 + n % 7}-{n:07d}",
        name=f"欧阳某{n:07d}" if turn == 1 else f"{made.choice('赵钱孙李周吴郑王')}某{made.randrange(5000):04d}",
        state="rare" if turn == 0 else made.choices([key for key, _ in STATES[:4]], WEIGHTS)[0],
        amount=made.randrange(10**9),
        due=FIRST_DAY.replace(year=2031) + dt.timedelta(hours=n % 24) if turn == 2 else due,
    )


class BenchClient:
    """Somebody who is logged in and looks at the lists."""

    def __init__(self, tables: dict[str, Listing]) -> None:
        from fengqiao.portal import urls

        self.tables = tables
        for key in tables:
            urls.urlpatterns.append(path(f"{key}/", self.view(key)))
        clear_url_caches()
        user = User.objects.create(username="bench", name="测算员A", joined_at=timezone.now())
        body = Organisation.objects.create(kind=Organisation.Kind.SERVICES_CENTRE, name="示例服务中心")
        Role.objects.create(user=user, organisation=body, kind=Role.Kind.MEASURER, granted_at=timezone.now())
        self.client = Client()
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": ""})
        self.client.force_login(user)

    def view(self, key: str) -> Any:
        """The page of one of the lists."""

        def shown(request: HttpRequest) -> HttpResponse:
            listing = self.tables[key]
            return listing.respond(request, listing.model.objects.all())

        return shown

    def get(self, key: str, query: str) -> None:
        """One page, as the browser asks for it."""
        at = self.deep(key, query) if "at=deep" in query else ""
        answer = self.client.get(f"/{key}/?{query.replace('&at=deep', '')}{at}")
        assert answer.status_code == 200, (key, query, answer.status_code)

    def deep(self, key: str, query: str) -> str:
        """A place in the middle of the list; found once."""
        known = self.__dict__.setdefault("places", {})
        if (key, query) not in known:
            from django.http import QueryDict

            from fengqiao.portal.shell.paging import Position

            listing = self.tables[key]
            seen = listing.view(listing.model.objects.all(), QueryDict(query.replace("&at=deep", "")), None)
            rows = seen.in_order()
            row = rows[rows.count() // 2]
            value = row.pk if seen.order.field == "id" else getattr(row, seen.order.field)
            known[key, query] = f"&at={Position(value, row.pk).text()}"
        return known[key, query]

    def ways(self) -> Iterator[tuple[str, str]]:
        """Every way to see the list: what it is called, its query."""
        for sort in ("-id", "number", "-number", "name", "amount", "-amount", "due", "-due"):
            yield f"by {sort}", f"sort={sort}"
            yield f"by {sort}, in the middle", f"sort={sort}&at=deep"
        for state in ("running", "rare"):
            for sort in ("-id", "name", "-amount", "due"):
                yield f"state {state}, by {sort}", f"state={state}&sort={sort}"
        yield "name begins with (many), by name", "name=%E6%9D%8E%E6%9F%90&sort=name"
        yield "name begins with (few), by amount", "name=%E6%AC%A7%E9%98%B3&sort=amount"
        yield "two years (many), by due", "due_from=2021-03-01&due_to=2022-12-31&sort=due"
        yield "a day (few), by number", "due_from=2031-01-01&due_to=2031-01-03&sort=number"
