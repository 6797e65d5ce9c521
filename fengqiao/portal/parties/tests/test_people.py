"""People without accounts, their needs and numbers: who helps, who sees, what is left behind."""

from __future__ import annotations

import datetime as dt
import io
import json
import time
import zipfile
from typing import Any

import pytest
from allauth.account.internal.flows.login import _AUTHENTICATION_METHODS_USER_SESSION_KEY as AUTHENTICATED_USER
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from django.db import connection
from django.http import Http404
from django.test import Client
from django.utils import timezone

from fengqiao.engine.identity import with_check_digit
from fengqiao.portal.accounts.acting import Acting, acting_for
from fengqiao.portal.accounts.models import Identity, Organisation, Role
from fengqiao.portal.audit.models import Event
from fengqiao.portal.documents.actions import keep_made
from fengqiao.portal.parties import actions, consenting, needs, noting, queries
from fengqiao.portal.parties.measures import need_kinds
from fengqiao.portal.parties.models import Consent, Correction, Party, SpecialNeed
from fengqiao.portal.parties.purposes import purposes
from fengqiao.portal.parties.tests.people import (
    CARD,
    DAY,
    MOBILE,
    NOW,
    OLD,
    OTHER,
    TODAY,
    YOUNG,
    house,
    own,
    person,
    picture,
)
from fengqiao.portal.parties.tests.people import taken_in as take_in
from fengqiao.portal.shell.errors import Conflict, Refusal
from fengqiao.portal.vault.sealed import open_sealed
from fengqiao.portal.workbench.asking import items_of
from fengqiao.portal.workbench.parties import questions, search

LOGIN = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def mediator(db: Any) -> Acting:
    return person("调解员丙", Role.Kind.MEDIATOR, house())


@pytest.fixture
def investor(db: Any) -> Acting:
    return person("投资者甲", Role.Kind.INVESTOR, number=YOUNG)


@pytest.fixture
def stranger(db: Any) -> Acting:
    return person("调解员戊", Role.Kind.MEDIATOR, house(name="别的调解"))


def logged_in(acting: Acting, *, fresh: bool = False) -> Client:
    """A browser of somebody; fresh: they proved just now that it is them."""
    client = Client()
    if acting.organisation and not Authenticator.objects.filter(user=acting.user).exists():
        Authenticator.objects.create(user=acting.user, type=Authenticator.Type.TOTP, data={"secret": ""})
    client.force_login(acting.user, LOGIN)
    session = client.session
    session["role"] = acting.role.pk
    if fresh:
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [
            {"method": "password", "at": time.time(), "reauthenticated": True}
        ]
        session[AUTHENTICATED_USER] = str(acting.user.pk)
    session.save()
    return client


def test_numbers_stand_nowhere_in_the_database(mediator: Acting) -> None:
    party = take_in(mediator, bank_account=CARD)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            text = str(cursor.fetchall())
            assert YOUNG not in text
            assert MOBILE not in text
            assert CARD not in text
    assert str(party.number) == YOUNG[:3] + "*" * 11 + YOUNG[-4:]
    event = Event.objects.get(verb="parties.taken_in")
    assert (event.name, event.on_behalf_of_name) == ("调解员丙", "投资者甲")


def test_who_sees_a_person(mediator: Acting, stranger: Acting) -> None:
    party = take_in(mediator)
    administrator = person("管理员己", Role.Kind.ADMINISTRATOR, mediator.organisation)
    measurer = person("测算员庚", Role.Kind.MEASURER, mediator.organisation)
    agent = person("代理人辛", Role.Kind.AGENT)
    assert queries.may_reveal(party, mediator)
    assert queries.may_reveal(party, administrator)
    for other in (stranger, measurer, agent, person("投资者壬", Role.Kind.INVESTOR)):
        assert not queries.may_reveal(party, other)
        assert not queries.find_exactly(YOUNG, other).exists()
        with pytest.raises(Http404):
            actions.reveal(party=party, field="number", reason="核对身份", acting=other, now=NOW)
        page = logged_in(other, fresh=True).get(f"/parties/people/{party.pk}/reveal/number/")
        assert page.status_code == 404
    assert [hit.title for hit in search(MOBILE, mediator).hits] == ["投资者甲"]
    assert search(YOUNG[:10], mediator).hits == []


@pytest.mark.django_db(transaction=True)
def test_a_value_is_shown_once_with_a_reason_and_the_person_sees_by_whom() -> None:
    mediator, investor = person("调解员丙", Role.Kind.MEDIATOR, house()), person("投资者甲", "investor", number=YOUNG)
    party = own(investor)
    Party.objects.filter(pk=party.pk).update(taken_in_by=mediator.organisation)
    address = f"/parties/people/{party.pk}/reveal/number/"
    stale = logged_in(mediator)
    assert stale.post(address, {"reason": "核对身份"}).status_code == 302
    assert not Event.objects.filter(verb="vault.revealed").exists()
    fresh = logged_in(mediator, fresh=True)
    assert YOUNG not in fresh.get(address).content.decode()
    refused = fresh.post(address, {"reason": "看"})
    assert YOUNG not in refused.content.decode()
    shown = fresh.post(address, {"reason": "核对身份"})
    assert YOUNG in shown.content.decode()
    assert shown["Cache-Control"] == "private, no-store"
    assert fresh.get(address.replace("number", "name")).status_code == 404
    page = logged_in(investor).get("/parties/me/").content.decode()
    assert "核对身份" in page
    assert "调解员丙" in page
    assert YOUNG not in page


@pytest.mark.django_db(transaction=True)
def test_the_export_holds_everything_and_asks_first_who_it_is() -> None:
    investor = person("投资者甲", Role.Kind.INVESTOR, number=YOUNG)
    party = own(investor)
    consenting.give(party=party, purpose="bank_account", passed_to=None, on_paper="", acting=investor, now=NOW)
    actions.change_contact(
        party=party, address="北京市测试路1号", bank_account=CARD, mobile=None, acting=investor, now=NOW
    )
    assert logged_in(investor).post("/parties/me/export/").status_code == 302
    answer = logged_in(investor, fresh=True).post("/parties/me/export/")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        data = json.loads(archive.read("my_data.json"))
        page = archive.read("my_data.html").decode()
    text = json.dumps(data, ensure_ascii=False)
    for value in (YOUNG, CARD, "北京市测试路1号", MOBILE):
        assert value in text
        assert value in page
    assert Event.objects.filter(verb="parties.exported").count() == 1


def test_priority_and_help_follow_from_the_needs(mediator: Acting) -> None:
    plain = take_in(mediator)
    party = take_in(mediator, name="投资者乙", number=OLD, kinds=("hardship",))
    party.refresh_from_db()
    assert {need.key for need in queries.needs_of(party)} == {"elderly", "hardship"}
    assert party.priority > plain.priority == 0
    assert [row.name for row in queries.assistable_by(mediator)] == ["投资者乙", "投资者甲"]
    page = logged_in(mediator).get("/parties/people/").content.decode()
    assert page.index("投资者乙") < page.index("投资者甲")
    assert [item.title for item in items_of(questions(mediator, NOW), mediator)] == ["告知社会救助和法律援助：投资者乙"]
    page = logged_in(mediator).get(f"/parties/people/{party.pk}/notice/").content.decode()
    assert "社会救助" in page
    assert "12348" in page
    noting.note_told(party=party, how="read", acting=mediator, now=NOW)
    assert not list(items_of(questions(mediator, NOW), mediator))
    for need in queries.needs_of(party):
        noting.end_need(need=need, acting=mediator, now=NOW)
    party.refresh_from_db()
    assert party.priority == 0


def test_priorities_sort_as_they_should() -> None:
    kinds = SpecialNeed.Kind
    assert needs.priority_of([]) == 0
    assert needs.priority_of([kinds.LANGUAGE]) < needs.priority_of([kinds.ELDERLY])
    assert needs.priority_of([kinds.ELDERLY]) < needs.priority_of([kinds.ELDERLY, kinds.LANGUAGE])
    assert set(need_kinds()) == set(kinds)
    born, birthday = with_check_digit("11010119550101" + "001"), dt.date(2015, 1, 1)
    assert not needs.is_elderly("id_card", born, birthday - DAY)
    assert needs.is_elderly("id_card", born, birthday)
    assert not needs.is_elderly("passport", OLD, TODAY)


def test_the_elder_mode_is_offered_to_who_may_want_it(db: Any) -> None:
    old, young = person("投资者老", "investor", number=OLD), person("投资者甲", "investor", number=YOUNG)
    client = logged_in(old)
    assert "使用长辈版" in client.get("/").content.decode()
    assert "使用长辈版" not in logged_in(young).get("/").content.decode()
    client.post("/accounts/me/elder-mode/", {"on": "0", "next": "/"})
    assert "使用长辈版" not in client.get("/").content.decode(), "who declined is not asked again"


def test_passing_on_needs_a_separate_consent_and_ends_with_it(mediator: Acting, stranger: Acting) -> None:
    party, other = take_in(mediator), stranger.organisation
    given: dict[str, Any] = {"party": party, "organisation": other, "matter": "委派调解", "now": NOW}
    with pytest.raises(Refusal, match="单独同意"):
        actions.hand_over(**given, basis="", acting=mediator)
    with pytest.raises(Http404):
        actions.hand_over(**given, basis="x", acting=stranger)
    consent = consenting.give(
        party=party, purpose="pass_on", passed_to=other, on_paper="卷1第3页", acting=mediator, now=NOW
    )
    asked = purposes()["pass_on"]
    assert (consent.text, consent.text_sha256) == (asked.text, asked.sha256)
    actions.hand_over(**given, basis="", acting=mediator)
    assert queries.may_reveal(party, stranger)
    assert consenting.withdraw(consent=consent, acting=mediator, now=NOW) == 1
    assert not queries.may_reveal(party, stranger)


def test_consents_by_staff_need_a_paper_and_withdrawing_clears(mediator: Acting, investor: Acting) -> None:
    party = own(investor)
    Party.objects.filter(pk=party.pk).update(taken_in_by=mediator.organisation)
    with pytest.raises(Refusal, match="同意书"):
        consenting.give(party=party, purpose="account", passed_to=None, on_paper=" ", acting=mediator, now=NOW)
    with pytest.raises(Refusal, match="单独同意"):
        actions.change_contact(party=party, address=None, bank_account=CARD, mobile=None, acting=investor, now=NOW)
    consent = consenting.give(
        party=party, purpose="bank_account", passed_to=None, on_paper="", acting=investor, now=NOW
    )
    with pytest.raises(Conflict):
        consenting.give(party=party, purpose="bank_account", passed_to=None, on_paper="", acting=investor, now=NOW)
    actions.change_contact(party=party, address=None, bank_account=CARD, mobile=None, acting=investor, now=NOW)
    consenting.withdraw(consent=consent, acting=investor, now=NOW)
    party.refresh_from_db()
    assert not party.bank_account
    assert Consent.objects.get().withdrawn_at == NOW
    with pytest.raises(Http404):
        actions.change_contact(party=party, address="x", bank_account=None, mobile=None, acting=mediator, now=NOW)


def test_a_correction_is_decided_by_somebody_else_and_puts_the_account_right(
    mediator: Acting, investor: Acting, stranger: Acting
) -> None:
    party = own(investor)
    Party.objects.filter(pk=party.pk).update(taken_in_by=mediator.organisation)
    asked: dict[str, Any] = {"name": "投资者改", "kind": "id_card", "number": OTHER, "reason": "登记时写错"}
    correction = consenting.ask_correction(party=party, **asked, acting=investor, now=NOW)
    assert (open_sealed(correction.old_number), open_sealed(correction.new_number)) == (YOUNG, OTHER)
    with pytest.raises(Conflict):
        consenting.ask_correction(party=party, **asked, acting=investor, now=NOW)
    for nobody in (stranger, investor):
        with pytest.raises(Http404):
            consenting.decide_correction(
                correction=correction, accepted=True, seen_number=OTHER, reason="x", acting=nobody, now=NOW
            )
    decided: dict[str, Any] = {"correction": correction, "reason": "已核对证件", "acting": mediator, "now": NOW}
    with pytest.raises(Refusal, match="不一致"):
        consenting.decide_correction(accepted=True, seen_number=YOUNG, **decided)
    consenting.decide_correction(accepted=True, seen_number=OTHER[:6] + " " + OTHER[6:], **decided)
    party.refresh_from_db()
    identity = Identity.objects.get(user=investor.user)
    assert (party.name, open_sealed(party.number), open_sealed(identity.number)) == ("投资者改", OTHER, OTHER)
    kept = Correction.objects.get()
    assert not kept.old_number
    assert not kept.new_number


def test_of_people_without_an_organisation_the_platform_decides(investor: Acting) -> None:
    platform = person("平台管理员", Role.Kind.ADMINISTRATOR, house(Organisation.Kind.PLATFORM, "平台"))
    correction = consenting.ask_correction(
        party=own(investor), name="投资者改", kind="id_card", number=OTHER, reason="换证", acting=investor, now=NOW
    )
    assert [item.title for item in items_of(questions(platform, NOW), platform)] == ["决定更正申请：投资者甲"]
    consenting.decide_correction(
        correction=correction, accepted=False, seen_number="", reason="证件不符", acting=platform, now=NOW
    )
    assert own(investor).name == "投资者甲"


def test_who_was_taken_in_and_registers_later_becomes_one(mediator: Acting) -> None:
    party = take_in(mediator, kinds=("hardship",))
    investor = person("投资者甲", Role.Kind.INVESTOR, number=YOUNG)
    other = own(investor)
    assert other.pk != party.pk
    keep_made(
        data=picture().read(), name="告知书.png", subject=(queries.PARTY_FILES, str(other.pk)), acting=investor,
        case=other.case, now=NOW,
    )  # fmt: skip
    joined = actions.link_account(party=party, acting=mediator, now=NOW)
    assert joined.pk == party.pk
    assert [file.name for file in queries.handed_out(party)] == ["告知书.png"], "seen by them, disposed of with them"
    assert own(acting_for(investor.user)).pk == party.pk
    assert not Party.objects.filter(pk=other.pk).exists()
    with pytest.raises(Conflict):
        actions.link_account(party=party, acting=mediator, now=NOW)


def test_the_same_person_is_not_taken_in_twice(mediator: Acting, stranger: Acting) -> None:
    take_in(mediator)
    with pytest.raises(Conflict, match="已经登记"):
        take_in(mediator)
    assert take_in(stranger), "what another house knows is no business of this one"
    measurer = person("测算员庚", Role.Kind.MEASURER, mediator.organisation)
    with pytest.raises(Http404):
        take_in(measurer, number=OTHER)


def test_staff_act_visibly_and_print_what_is_to_be_signed(mediator: Acting) -> None:
    party = take_in(mediator, now=timezone.now())
    client = logged_in(mediator, fresh=True)
    assert client.post("/parties/represented/act/", {"party": party.pk}).status_code == 302
    assert "调解员 调解员丙 代 投资者甲 办理" in client.get("/").content.decode()
    sheet = client.get(f"/parties/people/{party.pk}/confirmation/").content.decode()
    for words in ("协助登记当事人", "开始代办", "签名"):
        assert words in sheet
    assert YOUNG not in sheet
