"""Ending somebody's access: sessions, accounts, lost second factors."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings as configured
from django.contrib.auth.hashers import make_password
from django.http import Http404
from django.test import Client
from django.utils import timezone

from fengqiao.portal.accounts import access, factor_secrets, queries
from fengqiao.portal.accounts.acting import Acting, acting_for
from fengqiao.portal.accounts.actions import set_mobile
from fengqiao.portal.accounts.models import Identity, Organisation, Role, User
from fengqiao.portal.accounts.sms import FileGateway
from fengqiao.portal.accounts.tests.coming_in import code_to, log_in, send
from fengqiao.portal.audit.models import Event
from fengqiao.portal.shell.errors import Conflict, Refusal
from fengqiao.portal.vault.sealed import open_sealed

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)
PASSWORD = "for-tests-only-2026"
SECRET = "JBSWY3DPEHPK3PXP"
MOBILE = "139" + "00000001"


@pytest.fixture(autouse=True)
def _own_keys(settings: Any, tmp_path: Path) -> None:
    settings.KEY_FOLDER = tmp_path / "keys"


def body(kind: str, name: str) -> Organisation:
    return Organisation.objects.create(kind=kind, name=name)


def somebody(username: str, *roles: tuple[str, Organisation | None]) -> User:
    made = User.objects.create(username=username, name=username, joined_at=NOW, password=make_password(PASSWORD))
    for kind, organisation in roles:
        Role.objects.create(user=made, kind=kind, organisation=organisation, granted_at=NOW)
    set_mobile(user=made, mobile=f"139{made.pk:08d}", verified=True, now=NOW)
    return made


def acting(user: User) -> Acting:
    return acting_for(user)


@pytest.fixture
def house() -> Organisation:
    return body("services_centre", "演示投资者服务中心")


@pytest.fixture
def admin(house: Organisation) -> User:
    return somebody("admin", ("administrator", house))


@pytest.fixture
def platform_admin() -> User:
    return somebody("platform", ("administrator", body("platform", "演示平台运营方")))


@pytest.fixture
def worker(house: Organisation) -> User:
    return somebody("worker", ("measurer", house))


def logged_in(user: User) -> Client:
    client = Client()
    log_in(client, user, PASSWORD)
    client.get("/accounts/me/")
    return client


def is_in(client: Client) -> bool:
    return client.get("/login/password/").status_code == 200  # also for staff who have no second factor yet


def test_an_administrator_puts_somebody_out_on_all_devices_at_once(admin: User) -> None:
    person = somebody("t", ("administrator", admin.roles.get().organisation))
    devices = [logged_in(person), logged_in(person)]
    assert [is_in(one) for one in devices] == [True, True]
    unknown = Client()  # a session that the list of devices does not know
    unknown.cookies[configured.SESSION_COOKIE_NAME] = devices[0].cookies[configured.SESSION_COOKIE_NAME].value
    assert access.end_sessions(user=person, reason="手机遗失", acting=acting(admin), now=timezone.now()) == 2
    assert [is_in(one) for one in (*devices, unknown)] == [False, False, False]
    event = Event.objects.get(verb="accounts.sessions_ended")
    assert (event.subject_id, event.reason, event.name) == (str(person.pk), "手机遗失", "admin")
    assert is_in(logged_in(person)), "they come in again"


def test_a_session_older_than_the_end_is_over_even_when_nobody_listed_it(worker: User) -> None:
    client = logged_in(worker)
    assert is_in(client)
    User.objects.filter(pk=worker.pk).update(sessions_end_before=timezone.now() + dt.timedelta(seconds=1))
    assert not is_in(client)


def test_nobody_ends_the_access_of_people_elsewhere_or_their_own(admin: User, platform_admin: User) -> None:
    other = somebody("other", ("mediator", body("mediation", "演示调解中心")))
    investor = somebody("investor", ("investor", None))
    for person in (other, investor, admin):
        with pytest.raises(Http404):
            access.end_sessions(user=person, reason="试试", acting=acting(admin), now=NOW)
        with pytest.raises(Http404):
            access.suspend(user=person, reason="试试", acting=acting(admin), now=NOW)
    access.suspend(user=investor, reason="账号可能被盗用", acting=acting(platform_admin), now=NOW)
    assert not User.objects.get(pk=investor.pk).is_active


def test_whoever_is_somebody_elsewhere_too_is_suspended_by_the_platform_alone(admin: User, worker: User) -> None:
    Role.objects.create(user=worker, kind="investor", granted_at=NOW)
    assert queries.may_put_out(worker, acting(admin), NOW)
    assert not queries.may_manage(worker, acting(admin), NOW)
    with pytest.raises(Http404):
        access.reset_second_factor(user=worker, check="in_person", reason="遗失", acting=acting(admin), now=NOW)


def test_a_suspended_account_is_out_and_stays_out_until_it_is_taken_up_again(admin: User, worker: User) -> None:
    client = logged_in(worker)
    access.suspend(user=worker, reason="账号可能被盗用", acting=acting(admin), now=timezone.now())
    assert not is_in(client)
    assert not is_in(logged_in(worker))
    with pytest.raises(Conflict):
        access.suspend(user=worker, reason="再来", acting=acting(admin), now=NOW)
    access.take_up_again(user=worker, reason="已核对本人", acting=acting(admin), now=timezone.now())
    assert is_in(logged_in(worker))
    assert not is_in(client), "old sessions do not come back"


def test_the_last_administrator_is_not_suspended(platform_admin: User, admin: User) -> None:
    with pytest.raises(Refusal, match="最后一名管理员"):
        access.suspend(user=admin, reason="试试", acting=acting(platform_admin), now=NOW)
    assert User.objects.get(pk=admin.pk).is_active


def test_a_lost_second_factor_is_reset_only_after_the_person_was_identified(admin: User, worker: User) -> None:
    set_mobile(user=worker, mobile=MOBILE, verified=True, now=NOW)
    with factor_secrets.of(worker):
        TOTP.activate(worker, SECRET)
    client = logged_in(worker)
    for check, reason in (("", "遗失"), ("by_phone_alone", "遗失"), ("in_person", " ")):
        with pytest.raises(Refusal):
            access.reset_second_factor(user=worker, check=check, reason=reason, acting=acting(admin), now=NOW)
    assert is_mfa_enabled(worker)
    done = access.reset_second_factor(
        user=worker, check="in_person", reason="手机遗失", acting=acting(admin), now=timezone.now()
    )
    assert done == 1
    assert not Authenticator.objects.filter(user=worker).exists()
    assert not is_in(client)
    event = Event.objects.get(verb="accounts.second_factor_reset")
    assert event.reason == "当面核对了证件原件；手机遗失"
    again = logged_in(worker)
    assert again.get("/").status_code == 302, "staff set up a new one before anything else"
    assert again.get("/")["Location"] == "/second-factor/"


def test_the_person_is_told_of_the_reset(admin: User, worker: User, django_capture_on_commit_callbacks: Any) -> None:
    set_mobile(user=worker, mobile=MOBILE, verified=True, now=NOW)
    with factor_secrets.of(worker):
        TOTP.activate(worker, SECRET)
    with django_capture_on_commit_callbacks(execute=True):
        access.reset_second_factor(user=worker, check="video", reason="遗失", acting=acting(admin), now=NOW)
    outbox = Path(configured.ENVIRONMENT.home) / "outbox" / "sms.jsonl"
    last = json.loads(outbox.read_text(encoding="utf-8").splitlines()[-1])
    assert last["mobile"] == MOBILE
    assert "第二道验证已由演示投资者服务中心" in last["text"]


def test_one_of_ones_own_devices_is_put_out_and_no_other(worker: User, admin: User) -> None:
    person = somebody("t", ("investor", None))
    here, there, third = logged_in(person), logged_in(person), logged_in(person)
    from allauth.usersessions.models import UserSession

    key = there.cookies[configured.SESSION_COOKIE_NAME].value
    number = UserSession.objects.get(session_key=key).pk
    assert logged_in(admin).post(f"/accounts/me/sessions/{number}/end/").status_code == 302, "asked for a factor first"
    with pytest.raises(Http404):
        access.end_own_session(number=number, acting=acting(admin), now=NOW)
    assert is_in(there)
    asked = here.post(f"/accounts/me/sessions/{number}/end/", headers={"referer": "http://testserver/sessions/"})
    assert asked["Location"] == "/login/again/?next=%2Fsessions%2F", "back to the list, not to an address without page"
    here.post("/login/again/", {"password": PASSWORD})
    assert here.post(f"/accounts/me/sessions/{number}/end/")["Location"] == "/sessions/"
    assert [is_in(one) for one in (here, there, third)] == [True, False, True]


def test_an_account_is_found_by_whole_values_alone(worker: User) -> None:
    set_mobile(user=worker, mobile=MOBILE, verified=True, now=NOW)
    assert queries.account_by("worker") == worker
    assert queries.account_by(MOBILE) == worker
    assert queries.account_by(MOBILE[:-1]) is None


def test_a_lost_mobile_is_changed_only_after_the_person_was_identified(
    platform_admin: User, admin: User, django_capture_on_commit_callbacks: Any
) -> None:
    person = somebody("investor", ("investor", None))
    old = Identity.objects.get(user=person).mobile
    client = logged_in(person)
    new = "139" + "77770000"
    given = {"user": person, "mobile": new, "reason": "原号码停用", "now": timezone.now()}
    with pytest.raises(Refusal, match="怎样核对了本人"):
        access.change_mobile(**given, check="", acting=acting(platform_admin))
    with pytest.raises(Http404):
        access.change_mobile(**given, check="in_person", acting=acting(admin))
    with django_capture_on_commit_callbacks(execute=True):
        access.change_mobile(**given, check="in_person", acting=acting(platform_admin))
    assert "已由演示平台运营方在核对身份后更换" in FileGateway().last(open_sealed(old))
    kept = Identity.objects.get(user=person)
    assert (open_sealed(kept.mobile), kept.mobile_verified_at) == (new, None)
    assert not is_in(client)
    event = Event.objects.filter(verb="accounts.mobile_set", subject_id=str(person.pk)).latest("number")
    assert (event.name, event.reason) == ("platform", "当面核对了证件原件；原号码停用")
    back = Client()
    assert send(back, "/login/", login=person.username, password=PASSWORD)["Location"] == "/login/mobile/verify/"
    assert not is_in(back), "the new mobile is confirmed by its code first"
    send(back, "/login/mobile/verify/", code=code_to(person))
    assert is_in(back)
