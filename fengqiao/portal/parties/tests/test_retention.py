"""What is past its period goes, with its proof; what is held or in use stays."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.http import Http404
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Organisation, Role
from fengqiao.portal.audit.models import Event
from fengqiao.portal.documents.models import Document
from fengqiao.portal.documents.queries import place_of
from fengqiao.portal.jobs.registry import KINDS
from fengqiao.portal.parties import authorising, disposing, jobs, queries
from fengqiao.portal.parties.models import DISPOSED_NAME, Disposal, LegalHold, Party
from fengqiao.portal.parties.retention import RULES, findings, rule, years_before
from fengqiao.portal.parties.tests.people import DAY, NOW, YOUNG, house, person, submitted
from fengqiao.portal.parties.tests.people import taken_in as take_in
from fengqiao.portal.shell.errors import Conflict, Refusal
from fengqiao.portal.shell.models import Draft

AFTER = dt.datetime(2031, 11, 21, 1, 0, tzinfo=dt.UTC)
"""The first day on which what ended on 2026-11-20 is past five years."""


@pytest.fixture
def mediator(db: Any) -> Acting:
    return person("调解员丙", Role.Kind.MEDIATOR, house())


@pytest.fixture
def platform(db: Any) -> Acting:
    return person("平台管理员", Role.Kind.ADMINISTRATOR, house(Organisation.Kind.PLATFORM, "平台"))


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), st.integers(1, 20))
def test_a_period_of_years_ends_on_the_same_day(day: dt.date, years: int) -> None:
    before = years_before(day, years)
    assert (before.year, before.month) == (day.year - years, day.month)
    assert before.day == day.day or (day.month, day.day, before.day) == (2, 29, 28)


def test_a_person_goes_after_the_period_and_not_a_day_before(mediator: Acting) -> None:
    party = take_in(mediator, kinds=("hardship",))
    assert not rule("party").due(AFTER - DAY).exists()
    before = disposing.digest_of(Party.objects.get(pk=party.pk))
    assert jobs.dispose_due(None, AFTER) == {"disposed": 1, "failed": 0}
    party = Party.objects.get(pk=party.pk)
    assert party.name == DISPOSED_NAME
    assert not (party.number or party.mobile or party.address)
    assert (party.number_index, party.priority) == ("", 0)
    assert not any(need.evidence for need in party.needs.all())
    assert not queries.visible_to(mediator).filter(disposed_at=None).exists()
    proof = Disposal.objects.get()
    assert (proof.record_id, proof.digest) == (str(party.pk), before)
    assert "待核" in proof.basis
    assert Event.objects.filter(verb="parties.disposed", subject_id=str(party.pk)).count() == 1
    assert jobs.dispose_due(None, AFTER) == {"disposed": 0, "failed": 0}


def test_a_hold_keeps_and_is_listed_with_its_reason(mediator: Acting, platform: Acting) -> None:
    party = take_in(mediator)
    for stranger in (mediator, person("管理员", Role.Kind.ADMINISTRATOR, house())):
        with pytest.raises(Http404):
            disposing.place_hold(party=party, reason="x", acting=stranger, now=NOW)
    with pytest.raises(Refusal):
        disposing.place_hold(party=party, reason=" ", acting=platform, now=NOW)
    hold = disposing.place_hold(party=party, reason="法院来函", acting=platform, now=NOW)
    assert jobs.dispose_due(None, AFTER)["disposed"] == 0
    assert disposing.dispose(rule=rule("party"), number=party.pk, now=AFTER) is None
    held = findings(RULES, AFTER, held=True, most=9)
    assert [(one.row.pk, one.holds) for one in held] == [(party.pk, ("法院来函",))]
    disposing.lift_hold(hold=hold, reason="审结", acting=platform, now=AFTER)
    with pytest.raises(Conflict):
        disposing.lift_hold(hold=hold, reason="审结", acting=platform, now=AFTER)
    assert LegalHold.objects.get().lifted_at == AFTER
    assert jobs.dispose_due(None, AFTER)["disposed"] == 1


def test_who_has_an_account_or_an_agent_stays(mediator: Acting) -> None:
    party = take_in(mediator)
    agent = person("代理人乙", Role.Kind.AGENT)
    made = submitted(agent, name="投资者甲", number=YOUNG)
    assert made.party_id == party.pk
    assert not rule("party").due(AFTER).exists()
    authorising.decline(authorisation=made, reason="没有签名", acting=mediator, now=NOW)
    assert place_of(made.paper).exists()
    assert rule("authorisation").due(AFTER).exists()


@pytest.mark.django_db(transaction=True)
def test_the_paper_goes_with_its_authorisation() -> None:
    mediator, agent = person("调解员丙", Role.Kind.MEDIATOR, house()), person("代理人乙", Role.Kind.AGENT)
    made = submitted(agent, name="投资者甲", number=YOUNG)
    authorising.decline(authorisation=made, reason="没有签名", acting=mediator, now=NOW)
    place = place_of(made.paper)
    assert jobs.dispose_due(None, AFTER)["failed"] == 0
    assert not place.exists()
    made.refresh_from_db()
    assert made.paper is None
    assert not Document.objects.exists()
    assert made.document_sha256, "the digest of the paper stays"
    assert set(Disposal.objects.values_list("rule", flat=True)) == {"authorisation", "party", "notice_account"}


def test_one_row_that_fails_stops_no_other(mediator: Acting) -> None:
    first, second = take_in(mediator), take_in(mediator, name="投资者乙", number="")
    row = Party.objects.get(pk=first.pk)
    Disposal.objects.create(
        rule="party", record_kind="parties.party", record_id=str(row.pk), started_at=NOW, period="x", basis="x",
        digest="x", fields="x", disposed_at=NOW,
    )  # fmt: skip
    assert jobs.dispose_due(None, AFTER) == {"disposed": 1, "failed": 1}
    assert Party.objects.get(pk=first.pk).disposed_at is None
    assert Party.objects.get(pk=second.pk).disposed_at == AFTER


def test_old_drafts_and_sessions_go_by_the_clock(mediator: Acting) -> None:
    assert {"parties.expire", "parties.retention", "parties.housekeeping"} <= set(KINDS)
    assert all(KINDS[name].every for name in KINDS if name.startswith("parties."))
    old = Draft(owner=mediator.user, form="a.b", device="phone", updated_at=timezone.now() - 99 * DAY)
    old.data = "{}"
    old.save()

    class Now:
        """A job at work, as far as this one needs it."""

        now = staticmethod(timezone.now)

    assert jobs.housekeeping(Now()).result == {"drafts": 1}
