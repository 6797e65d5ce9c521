"""What the demo shows of forms: every one of them, as PDF and Word."""

from __future__ import annotations

import io

import pytest
from django.urls import reverse
from docx import Document as WordDocument
from pypdf import PdfReader

from fengqiao.engine import forms
from fengqiao.portal.accounts.acting import acting_for
from fengqiao.portal.demo.cast import put_in
from fengqiao.portal.documents.queries import place_of
from fengqiao.portal.drafting import demo, queries
from fengqiao.portal.drafting.models import Filling, Output
from fengqiao.portal.parties.tests.people import NOW
from fengqiao.portal.parties.tests.test_people import logged_in

pytestmark = pytest.mark.django_db


def test_every_form_can_be_opened_by_whoever_filled_it_in() -> None:
    cast, _ = put_in(password_hash=lambda person: "!", second_factor=lambda person: "JBSWY3DPEHPK3PXP", now=NOW)
    people = {key: acting_for(user) for key, user in cast.users.items()}
    known = forms.known()
    assert demo.fill(people=people, now=NOW) == len(known) + 1
    assert demo.fill(people=people, now=NOW) == 0
    assert {row.filling.form for row in Output.objects.select_related("filling")} == {one.key for one in known}
    for output in Output.objects.select_related("filling", "pdf__content", "docx__content"):
        title = output.filling.title
        client = logged_in(people[demo.BY.get(output.filling.form, "mediator")])
        for document in (output.pdf, output.docx):
            assert client.get(reverse("documents:download", args=(document.pk,))).status_code == 200
        first = PdfReader(io.BytesIO(place_of(output.pdf).read_bytes())).pages[0].extract_text()
        assert title in first and title in WordDocument(str(place_of(output.docx))).paragraphs[0].text
        assert "草稿" not in first
    half = Filling.objects.get(name=demo.HALF)
    assert half.state == "draft" and queries.last_output(half) is None
