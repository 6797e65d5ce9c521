"""What services keep of a person, for themself."""

from __future__ import annotations

from collections.abc import Iterable

from fengqiao.portal.parties import own_data
from fengqiao.portal.parties.models import Party
from fengqiao.portal.parties.own_data import Section
from fengqiao.portal.service import queries
from fengqiao.portal.service.models import Confirmation, Recipient


def numbers_of(one: Confirmation) -> tuple[object, ...]:
    """Where they take documents; what a guardian confirmed of their own is the guardian's, and stays with the text."""
    if one.guardianship_id is not None:
        return (
            "（法定代理人的）" if one.mobile else "",
            "（法定代理人的）" if one.mail else "",
            one.post_address or "",
            one.postcode,
        )
    return (one.mobile or "", one.mail or "", one.post_address or "", one.postcode)


def of_services(party: Party) -> Iterable[Section]:
    """Addresses that were confirmed, documents that were served."""
    addresses = [
        (one.made_at, one.text, *numbers_of(one), one.ended_at, one.end_reason)
        for one in queries.addresses_of(party)
    ]  # fmt: skip
    heads = ("确认时间", "确认的内容", "手机号码", "电子邮箱", "邮寄地址", "邮政编码", "失效时间", "失效的原因")
    yield Section("service_addresses", "送达地址确认", heads, addresses)
    rows = [
        (one.number, one.service.title, one.organisation.name, one.created_at, one.get_state_display(), one.served_on,
         one.read_at)
        for one in Recipient.objects.filter(party=party).select_related("service", "organisation").order_by("id")
    ]  # fmt: skip
    heads = ("编号", "文书", "送达机构", "发起时间", "状态", "送达日期", "阅读时间")
    yield Section("services", "送达您的文书", heads, rows)


def add() -> None:
    """Put it among the parts of what is kept, once."""
    if of_services not in own_data.SECTIONS:
        own_data.SECTIONS.append(of_services)
