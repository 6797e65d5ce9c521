"""Parties of the cast: an investor with an account, somebody who was taken in, an agent with their papers."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from fengqiao.engine.identity import with_check_digit
from fengqiao.portal.accounts.acting import Acting, acting_for
from fengqiao.portal.accounts.models import Identity
from fengqiao.portal.parties import actions, authorising, confirming, consenting, disposing
from fengqiao.portal.parties.models import Party, Scope
from fengqiao.portal.vault.sealed import open_sealed

OTHER, OLD = with_check_digit("11010119900101" + "002"), with_check_digit("11010119500101" + "003")
MOBILE = "139" + "00000009"


def picture() -> SimpleUploadedFile:
    """A small picture of a paper."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(buffer, "PNG")
    return SimpleUploadedFile("授权委托书.png", buffer.getvalue(), "image/png")


def make_people(users: dict[str, Any]) -> dict[str, int]:
    """Put them into the database; returns their numbers."""
    now = timezone.now()
    acting: dict[str, Acting] = {}
    for name in ("investor", "mediator", "agent", "administrator"):
        acting[name] = acting_for(users[name])
    young = open_sealed(Identity.objects.get(user=users["investor"]).number)
    own = actions.open_own_party(acting=acting["investor"], now=now)
    consent = consenting.give(
        party=own, purpose="bank_account", passed_to=None, on_paper="", acting=acting["investor"], now=now
    )
    mediator = acting["mediator"]
    helped = consenting.take_in_with_consents(
        papers={"name": "投资者庚", "kind": "id_card", "number": OLD}, mobile=MOBILE, address="北京市测试路1号",
        bank_account="", kinds=("hardship",), on_paper="卷1第2页", acting=mediator, now=now,
    )  # fmt: skip
    agent = acting["agent"]
    given: dict[str, Any] = {
        "kind": "id_card", "reviewer": mediator.organisation, "scopes": [Scope.FILE, Scope.NEGOTIATE],
        "valid_from": timezone.localdate(), "valid_until": timezone.localdate() + dt.timedelta(days=90),
        "acting": agent, "now": now,
    }  # fmt: skip
    waiting = authorising.submit(name=own.name, number=young, document=picture(), **given)
    accepted = authorising.submit(name=helped.name, number=OLD, document=picture(), **given)
    authorising.accept(authorisation=accepted, acting=mediator, now=now)
    dispute = confirming.ask(party=helped, acting=mediator, now=now)
    confirming.answer(
        confirmation=dispute, agreed=False, words="联系地址不对", paper="卷1第3页", acting=mediator, now=now
    )
    correction = consenting.ask_correction(
        party=helped, name="投资者辛", kind="id_card", number=OTHER, reason="登记时写错", acting=mediator, now=now
    )
    confirmation = confirming.ask(party=helped, acting=mediator, now=now)
    actions.reveal(party=helped, field="mobile", reason="回电核对", acting=mediator, now=now)
    hold = disposing.place_hold(party=helped, reason="测试用的保全", acting=acting["administrator"], now=now)
    past = Party.objects.create(name="很久以前的人", created_at=now, last_act_at=now - dt.timedelta(days=9 * 366))
    return {
        "own": own.pk, "helped": helped.pk, "waiting": waiting.pk, "accepted": accepted.pk, "hold": hold.pk,
        "correction": correction.pk, "past": past.pk, "consent": consent.pk,
        "need": helped.needs.first().pk, "confirmation": confirmation.pk, "dispute": dispute.pk,
    }  # fmt: skip
