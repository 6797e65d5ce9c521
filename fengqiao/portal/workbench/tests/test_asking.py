"""The questions of the start page: one statement says which have an answer, and only those are read, each time anew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fengqiao.portal.accounts.acting import Acting, acting_for
from fengqiao.portal.accounts.models import Organisation, Role, User
from fengqiao.portal.claims import actions
from fengqiao.portal.claims.tests.made_case import person
from fengqiao.portal.workbench import queries
from fengqiao.portal.workbench.asking import Question, items_of, with_answer
from fengqiao.portal.workbench.found import DueItem

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 1, 0, tzinfo=dt.UTC)


@pytest.fixture
def measurer() -> Acting:
    body = Organisation.objects.create(kind=Organisation.Kind.SERVICES_CENTRE, name="测试服务中心")
    return person("测算员甲", Role.Kind.MEASURER, body)


def named(rows: QuerySet[User]) -> Iterable[DueItem]:
    return [DueItem(row.name, "/", None) for row in rows[:2]]


def test_only_what_has_a_row_is_read(measurer: Acting) -> None:
    there, none = User.objects.order_by("pk"), User.objects.filter(name="没有这个人")
    asked = [Question(none, named), Question(there, named), Question(User.objects.none(), named)]
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert [item.title for item in items_of(asked, measurer)] == ["测算员甲"]
    assert len(seen) == 2, "one that says where there is something, one that reads it"
    assert with_answer(asked, measurer) == [asked[1]] and with_answer([], measurer) == []
    likely = Question(none, named, likely=True)
    with CaptureQueriesContext(connection) as seen:
        assert list(items_of([likely], measurer)) == []
    assert len(seen) == 1, "what there usually is is read at once"


def test_a_new_row_and_a_lost_right_count_at_once(measurer: Acting) -> None:
    assert queries.due_for(measurer, NOW) == []
    actions.create_case(title="示例案", security="999001", note="", acting=measurer, now=NOW)
    assert [item.title for item in queries.due_for(measurer, NOW)] == ["示例案"]
    colleague = person("测算员乙", Role.Kind.MEASURER, measurer.organisation)
    assert [item.title for item in queries.due_for(colleague, NOW)] == ["示例案"]
    Role.objects.filter(user=colleague.user).update(ended_at=timezone.now() - dt.timedelta(days=1))
    assert queries.due_for(acting_for(User.objects.get(pk=colleague.user.pk)), NOW) == []
    stranger = person(
        "测算员丙", Role.Kind.MEASURER, Organisation.objects.create(kind="services_centre", name="别的中心")
    )
    assert queries.due_for(stranger, NOW) == []


@pytest.mark.parametrize("kind", [kind for kind in Role.Kind if kind not in (Role.Kind.AGENT, Role.Kind.INVESTOR)])
def test_an_empty_start_page_asks_little_in_every_role(kind: Role.Kind) -> None:
    body = Organisation.objects.create(kind=Organisation.Kind.MEDIATION, name="测试调解")
    acting = person("某人", kind, body)
    with CaptureQueriesContext(connection) as seen:
        assert queries.due_for(acting, NOW) == []
    assert len(seen) <= 3, [one["sql"][:80] for one in seen]
