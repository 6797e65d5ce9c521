"""Signing beside the other apps: who is told what and once, deadlines, the start page, places on forms."""

from __future__ import annotations

import datetime as dt
import io
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from django.utils import timezone
from pyhanko.pdf_utils.reader import PdfFileReader

from fengqiao.engine import forms
from fengqiao.portal.accounts import sms
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.deadlines.models import Deadline
from fengqiao.portal.documents.queries import place_of
from fengqiao.portal.drafting import actions as drafting
from fengqiao.portal.jobs.models import Job
from fengqiao.portal.notices.models import Notice
from fengqiao.portal.signing import actions, acts, due, formed, jobs, pages, queries, verification
from fengqiao.portal.signing.models import Signatory, SigningRound
from fengqiao.portal.signing.tests.made_round import DUE, NOW, People, places, sign, text_pdf
from fengqiao.portal.vault.sealed import open_sealed
from fengqiao.portal.workbench import signing as workbench
from fengqiao.portal.workbench.asking import items_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return People()


def told(template: str, channel: str = "in_app") -> list[str]:
    return sorted(one.recipient for one in Notice.objects.filter(template=f"signing.{template}", channel=channel))


def text_of(template: str, name: str) -> str:
    rows = Notice.objects.filter(template=f"signing.{template}", channel="in_app")
    return next(open_sealed(one.text) for one in rows if one.recipient == name)


def agreement(people: People, **more: Any) -> SigningRound:
    """A mediation agreement with all its signers, opened."""
    given = {"acting": people.mediator, "now": NOW}
    made = actions.create_round(
        title="调解协议书", data=text_pdf(), name="协议.pdf", order="free", level="B-T", due_at=DUE,
        form=due.AGREEMENT, **given, **more,
    )  # fmt: skip
    for title, party in zip(("申请人", "被申请人"), people.parties, strict=True):
        actions.add_signatory(round_=made, kind="party", role_title=title, party=party, **given)
    actions.add_signatory(round_=made, kind="staff", role_title="调解员", user=people.mediator.user, **given)
    actions.add_signatory(round_=made, kind="seal", role_title="盖章", organisation=people.body, **given)
    return actions.open_round(round_=made, **given)


def sign_all(people: People, round_: SigningRound) -> None:
    for place in places(round_):
        sign(Signatory.objects.select_related("round", "party").get(pk=place.pk), people.acting_at(place))


def test_everybody_is_told_once_staff_too(people: People) -> None:
    round_ = agreement(people)
    assert told("your_turn") == ["投资者乙", "投资者甲"]
    assert "/signing/link/" in "".join(
        open_sealed(one.text) for one in Notice.objects.filter(template="signing.your_turn", channel="sms")
    )
    assert told("staff_turn") == ["调解员甲"], "the seal comes later"
    sign_all(people, round_)
    assert told("staff_turn") == ["调解员甲", "调解管理员甲"]
    everybody = ["投资者乙", "投资者甲", "调解员甲", "调解管理员甲"]
    assert told("effective") == told("completed") == everybody
    actions.reissue(round_=round_, data=text_pdf("Other"), name="新.pdf", reason="金额有误", due_at=DUE,
                    acting=people.mediator, now=NOW)  # fmt: skip
    assert told("replaced") == everybody
    assert told("your_turn") == ["投资者乙", "投资者乙", "投资者甲", "投资者甲"]
    row = Notice.objects.filter(template="signing.completed", user=people.one.user, channel="in_app").get()
    assert pages.page_of(people.one, row.subject_id) == f"/signing/place/{places(round_)[0].pk}/"


def test_declining_and_expiring_are_told(people: People) -> None:
    round_ = agreement(people)
    acts.decline(signatory=places(round_)[0], reason="不对", person=acts.person_of(people.one), now=NOW)
    assert told("declined") == ["投资者乙", "投资者甲", "调解员甲", "调解管理员甲"]
    other = agreement(people)
    assert actions.expire(round_=other, now=DUE)
    assert told("expired") == told("declined")


def test_those_who_have_not_signed_are_reminded_once(people: People) -> None:
    round_ = agreement(people)
    sign(places(round_)[0], people.one)
    for hours in (72, 40, 39, 2):
        jobs.remind(SimpleNamespace(now=lambda hours=hours: DUE - dt.timedelta(hours=hours)))
    assert told("reminder") == ["投资者乙", "调解员甲"]


def test_a_round_is_a_deadline_and_an_agreement_in_force_opens_confirmation(people: People) -> None:
    round_ = agreement(people)
    opened = Deadline.objects.get(once_key=due.round_key(round_))
    assert (opened.due_on, opened.user, opened.is_open) == (DUE.date(), people.mediator.user, True)
    sign_all(people, round_)
    opened.refresh_from_db()
    assert opened.state == "met"
    period = Deadline.objects.get(once_key=due.confirmation_key(round_))
    assert (period.rule, period.starts_on) == ("confirmation.apply_days", timezone.localtime(NOW).date())
    assert period.due_on == dt.date(2026, 12, 21), "the thirtieth day, 20 December, is a Sunday"
    assert "最迟2026年12月21日" in text_of("effective", "投资者甲")
    actions.reissue(round_=round_, data=text_pdf("Other"), name="新.pdf", reason="金额有误", due_at=DUE,
                    acting=people.mediator, now=NOW)  # fmt: skip
    period.refresh_from_db()
    assert period.state == "withdrawn"
    other = people.round_of()
    sign_all(people, other)
    assert due.confirmation_of(other) is None, "not every text is an agreement"


@pytest.mark.parametrize("how", ["void", "decline", "expire"])
def test_the_deadline_ends_with_its_round(people: People, how: str) -> None:
    round_ = agreement(people)
    if how == "void":
        actions.void_round(round_=round_, reason="写错了", acting=people.mediator, now=NOW)
    elif how == "decline":
        acts.decline(signatory=places(round_)[0], reason="不对", person=acts.person_of(people.one), now=NOW)
    else:
        actions.expire(round_=round_, now=DUE)
    assert Deadline.objects.get(once_key=due.round_key(round_)).state == "withdrawn"


def test_the_start_page_shows_what_waits_for_me(people: People) -> None:
    round_ = agreement(people)

    def waits(acting: Acting) -> list[str]:
        return [one.title for one in items_of(workbench.questions(acting, NOW), acting)]

    assert waits(people.one) == ["签署《调解协议书》"] == waits(people.mediator)
    assert waits(people.manager) == [] == waits(people.one.for_person(people.parties[1].pk, "投资者乙"))
    for place in places(round_)[:3]:
        sign(place, people.acting_at(place))
    assert waits(people.one) == [] and waits(people.manager) == ["盖章《调解协议书》"]
    assert [one.url for one in workbench.search(round_.number.lower(), people.mediator).hits] == [
        f"/signing/{round_.pk}/"
    ]  # fmt: skip
    assert not workbench.search(round_.number, people.one).hits


def test_the_turn_is_the_same_for_one_and_for_many(people: People) -> None:
    for order in ("free", "fixed"):
        round_ = people.round_of(order=order)
        for _ in range(4):
            rows = places(round_)
            many = set(Signatory.objects.filter(queries.on_turn(), round=round_).values_list("pk", flat=True))
            assert many == {row.pk for row in rows if queries.is_turn(row)}
            place = next(row for row in rows if row.pk in many and row.state != "signed")
            sign(place, people.acting_at(place))


class Gateway:
    """Takes a message once for its key; away at first."""

    sent: ClassVar[list[tuple[str, str]]] = []
    away = 1

    def deliver(self, *, key: str, mobile: str, text: str, now: dt.datetime) -> str:
        if Gateway.away:
            Gateway.away -= 1
            raise sms.NotSentError("away")
        if key not in [one for one, _ in Gateway.sent]:
            Gateway.sent.append((key, text))
        return key


def test_a_guest_gets_one_working_link_however_often_it_is_tried(people: People, monkeypatch: Any) -> None:
    monkeypatch.setattr(sms, "gateway", Gateway)
    given = {"acting": people.mediator, "now": NOW}
    made = actions.create_round(
        title="协议", data=text_pdf(), name="a.pdf", order="free", level="B-T", due_at=DUE, **given
    )  # fmt: skip
    guest = {"name": "投资者丙", "mobile": "137" + "00000009"}
    actions.add_signatory(round_=made, kind="guest", role_title="见证人", **guest, **given)
    actions.open_round(round_=made, **given)
    job = Job.objects.get(kind="signing.tell_guest")
    assert "137" not in str(job.arguments) and job.due_at == NOW
    running = SimpleNamespace(job=job, arguments=job.arguments, now=lambda: NOW)
    with pytest.raises(OSError, match="away"):
        jobs.tell_guest(running)
    for _ in range(2):  # as after a kill between the gateway and the end of the job
        assert jobs.tell_guest(running).result == {"sent": True}
    ((_, text),) = Gateway.sent
    token = text.split("/signing/link/")[1].split("/")[0]
    assert queries.by_digest(queries.digest_of(token)) == places(made)[0]
    assert made.evidence.filter(what="link_made").count() == 1


def test_places_on_a_form_are_used(people: People) -> None:
    data = forms.sample(due.AGREEMENT) | {"mediator": "调解员甲", "organisation": "测试调解中心"}
    data["claimants"] = [data["claimants"][0] | {"name": "投资者甲"}]
    filling = drafting.begin(form=due.AGREEMENT, name="", data=data, acting=people.mediator, now=NOW)
    output = drafting.finish(filling=filling, revision=filling.revision, acting=people.mediator, now=NOW)
    assert list(formed.outputs(people.mediator)) == [output]
    assert not formed.outputs(people.one).exists()
    text = formed.text_of(output)
    assert text.form == due.AGREEMENT and text.places
    given = {"acting": people.mediator, "now": NOW}
    made = actions.create_round(
        title="调解协议书", data=text.data, name=text.name, order="free", level="B-T", due_at=DUE, form=text.form,
        places=text.places, **given,
    )  # fmt: skip
    actions.add_signatory(round_=made, kind="party", role_title="申请人", party=people.parties[0], **given)
    actions.add_signatory(round_=made, kind="party", role_title="被申请人", party=people.parties[1], **given)
    actions.add_signatory(round_=made, kind="staff", role_title="调解员", user=people.mediator.user, **given)
    found = [row.place for row in places(made)]
    known = {one["name"]: one["place"] for one in text.places}
    assert found[0] == known["投资者甲"] and found[2] == known["调解员甲"]
    assert found[1] == [], "whom the form does not name signs on the sheet at the end"
    round_ = actions.open_round(round_=made, **given)
    sign(places(round_)[0], people.one)
    signed = place_of(SigningRound.objects.get(pk=round_.pk).current).read_bytes()
    assert verification.verify_own(signed, now=NOW).word == "完整"
    box = PdfFileReader(io.BytesIO(signed)).embedded_signatures[0].sig_field["/Rect"]
    assert [int(edge) for edge in box] == [round(edge) for edge in known["投资者甲"][1:]]
