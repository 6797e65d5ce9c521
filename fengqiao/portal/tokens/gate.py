"""For whom another system asks: the one way in for interfaces.

    holder = gate.holder_of(request, now)      # None: nobody; answer 401
    holder.require(scopes.MEASUREMENTS_READ)   # MissingScope: answer 403
    queries.visible_to(holder.acting)          # as on the pages

A session opens no interface, since nothing but the header is read here; a token opens no page, since nothing but the
session is read there.
"""

from __future__ import annotations

import datetime as dt
import hmac
import logging
from dataclasses import dataclass

from django.db import DatabaseError, transaction
from django.http import HttpRequest

from fengqiao.portal.accounts.acting import Acting, address_of
from fengqiao.portal.accounts.rate_limits import MINUTE, Rate, TooOften, again_in, counted, network_of
from fengqiao.portal.accounts.security_events import note
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.models import Event
from fengqiao.portal.audit.stamp import Channel, system_stamp
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.tokens import actions, queries, scopes, token_format
from fengqiao.portal.tokens.models import AccessToken

log = logging.getLogger("fengqiao.security")
REQUESTS = Rate("token_request", 600, MINUTE, "接口请求")
WRONG_TOKENS = Rate("token_wrong", 30, 10 * MINUTE, "使用无效的接口令牌")
"""From one network. A token that holds is taken from there all the same: nobody shuts out the neighbours."""
SCHEME = "bearer"
NOBODY = "0" * 64
UNKNOWN, MALFORMED, ELSEWHERE = "unknown", "malformed", "network"
REFUSED_VERB, AGAIN_AFTER = "tokens.refused", dt.timedelta(hours=1)


class MissingScope(Refusal):
    """The token holds, and not for this."""

    status = 403
    title = "接口令牌没有这一范围"

    def __init__(self, scope: str) -> None:
        super().__init__(
            f"没有提供：这个接口令牌没有“{scopes.titles([scope])[0]}”（{scope}）的范围。"
            "请由持有人创建包含这一范围的令牌，再用新的令牌请求。"
        )
        self.scope = scope


class TooManyRequests(TooOften):
    """More than a token, or a network with wrong ones, may ask; `again_in`: seconds to wait."""

    def __init__(self, rate: Rate, again_in: int) -> None:
        super().__init__(rate, again_in)
        self.sentence = f"{rate.title}次数太多，这一次没有执行。请 {again_in} 秒后再试。"
        self.args = (self.sentence,)


@dataclass(frozen=True)
class Holder:
    """Whoever sent a token that holds."""

    token: AccessToken
    acting: Acting
    scopes: frozenset[str]

    def require(self, scope: str) -> None:
        """MissingScope unless the token is for this."""
        if scope not in self.scopes:
            raise MissingScope(scope)


def token_in(request: HttpRequest) -> str | None:
    """What stands in the header; None when nobody sends a token there."""
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    return rest.strip() if scheme.lower() == SCHEME else None


def holder_of(request: HttpRequest, now: dt.datetime) -> Holder | None:
    """Who asks, by the token in the header; None when there is none, or none that holds (these are counted).

    TooManyRequests when the token asks too often, or its network brings too many that do not hold.
    """
    text = token_in(request)
    if text is None:
        return None
    token, why = found_by(text, address_of(request), now)
    if why or token is None:
        refuse(request, token, why, now)
        return None
    if not counted(REQUESTS, f"token {token.pk}", now.timestamp()):
        raise TooManyRequests(REQUESTS, again_in(REQUESTS, f"token {token.pk}", now.timestamp()))
    actions.note_use(token, address_of(request), now)
    acting = Acting(token.owner, token.role, (token.role,), address_of(request), channel=Channel.API)
    return Holder(token, acting, frozenset(token.scopes))


def found_by(text: str, address: str, now: dt.datetime) -> tuple[AccessToken | None, str]:
    """The token whose secret this is, and why it is good for nothing; comparing takes as long for every secret."""
    spelling = token_format.read(text)
    if spelling is None:
        return None, MALFORMED
    token = queries.whole().filter(prefix=spelling.prefix).first()
    if not hmac.compare_digest(token.digest if token else NOBODY, spelling.digest) or token is None:
        return None, UNKNOWN
    return token, token.why_over(now) or ("" if token.allows(address) else ELSEWHERE)


def refuse(request: HttpRequest, token: AccessToken | None, why: str, now: dt.datetime) -> None:
    """Into the log, without the secret; counted for the network; a real token that was refused stands in the audit."""
    note(request, "token_refused")
    log.warning("token refused", extra={"event": "token_refused", "token": token.pk if token else None, "why": why})
    network = network_of(address_of(request))
    if not counted(WRONG_TOKENS, network, now.timestamp()):
        raise TooManyRequests(WRONG_TOKENS, again_in(WRONG_TOKENS, network, now.timestamp()))
    if token is None:
        return
    try:
        note_refused(token=token, why=why, address=address_of(request), now=now)
    except DatabaseError:  # it was refused all the same, and the line is in the log
        log.exception("a refused token could not be kept in the audit")


@transaction.atomic
def note_refused(*, token: AccessToken, why: str, address: str, now: dt.datetime) -> bool:
    """Somebody has the secret of a token that is over, or uses it from elsewhere; once an hour, by the system: who it
    was is not known."""
    about = Event.objects.filter(subject_kind="tokens.accesstoken", subject_id=str(token.pk), verb=REFUSED_VERB)
    if about.filter(at__gt=now - AGAIN_AFTER).exists():
        return False
    label = AccessToken.Ending(why).label if why in AccessToken.Ending.values else "不在允许的网络"
    audit.record(
        stamp=system_stamp(), verb=REFUSED_VERB, subject=token, reason=label,
        after={"why": why, "prefix": token.prefix, "address": address}, now=now,
    )  # fmt: skip
    return True
