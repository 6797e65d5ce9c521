"""Two proofs to come in: codes to the mobile after a password, passwords after a code, devices that are remembered."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings as configured
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from fengqiao.engine.identity import with_check_digit
from fengqiao.portal.accounts import access, actions, factor_secrets, login_codes, mobile_codes, sms, trusted_devices
from fengqiao.portal.accounts.acting import acting_for
from fengqiao.portal.accounts.models import Identity, LoginAttempt, LoginCode, Organisation, Role, TrustedDevice, User
from fengqiao.portal.accounts.rate_limits import MESSAGES_AN_HOUR
from fengqiao.portal.accounts.tests.coming_in import CODE_PAGE, PASSWORD_PAGE, code_to, log_in, send, text_to
from fengqiao.portal.audit.models import Event

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)
PASSWORD, NEW = "for-tests-only-2026", "another-one-2026"
MOBILE = "139" + "00000001"
NUMBER = with_check_digit("11010119000101" + "001")
FORGOTTEN_PAGE = "/login/code/new-password/"


@pytest.fixture(autouse=True)
def _own_keys(settings: Any, tmp_path: Path) -> None:
    settings.KEY_FOLDER = tmp_path / "keys"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # these tests are not about hashing
    cache.clear()


@pytest.fixture
def user() -> User:
    made = User.objects.create(username="t", name="投资者甲", joined_at=NOW, password=make_password(PASSWORD))
    actions.register_investor(user=made, kind="id_card", number=NUMBER, address="", now=NOW)
    actions.set_mobile(user=made, mobile=MOBILE, verified=True, now=NOW)
    return made


def is_in(client: Client) -> bool:
    return client.get("/accounts/me/").status_code == 200


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def verbs(user: User) -> list[str]:
    about = Event.objects.filter(subject_kind="accounts.user", subject_id=str(user.pk))
    return [verb.partition(".")[2] for verb in about.order_by("number").values_list("verb", flat=True)]


def after_password(user: User) -> Client:
    client = Client()
    assert send(client, "/login/", login=user.username, password=PASSWORD)["Location"] == CODE_PAGE
    return client


def test_a_password_alone_opens_no_account_and_a_code_alone_neither(user: User) -> None:
    client = after_password(user)
    assert not is_in(client)
    page = client.get(CODE_PAGE).content.decode()
    assert "139****0001" in page
    assert MOBILE not in page
    assert "有人输对了您的密码" in text_to(user)
    assert send(client, CODE_PAGE, code=code_to(user))["Location"] == "/"
    assert is_in(client)
    came = Event.objects.get(verb="accounts.logged_in")
    assert came.reason == "密码、短信验证码"
    other = Client()
    assert send(other, "/login/code/", phone=MOBILE)["Location"] == CODE_PAGE
    assert send(other, CODE_PAGE, code=code_to(user))["Location"] == PASSWORD_PAGE
    assert not is_in(other)
    assert "不对" in send(other, PASSWORD_PAGE, password="wrong").content.decode()
    assert not is_in(other)
    assert send(other, PASSWORD_PAGE, password=PASSWORD)["Location"] == "/"
    assert is_in(other)


def test_a_code_is_used_once_in_time_and_only_so_often_tried(user: User, monkeypatch: Any) -> None:
    first = after_password(user)
    code = code_to(user)
    for _ in range(mobile_codes.TRIES):
        assert "不对" in send(first, CODE_PAGE, code=wrong(code)).content.decode()
    assert "试错次数太多" in send(first, CODE_PAGE, code=code).content.decode()
    assert not is_in(first), "the right code is not worth more than the tries"
    assert verbs(user).count("login_code_failed") == 1
    LoginCode.objects.update(sent_at=timezone.now() - login_codes.AGAIN_AFTER)
    assert send(first, CODE_PAGE, action="resend").status_code == 302
    newer = code_to(user)
    LoginCode.objects.update(expires_at=timezone.now())
    assert "过期" in send(first, CODE_PAGE, code=newer).content.decode()
    second = after_password(user)
    used = code_to(user)
    send(second, CODE_PAGE, code=used)
    assert is_in(second)
    attempt = LoginAttempt.objects.order_by("-id")[0]
    with pytest.raises(login_codes.Refusal, match="已经用过"):
        login_codes.check(attempt=attempt, code=used, now=timezone.now())


def test_a_code_opens_the_log_in_it_was_sent_for_and_no_other(user: User) -> None:
    mine = after_password(user)
    own = code_to(user)
    theirs = after_password(user)
    others = code_to(user)
    if own != others:
        assert "不对" in send(mine, CODE_PAGE, code=others).content.decode()
        assert "不对" in send(theirs, CODE_PAGE, code=own).content.decode()
    assert send(mine, CODE_PAGE, code=own).status_code == 302, "a second log-in takes nothing from the first"
    assert is_in(mine)
    assert not is_in(theirs)
    nobody = Client()
    assert send(nobody, CODE_PAGE, code=others)["Location"] == "/login/", "without the password it opens nothing"


def test_a_code_to_an_old_mobile_opens_nothing_any_more(user: User) -> None:
    client = after_password(user)
    code = code_to(user)
    actions.set_mobile(user=user, mobile="139" + "00000009", verified=True, now=timezone.now())
    assert "不对" in send(client, CODE_PAGE, code=code).content.decode()


def test_another_code_comes_after_a_minute_and_not_for_ever(user: User) -> None:
    client = after_password(user)
    first = code_to(user)
    answer = client.post(CODE_PAGE, {"action": "resend"}, follow=True)
    assert "秒后再试" in answer.content.decode()
    for _ in range(login_codes.MOST_CODES - 1):
        LoginCode.objects.update(sent_at=timezone.now() - login_codes.AGAIN_AFTER)
        send(client, CODE_PAGE, action="resend")
    assert LoginCode.objects.count() == login_codes.MOST_CODES
    LoginCode.objects.update(sent_at=timezone.now() - login_codes.AGAIN_AFTER)
    answer = client.post(CODE_PAGE, {"action": "resend"}, follow=True)
    assert "已经发了 4 条" in answer.content.decode()
    if first != code_to(user):
        send(client, CODE_PAGE, code=first)
        assert not is_in(client), "an older code is void"
    send(client, CODE_PAGE, code=code_to(user))
    assert is_in(client)


def test_strangers_who_know_a_mobile_use_up_no_messages_of_its_owner(user: User) -> None:
    for _ in range(MESSAGES_AN_HOUR.most):
        send(Client(), "/login/code/", phone=MOBILE)
    assert send(Client(), "/login/code/", phone=MOBILE).status_code == 429
    client = after_password(user)
    send(client, CODE_PAGE, code=code_to(user))
    assert is_in(client)


def test_a_mobile_without_account_is_answered_like_one_with(user: User) -> None:
    known, unknown = Client(), Client()
    assert send(known, "/login/code/", phone=MOBILE)["Location"] == CODE_PAGE
    assert send(unknown, "/login/code/", phone="139" + "00000077")["Location"] == CODE_PAGE

    def page(client: Client) -> str:
        text = client.get(CODE_PAGE).content.decode()
        return text[text.index("<main") : text.index("</main")].replace("0077", "0001")

    def plain(text: str) -> str:
        return "".join(line for line in text.splitlines(keepends=True) if "csrf" not in line)

    assert plain(page(known)) == plain(page(unknown))
    bad = wrong(code_to(user))
    for _ in range(mobile_codes.TRIES + 1):
        answers = [send(client, CODE_PAGE, code=bad).content.decode() for client in (known, unknown)]
        sentences = [text[text.index("error-summary") : text.index("</main")].count("次数太多") for text in answers]
        assert sentences[0] == sentences[1]
    answers = [
        client.post(CODE_PAGE, {"action": "resend"}, follow=True).content.decode() for client in (known, unknown)
    ]
    assert ["秒后再试" in text for text in answers] == [True, True]


def test_a_remembered_device_goes_without_a_code_until_the_owner_or_a_new_password_ends_it(user: User) -> None:
    plain = Client()
    log_in(plain, user, PASSWORD)
    assert configured.DEVICE_COOKIE not in plain.cookies, "nobody is remembered who did not ask for it"
    device = Client(HTTP_USER_AGENT="Firefox")
    log_in(device, user, PASSWORD, trust="on")
    cookie = device.cookies[configured.DEVICE_COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 30 * 86400)
    assert cookie.value not in str(TrustedDevice.objects.values()), "only a digest is kept"
    assert "device_trusted" in verbs(user)
    again = Client()
    again.cookies[configured.DEVICE_COOKIE] = cookie.value
    assert send(again, "/login/", login="t", password=PASSWORD)["Location"] == "/"
    came = Event.objects.filter(verb="accounts.logged_in").order_by("-number").first()
    assert came is not None
    assert came.reason == "密码、记住的设备"
    other = User.objects.create(username="u", name="投资者乙", joined_at=NOW, password=make_password(PASSWORD))
    actions.set_mobile(user=other, mobile="139" + "00000002", verified=True, now=NOW)
    borrowed = Client()
    borrowed.cookies[configured.DEVICE_COOKIE] = cookie.value
    assert send(borrowed, "/login/", login="u", password=PASSWORD)["Location"] == CODE_PAGE, "it is one person's"
    listed = again.get("/accounts/me/devices/").content.decode()
    assert "Firefox" in listed
    number = TrustedDevice.objects.get().pk
    assert device.post(f"/accounts/me/devices/{number}/end/").status_code == 302
    later = Client()
    later.cookies[configured.DEVICE_COOKIE] = cookie.value
    assert send(later, "/login/", login="t", password=PASSWORD)["Location"] == CODE_PAGE
    assert verbs(user).count("trusted_device_ended") == 1


@pytest.mark.parametrize("ending", ["password", "time", "put out"])
def test_what_else_ends_a_remembered_device(user: User, ending: str) -> None:
    token = trusted_devices.trust(user=user, device="", stamp=acting_for(user).stamp, now=timezone.now())
    now = timezone.now()
    assert trusted_devices.use(tokens=[token], user=user, now=now) is not None
    if ending == "password":
        actions.set_new_password(user=user, password=NEW, address="", now=now)
    elif ending == "time":
        now += trusted_devices.LASTS
    else:
        access.end_all_sessions(user, now)
    assert trusted_devices.use(tokens=[token, "x" * 43], user=user, now=now) is None


def test_staff_and_who_has_a_second_factor_of_their_own_are_asked_as_before(user: User) -> None:
    with factor_secrets.of(user):
        TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    assert send(Client(), "/login/", login="t", password=PASSWORD)["Location"] == "/second-factor/authenticate/"
    house = Organisation.objects.create(kind="firm", name="演示证券公司")
    worker = User.objects.create(username="w", name="投诉处理员甲", joined_at=NOW, password=make_password(PASSWORD))
    Role.objects.create(user=worker, organisation=house, kind="complaint_handler", granted_at=NOW)
    actions.set_mobile(user=worker, mobile="139" + "00000003", verified=True, now=NOW)
    client = after_password(worker)
    assert "记住这台设备" not in client.get(CODE_PAGE).content.decode(), "staff set up a factor instead"
    send(client, CODE_PAGE, code=code_to(worker), trust="on")
    assert configured.DEVICE_COOKIE not in client.cookies


def forgot(user: User) -> Client:
    client = Client()
    send(client, "/login/code/", phone=MOBILE)
    send(client, CODE_PAGE, code=code_to(user))
    return client


def test_a_forgotten_password_takes_the_mobile_and_the_papers(user: User) -> None:
    old = Client()
    log_in(old, user, PASSWORD)
    client = forgot(user)
    typed = {"name": "投资者甲", "number": NUMBER, "password": NEW, "again": NEW}
    answer = send(client, FORGOTTEN_PAGE, **{**typed, "name": "投资者乙"})
    assert "不一致" in answer.content.decode()
    assert send(client, FORGOTTEN_PAGE, **typed)["Location"] == "/"
    assert is_in(client)
    assert not is_in(old), "who was in with the old password is out"
    assert "重新设置" in text_to(user)
    event = Event.objects.get(verb="accounts.password_set")
    assert event.reason == "短信验证码和证件核对"
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert "papers_failed" in verbs(user)
    assert NUMBER not in str(list(Event.objects.values()))


def test_papers_are_tried_three_times(user: User) -> None:
    client = forgot(user)
    typed = {"name": "投资者甲", "number": "x" * 18, "password": NEW, "again": NEW}
    for _ in range(login_codes.MOST_IDENTITY_TRIES):
        assert "不一致" in send(client, FORGOTTEN_PAGE, **typed).content.decode()
    typed["number"] = NUMBER
    assert "次数太多" in send(client, FORGOTTEN_PAGE, **typed).content.decode()
    assert not is_in(client)
    assert send(Client(), FORGOTTEN_PAGE, **typed)["Location"] == "/login/", "nobody gets here without a code"


def test_a_gateway_that_is_away_lets_nobody_in(user: User, monkeypatch: Any) -> None:
    def away(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(sms.FileGateway, "send", away)
    client = Client()
    with pytest.raises(login_codes.Refusal, match="短信没有发出"):
        send(client, "/login/", login="t", password=PASSWORD)
    assert not is_in(client)


def test_a_mobile_never_confirmed_is_confirmed_by_the_code(user: User) -> None:
    Identity.objects.update(mobile_verified_at=None)
    client = forgot(user)
    assert send(client, PASSWORD_PAGE, password=PASSWORD)["Location"] == "/"
    assert Identity.objects.get(user=user).mobile_verified_at is not None


def test_log_ins_nobody_finished_are_forgotten_after_a_day(user: User) -> None:
    after_password(user)
    assert login_codes.delete_old_attempts(now=timezone.now()) == 0
    assert login_codes.delete_old_attempts(now=timezone.now() + login_codes.KEPT) == 2
    assert not LoginCode.objects.exists()


def test_the_demo_shows_the_message_and_nobody_else_does(user: User, settings: Any) -> None:
    client = after_password(user)
    assert code_to(user) not in client.get(CODE_PAGE).content.decode()
    settings.DEMO = True
    assert code_to(user) in client.get(CODE_PAGE).content.decode()


def test_a_new_password_takes_the_old_one_and_puts_other_devices_out(user: User) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        log_in(client, user, PASSWORD)
        assert is_in(client)
    new = " blanks at both ends 枫 "
    wrong = here.post("/login/password/", {"oldpassword": "wrong", "password1": new, "password2": new})
    assert wrong.status_code == 200
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert (
        here.post("/login/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new}).status_code == 302
    )
    assert is_in(here)
    assert not is_in(there)
    back = Client()
    assert "不符" in send(back, "/login/", login="t", password=new.strip()).content.decode(), "as it was typed, or not"
    log_in(back, user, new)
    assert is_in(back)
