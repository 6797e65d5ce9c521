"""The demo shows a service with its proof, one not read yet, and one that has to go another way; twice the same."""

from __future__ import annotations

import pytest
from django.utils import timezone

from fengqiao.portal.accounts.acting import acting_for
from fengqiao.portal.demo.cast import put_in
from fengqiao.portal.service import demo
from fengqiao.portal.service.models import Recipient


@pytest.mark.django_db
def test_the_demo_has_every_state_and_is_filled_once() -> None:
    now = timezone.now()
    cast, _ = put_in(password_hash=lambda person: "!", second_factor=lambda person: "JBSWY3DPEHPK3PXP", now=now)
    people = demo.People(*(acting_for(cast.users[name]) for name in ("mediator", "investor", "investor_b")))
    assert demo.fill(people=people, now=now) == 3 and demo.fill(people=people, now=now) == 0
    rows = {(row.name, row.service.stage): row for row in Recipient.objects.select_related("service", "deadline")}
    read = rows["投资者甲", "mediation"]
    assert read.state == "served" and read.read_at and read.proof and read.deadline
    assert rows["投资者甲", "other"].state == "served" and rows["投资者甲", "other"].read_at is None
    assert rows["投资者乙", "other"].state == "other_way"
