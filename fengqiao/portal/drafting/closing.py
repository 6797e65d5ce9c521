"""What taking an organisation out of use has to do with forms that are filled in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from fengqiao.portal.accounts import resting
from fengqiao.portal.accounts.models import Organisation
from fengqiao.portal.drafting.models import Filling


def open_there(house: Organisation, now: dt.datetime) -> Iterable[resting.Open]:
    """Forms that are not finished."""
    count = Filling.objects.filter(organisation=house, state=Filling.State.DRAFT, disposed_at=None).count()
    yield resting.Open(
        "填写中的文书", count, "保留，停用期间不能打开；超过保存草稿的天数没有改动的，照常清除。不能移交。"
    )


resting.OPEN.append(open_there)
