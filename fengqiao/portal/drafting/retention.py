"""How long what was filled in is kept. Drafts that were never finished go much earlier: `jobs.py`."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from fengqiao.portal.documents.dropping import drop_unless_needed
from fengqiao.portal.drafting.models import Filling
from fengqiao.portal.parties.retention import OPEN_MATTERS, RULES, Rule

KINDS = ("pdf", "docx", "large", "large_docx")


def drop_outputs(filling: Filling) -> None:
    """The documents made of it say the same as it, so they go with it, within the caller's transaction; their digests
    stay. What was signed or served since belongs to that, and is kept as long."""
    made = []
    for output in filling.outputs.order_by("-number"):
        made += [document for kind in KINDS if (document := getattr(output, kind)) is not None]
        output.pdf = output.docx = output.large = output.large_docx = None
        output.save(update_fields=KINDS)
    for document in made:  # the newest first: none has a later version then
        drop_unless_needed(document)


def finished(**given: Any) -> QuerySet[Filling]:
    """Forms that were finished."""
    return Filling.objects.filter(state=Filling.State.FINISHED, disposed_at=None, **given)


RULES.append(
    Rule(
        "filling_role", "工作人员填写的文书和生成的文件", Filling, "records.party_years", "最后一次保存", "saved_at",
        lambda: finished(party=None), {"data": "", "name": ""}, with_it=drop_outputs, user_path="created_by",
    )
)  # fmt: skip
RULES.append(
    Rule(
        "filling", "文书的填写内容和生成的文件", Filling, "records.party_years", "最后一次保存", "saved_at",
        lambda: finished(party__isnull=False),
        {"data": "", "name": ""}, with_it=drop_outputs,
    )
)  # fmt: skip
OPEN_MATTERS.append(
    lambda: Q(pk__in=Filling.objects.filter(party__isnull=False, state=Filling.State.DRAFT).values("party"))
)
