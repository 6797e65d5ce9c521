"""A table with sealed columns."""

from __future__ import annotations

from django.db import models

from fengqiao.portal.vault.fields import SealedField
from fengqiao.portal.vault.kinds import Kind


class Person(models.Model):
    """Somebody with personal data."""

    name = models.CharField(max_length=64)
    number = SealedField("证件号码", purpose="archive.number", kind=Kind.IDENTITY_NUMBER, index=True)
    phone = SealedField("手机号", purpose="archive.phone", kind=Kind.MOBILE, index=True, blank=True)
    account = SealedField("银行账号", purpose="archive.account", kind=Kind.BANK_ACCOUNT, blank=True)
    place = SealedField("地址", purpose="archive.place", kind=Kind.ADDRESS, blank=True, null=True)
