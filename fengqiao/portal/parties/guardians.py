"""Guardians (法定代理人): whom the law has act for somebody, from what, and until when.

民法典第二十三条：无民事行为能力人、限制民事行为能力人的监护人是其法定代理人。
"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from fengqiao.engine import law
from fengqiao.engine.errors import FengqiaoError
from fengqiao.engine.identity import read_identity_number
from fengqiao.portal.accounts.models import Identity
from fengqiao.portal.parties.models import Authorisation, Party, Scope, SpecialNeed
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.vault.sealed import open_sealed

Ground, Relation, Ending, State = (
    Authorisation.Ground, Authorisation.Relation, Authorisation.Ending, Authorisation.State,
)  # fmt: skip
NOT_OF_MINORS = (Relation.SPOUSE, Relation.CHILD, Relation.AGREED)
"""Relations that a minor's guardian cannot have."""
CAPABLE_AGAIN = (Ending.MAJORITY, Ending.RECOVERED, Ending.MISTAKE, Ending.DIED)
"""Endings after which nobody has to act for the person by law any more."""
BY_PARTY = (Ending.REVOKED, Ending.DONE, Ending.AGENT_GONE, Ending.DIED, Ending.MISTAKE)
BY_LAW = (Ending.RECOVERED, Ending.REPLACED, Ending.AGENT_GONE, Ending.DIED, Ending.MISTAKE)
"""How staff end an authorisation of either kind (民法典第一百七十三条、第一百七十五条)."""


def majority(kind: str, number: str, today: dt.date) -> dt.date | None:
    """The day on which somebody comes of age by an identity number; None where the papers do not say."""
    if kind != Identity.Kind.ID_CARD or not number:
        return None
    try:
        born = read_identity_number(number, today).born
    except FengqiaoError:
        return None
    year = born.year + int(law.value_on("special_needs.majority_age", today).value)
    try:
        return born.replace(year=year)
    except ValueError:  # born on 29 February
        return dt.date(year, 3, 1)


def is_minor(party: Party, now: dt.datetime) -> bool:
    """Not of age by the papers, and nobody noted that the person stands on their own feet (民法典第十八条第二款)."""
    today = timezone.localtime(now).date()
    of_age = majority(party.kind, open_sealed(party.number), today) if party.number else None
    if of_age is None or of_age <= today:
        return False
    return not any(need.ended_at is None and need.key == SpecialNeed.Kind.MINOR for need in party.needs.all())


def represented(party: Party, now: dt.datetime) -> bool:
    """Whether the law has somebody else act: a minor, or somebody for whom a guardian was accepted. Who has lost their
    guardian is still represented, by whoever follows."""
    if is_minor(party, now):
        return True
    rows = [row for row in party.authorisations.all() if row.is_guardian and row.ground != Ground.MINOR]
    if any(row.state == State.ACCEPTED for row in rows):
        return True
    over = [row for row in rows if row.state == State.ENDED and row.decided_at is not None and row.ended_at is not None]
    last = max(over, key=lambda row: (row.ended_at, row.pk), default=None)
    return last is not None and last.ending not in CAPABLE_AGAIN


def last_day(*, ground: str, kind: str, number: str, given: dt.date | None, today: dt.date) -> dt.date | None:
    """The last day on which a guardian acts: of a minor the day before they come of age."""
    if ground != Ground.MINOR:
        return given
    of_age = majority(kind, number, today)
    if of_age is None:
        if given is None:
            raise Refusal("没有提交：证件上看不出出生日期。请填写截止日：未成年人年满十八周岁的前一日。")
        return given
    if of_age <= today:
        raise Refusal(
            "没有提交：按证件上的出生日期，当事人已经成年，父母等不再是法定代理人。"
            "由本人委托的，请提交授权委托书；经人民法院认定为无或者限制民事行为能力的，请改选原因。"
        )
    return min(of_age - dt.timedelta(days=1), given) if given else of_age - dt.timedelta(days=1)


def require_fitting(ground: str, relation: str) -> None:
    """Refuse what the law does not know."""
    if ground not in Ground.values or relation not in Relation.values:
        raise Refusal("没有提交：请选择由法定代理人办理的原因和监护关系。")
    if ground == Ground.MINOR and relation in NOT_OF_MINORS:
        raise Refusal(
            "没有提交：未成年人的监护人是父母；父母已经死亡或者没有监护能力的，是祖父母、外祖父母、兄、姐，"
            "或者经同意、被指定的人（民法典第二十七条）。请改选监护关系。"
        )


ALL = tuple(str(scope) for scope in Scope.values)
"""A guardian's right is not cut up: all of it, for the ward's good (民法典第三十五条)."""
