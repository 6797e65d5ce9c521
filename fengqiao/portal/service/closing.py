"""What closing an account has to do with documents that are served."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Q
from django.utils import timezone

from fengqiao.portal.accounts import closing, resting
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Organisation, User
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.service.confirming import case_of
from fengqiao.portal.service.models import Confirmation, Recipient


def in_the_way(user: User, now: dt.datetime) -> Iterable[str]:
    """Services under way, and people for whom this person takes documents."""
    waiting = Recipient.objects.filter(
        Q(party__user=user) | Q(confirmation__user=user) | Q(guardianship__agent=user), state__in=Recipient.OPEN
    ).select_related("service")
    for one in waiting.order_by("pk"):
        yield f"“{one.service.title}”正在送达给您。请先在“送达给我的文书”中查阅，或者等送达办结。"
    for one in Confirmation.objects.filter(designee=user, ended_at=None).select_related("party", "user"):
        yield f"您是{one.party or one.user}的代收人。请先由对方重新确认送达地址。"


def ending(user: User, acting: Acting, now: dt.datetime) -> dict[str, int]:
    """Addresses at which the person takes documents are no longer theirs to look at: withdrawn."""
    given = list(Confirmation.objects.filter(Q(party__user=user) | Q(user=user), ended_at=None))
    for one in given:
        Confirmation.objects.filter(pk=one.pk, ended_at=None).update(
            ended_at=now, ending=Confirmation.Ending.WITHDRAWN, end_reason="本人注销账号"
        )
        audit.record(
            stamp=acting.stamp, verb="service.withdrawn", subject=one, case=case_of(one),
            reason=f"本人注销账号，{timezone.localtime(now):%Y年%m月%d日}", now=now,
        )  # fmt: skip
    return {"service_addresses": len(given)}


def open_there(house: Organisation, now: dt.datetime) -> Iterable[resting.Open]:
    """What a house that goes out of use was serving."""
    count = Recipient.objects.filter(organisation=house, state__in=Recipient.OPEN).count()
    then = "已经发出的照常送达、查阅和签收；没有送到、须另行送达的，由接手的机构以自己的名义重新送达。不能移交。"
    yield resting.Open("没有办结的送达", count, then)


resting.OPEN.append(open_there)
closing.IN_THE_WAY.append(in_the_way)
closing.ENDING.append(ending)
