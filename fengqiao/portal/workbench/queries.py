"""What is due for a person in their role, and what they find: put together from all apps."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Organisation, Role
from fengqiao.portal.claims import queries as claims
from fengqiao.portal.notices import queries as notices
from fengqiao.portal.notices.models import Notice
from fengqiao.portal.shell.columns import LAST_SIGN
from fengqiao.portal.shell.words import amount_text, day_text, large_amount_text
from fengqiao.portal.signing import queries as rounds
from fengqiao.portal.workbench import deadlines, matters, measuring, parties, services, signing
from fengqiao.portal.workbench.asking import Question, with_answer
from fengqiao.portal.workbench.found import FEW, FOUND_AT_MOST, DueItem, Found, Group, Matters, Tally


@dataclass(frozen=True)
class Part:
    """One app's part of what is due: what it is counted under, and the function, in a file of this app, that puts its
    questions to that app's queries; of each at most AT_MOST rows are read."""

    title: str
    ask: Callable[[Acting, dt.datetime], Iterable[Question]]
    pages: tuple[str, ...] = ()
    """Where all of it stands: the first that is in the person's navigation."""


DUE = (
    Part("期限", deadlines.questions, ("deadlines:mine",)),
    Part("测算", measuring.questions, ("claims:cases",)),
    Part("当事人", parties.questions, ("parties:people", "parties:mine")),
    Part("送达和告知", services.questions, ("service:mine", "service:services", "notices:sent")),
    Part("签署", signing.questions, ("signing:mine", "signing:rounds")),
)
NEAR = dt.timedelta(days=7)


def pressing_first(items: Iterable[DueItem]) -> list[DueItem]:
    """Overdue first, then by when it is due; what has no time comes last."""
    late = dt.datetime.max.replace(tzinfo=dt.UTC)
    return sorted(items, key=lambda item: (item.due or late, -item.priority, item.title))


def due_for(acting: Acting, now: dt.datetime) -> list[DueItem]:
    """What this person must do, the most pressing first."""
    asked = [(part.title, question) for part in DUE for question in part.ask(acting, now)]
    there = {id(question) for question in with_answer([question for _, question in asked], acting)}
    return pressing_first(
        item.of_kind(title)
        for title, question in asked
        if id(question) in there
        for item in question.items(question.rows)
    )


def matters_for(acting: Acting, now: dt.datetime, due: Sequence[DueItem]) -> list[Matters]:
    """What the person works on, or what goes on for them; nothing is left out but what is empty."""
    found = []
    if acting.behalf is not None or acting.is_a(Role.Kind.INVESTOR, Role.Kind.AGENT):
        found.append(matters.of_person(acting, now, due))
    if acting.behalf is None and acting.is_a(*claims.READERS):
        found.append(measuring.measured(acting))
    if acting.behalf is None and rounds.may_initiate(acting):
        found.append(signing.waiting(acting))
    return [one for one in found if one.rows]


def tallies(due: Sequence[DueItem], shown: Sequence[Matters], now: dt.datetime, pages: Collection[str]) -> list[Tally]:
    """How much there is to do, what is late, how much money it is about. pages: addresses the person may go to."""
    late = sum(item.due is not None and item.due < now for item in due)
    near = sum(item.due is not None and now <= item.due < now + NEAR for item in due)
    found = [Tally("要办的事", f"{len(due)} 项", "#due-title")]
    if late:
        found.append(Tally("已逾期", f"{late} 项", "#due-title", "bad"))
    if near:
        found.append(Tally("七日内到期", f"{near} 项", "#due-title", "warning"))
    if due and due[0].due is not None and not late:
        found.append(Tally("最近的期限", day_text(due[0].due), "#due-title"))
    found += [*_by_kind(due, pages), *_amounts(shown)]
    return found if len(found) > 1 else []


def _by_kind(due: Sequence[DueItem], pages: Collection[str]) -> Iterator[Tally]:
    """How many there are of each kind, once there are many of several kinds."""
    kinds = Counter(item.kind for item in due)
    if len(kinds) <= 1 or len(due) <= FEW:
        return
    for part in DUE:
        if kinds[part.title]:
            to = (reverse(name) for name in part.pages)
            yield Tally(part.title, f"{kinds[part.title]} 项", next((url for url in to if url in pages), ""))


def _amounts(shown: Sequence[Matters]) -> Iterator[Tally]:
    """The money of each kind of matter: of one to the fen and linked to it, of several as a large amount."""
    for one in shown:
        worth = [row for row in one.rows if row.amount is not None]
        if len(worth) == 1:
            yield Tally(worth[0].amount_word, amount_text(worth[0].amount or 0), worth[0].url)
        elif worth:
            yield Tally(worth[0].amount_word, large_amount_text(sum(row.amount or 0 for row in worth)), one.url)


def latest_for(acting: Acting, most: int = 5) -> list[Notice]:
    """What the person was told last. Of whom somebody acts for, nothing: these are the person's own messages."""
    if acting.behalf is not None:
        return []
    rows = notices.visible_to(acting).exclude(state=Notice.State.SUPPRESSED)
    return list(rows.defer("text", "address", "call_note").order_by("-created_at", "-id")[:most])


def organisations_visible_to(acting: Acting) -> QuerySet[Organisation]:
    """Bodies are public to everybody who is logged in."""
    return Organisation.objects.filter(is_active=True)


def search(text: str, acting: Acting) -> list[Group]:
    """What a person may see and what begins with the text, in groups."""
    text = text.strip().replace("\0", "")
    if not text:
        return []
    groups = [part(text, acting) for part in SEARCHES]
    return [group for group in groups if group.hits]


def _organisations(text: str, acting: Acting) -> Group:
    rows = organisations_visible_to(acting).filter(name__gte=text, name__lt=text + LAST_SIGN).order_by("name")
    hits = [
        Found(row.name, f"{reverse('workbench:organisations')}?kind={row.kind}", row.get_kind_display())
        for row in rows[:FOUND_AT_MOST]
    ]
    return Group("机构", hits)


SEARCHES: tuple[Callable[[str, Acting], Group], ...] = (
    _organisations, measuring.search, parties.search, signing.search,
)  # fmt: skip
"""Each app's part of the search: what this person may see, found by the start of a name or number."""
