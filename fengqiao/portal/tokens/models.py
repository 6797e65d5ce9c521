"""Access tokens: with what another system proves for whom it asks."""

from __future__ import annotations

import datetime as dt
import ipaddress

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from fengqiao.portal.accounts.models import Role
from fengqiao.portal.tokens import scopes

LONGEST = 366
"""Days: a convention of the platform, no law sets it."""


class AccessToken(models.Model):
    """One token: of one person in one role. The secret is not here, only its digest."""

    class Ending(models.TextChoices):
        REVOKED = "revoked", "已撤销"
        EXPIRED = "expired", "已到期"
        ROLE = "role", "角色已终止"
        ACCOUNT = "account", "账号已停用或者注销"
        ACCESS = "access", "账号的全部登录已被结束"
        ORGANISATION = "organisation", "机构已停用"

    name = models.CharField("用途", max_length=64)
    """Which system it is for, in the words of who made it."""
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="access_tokens", verbose_name="持有人"
    )
    role = models.ForeignKey(Role, models.PROTECT, related_name="access_tokens", verbose_name="角色")
    scopes = models.JSONField("范围", default=list)
    prefix = models.CharField("前缀", max_length=8, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    networks = models.JSONField("允许的网络", default=list, blank=True)
    """CIDR; empty: from anywhere."""
    created_at = models.DateTimeField("创建时间")
    days = models.PositiveSmallIntegerField("有效天数")
    valid_until = models.DateTimeField("有效期至")
    """The moment at which it is over: the end of the last day."""
    last_used_at = models.DateTimeField("最近使用", null=True, blank=True)
    last_address = models.CharField("最近使用的地址", max_length=45, blank=True)
    ended_at = models.DateTimeField("失效时间", null=True, blank=True)
    ending = models.CharField("失效原因", max_length=16, choices=Ending, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="撤销人"
    )
    end_reason = models.CharField("说明", max_length=200, blank=True)
    disposed_at = models.DateTimeField("处置时间", null=True, blank=True)

    class Meta:
        verbose_name = "接口令牌"
        constraints = (
            models.CheckConstraint(condition=Q(days__gte=1, days__lte=LONGEST), name="token_lasts_a_year_at_most"),
            models.CheckConstraint(condition=Q(valid_until__gt=F("created_at")), name="token_ends_after_it_began"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ending="") | (Q(ended_at__isnull=False) & ~Q(ending="")),
                name="token_end_has_its_reason",
            ),
            models.CheckConstraint(
                condition=Q(ending="revoked", revoked_by__isnull=False) | (~Q(ending="revoked") & Q(revoked_by=None)),
                name="token_revoked_by_somebody",
            ),
        )  # fmt: skip
        indexes = (
            models.Index(fields=("owner", "-id"), name="tokens_of_owner"),
            models.Index(fields=("valid_until",), name="live_tokens_by_end", condition=Q(ended_at=None)),
            models.Index(fields=("ended_at",), name="ended_tokens", condition=Q(ended_at__isnull=False)),
        )

    def __str__(self) -> str:
        return f"{self.name}（{self.prefix}…）"

    def why_over(self, now: dt.datetime) -> str:
        """Why it is good for nothing at this moment: an `Ending`; empty while it holds.

        Looked up from what stands in the database now, whether or not anybody wrote the end down yet. Reads the owner
        and the role with its organisation.
        """
        put_out = self.owner.sessions_end_before
        body = self.role.organisation
        if self.ended_at is not None:
            return self.ending
        if not self.role.holds_at(now):
            return str(self.Ending.ROLE)
        if not self.owner.is_active or self.owner.closed_at is not None:
            return str(self.Ending.ACCOUNT)
        if put_out is not None and put_out >= self.created_at:
            return str(self.Ending.ACCESS)
        if body is None or not body.is_active:
            return str(self.Ending.ORGANISATION)
        return str(self.Ending.EXPIRED) if now >= self.valid_until else ""

    def state_at(self, now: dt.datetime) -> str:
        """In words."""
        why = self.why_over(now)
        return self.Ending(why).label if why else "有效"

    def allows(self, address: str) -> bool:
        """Whether it may be used from there."""
        if not self.networks:
            return True
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
            found = found.ipv4_mapped
        return any(found in ipaddress.ip_network(network) for network in self.networks)

    @property
    def last_day(self) -> dt.date:
        """The last day on which it can be used."""
        return timezone.localtime(self.created_at).date() + dt.timedelta(days=self.days)

    @property
    def scope_titles(self) -> list[str]:
        """What it is good for, in words."""
        return scopes.titles(self.scopes)
