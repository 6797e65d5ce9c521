"""A house that serves, people to be served, a document, for tests."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from fengqiao.portal.accounts.acting import Acting, acting_for
from fengqiao.portal.accounts.models import Identity, Organisation, Role, User
from fengqiao.portal.documents.actions import keep_made
from fengqiao.portal.documents.models import Document
from fengqiao.portal.parties.models import Authorisation, Party
from fengqiao.portal.service import actions, confirming, queries
from fengqiao.portal.service.confirming import Given
from fengqiao.portal.service.models import Recipient
from fengqiao.portal.service.reading import Person
from fengqiao.portal.signing.tests.made_round import text_pdf

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=timezone.get_default_timezone())
APPEAL = "procedure.appeal_judgment_days"


def acting(name: str, kind: str, organisation: Organisation | None = None) -> Acting:
    """Somebody in a role."""
    user = User.objects.create_user(f"test-{name}", name=name, joined_at=NOON)
    Role.objects.create(user=user, organisation=organisation, kind=kind, granted_at=NOON)
    return acting_for(user, address="192.0.2.1")


class House:
    """A mediation organisation with its mediator; one party with an account, one without, one agent, one firm."""

    def __init__(self) -> None:
        self.body = Organisation.objects.create(kind=Organisation.Kind.MEDIATION, name="测试调解中心")
        self.firm = Organisation.objects.create(kind=Organisation.Kind.FIRM, name="测试证券公司")
        self.mediator = acting("调解员甲", Role.Kind.MEDIATOR, self.body)
        self.handler = acting("投诉处理员甲", Role.Kind.COMPLAINT_HANDLER, self.firm)
        self.investor, self.agent = acting("投资者甲", Role.Kind.INVESTOR), acting("代理人甲", Role.Kind.AGENT)
        Identity.objects.create(user=self.investor.user, mobile="137" + "00000001", mobile_verified_at=NOON)
        given: dict[str, Any] = {"taken_in_by": self.body, "created_at": NOON, "last_act_at": NOON}
        self.party = Party.objects.create(user=self.investor.user, name="投资者甲", **given)
        self.other = Party.objects.create(name="投资者乙", mobile="137" + "00000002", **given)
        Authorisation.objects.create(
            agent=self.agent.user, party=self.party, reviewer=self.body, scopes=["file"], submitted_at=NOON,
            valid_from=NOON.date(), valid_until=NOON.date() + dt.timedelta(days=90), state="accepted",
        )  # fmt: skip

    @property
    def for_party(self) -> Acting:
        """The agent, acting for the party."""
        return self.agent.for_person(self.party.pk, self.party.name)

    def document(self, words: str = "Notice") -> Document:
        """A PDF that was kept."""
        return keep_made(
            data=text_pdf(words), name=f"{words}.pdf", subject=(queries.FILES, words), acting=self.mediator, now=NOON
        )

    def confirm(self, *, account: bool = True, now: dt.datetime = NOON, **more: Any) -> Any:
        """The investor agrees, in the portal."""
        given = Given(**{"electronic": True, "use_account": account, **more})
        return confirming.confirm(to=self.party, given=given, acting=self.investor, now=now)

    def confirm_on_paper(self, *, now: dt.datetime = NOON, **more: Any) -> Any:
        """The party without an account agrees on paper, to a mobile."""
        given = Given(**{"electronic": True, "mobile": "137" + "00000022", **more})
        paper = self.document("Paper")
        return confirming.confirm(to=self.other, given=given, paper=paper, acting=self.mediator, now=now)

    def serve(self, *to: Any, kind: str = "notice", now: dt.datetime = NOON, **more: Any) -> Recipient:
        """On one or several; the first one's row."""
        given: dict[str, Any] = {"stage": "mediation", "case": "测调2026-1", **more}
        given.setdefault("documents", [(self.document(f"Notice{now:%H%M%S}{kind}"), kind)])
        made = actions.serve(title="调解受理告知", to=list(to), acting=self.mediator, now=now, **given)
        return made.recipients.order_by("id").first()  # type: ignore[return-value]


def at_desk(acting: Acting) -> Person:
    """Somebody who logged in."""
    return Person(acting, None, "192.0.2.9", "test")


def guardian_of(house: House, party: Party, name: str = "监护人甲", **more: Any) -> Acting:
    """Somebody whom the law has act for the party, accepted; acts for them."""
    found = acting(name, Role.Kind.AGENT)
    given = {"relation": "parent", "ground": "none", "document_sha256": "ab" * 32, **more}
    Authorisation.objects.create(
        agent=found.user, party=party, reviewer=house.body, kind="guardian", scopes=["file", "sign"], state="accepted",
        submitted_at=NOON, decided_at=NOON, decided_by=house.mediator.user, checked="判决书原件",
        valid_from=NOON.date(), **given,
    )  # fmt: skip
    return found.for_person(party.pk, party.name)
