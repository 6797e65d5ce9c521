"""What was signed goes after its period with a proof, and the evidence stays; holds and open rounds keep it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from fengqiao.portal.accounts.models import Organisation, Role
from fengqiao.portal.audit.models import Event
from fengqiao.portal.claims.tests.test_pages import browser
from fengqiao.portal.documents.models import Content, Document
from fengqiao.portal.documents.queries import place_of
from fengqiao.portal.parties import disposing, jobs
from fengqiao.portal.parties.models import Disposal
from fengqiao.portal.parties.retention import OPEN_MATTERS, RULES, findings
from fengqiao.portal.refusal import Conflict
from fengqiao.portal.signing import actions, acts, queries, retention
from fengqiao.portal.signing.models import Signatory, SigningRound
from fengqiao.portal.signing.tests.made_round import DUE, NOW, People, person, places, sign, text_pdf

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
LAST = NOW.replace(year=NOW.year + 20)


@pytest.fixture
def people() -> People:
    return People()


def declined(people: People) -> SigningRound:
    """One signs, the other does not."""
    made = people.round_of()
    first, second = places(made)[:2]
    sign(first, people.one)
    acts.decline(signatory=second, reason="金额不对", person=acts.person_of(people.other), now=NOW)
    return SigningRound.objects.get(pk=made.pk)


def test_it_goes_after_its_period_and_not_a_day_before_and_the_evidence_stays(people: People) -> None:
    made = declined(people)
    files = [place_of(document) for document in Document.objects.filter(subject_id=str(made.pk))]
    assert len(files) == 3 and all(file.exists() for file in files)
    evidence = list(made.evidence.order_by("id").values())
    digest, code = disposing.digest_of(made), made.code
    assert disposing.dispose(rule=retention.ROUNDS, number=made.pk, now=LAST) is None
    proof = disposing.dispose(rule=retention.ROUNDS, number=made.pk, now=LAST + DAY)
    assert proof is not None and proof.digest == digest and proof.started_at == NOW
    assert "待核" in proof.basis and "签署文件" in proof.fields
    made.refresh_from_db()
    assert (made.title, made.text, made.current, made.reason) == (retention.NAME, None, None, "")
    assert made.state == SigningRound.State.DECLINED and made.text_sha256 and made.disposed_at == LAST + DAY
    for place in places(made):
        assert (place.name, bool(place.mobile), place.decline_reason) == (retention.NAME, False, "")
    assert not Document.objects.exists() and not Content.objects.exists()
    assert list(made.evidence.order_by("id").values()) == evidence and not queries.untrue(made)
    event = Event.objects.get(verb="parties.disposed", subject_id=str(made.pk))
    assert event.case == made.number
    assert disposing.dispose(rule=retention.ROUNDS, number=made.pk, now=LAST + DAY) is None
    page = Client().get(f"/signing/verify/{code}/").content.decode()
    assert "已超过保存期限" in page and "投资者甲" not in page


def test_the_pages_of_what_went_say_so_and_it_is_not_issued_again(people: People) -> None:
    made = declined(people)
    newer = actions.reissue(
        round_=made, data=text_pdf("New"), name="新.pdf", reason="金额有误", due_at=DUE, acting=people.mediator, now=NOW
    )
    SigningRound.objects.filter(pk=made.pk).update(closed_at=NOW)
    assert disposing.dispose(rule=retention.ROUNDS, number=made.pk, now=LAST + DAY)
    office = browser(people.mediator)
    page = office.get(f"/signing/{made.pk}/").content.decode()
    assert "处置" in page and "更换文本" not in page and "/void/" not in page
    assert office.get(f"/signing/{made.pk}/files/signed/").status_code == 404
    assert office.get(f"/signing/{newer.pk}/differences/").status_code == 404
    place = places(made)[0]
    mine = browser(people.one).get(f"/signing/place/{place.pk}/").content.decode()
    assert retention.NAME in mine and "已超过保存期限" in mine
    with pytest.raises(Conflict, match="已经处置"):
        actions.void_round(round_=made, reason="x", acting=people.mediator, now=NOW)


def test_a_hold_on_any_of_the_parties_keeps_it_and_says_why(people: People) -> None:
    made = declined(people)
    platform = person(
        "平台管理员甲", Role.Kind.ADMINISTRATOR, Organisation.objects.create(kind="platform", name="平台")
    )
    hold = disposing.place_hold(party=people.parties[1], reason="法院来函", acting=platform, now=NOW)
    late = LAST + 400 * DAY
    assert disposing.dispose(rule=retention.ROUNDS, number=made.pk, now=late) is None
    held = [one for one in findings(RULES, late, held=True, most=50) if one.rule is retention.ROUNDS]
    assert [(one.row.pk, one.holds) for one in held] == [(made.pk, ("法院来函",))]
    assert not retention.ROUNDS.due(late).exists()
    disposing.lift_hold(hold=hold, reason="审结", acting=platform, now=NOW)
    jobs.dispose_due(None, late)
    assert SigningRound.objects.get(pk=made.pk).disposed_at == late
    assert Disposal.objects.filter(rule="signing").count() == 1


def test_open_rounds_stay_and_so_do_their_parties_and_drafts_go(people: People) -> None:
    made = people.round_of()
    assert not retention.ROUNDS.over(LAST + 400 * DAY).exists()
    assert retention.under_way in OPEN_MATTERS
    draft = actions.create_round(
        title="草稿", data=text_pdf(), name="协议.pdf", order="free", level="B-T", due_at=DUE, acting=people.mediator,
        now=NOW,
    )  # fmt: skip
    actions.add_signatory(
        round_=draft, kind="guest", role_title="证人", name="证人甲", mobile="136" + "00000009", acting=people.mediator,
        now=NOW,
    )  # fmt: skip
    jobs.dispose_due(None, NOW.replace(year=NOW.year + 5) + DAY)
    draft.refresh_from_db()
    assert draft.state == SigningRound.State.VOID and draft.text is None
    guest = Signatory.objects.get(round=draft)
    assert guest.name == retention.NAME and not guest.mobile
    made.refresh_from_db()
    assert made.disposed_at is None and all(place.name != retention.NAME for place in places(made))
    assert not Disposal.objects.filter(rule="party").exists()
