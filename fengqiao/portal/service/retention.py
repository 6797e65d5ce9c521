"""How long services are kept. Digests, days and states stay; who was reached where goes."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from fengqiao.portal.parties.retention import OPEN_MATTERS, RULES, Rule
from fengqiao.portal.service.models import Confirmation, Recipient

NAME = "（已处置）"


def ended_addresses(*, of_parties: bool = True) -> QuerySet[Confirmation]:
    """Confirmations of parties, or of people of organisations, that no longer hold."""
    rows = Confirmation.objects.filter(party__isnull=not of_parties, ended_at__isnull=False, disposed_at=None)
    return rows.select_related("party")


def done_services(*, of_parties: bool = True) -> QuerySet[Recipient]:
    """Services on parties, or on people of organisations, that are done."""
    rows = Recipient.objects.filter(party__isnull=not of_parties, disposed_at=None)
    return rows.exclude(state__in=Recipient.OPEN).select_related("party")


def under_way() -> Q:
    """Parties on whom something is still to be served."""
    return Q(Exists(Recipient.objects.filter(party=OuterRef("pk"), state__in=Recipient.OPEN)))


ADDRESS_CLEAR = {
    "mobile": "", "mail": "", "post_address": "", "postcode": "", "recipient_name": NAME, "text": "", "end_reason": "",
}  # fmt: skip
SERVICE_CLEAR = {"name": NAME, "problem": "", "read_by": ""}
ADDRESSES = Rule(
    "service_address", "失效的送达地址确认", Confirmation, "records.service_years", "失效", "ended_at",
    ended_addresses,
    ADDRESS_CLEAR,
)  # fmt: skip
SERVICES = Rule(
    "service", "送达的记录", Recipient, "records.service_years", "发起送达", "created_at", done_services,
    SERVICE_CLEAR,
)  # fmt: skip
ACCOUNT_ADDRESSES = Rule(
    "service_address_account", "机构收件人失效的送达地址确认", Confirmation, "records.service_years", "失效",
    "ended_at", lambda: ended_addresses(of_parties=False), ADDRESS_CLEAR, user_path="user",
)  # fmt: skip
ACCOUNT_SERVICES = Rule(
    "service_account", "对机构收件人送达的记录", Recipient, "records.service_years", "发起送达", "created_at",
    lambda: done_services(of_parties=False), SERVICE_CLEAR, user_path="user",
)  # fmt: skip


def add() -> None:
    """Put the rules among all, once."""
    for rule in (ADDRESSES, SERVICES, ACCOUNT_ADDRESSES, ACCOUNT_SERVICES):
        if rule not in RULES:
            RULES.append(rule)
    if under_way not in OPEN_MATTERS:
        OPEN_MATTERS.append(under_way)
