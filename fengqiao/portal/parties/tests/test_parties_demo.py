"""The demo shows somebody whom staff help, an agent at work, and what waits to be accepted; twice the same."""

from __future__ import annotations

import pytest
from django.utils import timezone

from fengqiao.portal.accounts.acting import acting_for
from fengqiao.portal.demo.cast import put_in
from fengqiao.portal.parties import demo, queries
from fengqiao.portal.parties.models import Authorisation, Party
from fengqiao.portal.workbench.asking import items_of
from fengqiao.portal.workbench.parties import questions


@pytest.mark.django_db
def test_the_demo_has_people_and_is_filled_once() -> None:
    now = timezone.now()
    cast, _ = put_in(password_hash=lambda person: "!", second_factor=lambda person: "JBSWY3DPEHPK3PXP", now=now)
    people = demo.People(*(acting_for(cast.users[name]) for name in ("mediator", "agent", "agent_b", "investor")))
    assert demo.fill(people=people, now=now) == 3 and demo.fill(people=people, now=now) == 0
    helped = Party.objects.get(name=demo.HELPED)
    assert queries.represented_by(people.agent, helped.pk, now) == helped
    assert helped.priority and queries.assisted_by(people.mediator, helped.pk) == helped
    kinds = {row.kind for row in Authorisation.objects.filter(state="submitted")}
    assert kinds == {"guardian", "entrusted"}
    assert (
        len(
            [
                item
                for item in items_of(questions(people.mediator, now), people.mediator)
                if "决定是否接受授权" in item.title
            ]
        )
        == 2
    )
