"""Sending to the addresses a person confirmed: one message an address, one row for each."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from django.conf import settings
from django.urls import reverse

from fengqiao.portal.accounts.models import User
from fengqiao.portal.audit.stamp import Stamp, system_stamp
from fengqiao.portal.notices import actions as notices
from fengqiao.portal.notices.models import Notice
from fengqiao.portal.parties.models import Authorisation, Party
from fengqiao.portal.service import by_law, queries, settling
from fengqiao.portal.service.models import Confirmation, Dispatch, Recipient, Trace
from fengqiao.portal.service.recording import note
from fengqiao.portal.vault.sealed import open_sealed

TEMPLATE, TO_GUARDIAN = "service.arrived", "service.arrived_for_ward"
WAIT = dt.timedelta(days=1)
"""How long a report is waited for beyond the day after which notices give up; then staff choose another way."""
LINK_LASTS = dt.timedelta(days=90)
NO_CONSENT = "没有同意电子送达的有效送达地址确认书"
Kind, Holder = Dispatch.Kind, Dispatch.Holder
CHANNELS = {Kind.MOBILE: Notice.Channel.SMS, Kind.MAIL: Notice.Channel.EMAIL}


def person_of(recipient: Recipient) -> Party | User:
    """On whom it is served."""
    found = recipient.party or recipient.user
    if found is None:
        raise ValueError("A recipient is a party or a user.")
    return found


def send_out(recipient: Recipient, *, stamp: Stamp, now: dt.datetime) -> None:
    """To every confirmed address; without consent it goes back to staff at once."""
    to = person_of(recipient)
    confirmation = queries.address_for(to, recipient.service.case, now)
    recipient.confirmation, recipient.guardianship = confirmation, right_used(confirmation, to, now)
    if confirmation is None or not confirmation.electronic:
        recipient.save(update_fields=("confirmation", "guardianship"))
        settling.hand_back(recipient, why_not(to, now), now=now, stamp=stamp)
        return
    recipient.state, recipient.problem = Recipient.State.SENDING, ""
    recipient.watch_until = now + WAIT + WAIT
    recipient.save(update_fields=("confirmation", "guardianship", "state", "problem", "watch_until"))
    if recipient.guardianship:
        said = by_law.described(recipient.guardianship)
        note(what=Trace.What.GUARDIAN, recipient=recipient, stamp=stamp, note=said, now=now)
    last = recipient.dispatches.order_by("-round").first()
    to_each(recipient, confirmation, round_=last.round + 1 if last else 1, now=now)
    settling.settle(recipient, now=now)


def right_used(confirmation: Confirmation | None, to: Party | User, now: dt.datetime) -> Authorisation | None:
    """The right by which whoever confirmed acts for the party today; it may be a newer one than they confirmed by."""
    if confirmation is None or confirmation.guardianship is None or not isinstance(to, Party):
        return None
    return by_law.held(to, now).filter(agent=confirmation.guardianship.agent_id).last()


def why_not(to: Party | User, now: dt.datetime) -> str:
    """Why nothing goes electronically."""
    if not isinstance(to, Party) or not by_law.applies_to(to, now):
        return NO_CONSENT
    names = by_law.names_of(to, now)
    return by_law.NO_CONSENT.format(names=names) if names else by_law.NO_GUARDIAN


def to_each(recipient: Recipient, confirmation: Confirmation, *, round_: int, now: dt.datetime) -> None:
    """One message an address, and to whom they named to receive for them."""
    right, account = recipient.guardianship, settling.account_of(recipient)
    to, holder = (right.agent, Holder.GUARDIAN) if right else (person_of(recipient), Holder.SELF)
    where = page_of(recipient) if account else link_of(recipient, now)
    if account and confirmation.use_account:
        put(recipient, to, Kind.ACCOUNT, holder, "", account.username, where, round_, now)
    elif account:  # not an address they confirmed: it tells them, and counts for nothing
        told(recipient, to, where, round_, now)
    for kind, sealed in ((Kind.MOBILE, confirmation.mobile), (Kind.MAIL, confirmation.mail)):
        if sealed:
            put(recipient, to, kind, holder, open_sealed(sealed), str(sealed), where, round_, now)
    for other in others_told(recipient, now):
        told(recipient, other, page_of(recipient), round_, now)
    designee = queries.designee_of(confirmation, now)
    if designee:
        put(recipient, designee, Kind.ACCOUNT, Holder.DESIGNEE, "", designee.username, page_of(recipient), round_, now)


def put(
    recipient: Recipient, to: Party | User, kind: str, holder: str, address: str, shown: str, where: str, round_: int,
    now: dt.datetime,
) -> None:  # fmt: skip
    """One message, and its row. What stands in an account has arrived with this transaction."""
    channel = CHANNELS.get(Kind(kind), Notice.Channel.IN_APP)
    made = notices.send_over(
        channel=channel, address=address, to=to, once_key=f"service:{recipient.pk}:{holder}:{kind}:{round_}",
        **common(recipient, where), now=now,
    )  # fmt: skip
    arrived = now if kind == Kind.ACCOUNT else None
    row = Dispatch.objects.create(
        recipient=recipient, kind=kind, holder=holder, round=round_, shown=shown[:120], notice=made, sent_at=arrived,
        arrived_at=arrived,
    )  # fmt: skip
    if arrived:
        said = f"{row.get_holder_display()}{row.get_kind_display()} {row.shown}"
        note(what=Trace.What.ARRIVED, recipient=recipient, stamp=system_stamp(), note=said, now=now)


def others_told(recipient: Recipient, now: dt.datetime) -> list[User]:
    """Who hears of it where a guardian receives: the other guardians, and the ward who has an account; it counts for
    nothing."""
    right, party = recipient.guardianship, recipient.party
    if right is None or party is None:
        return []
    whole = [one.agent for one in by_law.held(party, now)] + ([party.user] if party.user else [])
    return [one for one in dict.fromkeys(whole) if one.pk != right.agent_id]


def told(recipient: Recipient, to: Party | User, where: str, round_: int, now: dt.datetime) -> None:
    """A message in the account that shows the way."""
    whose = f":{to.pk}" if recipient.guardianship else ""
    notices.send_over(
        channel=Notice.Channel.IN_APP, address="", to=to, once_key=f"service:{recipient.pk}:told{whose}:{round_}",
        **common(recipient, where), now=now,
    )  # fmt: skip


def common(recipient: Recipient, where: str) -> dict[str, object]:
    """What all messages of one recipient have in common."""
    service = recipient.service
    whose = {"party": recipient.name} if recipient.guardianship else {}
    return {
        "template": TO_GUARDIAN if whose else TEMPLATE, "subject": (settling.SUBJECT, str(recipient.pk)),
        "case": service.case,
        "values": {"sender": service.organisation.name, "titles": f"《{service.title}》", "where": where} | whose,
        "sender": service.created_by, "organisation": service.organisation,
    }  # fmt: skip


def page_of(recipient: Recipient) -> str:
    """Where those with an account look at it."""
    return str(settings.ENVIRONMENT.public_url) + reverse("service:received", args=(recipient.pk,))


def link_of(recipient: Recipient, now: dt.datetime) -> str:
    """A link of one's own; only its digest is kept, and the one before no longer works."""
    token = secrets.token_urlsafe(24)
    recipient.token_digest = hashlib.sha256(token.encode()).hexdigest()
    recipient.token_until = now + LINK_LASTS
    recipient.save(update_fields=("token_digest", "token_until"))
    return str(settings.ENVIRONMENT.public_url) + reverse("service:link", args=(token,))
