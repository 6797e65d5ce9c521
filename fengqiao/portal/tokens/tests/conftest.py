"""What all tests of tokens share: a house with somebody who measures, and who looks after its people."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.test import RequestFactory

from fengqiao.portal.accounts.acting import Acting, acting_for
from fengqiao.portal.accounts.models import Organisation, Role, User
from fengqiao.portal.tokens import actions
from fengqiao.portal.tokens.models import AccessToken

NOW = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)
LAST_DAY = dt.date(2027, 2, 18)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, settings: Any) -> None:
    """Keys and short messages of each test's own."""
    settings.KEY_FOLDER = tmp_path / "keys"
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, home=tmp_path)


@dataclass
class House:
    """An organisation and its people."""

    body: Organisation
    worker: User
    admin: User
    platform: User

    @property
    def acting(self) -> Acting:
        """Who measures, as the database has them now."""
        return acting_for(User.objects.get(pk=self.worker.pk), address="192.0.2.7")

    def issue(self, **given: Any) -> tuple[AccessToken, str]:
        """A token of who measures."""
        wanted = {
            "name": "测算结果归档系统", "scopes": ["measurements.read"], "last_day": LAST_DAY, "acting": self.acting,
            "now": NOW, **given,
        }  # fmt: skip
        return actions.issue(**wanted)


def somebody(username: str, kind: str, body: Organisation | None, *, factor: bool = True) -> User:
    """A person in one role."""
    made = User.objects.create(username=username, name=username, joined_at=NOW)
    Role.objects.create(user=made, kind=kind, organisation=body, granted_at=NOW)
    if factor:
        Authenticator.objects.create(user=made, type=Authenticator.Type.TOTP, data={"secret": "x"})
    return made


@pytest.fixture
def house(db: None) -> House:
    """The services centre."""
    body = Organisation.objects.create(kind="services_centre", name="演示投资者服务中心")
    platform = Organisation.objects.create(kind="platform", name="演示平台运营方")
    return House(
        body, somebody("measurer", "measurer", body), somebody("admin", "administrator", body),
        somebody("platform", "administrator", platform),
    )  # fmt: skip


def asking(text: str | None, *, address: str = "192.0.2.7", scheme: str = "Bearer") -> HttpRequest:
    """A request of another system."""
    request = RequestFactory().get("/", REMOTE_ADDR=address)
    if text is not None:
        request.META["HTTP_AUTHORIZATION"] = f"{scheme} {text}"
    return request
