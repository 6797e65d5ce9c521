"""A finished form is put before others to sign from the page."""

from __future__ import annotations

import datetime as dt

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from fengqiao.engine import forms
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.drafting import actions as drafting
from fengqiao.portal.signing import due
from fengqiao.portal.signing.models import SigningRound
from fengqiao.portal.signing.tests.made_round import People

pytestmark = pytest.mark.django_db


def browser(acting: Acting) -> Client:
    """Somebody of the staff, with a second factor."""
    Authenticator.objects.create(user=acting.user, type="recovery_codes", data={})
    Authenticator.objects.create(user=acting.user, type="totp", data={})
    client = Client()
    client.force_login(acting.user)
    return client


def test_a_finished_form_is_registered_on_the_page() -> None:
    people, now = People(), timezone.now()
    given = {"acting": people.mediator, "now": now}
    filling = drafting.begin(form=due.AGREEMENT, name="", data=forms.sample(due.AGREEMENT), **given)
    output = drafting.finish(filling=filling, revision=filling.revision, **given)
    client = browser(people.mediator)
    assert filling.number in client.get("/signing/new/").content.decode()
    day = (timezone.localtime(now).date() + dt.timedelta(days=5)).isoformat()
    asked = {"title": "调解协议书", "order": "free", "level": "B-T", "due": day, "output": str(output.pk)}
    answer = client.post("/signing/new/", asked)
    made = SigningRound.objects.get()
    assert (answer.status_code, made.form, bool(made.places)) == (302, due.AGREEMENT, True)
    assert client.post("/signing/new/", {**asked, "output": ""}).status_code == 400, "neither a form nor a file"
    assert client.post("/signing/new/", {**asked, "output": "999"}).status_code == 200, "no such form for them"
    assert SigningRound.objects.count() == 1
