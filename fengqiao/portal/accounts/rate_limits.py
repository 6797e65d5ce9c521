"""How often somebody may do what costs much or could be misused.

One statement counts and decides, so the number is exact however many ask at once, on SQLite and PostgreSQL alike. Like
everything else in a transaction, what was counted within one that is undone is not counted.
"""

from __future__ import annotations

import datetime as dt
import hmac
import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.http import HttpRequest, HttpResponse

from fengqiao.portal.accounts.acting import address_of
from fengqiao.portal.accounts.models import RateCount
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.shell.errors import answer_to

IPV6_NETWORK = 64
"""Whoever has one address of IPv6 has the whole network."""
MINUTE, HOUR, DAY = 60, 3600, 86400


@dataclass(frozen=True)
class Rate:
    """At most so many in so many seconds."""

    name: str
    most: int
    seconds: int
    title: str


SEARCHES = Rate("search", 60, 5 * MINUTE, "搜索")
EXPORTS = Rate("export", 20, 10 * MINUTE, "导出")
UPLOADS = Rate("upload", 120, 10 * MINUTE, "上传")
CHANGES = Rate("change", 300, 5 * MINUTE, "提交")
VISITORS = Rate("visitor", 60, 5 * MINUTE, "提交")
LOGINS = Rate("login", 30, MINUTE, "登录")
REGISTRATIONS = Rate("registration", 20, MINUTE, "注册")
PASSWORDS = Rate("password", 8, 30 * MINUTE, "输入密码")
"""Wrong ones, for one account from one place; AXES_FAILURE_LIMIT and AXES_COOLOFF_TIME are the same."""
PASSWORDS_EVERYWHERE = Rate("password_everywhere", 60, HOUR, "输入密码")
"""Wrong ones for one account from all places together; places it has come in from lately do not ask."""
CODE_REQUESTS = Rate("code_request", 20, 10 * MINUTE, "请求验证码")
INVITATIONS = Rate("invitation", 30, 10 * MINUTE, "打开邀请")
MESSAGES_AN_HOUR = Rate("sms_hour", 6, HOUR, "向这个手机号码发送短信")
MESSAGES_A_DAY = Rate("sms_day", 15, DAY, "向这个手机号码发送短信")
BY_VIEW = {
    "workbench:search": SEARCHES, "claims:find_investor": SEARCHES, "account_login": LOGINS,
    "account_signup": REGISTRATIONS,
}  # fmt: skip
COUNT_ONE = """
INSERT INTO accounts_ratecount (key, ends_at, count) VALUES (%s, %s, 1)
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN accounts_ratecount.ends_at < excluded.ends_at THEN 1 ELSE accounts_ratecount.count + 1 END,
    ends_at = CASE WHEN accounts_ratecount.ends_at < excluded.ends_at THEN excluded.ends_at
                   ELSE accounts_ratecount.ends_at END
WHERE accounts_ratecount.ends_at < excluded.ends_at OR accounts_ratecount.count < %s
RETURNING count
"""
"""Begins a new stretch, adds one to the present one, or, when it is full, changes and returns nothing."""


class TooOften(Refusal):
    """Something was asked for too often."""

    status = 429
    title = "操作太频繁"

    def __init__(self, rate: Rate, again_in: int) -> None:
        minutes = max(1, -(-again_in // 60))
        super().__init__(f"{rate.title}次数太多，这一次没有执行，已经保存的内容不受影响。请 {minutes} 分钟后再试。")
        self.again_in = again_in


def place_of(rate: Rate, who: str, now: float | None) -> tuple[str, int, int]:
    """Under which key is counted, when the present stretch of time ends, and in how many seconds that is."""
    moment = int(now if now is not None else time.time())
    left = rate.seconds - moment % rate.seconds
    digest = hmac.new(settings.SECRET_KEY.encode(), who.encode(), "sha256").hexdigest()[:32]
    return f"{rate.name} {digest}", moment + left, left


def counted(rate: Rate, who: str, now: float | None = None) -> int:
    """Count one; which one it is in this stretch of time, or 0 when there were as many as there may be."""
    key, ends_at, _ = place_of(rate, who, now)
    with connection.cursor() as cursor:
        cursor.execute(COUNT_ONE, (key, ends_at, rate.most))
        rows = cursor.fetchall()
    return int(rows[0][0]) if rows else 0


def take(rate: Rate, who: str, now: float | None = None) -> None:
    """Count one; TooOften when there were as many as there may be in this stretch of time."""
    if not counted(rate, who, now):
        raise TooOften(rate, place_of(rate, who, now)[2])


def give_back(rate: Rate, who: str, now: float | None = None) -> None:
    """What was counted beforehand, in case it failed, did not."""
    key, ends_at, _ = place_of(rate, who, now)
    RateCount.objects.filter(key=key, ends_at=ends_at, count__gt=0).update(count=F("count") - 1)


def full(rate: Rate, who: str, now: float | None = None) -> int:
    """In how many seconds there may be another one; 0 when there may be one at once."""
    key, ends_at, left = place_of(rate, who, now)
    return left if RateCount.objects.filter(key=key, ends_at=ends_at, count__gte=rate.most).exists() else 0


def forget(rate: Rate, who: str) -> None:
    """Begin anew: what was counted is settled."""
    RateCount.objects.filter(key=place_of(rate, who, None)[0]).delete()


def delete_old_counts(*, now: dt.datetime) -> int:
    """Stretches of time that are over."""
    done, _ = RateCount.objects.filter(ends_at__lt=int(now.timestamp())).delete()
    return done


def network_of(address: str) -> str:
    """What counts as one place."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((found, IPV6_NETWORK), strict=False))
    return address


def rates_of(request: HttpRequest, name: str) -> list[Rate]:
    """What a request counts as."""
    found = []
    if request.acting is not None and request.GET.get("export"):
        found.append(EXPORTS)
    if name == "accounts:accept_invitation":
        found.append(INVITATIONS)
    if request.method != "POST":
        return found
    if name in BY_VIEW:
        found.append(BY_VIEW[name])
    if request.content_type == "multipart/form-data" and request.acting is not None:
        found.append(UPLOADS)
    return [*found, CHANGES if request.acting is not None else VISITORS]


class RateLimitMiddleware:
    """Counts before a view runs; people by their account, visitors by where they come from."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        """Refuses what comes too often."""
        match = request.resolver_match
        who = f"user {request.user.pk}" if request.acting is not None else network_of(address_of(request))
        try:
            for rate in rates_of(request, (match.view_name if match else "") or ""):
                take(rate, who)
        except TooOften as error:
            return answer_to(request, error)
        return None
