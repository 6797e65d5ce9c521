"""What taking an organisation out of use has to do with measured cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from fengqiao.portal.accounts import resting
from fengqiao.portal.accounts.models import Organisation
from fengqiao.portal.claims.models import MassCase


def open_there(house: Organisation, now: dt.datetime) -> Iterable[resting.Open]:
    """Cases have no end of their own: all of them."""
    count = MassCase.objects.filter(organisation=house).count()
    yield resting.Open(
        "测算案件",
        count,
        "保留，停用期间不能查看和测算；已经公布的，投资者照常看到自己的结果。不能移交，接手的机构另行登记。",
    )


resting.OPEN.append(open_there)
