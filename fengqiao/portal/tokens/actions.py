"""Everything that changes access tokens."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Sequence

from allauth.mfa.utils import is_mfa_enabled
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import User
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.stamp import Stamp, system_stamp
from fengqiao.portal.refusal import Conflict, Refusal
from fengqiao.portal.tokens import queries, telling, token_format
from fengqiao.portal.tokens.models import LONGEST, AccessToken
from fengqiao.portal.tokens.scopes import SCOPES

MOST_LIVE = 10
MOST_NETWORKS = 20
NOTED_EVERY = dt.timedelta(minutes=1)
NO_FACTOR = "没有创建：接口令牌要由启用了第二道验证的账号创建。请先在“我的账号”中添加验证器应用或者通行密钥。"
TOO_MANY = f"没有创建：您已有 {MOST_LIVE} 个有效的接口令牌，达到上限。请先撤销不再使用的，再创建。"
NO_SCOPE = "没有创建：没有选择令牌的范围。请至少选择一项。"
BAD_DAY = f"没有创建：有效期要从明天起、最长 {LONGEST} 天。请重新选择最后一天。"
BAD_NETWORK = "没有创建：“{text}”不是网络地址。请写成 192.0.2.10 或者 192.0.2.0/24 的样子，一行一个。"
TOO_MANY_NETWORKS = f"没有创建：允许的网络最多 {MOST_NETWORKS} 个。请合并成较大的网段。"
NO_NAME = "没有创建：没有写明用途。请写明给哪个系统使用。"


def networks_in(lines: Sequence[str]) -> list[str]:
    """Networks as they are kept; the first one that is none is refused."""
    found: list[str] = []
    for text in (line.strip() for line in lines):
        if not text:
            continue
        try:
            network = str(ipaddress.ip_network(text, strict=False))
        except ValueError:
            raise Refusal(BAD_NETWORK.format(text=text[:60])) from None
        if network not in found:
            found.append(network)
    if len(found) > MOST_NETWORKS:
        raise Refusal(TOO_MANY_NETWORKS)
    return found


def end_of(day: dt.date) -> dt.datetime:
    """The moment at which a day is over."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=timezone.get_default_timezone())


@transaction.atomic
def issue(
    *, name: str, scopes: Sequence[str], last_day: dt.date, networks: Sequence[str] = (), acting: Acting,
    now: dt.datetime,
) -> tuple[AccessToken, str]:  # fmt: skip
    """Make a token for who asks, in the role they wear; returns it and the text, which is not kept anywhere."""
    if not queries.may_issue(acting):
        raise Http404
    if not is_mfa_enabled(acting.user):
        raise Refusal(NO_FACTOR)
    name, chosen, kept = name.strip(), [key for key in SCOPES if key in scopes], networks_in(networks)
    days = (last_day - timezone.localtime(now).date()).days
    if not name:
        raise Refusal(NO_NAME)
    if not chosen or set(scopes) - set(chosen):
        raise Refusal(NO_SCOPE)
    if not 1 <= days <= LONGEST:
        raise Refusal(BAD_DAY)
    # The row of the person is locked by all who make tokens for them, so that two cannot both be the last.
    owner = User.objects.select_for_update().get(pk=acting.user.pk)
    if queries.live_ones(owner, now).count() >= MOST_LIVE:
        raise Refusal(TOO_MANY)
    text, spelling = token_format.make()
    made = AccessToken.objects.create(
        name=name, owner=owner, role=acting.role, scopes=chosen, prefix=spelling.prefix, digest=spelling.digest,
        networks=kept, created_at=now, days=days, valid_until=end_of(last_day),
    )  # fmt: skip
    audit.record(
        stamp=acting.stamp, verb="tokens.issued", subject=made,
        after={
            "prefix": made.prefix, "name": name, "scopes": chosen, "networks": kept,
            "valid_until": made.valid_until.isoformat(),
        },
        now=now,
    )  # fmt: skip
    telling.issued(made, now)
    return made, text


@transaction.atomic
def revoke(*, token: AccessToken, reason: str, acting: Acting, now: dt.datetime) -> None:
    """End a token at once: one's own, or one of somebody whom one looks after."""
    if not queries.may_revoke(token, acting):
        raise Http404
    if not reason.strip():
        raise Refusal("请写明撤销的原因，例如“不再使用”。")
    ended = AccessToken.objects.filter(pk=token.pk, ended_at=None).update(
        ended_at=now, ending=AccessToken.Ending.REVOKED, revoked_by=acting.user, end_reason=reason.strip()[:200]
    )
    if not ended:
        raise Conflict("这个接口令牌已经失效，不用再撤销。请刷新页面查看当前状态。")
    audit.record(
        stamp=acting.stamp, verb="tokens.revoked", subject=token, before={"ending": ""},
        after={"ending": "revoked", "prefix": token.prefix}, reason=reason.strip(), now=now,
    )  # fmt: skip
    if token.owner_id != acting.user.pk:
        telling.revoked(token, acting, reason.strip(), now)


@transaction.atomic
def write_end_down(*, token: AccessToken, stamp: Stamp | None = None, now: dt.datetime) -> bool:
    """Put down that a token is over, for whatever reason; False when it is not, or when that stands there already."""
    held = queries.whole().get(pk=token.pk)
    why = held.why_over(now)
    if held.ended_at is not None or not why:
        return False
    # Of what was over already the moment it was over is not known but for the date.
    moment = held.valid_until if why == AccessToken.Ending.EXPIRED else now
    if not AccessToken.objects.filter(pk=held.pk, ended_at=None).update(ended_at=moment, ending=why):
        return False
    audit.record(
        stamp=stamp or system_stamp(), verb="tokens.ended", subject=held, after={"ending": why, "prefix": held.prefix},
        reason=AccessToken.Ending(why).label, now=now,
    )  # fmt: skip
    telling.ended(held, why, now)
    return True


def note_use(token: AccessToken, address: str, now: dt.datetime) -> None:
    """When and from where a token was last used: at most once a minute, and nobody waits for it. It is no act of
    anybody's, so it leaves no audit event; a note that cannot be written keeps nobody from reading."""
    before = now - NOTED_EVERY
    if token.last_used_at is not None and token.last_used_at > before:
        return
    stale = AccessToken.objects.filter(Q(last_used_at=None) | Q(last_used_at__lte=before), pk=token.pk)
    try:
        with transaction.atomic():
            if stale.select_for_update(skip_locked=True).values_list("pk").first():
                stale.update(last_used_at=now, last_address=address[:45])
    except DatabaseError:
        telling.log.warning("when a token was last used could not be noted", extra={"token": token.pk})
