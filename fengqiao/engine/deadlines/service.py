"""When a document counts as served: over the electronic addresses that were confirmed, or in another way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from fengqiao.engine import law
from fengqiao.engine.deadlines.facts import GivenLength
from fengqiao.engine.deadlines.periods import read_period
from fengqiao.engine.deadlines.reckoning import due
from fengqiao.engine.deadlines.timeliness import served_on
from fengqiao.engine.errors import InputError

if TYPE_CHECKING:
    from fengqiao.engine.deadlines.calendars import Calendars


class Address(StrEnum):
    """Kinds of electronic addresses."""

    ACCOUNT = "account"
    MOBILE = "mobile"
    MAIL = "mail"


class Happened(StrEnum):
    """What became of a message. SENT: the next system took it; ARRIVED: it is known to be in the recipient's."""

    SENT = "sent"
    ARRIVED = "arrived"
    READ = "read"


NAMES = {Address.ACCOUNT: "平台账号", Address.MOBILE: "手机号码", Address.MAIL: "电子邮箱"}
SUCCESS = {Address.ACCOUNT: Happened.ARRIVED, Address.MOBILE: Happened.ARRIVED, Address.MAIL: Happened.SENT}
"""What counts as shown to be sent with success, by the kind of address: for short messages the report of the operator,
for mail, which has no reports, that the mail server took it. A setting: the law names no technical event."""
EARLIEST = ("counting.electronic_service", "service.day_shown_as_sent", "service.earliest_of_several")


@dataclass(frozen=True)
class Trace:
    """One thing that is known of a message. confirmed: the recipient gave or confirmed the address."""

    address: Address
    happened: Happened
    at: dt.datetime
    confirmed: bool = True


@dataclass(frozen=True)
class Served:
    """A document was served: the moment where there is one, the day, why, and what that rests on (law parameters)."""

    at: dt.datetime | None
    on: dt.date
    why: str
    basis: tuple[str, ...]

    def sources(self) -> list[str]:
        """The articles in force on the day of service, doubts included."""
        return sources_on(self.basis, self.on)


def sources_on(parameters: Iterable[str], day: dt.date) -> list[str]:
    """The sources of law parameters on a day, with 待核 where something was not read."""
    found = []
    for name in parameters:
        value = law.value_on(name, day)
        found.append(value.source + ("" if value.verified else f"（待核：{value.missing}）"))
    return found


def electronic(
    traces: Iterable[Trace],
    *,
    proved_at: dt.datetime | None = None,
    success: dict[Address, Happened] | None = None,
    taker: str = "受送达人",
) -> Served | None:
    """When an electronic service took effect; None as long as nothing shows that it has.

    The earliest of: success over an address the recipient confirmed; the recipient reading it. proved_at: what the
    recipient proves of the arrival, which goes before what our system shows. taker: who confirmed the addresses and
    reads, in words: the recipient, or whoever acts for them by law.

    >>> at = dt.datetime(2026, 3, 2, 16, 30, tzinfo=dt.UTC)
    >>> electronic([Trace(Address.MOBILE, Happened.SENT, at)]) is None
    True
    >>> electronic([Trace(Address.ACCOUNT, Happened.ARRIVED, at)]).on
    datetime.date(2026, 3, 3)
    """
    wanted = SUCCESS | (success or {})
    counted = [
        one
        for one in traces
        if one.happened == Happened.READ or (one.confirmed and one.happened in (wanted[one.address], Happened.ARRIVED))
    ]
    if not counted:
        return None
    first = min(counted, key=lambda one: (one.at, one.happened == Happened.READ))
    if proved_at is not None:
        return Served(
            proved_at, served_on(proved_at), f"{taker}证明信息到达其特定系统的时间与平台显示的不一致，以其证明的为准",
            ("counting.electronic_service", "service.day_shown_as_sent"),
        )  # fmt: skip
    if first.happened == Happened.READ:
        why = f"{taker}核对身份后打开文书，至迟在此时已经到达"
    elif first.happened == Happened.SENT:
        why = f"发送到{taker}确认的{NAMES[first.address]}，对方系统已接收，平台显示发送成功"
    else:
        why = f"到达{taker}确认的{NAMES[first.address]}"
    return Served(first.at, served_on(first.at), why, EARLIEST)


class Way(StrEnum):
    """Ways of service that are not electronic, in the order in which they are thought of."""

    HAND = "hand"
    POST = "post"
    LEFT = "left"
    ENTRUSTED = "entrusted"
    THROUGH_UNIT = "through_unit"
    PUBLIC = "public"


@dataclass(frozen=True)
class WayRule:
    """A way of service: its name, which day counts, the article."""

    name: str
    day: str
    source: str


WAYS: dict[Way, WayRule] = {
    Way.HAND: WayRule("直接送达", "送达回证上的签收日期", "《民事诉讼法》第87条、第88条"),
    Way.POST: WayRule("邮寄送达", "回执上注明的收件日期", "《民事诉讼法》第91条"),
    Way.LEFT: WayRule("留置送达", "把文书留在受送达人住所的日期", "《民事诉讼法》第89条"),
    Way.ENTRUSTED: WayRule("委托送达", "受送达人在送达回证上签收的日期", "《民事诉讼法》第91条；司法解释第134条"),
    Way.THROUGH_UNIT: WayRule("转交送达", "在送达回证上的签收日期", "《民事诉讼法》第92条至第94条"),
    Way.PUBLIC: WayRule("公告送达", "发出公告的日期", "《民事诉讼法》第95条；司法解释第138条"),
}


def ways(*, mediation_statement: bool = False, summary: bool = False) -> tuple[Way, ...]:
    """What may be tried instead, in order. A mediation statement is not left behind (司法解释 art. 133); 简易程序 knows
    no public notice (art. 140).

    >>> Way.LEFT in ways(mediation_statement=True), Way.PUBLIC in ways(summary=True)
    (False, False)
    """
    barred = ({Way.LEFT} if mediation_statement else set()) | ({Way.PUBLIC} if summary else set())
    return tuple(way for way in Way if way not in barred)


def otherwise(way: Way, day: dt.date, *, calendars: Calendars, as_of: dt.date) -> Served:
    """When service in another way took effect. day: what `WAYS[way].day` names."""
    if day > as_of:
        raise InputError("A service cannot lie in the future", why=str(day), todo="Give the day on the receipt")
    if way != Way.PUBLIC:
        return Served(None, day, f"{WAYS[way].name}：{WAYS[way].day}", ())
    days = law.value_on("service.public_notice_days", day)
    length = GivenLength(read_period(f"{days.value}CD"), days.source)
    found = due("designated.forward", day, as_of=as_of, calendars=calendars, length=length)
    if found.day is None:
        raise InputError("The end of a public notice is not known", why=str(day), todo="Add the calendar of the year")
    why = f"公告送达：自发出公告之日起经过{days.value}日，视为送达"
    return Served(None, found.day, why, ("service.public_notice_days",))
