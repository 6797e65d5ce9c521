"""Everything that changes accounts, organisations and roles."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Callable, Iterable, Sequence

from django.db import IntegrityError, transaction
from django.http import Http404

from fengqiao.portal.accounts import queries
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.allowed_roles import roles_in
from fengqiao.portal.accounts.models import Identity, Invitation, Organisation, Role, User
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.stamp import Stamp
from fengqiao.portal.shell.errors import Conflict, Refusal
from fengqiao.portal.vault.fields import lookup
from fengqiao.portal.vault.sealed import open_sealed

INVITATION_DAYS = 14
ROLE_ENDED: list[Callable[[Role, Acting, dt.datetime], None]] = []
"""Later apps say who takes over what a person did in a role that has just ended; in its transaction."""
LEFT_BEHIND: list[Callable[[Role], Iterable[str]]] = []
"""What that will be, in sentences, before it is done."""
NUMBER_TAKEN = (
    "这个证件号码已经注册过账号。请直接登录，或用短信验证码登录；"
    "如果不是您本人注册的，请带上证件到就近的调解组织，或致电 12386 反映。"
)
NOT_INVITED = (
    "没有加入：这份邀请是给 {invited} 的，与您现在登录的账号（{name}）的姓名或者手机号码不一致。"
    "请退出后用本人的账号打开链接；手机号码已经更换的，请联系邀请您的机构管理员重新邀请。"
)
HOUSE_AT_REST = "没有办理：{name}已经在本平台停用，不能邀请或者加入。请联系平台管理员；恢复以后可以重新邀请。"
LAST_ADMINISTRATOR = "这是本机构最后一名管理员。请先邀请另一名管理员，再终止这一角色。"


def digest_of(token: str) -> str:
    """What is kept of an invitation's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def own_stamp(user: User, address: str = "") -> Stamp:
    """For what a person does before they wear a role."""
    return Stamp(user.pk, user.name, "", "", None, "", address=address)


@transaction.atomic
def register_investor(*, user: User, kind: str, number: str, address: str, now: dt.datetime) -> Role:
    """Give a new user their real name and the role of an investor."""
    if Identity.objects.filter(lookup(Identity, "number", number), kind=kind).exclude(user=user).exists():
        raise Refusal(NUMBER_TAKEN)
    identity = Identity.objects.filter(user=user).first() or Identity(user=user)
    identity.kind, identity.number = kind, number
    identity.save()
    role, _ = Role.objects.get_or_create(
        user=user, organisation=None, kind=Role.Kind.INVESTOR, ended_at=None, defaults={"granted_at": now}
    )
    audit.record(
        stamp=own_stamp(user, address), verb="accounts.registered", subject=user,
        after={"name": user.name, "kind": kind, "number": identity.number.for_audit()}, now=now,
    )  # fmt: skip
    return role


@transaction.atomic
def set_mobile(
    *, user: User, mobile: str, verified: bool, now: dt.datetime, stamp: Stamp | None = None, reason: str = ""
) -> None:
    """Keep a mobile. One that was confirmed belongs to one person: with others it stops being a way to log in."""
    identity, _ = Identity.objects.get_or_create(user=user)
    before = identity.mobile.for_audit()
    if verified:
        others = Identity.objects.filter(lookup(Identity, "mobile", mobile)).exclude(user=user)
        others.update(mobile_verified_at=None)
    identity.mobile = mobile
    identity.mobile_verified_at = now if verified else None
    identity.save(update_fields=("mobile", "mobile_index", "mobile_verified_at"))
    audit.record(
        stamp=stamp or own_stamp(user), verb="accounts.mobile_confirmed" if verified else "accounts.mobile_set",
        subject=user, reason=reason,
        before={"mobile": before}, after={"mobile": identity.mobile.for_audit()}, now=now,
    )  # fmt: skip


@transaction.atomic
def correct_identity(*, user: User, name: str, kind: str, number: str, stamp: Stamp, now: dt.datetime) -> None:
    """Put right who a user is by their papers. Whoever decides on it has checked that it may be."""
    if Identity.objects.filter(lookup(Identity, "number", number), kind=kind).exclude(user=user).exists():
        raise Refusal("这个证件号码已经属于另一个账号，不能更正。请核对号码；确有重复注册的，请先处理另一个账号。")
    identity, _ = Identity.objects.get_or_create(user=user)
    before = {"name": user.name, "kind": identity.kind, "number": identity.number.for_audit()}
    user.name, identity.kind, identity.number = name, kind, number
    user.save(update_fields=("name",))
    identity.save(update_fields=("kind", "number", "number_index"))
    audit.record(
        stamp=stamp, verb="accounts.identity_corrected", subject=user, before=before,
        after={"name": name, "kind": kind, "number": identity.number.for_audit()}, now=now,
    )  # fmt: skip


@transaction.atomic
def create_organisation(
    *, kind: str, name: str, credit_code: str, region: str, phone: str, acting: Acting, now: dt.datetime
) -> Organisation:
    """Take an organisation in; the platform's administrators do."""
    if not queries.runs_the_platform(acting):
        raise Http404
    try:
        with transaction.atomic():
            organisation = Organisation.objects.create(
                kind=kind, name=name, credit_code=credit_code, region=region, phone=phone
            )
    except IntegrityError as error:
        raise Conflict(f"已经有名为“{name}”的机构。请在机构列表中查找，或换一个名称。") from error
    audit.record(
        stamp=acting.stamp, verb="accounts.organisation_created", subject=organisation,
        after={"kind": kind, "name": name, "credit_code": credit_code, "region": region, "phone": phone}, now=now,
    )  # fmt: skip
    return organisation


@transaction.atomic
def change_contact(*, organisation: Organisation, phone: str, region: str, acting: Acting, now: dt.datetime) -> bool:
    """How an organisation is reached: changed by its own administrators or the platform's. False: nothing differs."""
    found = queries.administered_by(acting).select_for_update().filter(pk=organisation.pk).first()
    if found is None:
        raise Http404
    before, after = {"phone": found.phone, "region": found.region}, {"phone": phone, "region": region}
    if before == after:
        return False
    found.phone, found.region = phone, region
    found.save(update_fields=("phone", "region"))
    audit.record(
        stamp=acting.stamp, verb="accounts.organisation_changed", subject=found, before=before, after=after,
        organisation_id=found.pk, now=now,
    )  # fmt: skip
    return True


@transaction.atomic
def invite(
    *, organisation: Organisation, name: str, kinds: Sequence[str], mobile: str, acting: Acting, now: dt.datetime
) -> tuple[Invitation, str]:
    """Ask a person into an organisation; returns the invitation and the token for the link, which is not kept."""
    if not queries.may_administer(organisation, acting):
        raise Http404
    return make_invitation(
        organisation=organisation, name=name, kinds=kinds, mobile=mobile, by=acting.user, stamp=acting.stamp, now=now
    )


@transaction.atomic
def make_invitation(
    *,
    organisation: Organisation,
    name: str,
    kinds: Sequence[str],
    mobile: str,
    by: User,
    stamp: Stamp,
    now: dt.datetime,
) -> tuple[Invitation, str]:
    """Make an invitation, not asking for the right: for `invite`, and for the command that makes the first account."""
    wrong = [kind for kind in kinds if kind not in roles_in(organisation)]
    if wrong or not kinds:
        raise Refusal(f"“{organisation.get_kind_display()}”没有所选的角色。请重新选择角色。")
    in_use(organisation)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        organisation=organisation, name=name, kinds=list(kinds), mobile=mobile, token_digest=digest_of(token),
        invited_by=by, created_at=now, expires_at=now + dt.timedelta(days=INVITATION_DAYS),
    )  # fmt: skip
    audit.record(
        stamp=stamp, verb="accounts.invited", subject=invitation, organisation_id=organisation.pk,
        after={"name": name, "kinds": list(kinds)}, now=now,
    )  # fmt: skip
    return invitation, token


def in_use(organisation: Organisation) -> None:
    """Nobody is asked in, or comes in, while the house is at rest. Its row is held: who takes it out of use waits."""
    if not Organisation.objects.select_for_update(no_key=True).filter(pk=organisation.pk, is_active=True).exists():
        raise Conflict(HOUSE_AT_REST.format(name=organisation.name))


@transaction.atomic
def accept(*, invitation: Invitation, user: User, address: str, now: dt.datetime) -> list[Role]:
    """Take up an invitation: once, in time, not after it was withdrawn, and not for somebody else."""
    require_invited(invitation, user)
    in_use(invitation.organisation)
    taken = Invitation.objects.filter(
        pk=invitation.pk, accepted_at=None, revoked_at=None, expires_at__gt=now
    ).update(accepted_at=now, accepted_by=user)  # fmt: skip
    if not taken:
        raise Conflict("这份邀请已经用过、被撤回或已过期。请联系邀请您的机构管理员重新发送。")
    roles = []
    for kind in invitation.kinds:
        role, _ = Role.objects.get_or_create(
            user=user, organisation=invitation.organisation, kind=kind, ended_at=None, defaults={"granted_at": now}
        )
        roles.append(role)
    audit.record(
        stamp=own_stamp(user, address), verb="accounts.invitation_accepted", subject=invitation,
        organisation_id=invitation.organisation_id, after={"user": user.pk, "kinds": invitation.kinds}, now=now,
    )  # fmt: skip
    return roles


def require_invited(invitation: Invitation, user: User) -> None:
    """Refuse who holds the link of somebody else: by the mobile that was named, else by the name."""
    if not invitation.mobile:
        same = user.name == invitation.name
    else:
        identity = Identity.objects.filter(user=user).first()
        same = bool(identity and identity.mobile) and open_sealed(identity.mobile) == open_sealed(invitation.mobile)
    if not same:
        raise Refusal(NOT_INVITED.format(invited=invitation.name, name=user.name))


@transaction.atomic
def accept_as_new(
    *, invitation: Invitation, username: str, password: str, mobile: str, address: str, now: dt.datetime
) -> User:
    """Take up an invitation with a new account: account, mobile and roles, or none of them."""
    in_use(invitation.organisation)
    # Whoever takes up the same invitation waits here, before either of them holds the head of the audit.
    Invitation.objects.select_for_update().get(pk=invitation.pk)
    if invitation.mobile and open_sealed(invitation.mobile) != mobile:
        raise Refusal(
            "手机号码与邀请时登记的不一致。请填写被邀请的手机号码；如已更换，请联系邀请您的机构管理员重新邀请。"
        )
    try:
        with transaction.atomic():
            user = User.objects.create_user(username, password, name=invitation.name, joined_at=now)
    except IntegrityError as error:
        raise Conflict(f"登录名“{username}”已有人使用。请换一个。") from error
    set_mobile(user=user, mobile=mobile, verified=False, now=now)
    accept(invitation=invitation, user=user, address=address, now=now)
    return user


@transaction.atomic
def become_agent(*, acting: Acting, now: dt.datetime) -> Role:
    """Somebody with a real name here takes up the role of an agent, for relatives or as a guardian. They may hand in
    authorisations, and act for nobody until one of these is accepted."""
    if not acting.is_a(Role.Kind.INVESTOR) or acting.behalf is not None:
        raise Http404
    identity = Identity.objects.filter(user=acting.user).exclude(mobile_verified_at=None).first()
    if identity is None or not identity.number:
        raise Refusal("没有开通：代他人办理须先登记自己的证件号码并确认手机号码。请先在“我的账号”中补齐。")
    role, new = Role.objects.get_or_create(
        user=acting.user, organisation=None, kind=Role.Kind.AGENT, ended_at=None, defaults={"granted_at": now}
    )
    if new:
        audit.record(stamp=acting.stamp, verb="accounts.became_agent", subject=role, now=now)
    return role


@transaction.atomic
def revoke(*, invitation: Invitation, acting: Acting, now: dt.datetime) -> None:
    """Withdraw an invitation that nobody has taken up."""
    if not queries.may_administer(invitation.organisation, acting):
        raise Http404
    open_ones = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    if not open_ones.update(revoked_at=now):
        raise Conflict("这份邀请已经被接受或撤回，不能再撤回。请刷新页面查看当前状态。")
    audit.record(
        stamp=acting.stamp, verb="accounts.invitation_revoked", subject=invitation,
        organisation_id=invitation.organisation_id, now=now,
    )  # fmt: skip


@transaction.atomic
def end_role(*, role: Role, reason: str, acting: Acting, now: dt.datetime) -> None:
    """End a role. What was done in it stays; the last administrator cannot go."""
    if role.organisation is None or not queries.may_administer(role.organisation, acting):
        raise Http404
    if not reason.strip():
        raise Refusal("请写明终止的原因，例如“离职”。")
    # One row is locked by all who end administrators of one organisation, so two cannot go at once.
    Organisation.objects.select_for_update().get(pk=role.organisation_id)
    if role.kind == Role.Kind.ADMINISTRATOR:
        others = queries.administrators(role.organisation).exclude(pk=role.pk)
        if not others.exists():
            raise Refusal(LAST_ADMINISTRATOR)
    if not Role.objects.filter(pk=role.pk, ended_at=None).update(ended_at=now):
        raise Conflict("这一角色已经终止。请刷新页面查看当前状态。")
    audit.record(
        stamp=acting.stamp, verb="accounts.role_ended", subject=role, before={"kind": role.kind, "ended_at": None},
        after={"kind": role.kind, "ended_at": now.isoformat()}, reason=reason, now=now,
    )  # fmt: skip
    for take_over in ROLE_ENDED:
        take_over(role, acting, now)


@transaction.atomic
def note_role_changed(*, role: Role, acting: Acting, now: dt.datetime) -> None:
    """Leave an event when somebody puts on another hat."""
    audit.record(
        stamp=acting.stamp, verb="accounts.role_worn", subject=role, organisation_id=role.organisation_id,
        after={"role": role.pk}, now=now,
    )  # fmt: skip


@transaction.atomic
def set_elder_mode(*, on: bool, acting: Acting, now: dt.datetime) -> None:
    """How a person wants their own pages to look. It changes nothing for anybody else, so it leaves no audit event."""
    User.objects.filter(pk=acting.user.pk).update(elder_mode=on)
    acting.user.elder_mode = on


@transaction.atomic
def set_new_password(*, user: User, password: str, address: str, now: dt.datetime, check: str = "短信验证码") -> None:
    """A new password, without the old one; check: what the person proved instead."""
    user.set_password(password)
    user.save(update_fields=("password",))
    audit.record(
        stamp=own_stamp(user, address), verb="accounts.password_set", subject=user, after={"check": check},
        reason=check, now=now,
    )  # fmt: skip
