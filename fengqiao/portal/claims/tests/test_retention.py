"""Whose the numbers of a case are: the person is told, it is kept while a result or a hold needs it, and then goes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Organisation, Role
from fengqiao.portal.audit.models import Event
from fengqiao.portal.claims import publishing, retention
from fengqiao.portal.claims.models import CaseInvestor, MassCase
from fengqiao.portal.claims.tests.made_case import NOW, person, ready_case, write_files
from fengqiao.portal.jobs.registry import KINDS
from fengqiao.portal.parties import disposing, own_data, queries
from fengqiao.portal.parties.models import Disposal, Party
from fengqiao.portal.parties.tests.people import MOBILE, OTHER, YOUNG, own
from fengqiao.portal.parties.tests.people import person as investor_of

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def measurer() -> Acting:
    body = Organisation.objects.create(kind=Organisation.Kind.SERVICES_CENTRE, name="测试服务中心")
    return person("测算员甲", Role.Kind.MEASURER, body)


@pytest.fixture
def case(tmp_path: Path, measurer: Acting) -> MassCase:
    return ready_case(write_files(tmp_path, 5), measurer)


def noted(case: MassCase, measurer: Acting, number: str = YOUNG, mobile: str = MOBILE) -> CaseInvestor:
    people = [publishing.Person("Z1", number, mobile)]
    publishing.note_people(case=case, people=people, acting=measurer, now=NOW)
    return case.people.get()


def test_the_person_sees_where_they_are_noted(case: MassCase, measurer: Acting) -> None:
    noted(case, measurer)
    investor = investor_of("投资者甲", Role.Kind.INVESTOR, number=YOUNG)
    own(investor)
    party = queries.own_party(investor)
    assert party is not None

    def shown() -> list[list[str]]:
        return next(one for one in own_data.kept_of(party) if one.key == "measured_cases").opened(whole=True)

    assert [(row[0], row[2], row[3]) for row in shown()] == [(case.number, "Z1", YOUNG)]
    noted(case, measurer, mobile=f"137{9:08d}")
    assert not shown(), "who has another mobile is somebody else until that is cleared up"


def test_it_goes_after_five_years_with_a_proof_and_not_a_day_before(case: MassCase, measurer: Acting) -> None:
    row = noted(case, measurer)
    last = NOW.replace(year=NOW.year + 5)
    assert not retention.dispose(rule=retention.PEOPLE, number=row.pk, now=last)
    digest = disposing.digest_of(CaseInvestor.objects.get())
    assert retention.dispose(rule=retention.PEOPLE, number=row.pk, now=last + DAY)
    assert not CaseInvestor.objects.exists()
    proof = Disposal.objects.get()
    assert (proof.record_id, proof.started_at, proof.digest) == (str(row.pk), NOW, digest)
    event = Event.objects.get(verb="claims.person_disposed")
    assert event.chain == case.organisation_id and event.case == case.number
    assert not retention.dispose(rule=retention.PEOPLE, number=row.pk, now=last + DAY)
    assert KINDS["claims.dispose"].every == DAY


def test_published_results_and_legal_holds_keep_it(case: MassCase, measurer: Acting) -> None:
    from fengqiao.portal.claims import actions

    row, late = noted(case, measurer, number=OTHER), NOW.replace(year=NOW.year + 9)
    run = actions.start_run(case=case, acting=measurer, now=NOW)
    publishing.publish(run=run, acting=measurer, now=NOW, when_done=True)
    assert not retention.dispose(rule=retention.PEOPLE, number=row.pk, now=late)
    publishing.withdraw(case=case, acting=measurer, now=NOW)
    held = investor_of("投资者乙", Role.Kind.INVESTOR, number=OTHER)
    own(held)
    platform = person(
        "平台管理员甲", Role.Kind.ADMINISTRATOR, Organisation.objects.create(kind="platform", name="平台")
    )
    party = Party.objects.get(user=held.user)
    hold = disposing.place_hold(party=party, reason="法院来函", acting=platform, now=NOW)
    assert not retention.dispose(rule=retention.PEOPLE, number=row.pk, now=late)
    disposing.lift_hold(hold=hold, reason="审结", acting=platform, now=NOW)
    assert retention.dispose(rule=retention.PEOPLE, number=row.pk, now=late)
