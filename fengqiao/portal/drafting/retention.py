"""How long what was filled in is kept. Drafts that were never finished go much earlier: `jobs.py`."""

from __future__ import annotations

from django.db import transaction
from django.db.models import ProtectedError, Q

from fengqiao.portal.documents.dropping import drop
from fengqiao.portal.drafting.models import Filling
from fengqiao.portal.parties.retention import OPEN_MATTERS, RULES, Rule

KINDS = ("pdf", "docx", "large")


def drop_outputs(filling: Filling) -> None:
    """The documents made of it say the same as it, so they go with it, within the caller's transaction; their digests
    stay. What was signed or served since belongs to that, and is kept as long."""
    made = []
    for output in filling.outputs.order_by("-number"):
        made += [document for kind in KINDS if (document := getattr(output, kind)) is not None]
        output.pdf = output.docx = output.large = None
        output.save(update_fields=KINDS)
    for document in made:  # the newest first: none has a later version then
        try:
            with transaction.atomic():
                drop(document)
        except ProtectedError:
            continue


RULES.append(
    Rule(
        "filling", "文书的填写内容和生成的文件", Filling, "records.party_years", "最后一次保存", "saved_at",
        lambda: Filling.objects.filter(party__isnull=False, state=Filling.State.FINISHED, disposed_at=None),
        {"data": "", "name": ""}, with_it=drop_outputs,
    )
)  # fmt: skip
OPEN_MATTERS.append(
    lambda: Q(pk__in=Filling.objects.filter(party__isnull=False, state=Filling.State.DRAFT).values("party"))
)
