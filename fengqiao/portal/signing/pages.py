"""Where people look at a round: those who started it, and those who sign."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.signing import queries


def page_of(acting: Acting, number: str) -> str | None:
    """The page of a round for somebody: their own place, or the round itself."""
    if not number.isdecimal():
        return None
    place = queries.places_of(acting, timezone.now()).filter(round=int(number)).order_by("position").first()
    if place is not None:
        return reverse("signing:place", args=(place.pk,))
    if queries.visible_to(acting).filter(pk=int(number)).exists():
        return reverse("signing:round", args=(int(number),))
    return None
