"""People, a text, and a round of four, for tests."""

from __future__ import annotations

import datetime as dt
import io

from fengqiao.portal.accounts.acting import Acting, acting_for
from fengqiao.portal.accounts.models import Identity, Organisation, Role, User
from fengqiao.portal.parties.models import Party
from fengqiao.portal.signing import actions, acts
from fengqiao.portal.signing.models import Signatory, SigningRound

NOW = dt.datetime(2026, 11, 20, 1, 0, tzinfo=dt.UTC)
DUE = NOW + dt.timedelta(days=10)


def text_pdf(words: str = "Agreement") -> bytes:
    """A text of two pages."""
    from PIL import Image, ImageDraw

    pages = []
    for number in (1, 2):
        page = Image.new("RGB", (595, 842), "white")
        ImageDraw.Draw(page).text((60, 60), f"{words} page {number}", fill="black")
        pages.append(page)
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:])
    return out.getvalue()


def person(name: str, kind: str, organisation: Organisation | None = None) -> Acting:
    """Somebody in a role."""
    user = User.objects.create_user(f"test-{name}", name=name, joined_at=NOW)
    Role.objects.create(user=user, organisation=organisation, kind=kind, granted_at=NOW)
    return acting_for(user, address="192.0.2.1")


def party_of(acting: Acting, mobile: str) -> Party:
    """Their record."""
    Identity.objects.create(user=acting.user, mobile=mobile, mobile_verified_at=NOW)
    return Party.objects.create(user=acting.user, name=acting.user.name, created_at=NOW, last_act_at=NOW)


class People:
    """A mediation organisation, its mediator and manager, two investors."""

    def __init__(self) -> None:
        self.body = Organisation.objects.create(kind=Organisation.Kind.MEDIATION, name="测试调解中心")
        self.mediator = person("调解员甲", Role.Kind.MEDIATOR, self.body)
        self.manager = person("调解管理员甲", Role.Kind.MEDIATION_MANAGER, self.body)
        self.one, self.other = person("投资者甲", Role.Kind.INVESTOR), person("投资者乙", Role.Kind.INVESTOR)
        self.parties = [party_of(self.one, "137" + "00000001"), party_of(self.other, "137" + "00000002")]

    def round_of(
        self, *, order: str = "free", level: str = "B-T", seal: bool = True, due: dt.datetime = DUE
    ) -> SigningRound:
        """Opened: two parties, the mediator, the seal."""
        given = {"acting": self.mediator, "now": NOW}
        made = actions.create_round(
            title="调解协议书", data=text_pdf(), name="协议.pdf", order=order, level=level, due_at=due, **given
        )
        for title, party in zip(("申请人", "被申请人"), self.parties, strict=True):
            actions.add_signatory(round_=made, kind="party", role_title=title, party=party, **given)
        actions.add_signatory(round_=made, kind="staff", role_title="调解员", user=self.mediator.user, **given)
        if seal:
            actions.add_signatory(round_=made, kind="seal", role_title="盖章", organisation=self.body, **given)
        return actions.open_round(round_=made, **given)

    def acting_at(self, place: Signatory) -> Acting:
        """Who signs there."""
        if place.kind == "seal":
            return self.manager
        return self.mediator if place.kind == "staff" else (self.one if place.party == self.parties[0] else self.other)


def read_all(place: Signatory, acting: Acting, now: dt.datetime = NOW) -> None:
    """Go through all pages."""
    for page in range(1, place.round.pages + 1):
        acts.read_page(signatory=place, page=page, person=acts.person_of(acting), now=now)


def sign(place: Signatory, acting: Acting, now: dt.datetime = NOW) -> None:
    """Read all, and sign."""
    if place.kind != "seal":
        read_all(place, acting, now)
    acts.sign(signatory=place, person=acts.person_of(acting, "test"), now=now)


def places(round_: SigningRound) -> list[Signatory]:
    """In their order."""
    return list(Signatory.objects.select_related("round", "party").filter(round=round_).order_by("position"))
