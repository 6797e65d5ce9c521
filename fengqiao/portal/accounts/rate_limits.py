"""How often somebody may do what costs much or could be misused.

Counted in a window that moves with the clock: within any stretch of a limit's length, wherever it begins, there are
never more than it allows. The window is cut into slots; a row holds how many fell into each of the last ones, packed
into one number, and one statement moves the slots on, sums them up, decides and counts. So the number is exact however
many ask at once, on SQLite and PostgreSQL alike. Like everything else in a transaction, what was counted within one
that is undone is not counted.
"""

from __future__ import annotations

import datetime as dt
import hmac
import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from fengqiao.portal.accounts.acting import address_of
from fengqiao.portal.accounts.models import RateCount
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.shell.errors import answer_to

IPV6_NETWORK = 64
"""Whoever has one address of IPv6 has the whole network."""
MINUTE, HOUR, DAY = 60, 3600, 86400
BITS_OF_A_NUMBER = 63


@dataclass(frozen=True)
class Rate:
    """At most so many in so many seconds."""

    name: str
    most: int
    seconds: int
    title: str

    @property
    def bits(self) -> int:
        """Of one slot: with one more than most can be, so that a remainder can be the sum (`ones`)."""
        return (self.most + 1).bit_length()

    @property
    def ones(self) -> int:
        """A slot full of ones. What is left of a packed number divided by it is the sum of its slots, as what is left
        of a decimal number divided by nine is the sum of its digits, while the sum is smaller than the divisor."""
        return (1 << self.bits) - 1

    @property
    def slots(self) -> int:
        """As many as fit into a number that both databases have. The present one is only begun, so that all but one
        make up the length of the limit, and a count stays for at most one slot longer than that."""
        return BITS_OF_A_NUMBER // self.bits

    def slot_at(self, moment: float) -> int:
        """Which slot a moment falls into, counted from 1970."""
        return int(moment * (self.slots - 1) // self.seconds)

    def begins(self, slot: int) -> int:
        """The first whole second of a slot."""
        return -(-slot * self.seconds // (self.slots - 1))

    def over(self, slot: int) -> int:
        """From when a slot counts for nothing; a little later, so that the index of it is seldom written."""
        return -(-self.begins(slot + self.slots) // self.seconds) * self.seconds


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
MOVED_ON = (
    "((held.counts << ({bits} * CAST({least}({greatest}(excluded.slot - held.slot, 0), {slots}) AS integer))) & {mask})"
)
"""The slots of a row at the moment that is counted: older ones further up, those that are over gone. A clock that is
behind counts in the newest slot."""
COUNT_ONE = f"""
INSERT INTO accounts_ratecount AS held (key, slot, counts, ends_at) VALUES (%s, %s, 1, %s)
ON CONFLICT (key) DO UPDATE SET
    counts = {MOVED_ON} + 1,
    slot = {{greatest}}(excluded.slot, held.slot), ends_at = {{greatest}}(excluded.ends_at, held.ends_at)
WHERE {MOVED_ON} %% CAST({{ones}} AS bigint) < {{most}}
RETURNING counts %% CAST({{ones}} AS bigint)
"""  # noqa: S608 - put together from what stands here alone
"""Moves the slots on and adds one to the newest, or, when there are as many as there may be, changes and returns
nothing."""
AGE = "{bits} * CAST({greatest}(slot - %s, 0) AS integer)"
TAKE_ONE_BACK = f"""
UPDATE accounts_ratecount SET counts = counts - (CAST(1 AS bigint) << ({AGE}))
WHERE key = %s AND slot >= %s - 1 AND slot < %s + {{slots}} AND ((counts >> ({AGE})) & {{ones}}) > 0
"""  # noqa: S608 - the same
"""From the slot in which it was counted, if that still is one; the next one may have begun in between."""


class TooOften(Refusal):
    """Something was asked for too often."""

    status = 429
    title = "操作太频繁"

    def __init__(self, rate: Rate, again_in: int) -> None:
        minutes = max(1, -(-again_in // 60))
        super().__init__(f"{rate.title}次数太多，这一次没有执行，已经保存的内容不受影响。请 {minutes} 分钟后再试。")
        self.again_in = again_in


def key_of(rate: Rate, who: str) -> str:
    """Under which key is counted. Whoever it is stands there as a keyed digest; a limit that was changed begins anew,
    for its slots are others."""
    digest = hmac.new(settings.SECRET_KEY.encode(), who.encode(), "sha256").hexdigest()[:32]
    return f"{rate.name} {rate.most}/{rate.seconds} {digest}"


@cache
def statement(pattern: str, rate: Rate, vendor: str) -> str:
    """A statement with the numbers of a limit in it, for one kind of database."""
    least, greatest = ("MIN", "MAX") if vendor == "sqlite" else ("LEAST", "GREATEST")
    return pattern.format(
        slots=rate.slots, bits=rate.bits, mask=(1 << rate.bits * rate.slots) - 1, ones=rate.ones, most=rate.most,
        least=least, greatest=greatest,
    )  # fmt: skip


def counted(rate: Rate, who: str, now: float | None = None) -> int:
    """Count one; which one it is within the window, or 0 when there were as many as there may be."""
    slot = rate.slot_at(time.time() if now is None else now)
    with connection.cursor() as cursor:
        cursor.execute(statement(COUNT_ONE, rate, connection.vendor), (key_of(rate, who), slot, rate.over(slot)))
        rows = cursor.fetchall()
    return int(rows[0][0]) if rows else 0


def ages(rate: Rate, counts: int) -> list[int]:
    """How many fell into each slot, the newest first."""
    return [counts >> age * rate.bits & rate.ones for age in range(rate.slots)]


def standing(rate: Rate, who: str, now: float | None = None) -> int:
    """How many count at a moment; nothing is counted."""
    row = RateCount.objects.filter(key=key_of(rate, who)).first()
    if row is None:
        return 0
    gone = max(0, rate.slot_at(time.time() if now is None else now) - row.slot)
    return sum(ages(rate, row.counts)[: max(0, rate.slots - gone)])


def again_in(rate: Rate, who: str, now: float | None = None) -> int:
    """In how many seconds there is room for one again."""
    moment = time.time() if now is None else now
    row = RateCount.objects.filter(key=key_of(rate, who)).first()
    if row is None:
        return 1
    oldest = max((age for age, count in enumerate(ages(rate, row.counts)) if count), default=rate.slots)
    return max(1, rate.begins(row.slot - oldest + rate.slots) - int(moment))


def take(rate: Rate, who: str, now: float | None = None) -> None:
    """Count one; TooOften when there were as many as there may be within the window."""
    if not counted(rate, who, now):
        raise TooOften(rate, again_in(rate, who, now))


def give_back(rate: Rate, who: str, now: float | None = None) -> None:
    """What was counted beforehand at that moment, in case it failed, did not."""
    slot = rate.slot_at(time.time() if now is None else now)
    with connection.cursor() as cursor:
        cursor.execute(
            statement(TAKE_ONE_BACK, rate, connection.vendor), (slot, key_of(rate, who), slot, slot, slot)
        )  # fmt: skip


def full(rate: Rate, who: str, now: float | None = None) -> int:
    """In how many seconds there may be another one; 0 when there may be one at once."""
    return again_in(rate, who, now) if standing(rate, who, now) >= rate.most else 0


def forget(rate: Rate, who: str) -> None:
    """Begin anew: what was counted is settled."""
    RateCount.objects.filter(key=key_of(rate, who)).delete()


def delete_old_counts(*, now: dt.datetime) -> int:
    """Those whose slots are all over."""
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
