"""The row of a code that was sent to a mobile; what is done with it: `mobile_codes`."""

from __future__ import annotations

import datetime as dt

from django.db import models


class MobileCode(models.Model):
    """A code that was sent; only its digest is kept."""

    code_digest = models.CharField(max_length=64)
    mobile_shown = models.CharField("手机号码（掩码）", max_length=20)
    sent_at = models.DateTimeField("发送时间")
    expires_at = models.DateTimeField("有效期至")
    tries = models.PositiveSmallIntegerField("已试次数", default=0)
    passed_at = models.DateTimeField("通过时间", null=True, blank=True)

    class Meta:
        abstract = True

    def usable_at(self, now: dt.datetime) -> bool:
        """True while the code may be tried."""
        return self.passed_at is None and now < self.expires_at
