"""Tokens of links: taken at the first visit, in no other address, and worth nothing once the link is void."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.core import signing
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from fengqiao.portal.accounts import actions, links
from fengqiao.portal.accounts.models import Invitation, Organisation, Role, User
from fengqiao.portal.audit.stamp import system_stamp
from fengqiao.portal.notices.actions import SALT, unsubscribe_path
from fengqiao.portal.notices.models import OptOut

pytestmark = pytest.mark.django_db
TAKEN = {"accounts:accept_invitation", "signing:link", "service:link", "notices:unsubscribe"}
"""Entrances: they keep the token in the session and lead to an address without it. Tried here, and in the tests of
signing and service."""


@pytest.fixture(autouse=True)
def _own_keys(settings: Any, tmp_path: Path) -> None:
    settings.KEY_FOLDER = tmp_path / "keys"
    cache.clear()


@pytest.fixture
def user() -> User:
    return User.objects.create(username="t", name="管理员甲", joined_at=timezone.now())


@pytest.fixture
def invited(user: User) -> tuple[Invitation, str]:
    house = Organisation.objects.create(kind="firm", name="演示证券公司")
    return actions.make_invitation(
        organisation=house, name="投诉处理员甲", kinds=[Role.Kind.COMPLAINT_HANDLER], mobile="", by=user,
        stamp=system_stamp(), now=timezone.now(),
    )  # fmt: skip


def names_with_a_token() -> set[str]:
    found = set()

    def walk(patterns: list[URLPattern | URLResolver], prefix: str, held: bool) -> None:
        for item in patterns:
            own = held or "token" in item.pattern.converters
            if isinstance(item, URLResolver):
                walk(item.url_patterns, f"{prefix}{item.namespace}:" if item.namespace else prefix, own)
            elif own:
                found.add(f"{prefix}{item.name}")

    walk(get_resolver("fengqiao.portal.urls").url_patterns, "", False)
    return found


def test_every_address_with_a_token_is_known() -> None:
    assert names_with_a_token() == TAKEN


def test_the_link_of_an_invitation_leads_to_a_page_without_the_token(invited: tuple[Invitation, str]) -> None:
    invitation, token = invited
    client = Client()
    answer = client.get(reverse("accounts:accept_invitation", args=(token,)))
    page = reverse("accounts:invitation", args=(invitation.pk,))
    assert (answer.status_code, answer["Location"]) == (302, page)
    assert answer["Referrer-Policy"] == "same-origin"
    shown = client.get(page)
    assert "接受邀请" in shown.content.decode()
    assert token not in shown.content.decode()
    assert token not in str(client.session.items()), "the session has no more of it than the database"
    assert client.get(page).status_code == 200, "one may come back to the page"


def test_without_the_link_there_is_no_page_and_nobody_learns_which_there_are(invited: tuple[Invitation, str]) -> None:
    invitation, token = invited
    there = Client().get(reverse("accounts:invitation", args=(invitation.pk,)))
    nowhere = Client().get(reverse("accounts:invitation", args=(999_999,)))
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert "请重新点开消息里的链接" in there.content.decode()
    assert Client().post(reverse("accounts:invitation", args=(invitation.pk,))).status_code == 404
    assert Client().post(reverse("accounts:accept_invitation", args=(token,))).status_code == 405


def test_a_link_that_is_void_is_void_for_who_came_by_it_before(invited: tuple[Invitation, str]) -> None:
    invitation, token = invited
    client = Client()
    client.get(reverse("accounts:accept_invitation", args=(token,)))
    Invitation.objects.update(revoked_at=timezone.now())
    assert client.get(reverse("accounts:invitation", args=(invitation.pk,))).status_code == 410
    Invitation.objects.update(revoked_at=None, token_digest=actions.digest_of("another"))
    assert client.get(reverse("accounts:invitation", args=(invitation.pk,))).status_code == 404
    Invitation.objects.update(expires_at=timezone.now() - dt.timedelta(1))
    assert Client().get(reverse("accounts:accept_invitation", args=("another",))).status_code == 410


def test_opting_out_needs_the_link_and_its_page_has_no_token(user: User) -> None:
    client = Client()
    page = reverse("notices:opt_out")
    assert Client().post(page).status_code == 404
    assert client.get(unsubscribe_path(user, None))["Location"] == page
    assert not OptOut.objects.exists(), "looking changes nothing"
    assert "已退订" in client.post(page).content.decode()
    assert OptOut.objects.get().user == user


def test_a_link_of_opting_out_that_the_portal_did_not_sign_for_that_opens_nothing(user: User) -> None:
    """The one token that says by itself what it is for: nobody else's signature, no other use, nothing changed."""
    said = {"u": user.pk, "p": None}
    token = unsubscribe_path(user, None).rstrip("/").rpartition("/")[2]
    content, moment, signature = token.split(":")
    other = signing.dumps({"u": user.pk + 1, "p": None}, salt=SALT).split(":")
    forged = [
        signing.dumps(said, salt="something.else"),
        signing.dumps(said, salt=SALT, key="a key that is not the portal's"),
        ":".join([other[0], moment, signature]),
        ":".join([content, other[1] + "x", signature]),
        ":".join([content, moment, ""]),
        ":".join([content, moment]),
        content,
        signature.join("::"),
    ]
    for one in forged:
        client = Client()
        assert client.get(reverse("notices:unsubscribe", args=(one,))).status_code == 404, one
        assert client.post(reverse("notices:opt_out")).status_code == 404
    assert not OptOut.objects.exists()
    assert Client().get(reverse("notices:unsubscribe", args=(token,))).status_code == 302


def test_a_session_keeps_the_last_links_only(rf: Any) -> None:
    request = rf.get("/")
    request.session = {}
    for number in range(links.MOST + 5):
        links.hold(request, "signing", number, f"d{number}")
    links.hold(request, "signing", 5, "newer")
    assert len(request.session[links.HELD]) == links.MOST
    assert links.digest_held(request, "signing", 5) == "newer"
    with pytest.raises(links.LinkNeeded):
        links.digest_held(request, "service", 5)
