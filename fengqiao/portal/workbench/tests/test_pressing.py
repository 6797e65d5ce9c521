"""Who comes first in what staff choose from: by the number alone, and never for who may not know."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.deadlines import actions as deadlines
from fengqiao.portal.parties.models import Party
from fengqiao.portal.parties.tests.test_people import logged_in
from fengqiao.portal.signing import actions as signing
from fengqiao.portal.signing.tests import made_round
from fengqiao.portal.workbench import deadlines as of_deadlines
from fengqiao.portal.workbench import pressing
from fengqiao.portal.workbench import signing as of_signing
from fengqiao.portal.workbench.asking import items_of
from fengqiao.portal.workbench.queries import pressing_first

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(db: Any) -> made_round.People:
    found = made_round.People()
    Party.objects.filter(pk=found.parties[1].pk).update(priority=30)
    found.parties[1].refresh_from_db()
    return found


def round_of(people: made_round.People, party: Party, title: str, due_at: dt.datetime, now: dt.datetime) -> Any:
    given: dict[str, Any] = {"acting": people.mediator, "now": now}
    made = signing.create_round(
        title=title, data=made_round.text_pdf(), name="协议.pdf", order="free", level="B-B", due_at=due_at, **given
    )  # fmt: skip
    signing.add_signatory(round_=made, kind="party", role_title="申请人", party=party, **given)
    signing.open_round(round_=made, **given)
    return made


def test_documents_that_wait_for_signatures(people: made_round.People) -> None:
    now = timezone.now()
    due_at = now + dt.timedelta(days=9)
    round_of(people, people.parties[0], "一般的协议", due_at, now)
    round_of(people, people.parties[1], "优先的协议", due_at, now)
    rows = of_signing.waiting(people.mediator).rows
    assert ["优先的协议" in row.title for row in rows] == [True, False]
    assert ["优先办理" in row.state for row in rows] == [True, False]
    page = logged_in(people.mediator).get(reverse("signing:rounds")).content.decode()
    assert page.count("优先办理") == 1
    assert "老年人" not in page


def test_deadlines_about_a_person(people: made_round.People) -> None:
    now = timezone.now()
    mediator: Acting = people.mediator
    day = timezone.localdate() + dt.timedelta(days=5)
    for party in people.parties:
        deadlines.open_deadline(
            rule=None, due_on=day, subject=("other.thing", party.pk), case=party.case, title=f"答复{party.pk}",
            user=mediator.user, organisation=mediator.organisation, acting=None, now=now,
        )  # fmt: skip
    with CaptureQueriesContext(
        connection,
    ) as asked:
        items = list(items_of(of_deadlines.questions(mediator, now), mediator))
    assert len(asked) <= 4, "not one query for each"
    assert [item.priority for item in pressing_first(items)] == [30, *[0] * (len(people.parties) - 1)]
    investor = people.one
    assert not pressing.chooses(investor)
    assert pressing.chooses(mediator)
    assert not pressing.chooses(mediator.for_person(people.parties[1].pk, people.parties[1].name))


def test_lists_of_deadlines_say_who_comes_first(people: made_round.People) -> None:
    """Staff see it in their lists, the month, the page and the export, in a few queries; never which need it is, and
    never who does not choose what to do next."""
    now, mediator, investor = timezone.now(), people.mediator, people.one
    day = timezone.localdate() + dt.timedelta(days=5)
    made = []
    for party in people.parties:
        for who, body in ((mediator.user, mediator.organisation), (investor.user, None)):
            made.append(
                deadlines.open_deadline(
                    rule=None,
                    due_on=day,
                    subject=("other.thing", party.pk),
                    case=party.case,
                    title=f"答复{party.pk}",
                    user=who,
                    organisation=body,
                    acting=None,
                    now=now,
                )
            )
    client, page = logged_in(mediator), reverse("deadlines:mine")
    with CaptureQueriesContext(connection) as asked:
        shown = client.get(page).content.decode()
    assert shown.count("优先办理") == 1
    assert sum("parties_party" in one["sql"] and "priority" in one["sql"] for one in asked) == 1
    month = reverse("deadlines:calendar")
    assert client.get(month, {"month": f"{day:%Y-%m}"}).content.decode().count("优先办理") == 1
    first = next(one for one in made if one.case == people.parties[1].case and one.user == mediator.user)
    assert "优先办理" in client.get(reverse("deadlines:deadline", args=(first.pk,))).content.decode()
    lines = b"".join(client.get(page, {"export": "csv"})).decode().splitlines()  # type: ignore[call-overload]
    assert ["优先办理" in line for line in lines].count(True) == 1
    own = logged_in(investor)
    assert len(made) // 2 == own.get(page).content.decode().count("答复") > 0
    assert "优先办理" not in own.get(page).content.decode()
