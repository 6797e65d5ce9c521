"""A drawn signature that was not put yet: kept sealed, so that another device can go on with it."""

from __future__ import annotations

import base64
import datetime as dt

from django.db import transaction

from fengqiao.portal.signing.models import Signatory, SigningRound
from fengqiao.portal.signing.persons import Person
from fengqiao.portal.signing.rights import require_open, require_right
from fengqiao.portal.vault.sealed import open_sealed

START = "data:image/png;base64,"


@transaction.atomic
def keep(*, signatory: Signatory, drawn: bytes | None, person: Person, now: dt.datetime) -> None:
    """Keep it, or throw away what was kept."""
    round_ = SigningRound.objects.select_for_update().get(pk=signatory.round_id)
    require_open(round_, now)
    require_right(signatory, person, now)
    found = Signatory.objects.get(pk=signatory.pk)
    if found.state not in (Signatory.State.WAITING, Signatory.State.READ):
        return
    found.drawn = base64.b64encode(drawn).decode() if drawn else ""
    found.save(update_fields=("drawn",))


def picture_of(signatory: Signatory) -> str:
    """What was kept, as a page shows it; empty when there is none."""
    return START + open_sealed(signatory.drawn) if signatory.drawn else ""
