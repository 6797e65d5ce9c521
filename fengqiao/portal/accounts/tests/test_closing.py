"""Closing one's own account: what stands in the way, what ends, what stays. The parts of later apps are tried by theirs
being there: the whole portal runs."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from fengqiao.engine.identity import with_check_digit
from fengqiao.portal.accounts import access, actions, closing, factor_secrets, trusted_devices
from fengqiao.portal.accounts.acting import Acting, acting_for
from fengqiao.portal.accounts.models import Identity, Invitation, Organisation, Role, User
from fengqiao.portal.accounts.tests.coming_in import CODE_PAGE, code_to, log_in, send
from fengqiao.portal.audit.models import Event
from fengqiao.portal.audit.stamp import system_stamp
from fengqiao.portal.deadlines.actions import open_deadline
from fengqiao.portal.deadlines.feeds import make_feed
from fengqiao.portal.deadlines.models import Feed
from fengqiao.portal.parties.actions import open_own_party
from fengqiao.portal.parties.models import Authorisation, Consent, Handling, LegalHold, Party
from fengqiao.portal.service.models import Confirmation
from fengqiao.portal.shell.actions import save_draft
from fengqiao.portal.shell.errors import Conflict, Refusal
from fengqiao.portal.shell.models import Draft
from fengqiao.portal.signing.models import Signatory, SigningRound

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)
PASSWORD = "for-tests-only-2026"
MOBILE = "139" + "00000001"
NUMBER = with_check_digit("11010119000101" + "001")


@pytest.fixture(autouse=True)
def _own_keys(settings: Any, tmp_path: Path) -> None:
    settings.KEY_FOLDER = tmp_path / "keys"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # these tests are not about hashing
    cache.clear()


def somebody(name: str, *roles: tuple[str, Organisation | None], mobile: str = "") -> User:
    made = User.objects.create(username=name, name=name, joined_at=NOW, password=make_password(PASSWORD))
    for kind, organisation in roles:
        Role.objects.create(user=made, kind=kind, organisation=organisation, granted_at=NOW)
    if mobile:
        actions.set_mobile(user=made, mobile=mobile, verified=True, now=NOW)
    return made


@pytest.fixture
def user() -> User:
    made = somebody("投资者甲")
    actions.register_investor(user=made, kind="id_card", number=NUMBER, address="", now=NOW)
    actions.set_mobile(user=made, mobile=MOBILE, verified=True, now=NOW)
    return made


@pytest.fixture
def party(user: User) -> Party:
    return open_own_party(acting=acting_for(user), now=NOW)


def close(user: User, reason: str = "") -> None:
    closing.close(reason=reason, acting=acting_for(user), now=timezone.now())


def consent(party: Party) -> Consent:
    return Consent.objects.create(
        party=party, purpose="contact", version="1", text="x", text_sha256=hashlib.sha256(b"x").hexdigest(),
        given_by=party.user, given_at=NOW,
    )  # fmt: skip


def authorisation(party: Party, agent: User) -> Authorisation:
    house = Organisation.objects.get_or_create(kind="mediation", name="演示调解中心")[0]
    return Authorisation.objects.create(
        agent=agent, party=party, reviewer=house, scopes=["file"], valid_from=NOW.date(),
        valid_until=NOW.date() + dt.timedelta(365), state="accepted", submitted_at=NOW,
    )  # fmt: skip


def test_all_that_opens_the_account_ends_and_what_is_recorded_stays(user: User, party: Party) -> None:
    client = Client()
    log_in(client, user, PASSWORD)
    client.get("/accounts/me/")
    given, agreed = authorisation(party, somebody("代理人甲", ("agent", None))), consent(party)
    with factor_secrets.of(user):
        TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    make_feed(acting=acting_for(user), now=NOW)
    save_draft(owner=user, form="x", data={"a": "b"}, device="phone", version=0, now=NOW)
    trusted_devices.trust(user=user, device="", stamp=acting_for(user).stamp, now=timezone.now())
    house = Organisation.objects.create(kind="firm", name="演示证券公司")
    waiting, _ = actions.make_invitation(
        organisation=house, name="x", kinds=["complaint_handler"], mobile=MOBILE, by=somebody("y"),
        stamp=system_stamp(), now=timezone.now(),
    )  # fmt: skip
    before = Event.objects.count()
    close(user, "不再使用")
    user.refresh_from_db()
    assert (user.is_active, user.has_usable_password(), user.closed_at is not None) == (False, False, True)
    assert client.get("/accounts/me/").status_code == 302
    assert not UserSession.objects.filter(user=user).exists()
    assert not Authenticator.objects.filter(user=user).exists()
    assert not Draft.objects.filter(owner=user).exists()
    assert not trusted_devices.live_ones(user, timezone.now()).exists()
    assert Feed.objects.get().revoked_at is not None
    for row in (given, agreed, waiting):
        row.refresh_from_db()
    assert (given.state, given.ending) == ("ended", "revoked")
    assert agreed.withdrawn_at is not None
    assert waiting.revoked_at is not None
    party.refresh_from_db()
    assert (party.name, party.disposed_at) == ("投资者甲", None), "kept for its period"
    assert Event.objects.count() > before
    event = Event.objects.get(verb="accounts.closed")
    assert (event.subject_id, event.reason, event.name) == (str(user.pk), "不再使用", "投资者甲")
    with pytest.raises(Conflict):
        close(user)


def test_nobody_comes_in_until_the_platform_takes_the_account_up_again(user: User) -> None:
    close(user)
    other = Client()
    assert "不符" in send(other, "/login/", login=user.username, password=PASSWORD).content.decode()
    send(other, "/login/code/", phone=MOBILE)
    assert "还没有注册账号" in _last_text()
    house = Organisation.objects.create(kind="platform", name="演示平台运营方")
    platform = somebody("管理员", ("administrator", house))
    access.take_up_again(user=user, reason="已核对身份", acting=acting_for(platform), now=timezone.now())
    user.refresh_from_db()
    assert (user.is_active, user.closed_at) == (True, None)
    cache.clear()
    back = Client()
    send(back, "/login/code/", phone=MOBILE)
    send(back, CODE_PAGE, code=code_to(user))
    typed = {"name": "投资者甲", "number": NUMBER, "password": "another-one-2026", "again": "another-one-2026"}
    assert send(back, "/login/code/new-password/", **typed)["Location"] == "/"
    assert back.get("/accounts/me/").status_code == 200


def _last_text() -> str:
    from fengqiao.portal.accounts.sms import FileGateway

    return FileGateway().last(MOBILE)


def test_who_works_for_an_organisation_is_let_go_by_it_first() -> None:
    house = Organisation.objects.create(kind="firm", name="演示证券公司")
    one = somebody("管理员甲", ("administrator", house), ("complaint_handler", house))
    with pytest.raises(Refusal, match="还有 2 件事没有办完"):
        close(one)
    sentences = closing.in_the_way(one, NOW)
    assert any("另一名管理员（还没有的，先邀请一名）" in sentence for sentence in sentences)
    second = somebody("管理员乙", ("administrator", house))
    for role in one.roles.all():
        actions.end_role(role=role, reason="离职", acting=acting_for(second), now=timezone.now())
    close(one)
    assert not User.objects.get(pk=one.pk).is_active
    with pytest.raises(Refusal):
        close(second)


def sign_place(party: Party, state: str) -> Signatory:
    house = Organisation.objects.create(kind="mediation", name=f"演示{state}")
    made = SigningRound.objects.create(
        title="调解协议书", organisation=house, created_by=party.user, created_at=NOW, due_at=NOW, state="open"
    )
    return Signatory.objects.create(
        round=made, kind="party", role_title="申请人", name=party.name, party=party, field="f1", position=1,
        state=state,
        signed_at=NOW if state == "signed" else None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("agent", "还是投资者乙的代理人"), ("waiting", "还等着您签署"), ("signed", "还没有全部签完"),
        ("handling", "正在办理您的事项"), ("deadline", "没有了结的期限"), ("designee", "的代收人"),
    ],
)  # fmt: skip
def test_what_is_not_finished_stands_in_the_way(user: User, party: Party, what: str, said: str) -> None:
    acting: Acting = acting_for(user)
    other = Party.objects.create(name="投资者乙", created_at=NOW, last_act_at=NOW)
    if what == "agent":
        authorisation(other, user)
    elif what in ("waiting", "signed"):
        sign_place(party, what)
    elif what == "handling":
        house = Organisation.objects.create(kind="mediation", name="演示调解中心")
        Handling.objects.create(party=party, organisation=house, begun_at=NOW, basis="x")
    elif what == "deadline":
        open_deadline(
            rule=None, subject=("x", "1"), case="", title="补正材料", due_at=timezone.now() + dt.timedelta(9),
            user=user, now=timezone.now(), acting=acting,
        )  # fmt: skip
    else:
        Confirmation.objects.create(
            party=other, electronic=True, use_account=True, recipient_name="x", designee=user, valid_from=NOW.date(),
            text="x", text_version="1", text_sha256="0" * 64, way="portal", made_by=user, made_at=NOW,
        )  # fmt: skip
    assert any(said in sentence for sentence in closing.in_the_way(user, timezone.now()))
    with pytest.raises(Refusal, match="没有注销"):
        close(user)
    assert User.objects.get(pk=user.pk).is_active
    assert not Event.objects.filter(verb="accounts.closed").exists()


def test_a_legal_hold_stays_and_is_said(user: User, party: Party) -> None:
    LegalHold.objects.create(party=party, reason="诉讼", placed_by=user, placed_at=NOW)
    assert any("正在保全" in sentence for sentence, _ in closing.kept(user, NOW))
    close(user)
    assert LegalHold.objects.get().lifted_at is None


def test_the_page_asks_again_who_it_is_and_for_a_tick(user: User) -> None:
    client = Client()
    log_in(client, user, PASSWORD)
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] = timezone.now().timestamp() - 3600
    session.save()
    asked = client.post("/accounts/me/close/", {"sure": "on"})
    assert asked.status_code == 302
    assert asked["Location"].startswith("/login/again/")
    client.post("/login/again/", {"password": PASSWORD})
    page = client.post("/accounts/me/close/", {"reason": "x"})
    assert "请先勾选" in page.content.decode()
    assert User.objects.get(pk=user.pk).is_active
    done = client.post("/accounts/me/close/", {"sure": "on", "reason": "不用了"}, follow=True)
    assert "您的账号已注销" in done.content.decode()
    assert not User.objects.get(pk=user.pk).is_active
    assert Identity.objects.get(user=user).mobile_verified_at is None
    assert not Invitation.objects.exists()
