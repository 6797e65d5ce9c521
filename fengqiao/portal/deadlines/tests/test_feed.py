"""The calendar feed as programs read it: over HTTP, with a user name and a password that are good for nothing else."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import icalendar
import pytest
import requests
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fengqiao.portal.accounts.acting import Acting, acting_for
from fengqiao.portal.accounts.models import Organisation, RateCount, Role, User
from fengqiao.portal.audit.models import Event as AuditEvent
from fengqiao.portal.deadlines import actions, feeds
from fengqiao.portal.deadlines.models import Deadline, Feed

pytestmark = pytest.mark.django_db
PASSWORD = "for-tests-only-2026"


@pytest.fixture(autouse=True)
def _own_keys(settings: Any, tmp_path: Any) -> Iterator[None]:
    settings.KEY_FOLDER = tmp_path / "keys"
    cache.clear()
    yield
    cache.clear()


def person(name: str, house: Organisation) -> Acting:
    user = User.objects.create(
        username=name, name="调解员甲", joined_at=timezone.now(), password=make_password(PASSWORD)
    )
    Role.objects.create(user=user, organisation=house, kind="mediator", granted_at=timezone.now())
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "for tests"})
    return acting_for(user)


@pytest.fixture
def who() -> Acting:
    """A mediator with two deadlines."""
    house = Organisation.objects.create(kind="mediation", name="演示调解中心")
    made, now = person("t", house), timezone.now()
    for day in (3, 5):
        actions.open_deadline(
            rule=None, due_on=timezone.localtime(now).date() + dt.timedelta(day), subject=("tests.thing", day),
            title="投资者甲的来电", case="演示-1", user=made.user, organisation=house, acting=None, now=now,
        )  # fmt: skip
    return made


def basic(name: str, password: str) -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def ask(name: str, password: str, client: Client | None = None) -> Any:
    return (client or Client()).get(reverse("deadlines:feed"), **basic(name, password))


@pytest.mark.django_db(transaction=True)
def test_a_program_reads_it_over_http_with_its_own_name_and_password(live_server: Any, who: Acting) -> None:
    address = f"{live_server.url}{reverse('deadlines:feed')}"
    name, password = feeds.make_feed(acting=who, now=timezone.now())
    first = requests.get(address, timeout=30)
    assert (first.status_code, first.headers["WWW-Authenticate"]) == (
        401, 'Basic realm="fengqiao calendar", charset="UTF-8"'
    )  # fmt: skip
    assert "不是登录名和登录密码" in first.content.decode()
    assert Feed.objects.get().last_read_at is None
    answer = requests.get(address, auth=(name, password), timeout=30)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Authorization" in answer.headers["Vary"]
    assert not answer.cookies
    events = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert sorted(event.decoded("dtstart") for event in events) == sorted(
        Deadline.objects.filter(user=who.user).values_list("due_on", flat=True)
    )
    for hidden in ("投资者甲", who.user.name, name, password):
        assert hidden not in answer.content.decode()
    assert Feed.objects.get().last_read_at is not None
    for wrong in ((name, "x" * 34), ("rili-nobodyhere", password), (name, ""), ("t", PASSWORD)):
        assert requests.get(address, auth=wrong, timeout=30).status_code == 401, wrong


def test_no_address_of_the_feed_holds_a_secret_and_the_password_is_shown_once(who: Acting) -> None:
    assert reverse("deadlines:feed") == "/deadlines/feed.ics"
    client = Client()
    client.force_login(who.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.post(reverse("deadlines:feed_settings"))
    assert page.status_code == 302, "who logged in long ago is asked again who it is"
    assert not Feed.objects.exists()
    _, password = feeds.make_feed(acting=who, now=timezone.now())
    kept = Feed.objects.values().get()
    assert not [value for value in kept.values() if password in str(value) or feeds.plain(password) in str(value)]
    assert len(kept["password_digest"]) == 64
    assert len(feeds.plain(password)) * 5 >= 128, "bits of chance"
    events = [str(values) for values in AuditEvent.objects.values()]
    assert events
    assert not [one for one in events if password in one]


def test_the_page_says_name_and_last_reading_and_why_an_old_address_ended(who: Acting, rf: Any) -> None:
    Feed.objects.create(
        user=who.user, password_digest="", created_at=timezone.now(), revoked_at=timezone.now(), ended_by_upgrade=True
    )
    client = Client()
    client.force_login(who.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    request = rf.get("/")
    request.session = client.session
    record_authentication(request, who.user, method="password", reauthenticated=True)
    request.session.save()
    page = client.get(reverse("deadlines:feed_settings")).content.decode()
    assert "您以前的订阅地址已经停用" in page
    made = client.post(reverse("deadlines:feed_settings")).content.decode()
    feed = Feed.objects.get(revoked_at=None)
    password = made.split('<dt>密码</dt><dd><code class="feed-address">')[1].split("<")[0]
    again = client.get(reverse("deadlines:feed_settings")).content.decode()
    assert password not in again
    assert feed.name in again
    assert "还没有被读取过" in again
    assert "您以前的订阅地址已经停用" not in again
    assert ask(feed.name, password).status_code == 200
    assert "还没有被读取过" not in client.get(reverse("deadlines:feed_settings")).content.decode()
    for program in ("iPhone", "macOS", "Thunderbird", "ICSx", "下载日历文件"):
        assert program in again


def test_typed_on_a_telephone_it_is_still_the_same_password(who: Acting) -> None:
    name, password = feeds.make_feed(acting=who, now=timezone.now())
    assert ask(name.capitalize(), password.replace("-", "").capitalize()).status_code == 200
    assert ask(name, password[:-1]).status_code == 401


def test_a_new_one_ends_the_old_one_and_an_end_is_an_end(who: Acting) -> None:
    first = feeds.make_feed(acting=who, now=timezone.now())
    second = feeds.make_feed(acting=who, now=timezone.now())
    assert [ask(*one).status_code for one in (first, second)] == [401, 200]
    assert feeds.revoke_feed(acting=who, now=timezone.now())
    assert ask(*second).status_code == 401
    third = feeds.make_feed(acting=who, now=timezone.now())
    User.objects.update(is_active=False)
    assert ask(*third).status_code == 401, "who may not log in has no feed"


def test_it_opens_nothing_else_and_nothing_else_opens_it(who: Acting) -> None:
    given = feeds.make_feed(acting=who, now=timezone.now())
    for page in ("deadlines:mine", "deadlines:calendar_file", "deadlines:feed_settings", "accounts:me"):
        answer = Client().get(reverse(page), **basic(*given))
        assert answer.status_code == 302, page
        assert "/login" in answer["Location"]
    wrong = Client().post(reverse("account_login"), {"login": given[0], "password": given[1]})
    assert wrong.status_code == 200
    assert "不符" in wrong.content.decode()
    client = Client()
    client.force_login(who.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(reverse("deadlines:feed")).status_code == 401
    assert ask(who.user.username, PASSWORD).status_code == 401


@pytest.mark.parametrize(
    "header",
    ["", "Basic", "Basic ", "Basic !!!", "Basic YQ==", "Bearer YTpi", "Basic " + "QUFB" * 2000, "Basic /////w==",
     "Basic " + base64.b64encode(b"rili-a\x00b:c\x00").decode(),
     "Basic " + base64.b64encode("名:密".encode()).decode()],
)  # fmt: skip
def test_whatever_a_program_brings_is_answered(header: str) -> None:
    answer = Client().get(reverse("deadlines:feed"), HTTP_AUTHORIZATION=header)
    assert answer.status_code == 401
    assert answer["Cache-Control"] == "private, no-store"


def test_wrong_passwords_lock_the_name_and_the_place_for_a_while(who: Acting, monkeypatch: Any) -> None:
    now = dt.datetime(2026, 11, 30, 9, 0, 1, tzinfo=dt.UTC)
    monkeypatch.setattr("fengqiao.portal.deadlines.feed_views.timezone.now", lambda: now)
    name, password = feeds.make_feed(acting=who, now=now)
    assert [ask(name, "wrong").status_code for _ in range(feeds.WRONG_OF_NAME.most)] == [401] * 10
    locked = ask(name, password)
    assert locked.status_code == 429, "not even the right one, so nobody learns that it was right"
    assert 1800 < int(locked["Retry-After"]) <= 1800 + 129, "half an hour, and what is left of a slot"
    others = [ask(f"rili-{number}", "wrong").status_code for number in range(60)]
    assert others == [401] * 49 + [429] * 11, "the place: 60 with those of the name"
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert ask(name, password, elsewhere).status_code == 429, "the name is locked everywhere"
    now += dt.timedelta(seconds=int(locked["Retry-After"]) - 1)
    assert ask(name, password, elsewhere).status_code == 429
    now += dt.timedelta(seconds=1)
    assert ask(name, password, elsewhere).status_code == 200
    now += dt.timedelta(seconds=int(ask(name, password)["Retry-After"]))
    assert ask(name, password).status_code == 200, "the place, whose slots are longer, a little later"


def test_right_passwords_use_up_no_tries_and_are_not_read_without_end(who: Acting, monkeypatch: Any) -> None:
    now = dt.datetime(2026, 11, 30, 9, 0, 1, tzinfo=dt.UTC)
    monkeypatch.setattr("fengqiao.portal.deadlines.feed_views.timezone.now", lambda: now)
    given = feeds.make_feed(acting=who, now=now)
    answers = [ask(*given) for _ in range(feeds.ONE_CALENDAR.most + 1)]
    assert [answer.status_code for answer in answers] == [200] * feeds.ONE_CALENDAR.most + [429]
    assert "读取日历订阅次数太多" in answers[-1].content.decode()
    assert set(RateCount.objects.filter(key__startswith="feed_wrong").values_list("counts", flat=True)) == {0}
    other = feeds.make_feed(acting=person("o", who.organisation), now=now)  # type: ignore[arg-type]
    assert ask(*other).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_guessing_at_once_gets_no_further(live_server: Any, who: Acting) -> None:
    name, _ = feeds.make_feed(acting=who, now=timezone.now())
    address = f"{live_server.url}{reverse('deadlines:feed')}"
    with ThreadPoolExecutor(8) as pool:
        said = list(
            pool.map(lambda one: requests.get(address, auth=(name, f"w{one}"), timeout=60).status_code, range(40))
        )
    allowed = feeds.WRONG_OF_NAME.most
    assert said.count(401) in (allowed, 2 * allowed), "twice only when a new half hour began in between"
    assert said.count(401) + said.count(429) == 40


def test_where_the_portal_has_tls_the_feed_is_read_over_tls_alone(who: Acting, settings: Any) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, public_url="https://fengqiao.example")
    given = feeds.make_feed(acting=who, now=timezone.now())
    plain = ask(*given)
    assert plain.status_code == 403
    assert "没有加密" in plain.content.decode()
    assert "WWW-Authenticate" not in plain
    safe = Client().get(reverse("deadlines:feed"), secure=True, **basic(*given))
    assert safe.status_code == 200
    event = icalendar.Calendar.from_ical(safe.content).walk("VEVENT")[0]
    assert str(event["url"]).startswith("https://fengqiao.example/deadlines/")


def test_an_old_address_says_that_it_ended(who: Acting) -> None:
    answer = Client().get(f"/deadlines/feed/{'x' * 43}.ics")
    assert answer.status_code == 410
    assert "平台不再使用带密钥的地址" in answer.content.decode()


def test_the_file_has_what_the_feed_has(who: Acting) -> None:
    given = feeds.make_feed(acting=who, now=timezone.now())
    client = Client()
    client.force_login(who.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    file = client.get(reverse("deadlines:calendar_file"))
    assert file["Content-Disposition"].startswith("attachment")

    def days(data: bytes) -> list[Any]:
        return [event.decoded("dtstart") for event in icalendar.Calendar.from_ical(data).walk("VEVENT")]

    assert days(file.content) == days(ask(*given).content) != []


@pytest.mark.django_db(transaction=True)
def test_addresses_of_before_end_with_the_upgrade(who: Acting) -> None:
    """Rows as the former version wrote them, then the migration."""
    executor = MigrationExecutor(connection)
    newest = [key for key in executor.loader.graph.leaf_nodes() if key[0] == "deadlines"]
    try:
        former = ("deadlines", "0001_squashed_0007_replacing")
        executor.migrate([former])
        old = executor.loader.project_state([former]).apps.get_model("deadlines", "Feed")
        before = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
        old.objects.create(user_id=who.user.pk, token_digest="a" * 64, created_at=before, revoked_at=before)
        old.objects.create(user_id=who.user.pk, token_digest="b" * 64, created_at=before)
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(newest)
    rows = list(Feed.objects.order_by("id"))
    assert [(row.name, row.password_digest, row.ended_by_upgrade) for row in rows] == [
        (None, "", False),
        (None, "", True),
    ]
    assert rows[0].revoked_at == before
    assert rows[1].revoked_at is not None
    assert feeds.make_feed(acting=who, now=timezone.now())
