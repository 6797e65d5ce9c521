"""How long what was filled in is kept. Drafts that were never finished go much earlier: `jobs.py`."""

from __future__ import annotations

from django.db.models import Q

from fengqiao.portal.drafting.models import Filling
from fengqiao.portal.parties.retention import OPEN_MATTERS, RULES, Rule

RULES.append(
    Rule(
        "filling", "文书的填写内容", Filling, "records.party_years", "最后一次保存", "saved_at",
        lambda: Filling.objects.filter(party__isnull=False, state=Filling.State.FINISHED, disposed_at=None),
        {"data": "", "name": ""},
    )
)  # fmt: skip
OPEN_MATTERS.append(
    lambda: Q(pk__in=Filling.objects.filter(party__isnull=False, state=Filling.State.DRAFT).values("party"))
)
