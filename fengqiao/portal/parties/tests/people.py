"""The people of these tests, their papers and their uploads. All numbers are made up."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from fengqiao.engine.identity import with_check_digit
from fengqiao.portal.accounts.acting import Acting, acting_for
from fengqiao.portal.accounts.models import Identity, Organisation, Role, User
from fengqiao.portal.parties import actions, authorising, consenting
from fengqiao.portal.parties.models import Authorisation, Party, Scope

NOW = dt.datetime(2026, 11, 20, 1, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 20)
DAY = dt.timedelta(days=1)
YOUNG = with_check_digit("11010119900101" + "001")
OLD = with_check_digit("11010119500101" + "001")
OTHER = with_check_digit("11010119850101" + "001")
MOBILE = "138" + "00000001"
CARD = "6222020000000000" + "004"


def person(name: str, kind: str, organisation: Organisation | None = None, *, number: str = "") -> Acting:
    """Somebody with an account, in a role."""
    user = User.objects.filter(name=name).first() or User.objects.create_user(
        f"test-{name}", "for-tests-only-2026", name=name, joined_at=NOW
    )
    if number:
        Identity.objects.create(user=user, kind="id_card", number=number, mobile=MOBILE, mobile_verified_at=NOW)
    role = Role.objects.create(user=user, organisation=organisation, kind=kind, granted_at=NOW)
    return acting_for(user, role_id=role.pk, address="192.0.2.1")


def house(kind: str = Organisation.Kind.MEDIATION, name: str = "测试调解") -> Organisation:
    """An organisation."""
    return Organisation.objects.get_or_create(kind=kind, name=name)[0]


def picture() -> SimpleUploadedFile:
    """A small picture as an upload."""
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, "PNG")
    return SimpleUploadedFile("委托书.png", buffer.getvalue(), "image/png")


def taken_in(
    staff: Acting, *, name: str = "投资者甲", number: str = YOUNG, now: dt.datetime = NOW, **more: Any
) -> Party:
    """Somebody without an account, taken in by staff."""
    given: dict[str, Any] = {"mobile": MOBILE, "address": "北京市测试路1号", "bank_account": "", "kinds": (), **more}
    papers = {"name": name, "kind": "id_card", "number": number}
    return consenting.take_in_with_consents(papers=papers, on_paper="卷1", acting=staff, now=now, **given)


def own(investor: Acting) -> Party:
    """The record of an investor with an account."""
    return actions.open_own_party(acting=investor, now=NOW)


def submitted(agent: Acting, *, name: str, number: str, **more: Any) -> Authorisation:
    """An authorisation as an agent hands it in."""
    given: dict[str, Any] = {
        "reviewer": house(), "scopes": [Scope.FILE, Scope.NEGOTIATE], "valid_from": TODAY,
        "valid_until": TODAY + 30 * DAY, "document": picture(), "acting": agent, "now": NOW, **more,
    }  # fmt: skip
    return authorising.submit(name=name, kind="id_card", number=number, **given)
