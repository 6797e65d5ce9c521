"""How long services are kept. Digests, days and states stay; who was reached where goes."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from fengqiao.portal.parties.retention import OPEN_MATTERS, RULES, Rule
from fengqiao.portal.service.models import Confirmation, Recipient

NAME = "（已处置）"


def ended_addresses() -> QuerySet[Confirmation]:
    """Confirmations of parties that no longer hold."""
    rows = Confirmation.objects.filter(party__isnull=False, ended_at__isnull=False, disposed_at=None)
    return rows.select_related("party")


def done_services() -> QuerySet[Recipient]:
    """Services on parties that are done."""
    rows = Recipient.objects.filter(party__isnull=False, disposed_at=None).exclude(state__in=Recipient.OPEN)
    return rows.select_related("party")


def under_way() -> Q:
    """Parties on whom something is still to be served."""
    return Q(Exists(Recipient.objects.filter(party=OuterRef("pk"), state__in=Recipient.OPEN)))


ADDRESSES = Rule(
    "service_address", "失效的送达地址确认", Confirmation, "records.service_years", "失效", "ended_at",
    ended_addresses,
    {"mobile": "", "mail": "", "post_address": "", "postcode": "", "recipient_name": NAME, "text": "",
     "end_reason": ""},
)  # fmt: skip
SERVICES = Rule(
    "service", "送达的记录", Recipient, "records.service_years", "发起送达", "created_at", done_services,
    {"name": NAME, "problem": "", "read_by": ""},
)  # fmt: skip


def add() -> None:
    """Put the rules among all, once."""
    for rule in (ADDRESSES, SERVICES):
        if rule not in RULES:
            RULES.append(rule)
    if under_way not in OPEN_MATTERS:
        OPEN_MATTERS.append(under_way)
