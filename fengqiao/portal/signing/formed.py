"""Texts that were made of a form: which there are, and where on them people sign."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from fengqiao.engine import forms
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.documents.queries import place_of
from fengqiao.portal.drafting import contents
from fengqiao.portal.drafting import queries as drafting
from fengqiao.portal.drafting.models import Output
from fengqiao.portal.signing.models import Signatory, SigningRound


@dataclass(frozen=True)
class Formed:
    """A text with what is known of it."""

    data: bytes
    name: str
    form: str
    places: list[dict[str, Any]]


def outputs(acting: Acting | None) -> QuerySet[Output]:
    """Documents that this person may put before others to sign, the newest first."""
    return Output.objects.filter(filling__in=drafting.visible_to(acting)).select_related(
        "filling", "pdf"
    ).order_by("-id")  # fmt: skip


def text_of(output: Output) -> Formed:
    """The PDF of a form. Its places are known while the form still says what it said."""
    filling, places = output.filling, []
    whole = contents.used(filling.form, contents.kept(filling))
    if (forms.digest(whole), forms.get(filling.form).version) == (output.data_sha256, output.template_version):
        day = timezone.localtime(output.made_at).date()
        places = places_on(filling.form, whole, day)
    return Formed(place_of(output.pdf).read_bytes(), output.pdf.name, filling.form, places)


def places_on(form: str, data: dict[str, Any], day: dt.date) -> list[dict[str, Any]]:
    """Where people sign on the PDF that the form makes of these data."""
    return [
        {"role": one.name, "name": one.who, "place": [one.page, *one.rect]}
        for one in forms.signature_places(form, data, as_of=day)
    ]


def place_for(round_: SigningRound, name: str) -> list[float]:
    """The place in the text for somebody of this name that nobody has yet; empty: on the sheet at the end."""
    taken = list(Signatory.objects.filter(round=round_).values_list("place", flat=True))
    for one in round_.places:
        if one["name"].strip() == name.strip() and one["place"] not in taken:
            return list(one["place"])
    return []
