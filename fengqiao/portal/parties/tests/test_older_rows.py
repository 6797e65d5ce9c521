"""Older rows: papers of authorisations move into the one store, the kinds of special needs are sealed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection

from fengqiao.portal.accounts.models import Role
from fengqiao.portal.documents.queries import place_of
from fengqiao.portal.parties.models import Authorisation
from fengqiao.portal.parties.tests.people import NOW, TODAY, house, person, picture, taken_in
from tests.older_chain import migrate_older


def bring_up_to_date() -> None:
    call_command("migrate", verbosity=0)


@pytest.fixture
def back_afterwards(transactional_db: None) -> Iterator[None]:
    yield
    bring_up_to_date()


@pytest.mark.long
@pytest.mark.usefixtures("back_afterwards")
def test_which_need_it_was_is_sealed() -> None:
    mediator = person("调解员丙", Role.Kind.MEDIATOR, house())
    party = taken_in(mediator)
    old = migrate_older(parties="0005_papers_in_the_store").get_model("parties", "SpecialNeed")
    for kind, by in (("hardship", mediator.user.pk), ("elderly", None)):
        old.objects.create(party_id=party.pk, kind=kind, since=TODAY, noted_by_id=by, noted_at=NOW)
    bring_up_to_date()
    needs = party.needs.order_by("pk")
    assert [(need.key, need.source) for need in needs] == [("hardship", "word"), ("elderly", "papers")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM parties_specialneed")
        assert "hardship" not in str([[bytes(v) if isinstance(v, memoryview) else v for v in r] for r in cursor])


@pytest.mark.long
@pytest.mark.usefixtures("back_afterwards")
def test_every_paper_is_carried_over_and_a_lost_one_leaves_its_digest() -> None:
    mediator, agent = person("调解员丙", Role.Kind.MEDIATOR, house()), person("代理人乙", Role.Kind.AGENT)
    party = taken_in(mediator)
    old = migrate_older(parties="0003_indexes").get_model("parties", "Authorisation")
    content = picture().read()
    rows = []
    for name in ("a", "b", "lost"):
        row = old(
            agent_id=agent.user.pk, party_id=party.pk, reviewer_id=house().pk, scopes=["file"], valid_from=TODAY,
            valid_until=TODAY, submitted_at=NOW, document_name=f"{name}.png", document_type="image/png",
            document_size=len(content), document_sha256=hashlib.sha256(content).hexdigest(), state="accepted",
        )  # fmt: skip
        row.document.save(name, ContentFile(content), save=True)
        rows.append((row.pk, row.document.name))
    default_storage.delete(rows[2][1])
    bring_up_to_date()
    kept = [Authorisation.objects.get(pk=number) for number, _ in rows]
    assert [row.paper and row.paper.name for row in kept] == ["a.png", "b.png", None]
    assert place_of(kept[0].paper).read_bytes() == content
    assert kept[0].paper.content == kept[1].paper.content, "stored once"
    assert (kept[0].paper.uploaded_by, kept[0].paper.content.pages) == (agent.user, 1)
    assert kept[2].document_sha256
    assert not [name for _, name in rows if default_storage.exists(name)], "the old copies are gone"
