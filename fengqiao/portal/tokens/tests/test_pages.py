"""The pages of tokens: the secret once, nothing without a log-in just now, the list of administrators."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from allauth.account.internal.flows.login import _AUTHENTICATION_METHODS_USER_SESSION_KEY as AUTHENTICATED_USER
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fengqiao.portal.accounts.models import User
from fengqiao.portal.tokens import gate, token_format
from fengqiao.portal.tokens.models import AccessToken
from fengqiao.portal.tokens.tests.conftest import House, asking

NEW = reverse("tokens:new")


def client_of(user: User, *, fresh: bool = True) -> Client:
    """Logged in; fresh: the password was asked for just now."""
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "password", "at": time.time() if fresh else time.time() - 3600, "reauthenticated": True}
    ]
    session[AUTHENTICATED_USER] = str(user.pk)
    session.save()
    return client


def typed(**given: object) -> dict[str, object]:
    """What is typed into the form."""
    last = timezone.localdate() + dt.timedelta(days=30)
    return {"name": "归档系统", "scopes": ["measurements.read"], "last_day": last.isoformat(), "networks": "", **given}


def test_the_secret_is_shown_once_and_opens_the_interface(house: House) -> None:
    client = client_of(house.worker)
    assert "测算案件" in client.get(NEW).content.decode()
    answer = client.post(NEW, typed(networks="192.0.2.0/24\n\n2001:db8::/32"))
    found = token_format.PATTERN.findall(answer.content.decode())
    assert len(found) == 1
    assert "no-store" in answer["Cache-Control"]
    text = token_format.PATTERN.search(answer.content.decode()).group()  # type: ignore[union-attr] - found above
    holder = gate.holder_of(asking(text), timezone.now())
    assert holder is not None and holder.acting.user == house.worker
    assert holder.token.networks == ["192.0.2.0/24", "2001:db8::/32"]
    for who in (client, client_of(house.admin)):
        for name in ("tokens:mine", "tokens:managed", "accounts:me", "notices:mine"):
            page = who.get(reverse(name)).content.decode()
            assert text[12:] not in page
    assert f"fq_{holder.token.prefix}_…" in client.get(reverse("tokens:mine")).content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_log_in_of_some_time_ago_is_asked_again(house: House, method: str) -> None:
    answer = getattr(client_of(house.worker, fresh=False), method)(NEW, typed())
    assert answer.status_code == 302 and "next=" in answer["Location"]
    assert not AccessToken.objects.exists()


def test_what_is_wrong_is_said_and_what_was_typed_stays(house: House) -> None:
    client = client_of(house.worker)
    far = (timezone.localdate() + dt.timedelta(days=400)).isoformat()
    for given, said in (
        ({"last_day": far}, "最长 366 天"), ({"networks": "999.1.1.1"}, "999.1.1.1"), ({"scopes": []}, "范围"),
        ({"scopes": ["x"]}, "范围"), ({"name": ""}, "用途"), ({"last_day": "2026-02-30"}, "最后一天"),
        ({"name": "a\0b"}, "用途"),
    ):  # fmt: skip
        page = client.post(NEW, typed(**given))
        assert page.status_code == 200 and said in page.content.decode()
        assert not AccessToken.objects.exists()
    assert 'value="归档系统"' in client.post(NEW, typed(networks="x")).content.decode()


def test_ending_one_as_owner_and_as_administrator(house: House) -> None:
    (first, _), (second, text) = (house.issue(now=timezone.now(), last_day=later()) for _ in range(2))
    client, admin = client_of(house.worker, fresh=False), client_of(house.admin, fresh=False)
    assert client.post(reverse("tokens:revoke", args=(first.pk,)), {"reason": ""}).status_code == 200
    answer = client.post(reverse("tokens:revoke", args=(first.pk,)), {"reason": "不再使用"})
    assert answer["Location"] == reverse("tokens:mine")
    assert "已撤销" in client.get(reverse("tokens:mine")).content.decode()
    listed = admin.get(reverse("tokens:managed")).content.decode()
    assert house.worker.name in listed and reverse("tokens:revoke", args=(second.pk,)) in listed
    assert reverse("tokens:revoke", args=(first.pk,)) not in listed
    answer = admin.post(reverse("tokens:revoke", args=(second.pk,)), {"reason": "可能泄露"})
    assert answer["Location"] == reverse("tokens:managed")
    assert gate.holder_of(asking(text), timezone.now()) is None
    assert client.get(reverse("tokens:revoke", args=(second.pk,))).status_code == 404


def test_a_message_about_a_token_leads_to_the_tokens(house: House) -> None:
    house.issue(now=timezone.now(), last_day=later())
    client = client_of(house.worker)
    notice = house.worker.notices.get(template="tokens.issued", channel="in_app")
    assert reverse("tokens:mine") in client.get(reverse("notices:notice", args=(notice.pk,))).content.decode()


def test_a_stolen_session_opens_no_interface(house: House) -> None:
    client = client_of(house.worker)
    request = asking(None)
    request.COOKIES.update({name: morsel.value for name, morsel in client.cookies.items()})
    request.user = house.worker
    assert gate.holder_of(request, timezone.now()) is None


def later() -> dt.date:
    """In a month."""
    return timezone.localdate() + dt.timedelta(days=30)
