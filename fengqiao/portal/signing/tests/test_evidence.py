"""Evidence stays as it was written, and what was changed behind its back is found; guests see what changed."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.db import Error, connection, transaction
from django.test import Client
from django.utils import timezone

from fengqiao.portal.signing import actions, queries
from fengqiao.portal.signing.models import Evidence
from fengqiao.portal.signing.signer_views import GRANTS
from fengqiao.portal.signing.tests.made_round import People, places, sign
from fengqiao.portal.signing.triggers import EVIDENCE

pytestmark = pytest.mark.django_db


def words_pdf(*lines: str) -> bytes:
    """One page whose words can be read out."""
    import pikepdf

    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    font = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1,
                                                BaseFont=pikepdf.Name.Helvetica))  # fmt: skip
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    drawn = "".join(f"BT /F1 12 Tf 60 {760 - 20 * at} Td ({line}) Tj ET\n" for at, line in enumerate(lines))
    page.Contents = pdf.make_stream(drawn.encode())
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def refused(statement: str) -> None:
    with pytest.raises(Error, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_database_refuses_to_change_or_remove_evidence() -> None:
    people = People()
    sign(places(people.round_of())[0], people.one)
    row = Evidence.objects.get(what="signed")
    refused(f"UPDATE {EVIDENCE.table} SET who = 'x'")
    refused(f"DELETE FROM {EVIDENCE.table} WHERE id = {row.pk}")
    if connection.vendor == "sqlite":
        refused(f"INSERT OR REPLACE INTO {EVIDENCE.table} SELECT * FROM {EVIDENCE.table} WHERE id = {row.pk}")
    else:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        refused(f"TRUNCATE {EVIDENCE.table}")
    assert Evidence.objects.get(pk=row.pk).who == "投资者甲"


def test_what_was_changed_without_the_triggers_is_found() -> None:
    people = People()
    round_ = people.round_of()
    sign(places(round_)[0], people.one)
    row = Evidence.objects.get(what="signed")
    with EVIDENCE.lifted(connection):
        Evidence.objects.filter(pk=row.pk).update(device="another")
    assert queries.untrue(round_) == [row.pk]


def test_a_guest_sees_what_changed_after_a_new_text() -> None:
    people, now = People(), timezone.now()
    due = now + dt.timedelta(days=9)
    given = {"acting": people.mediator, "now": now}
    old = actions.create_round(
        title="调解协议书", data=words_pdf("Pay 100 yuan", "by May"), name="协议.pdf", order="free", level="B-T",
        due_at=due, **given,
    )  # fmt: skip
    actions.add_signatory(
        round_=old, kind="guest", role_title="见证人", name="投资者乙", mobile="137" + "00000009", **given
    )
    old = actions.open_round(round_=old, **given)
    new = actions.reissue(
        round_=old, data=words_pdf("Pay 200 yuan", "by May"), name="新.pdf", reason="金额有误", due_at=due, **given
    )
    place, earlier = places(new)[0], places(old)[0]
    client = Client()
    address = f"/signing/{new.pk}/differences/"
    assert client.get(address).status_code == 302, "a stranger is sent to the log-in"
    session = client.session
    check = place.checks.create(code_digest="", mobile_shown="", sent_at=now, expires_at=now, passed_at=now)
    session[GRANTS] = {str(place.pk): check.pk}
    session.save()
    page = client.get(address).content.decode()
    assert "<del>Pay 100 yuan</del>" in page
    assert "<ins>Pay 200 yuan</ins>" in page
    assert page.count("by May") == 1
    assert address in client.get(f"/signing/place/{place.pk}/").content.decode(), "the page leads there"
    assert client.get(f"/signing/{old.pk}/differences/").status_code == 302, "what they have no part in stays closed"
    assert earlier.round_id == old.pk
