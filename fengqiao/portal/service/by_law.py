"""Parties for whom the law has somebody else act (法定代理): who receives for them, and by what right.

民事诉讼法第六十条：无诉讼行为能力人由监护人作为法定代理人代为诉讼；第八十八条：有诉讼代理人的，可以送交其代理人签收。
"""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import User
from fengqiao.portal.parties import queries as parties
from fengqiao.portal.parties.models import Authorisation, Party
from fengqiao.portal.parties.needs import care_of

NO_GUARDIAN = "登记写明由法定代理人办理，但是现在没有经审核接受的法定代理人（民事诉讼法第六十条）"
NO_CONSENT = "法定代理人{names}没有同意电子送达的有效送达地址确认书；本人的确认不算"
WARD_CANNOT = (
    "没有保存：登记写明您的事项由法定代理人办理，是否同意电子送达也由法定代理人决定（民事诉讼法第六十条）。"
    "请由法定代理人登录，选择代您办理后确认；情况有变化的，请联系办理机构。"
)
NOBODY_TO_SIGN = (
    "没有登记：这位当事人由法定代理人办理，但是还没有经审核接受的法定代理人。"
    "请先请监护人提交监护证明，接受后再登记由其签署的送达地址确认书。"
)


def applies_to(to: Party | User | None, now: dt.datetime) -> bool:
    """True for parties who do not act themselves: by their papers, by an accepted guardian, or as it was noted."""
    return isinstance(to, Party) and care_of(to, now).has("representative")


def held(party: Party, now: dt.datetime) -> QuerySet[Authorisation]:
    """The guardians' rights in force, the earliest first."""
    return parties.guardianships_of(party, now).select_related("agent", "party", "reviewer").order_by("pk")


def right_of(to: Party | User | None, acting: Acting | None, now: dt.datetime) -> Authorisation | None:
    """The right by which this person acts for the party as their guardian at this moment; None for all others."""
    if acting is None or acting.behalf is None or not isinstance(to, Party) or acting.behalf[0] != to.pk:
        return None
    mine = parties.in_force_for(acting, now).filter(party=to, kind=Authorisation.Kind.GUARDIAN)
    return mine.select_related("agent", "party", "reviewer").order_by("pk").first()


def names_of(party: Party, now: dt.datetime) -> str:
    """The guardians by name, in words."""
    return "、".join(dict.fromkeys(one.agent.name for one in held(party, now)))


def said_of(one: Authorisation) -> str:
    """Who acts, as what, as a page says it."""
    return (
        f"{one.agent.name}（{one.get_relation_display()}；原因：{one.get_ground_display()}）"
        f"，经{one.reviewer.name}审核接受"
    )


def described(one: Authorisation) -> str:
    """The same with the paper it rests on: for records and proofs."""
    return said_of(one) + (f"，监护证明 SHA-256 {one.document_sha256}" if one.document_sha256 else "")
