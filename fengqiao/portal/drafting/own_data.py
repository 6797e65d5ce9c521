"""What the app keeps of a person, for themself."""

from __future__ import annotations

from collections.abc import Iterable

from fengqiao.portal.drafting.models import Filling
from fengqiao.portal.parties.models import Party
from fengqiao.portal.parties.own_data import SECTIONS, Section


def of_forms(party: Party) -> Iterable[Section]:
    """Forms that were filled in for the person, with all that was written in them."""
    rows = [
        (row.number, row.title, row.get_state_display(), row.created_by.name, row.saved_at, row.data)
        for row in Filling.objects.filter(party=party).select_related("created_by").order_by("id")
    ]
    yield Section("fillings", "填写的文书", ("编号", "文书", "状态", "建立人", "保存时间", "内容"), rows)


SECTIONS.append(of_forms)
