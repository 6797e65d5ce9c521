"""Lists: pages, orders, filters, exports, and that none of it grows with the table."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from fengqiao.portal.accounts.models import Organisation, Role, User
from fengqiao.portal.shell import export, plans
from fengqiao.portal.shell.columns import Choice, Column, Period, Text
from fengqiao.portal.shell.errors import Refusal
from fengqiao.portal.shell.listing import REGISTRY, Listing
from fengqiao.portal.shell.paging import Order, Position, page_of, read_position

pytestmark = pytest.mark.django_db
KINDS = list(Organisation.Kind)
NAMES = ["=1+1", "+86", "-5", "@x", "\tTab", "正常公司", "＝全角", "O'Neil", "乙公司", "甲公司"]


def fill(count: int) -> None:
    rows = random.Random(7)
    Organisation.objects.bulk_create(
        Organisation(name=f"{rows.choice(NAMES)}{n}", kind=rows.choice(KINDS), region=rows.choice("东南西北"))
        for n in range(count)
    )


@pytest.fixture
def person(client: Client) -> Client:
    """Somebody who is logged in."""
    user = User.objects.create_user("someone", name="投资者A", joined_at=timezone.now())
    Role.objects.create(user=user, kind=Role.Kind.INVESTOR, granted_at=timezone.now())
    client.force_login(user)
    return client


def walk(rows: Any, order: Order, size: int) -> list[Any]:
    """All pages from the first to the last, and the way back gives the same pages."""
    pages = [page_of(rows, order, None, size)]
    while pages[-1].next:
        pages.append(page_of(rows, order, pages[-1].next, size))
    page = pages[-1]
    for expected in reversed(pages[:-1]):
        page = page_of(rows, order, page.previous, size)
        assert page.rows == expected.rows
    assert page.previous is None
    return [row for page in pages for row in page.rows]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("field", ["name", "region", "id", "credit_code"])
def test_walking_there_and_back_meets_every_row_once(field: str, descending: bool) -> None:
    fill(101)
    sign = "-" if descending else ""
    expected = [row.pk for row in Organisation.objects.order_by(f"{sign}{field}", f"{sign}id")]
    assert [row.pk for row in walk(Organisation.objects.all(), Order(field, descending), 7)] == expected


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("size", [1, 5, 8, 15, 23, 40])
def test_rows_without_a_value_come_last_and_are_not_lost(size: int, descending: bool) -> None:
    now = timezone.now()
    for n in range(23):
        user = User.objects.create(username=f"u{n}", name="投资者A", joined_at=now)
        ended = now + dt.timedelta(days=n) if n % 3 else None
        Role.objects.create(user=user, kind=Role.Kind.INVESTOR, granted_at=now, ended_at=ended)
    seen = walk(Role.objects.all(), Order("ended_at", descending), size)
    values = [row.ended_at for row in seen]
    assert len(seen) == len({row.pk for row in seen}) == 23
    assert values == sorted((value for value in values if value), reverse=descending) + [None] * 8


def test_a_place_survives_its_address_and_a_broken_one_is_refused() -> None:
    order = Order("ended_at")
    at = Position(timezone.now(), 5, before=True)
    assert read_position(at.text(), Role, order) == at
    for text in ("x", "e30", "WzEsMiwzXQ", "\xff", Position("nonsense", 1).text(), Position(None, "x").text()):
        with pytest.raises(Refusal):
            read_position(text, Role, order)


def test_the_page_is_whole_and_the_part_for_htmx_is_a_part(person: Client) -> None:
    fill(65)
    whole = person.get("/organisations/").content.decode()
    assert whole.count('<tr role="row">') == 31
    assert "共65条" in whole
    answer = person.get("/organisations/?sort=-name", headers={"HX-Request": "true", "HX-Target": "list-organisations"})
    part = answer.content.decode()
    assert "<html" not in part
    assert '<section id="list-organisations"' in part
    assert 'aria-sort="descending"' in part
    assert "HX-Request" in answer["Vary"]
    assert answer["Cache-Control"] == "private, no-store"


def test_filters_and_nonsense_in_addresses(person: Client) -> None:
    fill(40)
    Organisation.objects.create(name="独一家", kind=Organisation.Kind.COURT)
    one = person.get("/organisations/?name=独一").content.decode()
    assert "独一家" in one
    assert "共1条" in one
    assert "没有符合条件的记录" in person.get("/organisations/?name=没有").content.decode()
    for query in ("kind=nonsense", "sort=drop table", "name=%00", "sort=-id", "export=exe", "name=%FF"):
        assert person.get(f"/organisations/?{query}").status_code == 200, query
    assert person.get("/organisations/?at=%FF%FE").status_code == 400
    assert person.get("/organisations/?kind=court&sort=-name").content.decode().count("人民法院") > 1


def test_exports_are_as_seen_and_hold_no_formulas(person: Client) -> None:
    fill(80)
    rows = Organisation.objects.filter(kind="court", is_active=True).order_by("-name", "-id")
    expected = [export.harmless(row.name) for row in rows]
    assert any(name.startswith("'") for name in expected)
    answer = person.get("/organisations/?kind=court&sort=-name&export=csv")
    raw = b"".join(answer.streaming_content)
    assert raw.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert lines[0] == ["名称", "类型", "地区", "联系电话", "统一社会信用代码"]
    assert [line[0] for line in lines[1:]] == expected
    answer = person.get("/organisations/?kind=court&sort=-name&export=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == expected
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert "attachment" in answer["Content-Disposition"]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_formulas_become_text(sign: str) -> None:
    assert export.harmless(f"{sign}1") == f"'{sign}1"
    assert export.harmless(f"1{sign}") == f"1{sign}"


def test_too_many_rows_are_refused_with_a_sentence(person: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(export.MOST, "xlsx", 10)
    fill(20)
    answer = person.get("/organisations/?export=xlsx")
    assert answer.status_code == 400
    assert "符合条件的记录超过10行，没有导出" in answer.content.decode()


def test_every_list_of_the_portal_is_a_range_of_an_index() -> None:
    assert "organisations" in REGISTRY
    found = [line for listing in REGISTRY.values() for line in plans.problems(listing)]
    assert not found, "\n".join(["", *found, "Add an index (scope, filter, order, id), or take the order out."])


def trial(**given: Any) -> Listing:
    """A list that is not one of the portal's."""
    made = Listing(key="trial", title="试", **given)
    del REGISTRY["trial"]
    return made


def test_the_check_of_the_plans_can_fail() -> None:
    name, region = Column("name", "名称", order="name"), Column("region", "地区", order="region")
    scope = (("is_active",),)
    assert not plans.problems(trial(model=Organisation, columns=(name,), first="name", scopes=scope))
    assert plans.problems(trial(model=Organisation, columns=(region,), first="region", scopes=scope))
    where = Choice("region", "地区", [("东", "东")])
    assert plans.problems(trial(model=Organisation, columns=(name,), first="name", scopes=scope, filters=(where,)))
    typed = Text("region", "地区")
    assert plans.problems(trial(model=Organisation, columns=(name,), first="name", filters=(typed,)))
    assert not plans.problems(trial(model=Organisation, columns=(region,), first="region", small=True))


def test_long_ranges_keep_their_own_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fengqiao.portal.shell.listing.SORTED_UP_TO", 10)
    now = timezone.now()
    for n in range(15):
        User.objects.create(username=f"u{n:02d}", name=f"投资者{n}", joined_at=now - dt.timedelta(days=n))
    users = trial(
        model=User,
        first="username",
        columns=(
            Column("username", "登录名", order="username"),
            Column("joined_at", "开户", "moment", order="joined_at"),
        ),
        filters=(Period("joined_at", "开户"),),
    )
    day = timezone.localtime(now).date()
    wide = users.view(User.objects.all(), {"joined_at_from": str(day - dt.timedelta(days=20))}, None)
    assert (wide.order.field, wide.key) == ("joined_at", "joined_at")
    assert "已改按“开户”排序" in wide.note
    short = users.view(User.objects.all(), {"joined_at_from": str(day - dt.timedelta(days=4))}, None)
    assert (short.order.field, short.note) == ("username", "")
    assert short.count() == 5
    assert users.view(User.objects.all(), {"joined_at_from": "昨天"}, None).count() == 15
