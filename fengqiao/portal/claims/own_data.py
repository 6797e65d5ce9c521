"""What measuring keeps of a person, for themself."""

from __future__ import annotations

from collections.abc import Iterable

from fengqiao.portal.claims.models import CaseInvestor
from fengqiao.portal.claims.own_results import same_person
from fengqiao.portal.parties import own_data
from fengqiao.portal.parties.models import Party
from fengqiao.portal.parties.own_data import Section

HEADS = ("案件", "名称", "投资者编号", "证件号码", "手机号码", "登记时间")


def of_cases(party: Party) -> Iterable[Section]:
    """Cases in whose files somebody noted a number as this person's."""
    rows = same_person(CaseInvestor.objects.select_related("case").order_by("id"), party)
    yield Section(
        "measured_cases", "损失测算中登记的本人", HEADS,
        [(row.case.number, row.case.title, row.investor, row.number, row.mobile, row.added_at) for row in rows],
    )  # fmt: skip


def add() -> None:
    """Put it among the parts of what is kept, once."""
    if of_cases not in own_data.SECTIONS:
        own_data.SECTIONS.append(of_cases)
