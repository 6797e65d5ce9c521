"""Reading events: time lines of a thing, of a case, of what a person may see."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from django.db.models import Model, Q, QuerySet

from fengqiao.portal.audit import digests
from fengqiao.portal.audit.models import NO_ORGANISATION, Event
from fengqiao.portal.audit.stamp import Stamp
from fengqiao.portal.keystore import key_store


def of_subject(subject: Model | tuple[str, int | str]) -> QuerySet[Event]:
    """Events of one thing, oldest first."""
    kind, number = subject if isinstance(subject, tuple) else (subject._meta.label_lower, subject.pk)
    return Event.objects.filter(subject_kind=kind, subject_id=str(number))


def of_case(case: str) -> QuerySet[Event]:
    """Events of one case, oldest first."""
    return Event.objects.filter(case=case).exclude(case="")


def visible_to(stamp: Stamp, *, everything: bool = False) -> QuerySet[Event]:
    """What a person may see: their own acts and those of their organisation. everything: for the platform's own
    administrators; the caller knows who they are."""
    if everything:
        return Event.objects.all()
    own = Q(user_id=stamp.user_id) if stamp.user_id is not None else Q(pk__in=())
    if stamp.organisation_id is None:
        return Event.objects.filter(own)
    return Event.objects.filter(own | Q(chain=stamp.organisation_id)).exclude(~own, chain=NO_ORGANISATION)


def was(event: Event, side: str, values: Mapping[str, Any]) -> bool:
    """Whether these were the values before or after an event. side: "before" or "after"."""
    if not event.salt_key:
        return False
    salted = digests.salt(key_store().get(event.salt_key), event.number) + digests.canonical(values)
    return all(
        hmac.compare_digest(bytes(getattr(event, f"{side}_{name}")), digest(salted))
        for name, digest in (("sha256", digests.sha256), ("sm3", digests.sm3))
    )
