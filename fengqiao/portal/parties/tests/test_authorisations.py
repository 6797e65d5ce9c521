"""Agents: who may act for whom, within which scope, until when; and who sees nothing of it."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import Http404
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from fengqiao.portal.accounts.acting import BEHALF_KEY, Acting
from fengqiao.portal.accounts.models import Organisation, Role
from fengqiao.portal.audit.models import Event
from fengqiao.portal.documents.models import Document
from fengqiao.portal.documents.queries import place_of, readable
from fengqiao.portal.parties import authorising, jobs, queries
from fengqiao.portal.parties.acting import require_scope
from fengqiao.portal.parties.models import Authorisation, Party, Scope
from fengqiao.portal.parties.tests.people import DAY, NOW, OTHER, TODAY, YOUNG, house, own, person, picture, submitted
from fengqiao.portal.parties.tests.people import taken_in as take_in
from fengqiao.portal.parties.uploaded import keep_paper
from fengqiao.portal.shell.errors import Conflict, Refusal

pytestmark = pytest.mark.django_db
LOGIN = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def agent(db: Any) -> Acting:
    return person("代理人乙", Role.Kind.AGENT)


@pytest.fixture
def investor(db: Any) -> Acting:
    return person("投资者甲", Role.Kind.INVESTOR, number=YOUNG)


@pytest.fixture
def mediator(db: Any) -> Acting:
    return person("调解员丙", Role.Kind.MEDIATOR, house())


@pytest.fixture
def accepted(agent: Acting, investor: Acting) -> Authorisation:
    own(investor)
    made = submitted(agent, name="投资者甲", number=YOUNG)
    authorising.accept(authorisation=made, acting=investor, now=NOW)
    made.refresh_from_db()
    return made


def allowed(acting: Acting, party: Party, scope: Scope, now: dt.datetime) -> str:
    """What `require_scope` says: yes, a sentence, or that there is no such thing."""
    try:
        with transaction.atomic():
            require_scope(acting, party, scope, now)
    except Http404:
        return "404"
    except Refusal:
        return "refused"
    return "yes"


class ScopeAndTime(TestCase):
    """For every authorisation and every moment: in force exactly from its first to its last day, for its scope."""

    def setUp(self) -> None:
        self.agent = person("代理人乙", Role.Kind.AGENT)
        self.party = take_in(person("调解员丙", Role.Kind.MEDIATOR, house()))

    @settings(max_examples=60, deadline=None)
    @given(
        first=st.integers(-5, 5), length=st.integers(0, 5), state=st.sampled_from(Authorisation.State.values),
        scopes=st.sets(st.sampled_from(Scope.values)), hours=st.integers(-150, 300), scope=st.sampled_from(list(Scope)),
    )  # fmt: skip
    def test_an_agent_may_do_what_was_given_on_its_days_and_nothing_else(
        self, first: int, length: int, state: str, scopes: set[str], hours: int, scope: Scope
    ) -> None:
        Authorisation.objects.all().delete()
        start, end = TODAY + first * DAY, TODAY + (first + length) * DAY
        Authorisation.objects.create(
            agent=self.agent.user, party=self.party, reviewer=house(), scopes=sorted(scopes), valid_from=start,
            valid_until=end, state=state, submitted_at=NOW, decline_reason="x",
        )  # fmt: skip
        now = NOW + dt.timedelta(hours=hours)
        day = (now + dt.timedelta(hours=8)).date()  # in Shanghai
        in_force = state == "accepted" and start <= day <= end
        expected = ("yes" if scope.value in scopes else "refused") if in_force else "404"
        acting = self.agent.for_person(self.party.pk, self.party.name)
        assert allowed(acting, self.party, scope, now) == expected
        assert (queries.represented_by(self.agent, self.party.pk, now) is not None) == in_force


def test_the_wrong_agent_finds_nothing(accepted: Authorisation, agent: Acting) -> None:
    party, other = accepted.party, person("代理人丁", Role.Kind.AGENT)
    assert allowed(agent.for_person(party.pk, party.name), party, Scope.FILE, NOW) == "yes"
    assert allowed(agent, party, Scope.FILE, NOW) == "404", "the party must have been chosen"
    assert allowed(other.for_person(party.pk, party.name), party, Scope.FILE, NOW) == "404"
    assert not queries.authorisations_visible_to(other).exists()
    client = Client()
    client.force_login(other.user, LOGIN)
    for address in ("", "document/", "decline/", "end/"):
        assert client.get(f"/parties/authorisations/{accepted.pk}/{address}").status_code == 404
    assert client.post("/parties/represented/act/", {"party": party.pk}).status_code == 404


def test_the_choice_stands_on_every_page_and_in_the_audit_and_falls_away_at_once(
    accepted: Authorisation, agent: Acting, investor: Acting
) -> None:
    client = Client()
    client.force_login(agent.user, LOGIN)
    line = "代理人 代理人乙 代 投资者甲 办理"
    assert line not in client.get("/").content.decode()
    real_now = accepted.valid_from
    Authorisation.objects.filter(pk=accepted.pk).update(
        valid_from=real_now - 400 * DAY, valid_until=real_now + 4000 * DAY
    )
    assert client.post("/parties/represented/act/", {"party": accepted.party_id}).status_code == 302
    for address in ("/", "/about/help/", "/parties/represented/"):
        assert line in client.get(address).content.decode()
    event = Event.objects.get(verb="parties.chosen")
    assert (event.name, event.on_behalf_of_name, event.on_behalf_of_id) == ("代理人乙", "投资者甲", accepted.party_id)
    authorising.end(authorisation=accepted, reason="", acting=investor, now=NOW)
    page = client.get("/").content.decode()
    assert line not in page
    assert "不能再代" in page
    assert BEHALF_KEY not in client.session


def test_changing_the_role_ends_the_choice(accepted: Authorisation, agent: Acting) -> None:
    Authorisation.objects.filter(pk=accepted.pk).update(valid_from=TODAY - 400 * DAY, valid_until=TODAY + 4000 * DAY)
    second = Role.objects.create(user=agent.user, kind=Role.Kind.INVESTOR, granted_at=NOW)
    client = Client()
    client.force_login(agent.user, LOGIN)
    client.post("/parties/represented/act/", {"party": accepted.party_id})
    client.post("/accounts/me/role/", {"role": second.pk})
    assert BEHALF_KEY not in client.session


def test_who_may_accept(agent: Acting, investor: Acting, mediator: Acting) -> None:
    own(investor)
    made = submitted(agent, name="投资者甲", number=YOUNG)
    elsewhere = person("调解员戊", Role.Kind.MEDIATOR, house(name="别的调解"))
    handler = person("处理岗己", Role.Kind.COMPLAINT_HANDLER, house(Organisation.Kind.FIRM, "测试证券"))
    own_other_hat = person("代理人乙", Role.Kind.MEDIATOR, house())
    for stranger in (elsewhere, handler, agent, own_other_hat, person("投资者庚", Role.Kind.INVESTOR)):
        with pytest.raises(Http404):
            authorising.accept(authorisation=made, acting=stranger, now=NOW)
    authorising.accept(authorisation=made, acting=mediator, now=NOW)
    with pytest.raises(Conflict):
        authorising.decline(authorisation=made, reason="没有签名", acting=investor, now=NOW)


def test_a_declined_or_late_one_gives_nothing(agent: Acting, mediator: Acting) -> None:
    made = submitted(agent, name="投资者甲", number=YOUNG)
    with pytest.raises(Refusal, match="原因"):
        authorising.decline(authorisation=made, reason=" ", acting=mediator, now=NOW)
    with pytest.raises(Refusal, match="截止日"):
        authorising.accept(authorisation=made, acting=mediator, now=NOW + 40 * DAY)
    authorising.decline(authorisation=made, reason="没有签名", acting=mediator, now=NOW)
    assert queries.represented_by(agent, made.party_id, NOW) is None
    again = submitted(agent, name="投资者甲", number=YOUNG)
    assert again.party_id == made.party_id


def test_an_agent_does_not_learn_who_is_in_the_system(agent: Acting, investor: Acting) -> None:
    known = submitted(agent, name="投资者甲", number=YOUNG)
    unknown = submitted(agent, name="投资者乙", number=OTHER)
    wrong_name = submitted(agent, name="投资者丙", number=YOUNG)
    assert known.party.user == investor.user
    assert unknown.party.user is None
    assert wrong_name.party.user is None
    assert [row.state for row in queries.authorisations_visible_to(agent)] == ["submitted"] * 3
    assert not queries.visible_to(agent).exists(), "nothing of the party's own record"


def test_nobody_hands_in_for_themself_or_twice_or_for_the_past(agent: Acting) -> None:
    person("代理人乙", Role.Kind.INVESTOR, number=OTHER)
    with pytest.raises(Refusal, match="自己"):
        submitted(agent, name="代理人乙", number=OTHER)
    submitted(agent, name="投资者甲", number=YOUNG)
    with pytest.raises(Conflict, match="等待接受"):
        submitted(agent, name="投资者甲", number=YOUNG)
    with pytest.raises(Refusal, match="截止日"):
        submitted(agent, name="投资者丁", number=OTHER, valid_from=TODAY - 9 * DAY, valid_until=TODAY - DAY)
    with pytest.raises(Refusal, match="范围"):
        submitted(agent, name="投资者丁", number=OTHER, scopes=[])
    row = Authorisation.objects.get()
    assert list(Document.objects.all()) == [row.paper], "nothing stays of what came to nothing"


def test_the_paper_is_kept_as_it_came_and_whoever_sees_the_authorisation_reads_it(
    agent: Acting, investor: Acting, mediator: Acting
) -> None:
    own(investor)
    made = submitted(agent, name="投资者甲", number=YOUNG)
    content = picture().read()
    assert place_of(made.paper).read_bytes() == content
    assert made.document_sha256 == hashlib.sha256(content).hexdigest() == made.paper.content_id
    others = (person("代理人丁", Role.Kind.AGENT), person("投资者乙", Role.Kind.INVESTOR), None)
    for acting in (agent, investor, mediator):
        assert readable(made.paper.pk, acting) == made.paper
    for acting in others:
        assert readable(made.paper.pk, acting) is None
    client = Client()
    client.force_login(agent.user, LOGIN)
    answer = client.get(f"/parties/authorisations/{made.pk}/document/")
    assert b"".join(answer.streaming_content) == content
    assert answer["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer["Cache-Control"]
    assert client.get(f"/documents/{made.paper.pk}/preview/").status_code == 200
    assert Event.objects.filter(verb="documents.downloaded").count() == 1


@pytest.mark.parametrize(
    "content", [b"", b"MZ\x90", b"%PDF-1.7 nothing", b"\xff\xd8\xff\x00", b"\x89PNG\r\n\x1a\n" + b"x" * 50]
)
def test_what_is_no_sound_pdf_or_picture_is_refused_and_leaves_nothing(agent: Acting, content: bytes) -> None:
    with pytest.raises(Refusal):
        submitted(agent, name="投资者甲", number=YOUNG, document=SimpleUploadedFile("委托书.pdf", content))
    assert not Document.objects.exists()
    assert not Authorisation.objects.exists()


def test_a_picture_that_says_it_is_a_pdf_is_refused(agent: Acting) -> None:
    with pytest.raises(Refusal, match=r"a\.pdf"):
        keep_paper(SimpleUploadedFile("a.pdf", picture().read()), acting=agent, now=NOW)


def test_who_works_for_an_organisation_never_signs_or_takes_money(mediator: Acting) -> None:
    party = take_in(mediator)
    acting = mediator.for_person(party.pk, party.name)
    assert allowed(acting, party, Scope.FILE, NOW) == "yes"
    assert allowed(mediator, party, Scope.FILE, NOW) == "404"
    for scope in queries.NEVER_BY_STAFF:
        assert allowed(acting, party, scope, NOW) == "refused"
    elsewhere = person("调解员戊", Role.Kind.MEDIATOR, house(name="别的调解"))
    assert allowed(elsewhere.for_person(party.pk, party.name), party, Scope.FILE, NOW) == "404"


def test_what_ran_out_is_written_down_once(accepted: Authorisation) -> None:
    last = NOW + 30 * DAY
    assert jobs.end_expired(last) == 0
    assert jobs.end_expired(last + DAY) == 1
    assert jobs.end_expired(last + DAY) == 0
    accepted.refresh_from_db()
    assert (accepted.state, accepted.ending) == ("ended", "expired")


def test_pages_of_an_agent(accepted: Authorisation, agent: Acting, mediator: Acting) -> None:
    client = Client()
    client.force_login(agent.user, LOGIN)
    for address in ("authorisations/", f"authorisations/{accepted.pk}/", "represented/"):
        page = client.get(f"/parties/{address}")
        assert page.status_code == 200
        assert YOUNG not in page.content.decode()
        assert "投资者甲" in page.content.decode() or address == "represented/"
    Authenticator.objects.create(user=mediator.user, type=Authenticator.Type.TOTP, data={"secret": ""})
    client.force_login(mediator.user, LOGIN)
    assert "代理人乙" in client.get("/parties/authorisations/").content.decode()
    asked = client.get(f"/parties/authorisations/{accepted.pk}/accept/")
    assert asked.status_code == 302
    assert "/again/" in asked["Location"], "accepting is like signing: the person proves again that it is them"
