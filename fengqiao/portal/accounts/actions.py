"""Everything that changes accounts and roles."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import User


@transaction.atomic
def set_elder_mode(*, on: bool, acting: Acting, now: dt.datetime) -> None:
    """How a person wants their own pages to look. It changes nothing for anybody else, so it leaves no audit event."""
    User.objects.filter(pk=acting.user.pk).update(elder_mode=on)
    acting.user.elder_mode = on
