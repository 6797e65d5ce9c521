"""Roles, organisations and invitations: who may do what, and what is left of it."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connections
from django.http import Http404

from fengqiao.portal.accounts import actions, queries
from fengqiao.portal.accounts.acting import Acting, acting_for
from fengqiao.portal.accounts.forms import OrganisationContactForm
from fengqiao.portal.accounts.models import Identity, Invitation, Organisation, Role, User
from fengqiao.portal.audit.models import Event
from fengqiao.portal.shell.errors import Conflict, Refusal
from fengqiao.portal.vault.sealed import open_sealed

NOW = dt.datetime(2026, 11, 20, 1, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
MOBILE, OTHER_MOBILE = "138" + "00000001", "138" + "00000002"


def person(name: str, kind: str, organisation: Organisation | None = None) -> Acting:
    user = User.objects.create_user(f"test-{name}", name=name, joined_at=NOW)
    Role.objects.create(user=user, organisation=organisation, kind=kind, granted_at=NOW)
    return acting_for(user, address="192.0.2.1")


@pytest.fixture
def firm(db: Any) -> Organisation:
    return Organisation.objects.create(kind=Organisation.Kind.FIRM, name="测试证券")


@pytest.fixture
def administrator(firm: Organisation) -> Acting:
    return person("管理员甲", Role.Kind.ADMINISTRATOR, firm)


def ask(administrator: Acting, *, mobile: str = "", kinds: tuple[str, ...] = (Role.Kind.COMPLAINT_HANDLER,)) -> Any:
    return actions.invite(
        organisation=administrator.organisation,
        name="同事乙",
        kinds=kinds,
        mobile=mobile,
        acting=administrator,
        now=NOW,
    )


def test_an_invitation_is_taken_up_once_and_in_time(administrator: Acting) -> None:
    invitation, token = ask(administrator)
    assert queries.invitation_by(actions.digest_of(token)) == invitation
    assert token not in str(Invitation.objects.values().get())
    user = User.objects.create_user("test-b", name="同事乙", joined_at=NOW)
    with pytest.raises(Conflict, match="过期"):
        actions.accept(invitation=invitation, user=user, address="", now=NOW + 15 * DAY)
    roles = actions.accept(invitation=invitation, user=user, address="", now=NOW + DAY)
    assert [role.kind for role in roles] == [Role.Kind.COMPLAINT_HANDLER]
    with pytest.raises(Conflict):
        actions.accept(invitation=invitation, user=user, address="", now=NOW + DAY)


def test_a_withdrawn_invitation_opens_no_door(administrator: Acting) -> None:
    invitation, _ = ask(administrator)
    actions.revoke(invitation=invitation, acting=administrator, now=NOW)
    user = User.objects.create_user("test-b", name="同事乙", joined_at=NOW)
    with pytest.raises(Conflict):
        actions.accept(invitation=invitation, user=user, address="", now=NOW)
    assert not user.roles.exists()


def test_a_new_account_needs_the_mobile_that_was_invited(administrator: Acting) -> None:
    invitation, _ = ask(administrator, mobile=MOBILE)
    given: dict[str, Any] = {"invitation": invitation, "password": "long-enough-2026", "address": "", "now": NOW}
    with pytest.raises(Refusal, match="手机号码"):
        actions.accept_as_new(username="colleague", mobile=OTHER_MOBILE, **given)
    assert not User.objects.filter(username="colleague").exists()
    user = actions.accept_as_new(username="colleague", mobile=MOBILE, **given)
    assert open_sealed(Identity.objects.get(user=user).mobile) == MOBILE
    assert user.check_password("long-enough-2026")


def test_an_invitation_is_not_taken_up_by_another_account(administrator: Acting) -> None:
    """The link may have gone astray: the mobile that was named decides, else the name."""
    named, _ = ask(administrator)
    stranger = User.objects.create_user("test-s", name="陌生人", joined_at=NOW)
    colleague = User.objects.create_user("test-c", name="同事乙", joined_at=NOW)
    with pytest.raises(Refusal, match="这份邀请是给 同事乙 的"):
        actions.accept(invitation=named, user=stranger, address="", now=NOW)
    by_mobile, _ = ask(administrator, mobile=MOBILE)
    for mobile in (None, OTHER_MOBILE):
        if mobile:
            actions.set_mobile(user=colleague, mobile=mobile, verified=True, now=NOW)
        with pytest.raises(Refusal, match="不一致"):
            actions.accept(invitation=by_mobile, user=colleague, address="", now=NOW)
    actions.set_mobile(user=colleague, mobile=MOBILE, verified=True, now=NOW)
    assert actions.accept(invitation=by_mobile, user=colleague, address="", now=NOW)
    assert not Role.objects.filter(user=stranger).exists()


def test_a_taken_login_name_leaves_the_invitation_open(administrator: Acting) -> None:
    invitation, _ = ask(administrator)
    User.objects.create_user("colleague", name="别人", joined_at=NOW)
    with pytest.raises(Conflict, match="登录名"):
        actions.accept_as_new(
            invitation=invitation, username="colleague", password="x", mobile=MOBILE, address="", now=NOW
        )
    invitation.refresh_from_db()
    assert invitation.open_at(NOW)


def test_roles_that_do_not_fit_the_organisation_are_refused(administrator: Acting) -> None:
    with pytest.raises(Refusal, match="没有所选的角色"):
        ask(administrator, kinds=(Role.Kind.JUDGE,))
    with pytest.raises(Refusal):
        ask(administrator, kinds=())


def test_only_administrators_of_the_organisation_look_after_its_people(
    administrator: Acting, firm: Organisation
) -> None:
    other = person("管理员丙", Role.Kind.ADMINISTRATOR, Organisation.objects.create(kind="firm", name="别的证券"))
    handler = person("处理岗丁", Role.Kind.COMPLAINT_HANDLER, firm)
    platform = Organisation.objects.create(kind=Organisation.Kind.PLATFORM, name="平台")
    for stranger in (other, handler):
        with pytest.raises(Http404):
            actions.invite(
                organisation=firm, name="x", kinds=["complaint_handler"], mobile="", acting=stranger, now=NOW
            )
        assert not queries.roles_visible_to(stranger).filter(organisation=firm).exists()
    actions.invite(
        organisation=firm, name="x", kinds=["complaint_handler"], mobile="", now=NOW,
        acting=person("平台管理员", Role.Kind.ADMINISTRATOR, platform),
    )  # fmt: skip


def test_a_role_ends_with_a_reason_and_the_last_administrator_stays(administrator: Acting, firm: Organisation) -> None:
    handler = person("处理岗丁", Role.Kind.COMPLAINT_HANDLER, firm)
    with pytest.raises(Refusal, match="原因"):
        actions.end_role(role=handler.role, reason=" ", acting=administrator, now=NOW)
    actions.end_role(role=handler.role, reason="离职", acting=administrator, now=NOW)
    assert acting_for(handler.user).role is None
    with pytest.raises(Refusal, match="最后一名管理员"):
        actions.end_role(role=administrator.role, reason="离职", acting=administrator, now=NOW)
    assert "accounts.role_ended" in Event.objects.values_list("verb", flat=True)


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_end_each_other_at_once() -> None:
    firm = Organisation.objects.create(kind=Organisation.Kind.FIRM, name="测试证券")
    one, two = (person(name, Role.Kind.ADMINISTRATOR, firm) for name in ("甲", "乙"))
    outcomes: list[str] = []

    def end(acting: Acting, role: Role) -> None:
        try:
            actions.end_role(role=role, reason="离职", acting=acting, now=NOW)
            outcomes.append("ended")
        except Refusal:
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=end, args=(one, two.role)), threading.Thread(target=end, args=(two, one.role))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["ended", "refused"]
    assert queries.administrators(firm).count() == 1


def test_a_mobile_that_was_confirmed_belongs_to_one_person(db: Any) -> None:
    one, two = (User.objects.create_user(name, name=name, joined_at=NOW) for name in ("u1", "u2"))
    actions.set_mobile(user=one, mobile=MOBILE, verified=True, now=NOW)
    actions.set_mobile(user=two, mobile=MOBILE, verified=True, now=NOW + DAY)
    verified = Identity.objects.filter(mobile_verified_at__isnull=False)
    assert [identity.user for identity in verified] == [two]


def test_no_number_and_no_mobile_stands_in_the_audit(db: Any) -> None:
    user = User.objects.create_user("u1", name="投资者甲", joined_at=NOW)
    number = "11010119000101" + "0015"
    actions.set_mobile(user=user, mobile=MOBILE, verified=True, now=NOW)
    actions.register_investor(user=user, kind="id_card", number=number, address="", now=NOW)
    text = str(list(Event.objects.values()))
    assert MOBILE not in text
    assert number not in text
    with pytest.raises(Refusal, match="已经注册"):
        actions.register_investor(
            user=User.objects.create_user("u2", name="乙", joined_at=NOW), kind="id_card", number=number, address="",
            now=NOW,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kept", "dialled"),
    [
        ("000-0000 0000", "000-0000 0000", "00000000000"), ("  000  0000 ", "000 0000", "0000000"),
        ("000-0000转12", "000-0000转12", "0000000,12"), ("+0000-00000", "+0000-00000", "+000000000"), ("", "", ""),
    ],
)  # fmt: skip
def test_an_organisation_says_how_it_is_reached(administrator: Acting, text: str, kept: str, dialled: str) -> None:
    body = administrator.organisation
    form = OrganisationContactForm({"phone": text, "region": ""}, instance=Organisation.objects.get(pk=body.pk))
    assert form.is_valid(), form.errors
    changed = actions.change_contact(organisation=body, **form.cleaned_data, acting=administrator, now=NOW)
    body.refresh_from_db()
    assert (body.phone, body.dial, changed) == (kept, dialled, bool(kept))
    assert body.contact == f"测试证券 {kept}".strip()
    assert Event.objects.filter(verb="accounts.organisation_changed").count() == bool(kept)


@pytest.mark.parametrize("text", ["请来电", "12", "000-0000转", "0" * 41, "000-0000<b>"])
def test_what_nobody_can_dial_is_refused(text: str) -> None:
    assert "phone" in OrganisationContactForm({"phone": text, "region": ""}).errors


def test_only_its_administrators_say_how_an_organisation_is_reached(administrator: Acting) -> None:
    other = Organisation.objects.create(kind=Organisation.Kind.COURT, name="测试法院")
    clerk = person("书记员乙", Role.Kind.CLERK, other)
    for acting, body in ((administrator, other), (clerk, other)):
        with pytest.raises(Http404):
            actions.change_contact(organisation=body, phone="000-0000", region="", acting=acting, now=NOW)
