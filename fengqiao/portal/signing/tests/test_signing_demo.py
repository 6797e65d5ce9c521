"""What the demo shows of signing."""

from __future__ import annotations

import pytest

from fengqiao.engine import forms
from fengqiao.portal.documents.queries import place_of
from fengqiao.portal.signing import demo, verification
from fengqiao.portal.signing.models import SigningRound
from fengqiao.portal.signing.tests.made_round import NOW, People

pytestmark = pytest.mark.django_db


def test_one_agreement_waits_and_one_bears_four_signatures() -> None:
    people = People()
    signers = demo.Signers(people.one, people.other, people.mediator, people.manager)
    assert not forms.check(demo.FORM, demo.agreement(signers, NOW.date()))
    assert demo.fill(signers=signers, now=NOW) == 2
    assert demo.fill(signers=signers, now=NOW) == 0
    waiting, signed = SigningRound.objects.select_related("current__content").order_by("demo_key")[::-1]
    assert (waiting.state, signed.state) == ("open", "complete")
    found = verification.verify(place_of(signed.current).read_bytes(), now=NOW)
    assert found.word == "完整" and len(found.signatures) == 4
