"""How long tokens that are over are kept: whose and when stays; for what, from where and why it ended goes."""

from __future__ import annotations

from django.db.models import QuerySet

from fengqiao.portal.parties.retention import RULES, Rule
from fengqiao.portal.tokens.models import AccessToken


def ended() -> QuerySet[AccessToken]:
    """Whose end is written down."""
    return AccessToken.objects.filter(ended_at__isnull=False, disposed_at=None)


TOKENS = Rule(
    "access_token", "失效的接口令牌", AccessToken, "records.party_years", "失效", "ended_at", ended,
    {"name": "", "networks": [], "last_address": "", "end_reason": ""}, user_path="owner",
)  # fmt: skip

if TOKENS.name not in {rule.name for rule in RULES}:
    RULES.append(TOKENS)
