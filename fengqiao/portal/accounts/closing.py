"""Closing one's own account: what stands in the way, what ends, what is kept.

Apps that come later say in their `closing.py` what they know: what stands in the way, in sentences (`IN_THE_WAY`), what
they end (`ENDING`), what stays and for how long (`KEPT`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import Http404

from fengqiao.portal.accounts import queries
from fengqiao.portal.accounts.access import end_all_sessions
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Identity, Invitation, LoginAttempt, Role, User
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.refusal import Conflict, Refusal
from fengqiao.portal.shell.models import Draft
from fengqiao.portal.vault.fields import lookup
from fengqiao.portal.vault.sealed import open_sealed

IN_THE_WAY: list[Callable[[User, dt.datetime], Iterable[str]]] = []
"""Sentences: what is not finished, and what to do first."""
ENDING: list[Callable[[User, Acting, dt.datetime], dict[str, int]]] = []
"""End what belongs to the account, inside the transaction; returns how much of what."""
KEPT: list[Callable[[User, dt.datetime], Iterable[tuple[str, str]]]] = []
"""What stays and for how long, in a sentence; and on what basis, or empty."""
ANOTHER = "本机构的另一名管理员（还没有的，先邀请一名）"
NOT_YET = "没有注销：还有 {count} 件事没有办完。{first}"


def in_the_way(user: User, now: dt.datetime) -> list[str]:
    """Why the account cannot be closed now; empty when it can."""
    found = []
    for role in queries.roles_held(user, now).filter(organisation__isnull=False):
        who = ANOTHER if role.kind == Role.Kind.ADMINISTRATOR else "本机构的管理员"
        found.append(f"您还是{role.organisation.name}的{role.get_kind_display()}。请先由{who}终止这个角色。")
    return [*found, *(sentence for part in IN_THE_WAY for sentence in part(user, now))]


def kept(user: User, now: dt.datetime) -> list[tuple[str, str]]:
    """What stays afterwards, and on what basis."""
    return [
        ("审计记录、已经签署和送达的文书、办理过的记录：要能说明是谁、何时办的，所以姓名也保留。", ""),
        *(one for part in KEPT for one in part(user, now)),
    ]


@transaction.atomic
def close(*, reason: str, acting: Acting, now: dt.datetime) -> None:
    """Close one's own account: nobody comes in with it any more."""
    if acting.behalf is not None:
        raise Http404
    user = User.objects.select_for_update().get(pk=acting.user.pk)
    if not user.is_active:
        raise Conflict("这个账号已经停用或者注销。")
    found = in_the_way(user, now)
    if found:
        raise Refusal(NOT_YET.format(count=len(found), first=found[0]))
    ended: dict[str, int] = {"devices": user.trusted_devices.filter(ended_at=None, expires_at__gt=now).count()}
    for part in ENDING:
        ended.update(part(user, acting, now))
    ended["invitations"] = revoke_invitations_to(user, now)
    ended["drafts"] = int(Draft.objects.filter(owner=user).delete()[0])
    ended["factors"] = int(Authenticator.objects.filter(user=user).delete()[0])
    LoginAttempt.objects.filter(user=user).delete()
    ended["sessions"] = end_all_sessions(user, now)
    user.refresh_from_db()
    user.is_active, user.closed_at = False, now
    user.set_unusable_password()
    user.save(update_fields=("is_active", "closed_at", "password"))
    Identity.objects.filter(user=user).update(mobile_verified_at=None)
    audit.record(
        stamp=acting.stamp, verb="accounts.closed", subject=user, before={"is_active": True},
        after={"is_active": False, **ended}, reason=reason, now=now,
    )  # fmt: skip


def revoke_invitations_to(user: User, now: dt.datetime) -> int:
    """Nobody is waited for any more: invitations to the person's mobile that they did not take up."""
    identity = Identity.objects.filter(user=user).first()
    if identity is None or not identity.mobile:
        return 0
    to_them = Invitation.objects.filter(lookup(Invitation, "mobile", open_sealed(identity.mobile)))
    return to_them.filter(accepted_at=None, revoked_at=None, expires_at__gt=now).update(revoked_at=now)
