"""People who grow old in the system, and what they are told of help: a document, kept with their record."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import Any

import pytest
from django.http import Http404
from pypdf import PdfReader

from fengqiao.engine.identity import with_check_digit
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Role
from fengqiao.portal.audit.models import Event
from fengqiao.portal.documents.models import Document
from fengqiao.portal.documents.queries import place_of, readable
from fengqiao.portal.parties import actions, jobs, needs, noting, own_data, queries
from fengqiao.portal.parties.models import Party
from fengqiao.portal.parties.tests.people import NOW, OLD, house, own, person
from fengqiao.portal.parties.tests.people import taken_in as take_in
from fengqiao.portal.shell.errors import Conflict, Refusal

pytestmark = pytest.mark.django_db
NEARLY = with_check_digit("11010119661121" + "001")
"""Born on 1966-11-21: sixty the day after NOW."""
BIRTHDAY = NOW + dt.timedelta(days=1)


@pytest.fixture
def mediator(db: Any) -> Acting:
    return person("调解员丙", Role.Kind.MEDIATOR, house())


def kinds(party: Party) -> set[str]:
    return {need.key for need in queries.needs_of(party)}


def test_age_is_looked_at_when_somebody_looks_and_noted_by_night(mediator: Acting) -> None:
    party = take_in(mediator, number=NEARLY)
    assert needs.kinds_of(party, NOW) == set()
    assert jobs.note_ages(None, NOW) == 0
    assert needs.kinds_of(party, BIRTHDAY) == {"elderly"}, "at once, before anything is written"
    assert (kinds(party), party.priority) == (set(), 0)
    assert jobs.note_ages(None, BIRTHDAY) == 1
    assert jobs.note_ages(None, BIRTHDAY) == 0
    party.refresh_from_db()
    assert (kinds(party), party.priority) == ({"elderly"}, 30)
    assert party.needs.get().since == dt.date(2026, 11, 21)
    assert Event.objects.filter(verb="parties.age_noted").count() == 1


def test_what_was_ended_by_hand_stays_ended(mediator: Acting) -> None:
    party = take_in(mediator, number=OLD)
    noting.end_need(need=party.needs.get(), acting=mediator, now=NOW)
    assert jobs.note_ages(None, BIRTHDAY) == 0
    assert needs.kinds_of(party, BIRTHDAY) == set()
    assert kinds(party) == set()


def test_papers_that_do_not_say_are_left_alone(mediator: Acting) -> None:
    take_in(mediator, number="")
    assert jobs.note_ages(None, BIRTHDAY) == 0


def test_the_notice_is_a_document_in_the_file(mediator: Acting) -> None:
    party = take_in(mediator, number=OLD)
    file = noting.note_told(party=party, how="read", acting=mediator, now=NOW)
    text = "".join(page.extract_text() for page in PdfReader(place_of(file)).pages)
    assert "".join(text.split()).count("投资者甲") == 2, "to whom, and where they sign"
    assert "法律援助" in text
    assert "当面念给本人听" in "".join(text.split())
    assert "最低生活保障" not in text, "what does not concern them is left out"
    assert file.made
    assert list(queries.handed_out(party)) == [file]
    event = Event.objects.get(verb="parties.told_of_help")
    assert (event.name, event.on_behalf_of_name) == ("调解员丙", "投资者甲")
    assert readable(file.pk, mediator) == file
    assert readable(file.pk, person("调解员戊", Role.Kind.MEDIATOR, house(name="别的调解"))) is None
    with pytest.raises(Conflict):
        noting.note_told(party=party, how="read", acting=mediator, now=NOW)
    assert Document.objects.count() == 1


def test_nobody_is_told_who_needs_nothing_and_nobody_else_tells(mediator: Acting) -> None:
    party = take_in(mediator)
    with pytest.raises(Refusal, match="特殊需要"):
        noting.note_told(party=party, how="read", acting=mediator, now=NOW)
    with pytest.raises(Http404):
        noting.note_told(party=party, how="read", acting=person("投资者乙", Role.Kind.INVESTOR, number=OLD), now=NOW)


def test_somebody_who_became_old_today_is_told_today(mediator: Acting) -> None:
    party = take_in(mediator, number=NEARLY)
    noting.note_told(party=party, how="handed", acting=mediator, now=BIRTHDAY)
    assert party.needs.get().told_at == BIRTHDAY


def test_the_person_gets_it_with_their_own_data(mediator: Acting) -> None:
    investor = person("投资者乙", Role.Kind.INVESTOR, number=OLD)
    party = own(investor)
    actions.hand_over(
        party=party, organisation=mediator.organisation, matter="调解", basis="依法受理", acting=investor, now=NOW
    )
    file = noting.note_told(party=party, how="handed", acting=mediator, now=NOW)
    assert readable(file.pk, investor) == file
    with zipfile.ZipFile(io.BytesIO(own_data.archive_of(party, "now"))) as archive:
        inside = [name for name in archive.namelist() if name.startswith("handed_out/")]
        assert [archive.read(name) for name in inside] == [place_of(file).read_bytes()]


def test_it_goes_with_the_record_when_the_period_is_over(
    mediator: Acting, django_capture_on_commit_callbacks: Any
) -> None:
    party = take_in(mediator, number=OLD)
    place = place_of(noting.note_told(party=party, how="read", acting=mediator, now=NOW))
    with django_capture_on_commit_callbacks(execute=True):
        assert jobs.dispose_due(None, NOW + dt.timedelta(days=40 * 366))["failed"] == 0
    assert not Document.objects.exists()
    assert not place.exists()
