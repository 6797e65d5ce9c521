"""What is kept of forms that were filled in: taken along by the person, gone when the period is over."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import TestCase
from django.urls import reverse

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Role
from fengqiao.portal.documents.models import Document
from fengqiao.portal.documents.queries import place_of
from fengqiao.portal.drafting import actions, contents
from fengqiao.portal.drafting.steps import steps_of
from fengqiao.portal.drafting.tests.test_drafting import fresh, saved, whole
from fengqiao.portal.parties import disposing, own_data, retention
from fengqiao.portal.parties.tests.people import NOW, OLD, YOUNG, person
from fengqiao.portal.parties.tests.test_people import logged_in
from fengqiao.portal.refusal import Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def investor() -> Acting:
    return person("投资者甲", Role.Kind.INVESTOR, number=YOUNG)


def test_a_person_takes_their_forms_along_and_old_ones_are_cleared(investor: Acting) -> None:
    filling = whole(investor, "complaint")
    party = filling.party
    section = next(one for one in own_data.kept_of(party) if one.key == "fillings")
    assert "演示人民法院" in str(section.opened(whole=True)) and "演示人民法院" not in str(section.opened(whole=False))
    assert party not in retention.idle_parties()
    first = actions.finish(filling=filling, revision=0, acting=investor, now=NOW, large=True)
    step = next(one for one in steps_of("complaint") if any(field.key == "facts" for field in one.fields))
    before = contents.kept(filling)
    changed = {field.key: before[field.key] for field in step.fields if field.key in before} | {"facts": "另外的事实。"}
    saved(fresh(filling), step.key, changed, investor)
    actions.finish(filling=fresh(filling), revision=1, acting=investor, now=NOW)
    assert first.large and "大字版" in first.large.name
    assert first.large_docx and first.large_docx.name.endswith("（大字版）.docx")
    paths = [place_of(document) for document in Document.objects.filter(subject_kind="drafting.filling")]
    assert len(paths) == 6 and all(path.exists() for path in paths)
    rule = retention.rule("filling")
    later = NOW + dt.timedelta(days=366 * (rule.years(NOW.date()) + 1))
    assert not rule.due(NOW).exists() and set(rule.due(later)) == {filling}
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert disposing.dispose(rule=rule, number=filling.pk, now=later)
    cleared = fresh(filling)
    assert contents.kept(cleared) == {} and cleared.disposed_at == later
    assert not any(path.exists() for path in paths), "what was made of it says the same"
    assert not Document.objects.filter(subject_kind="drafting.filling").exists()
    client = logged_in(investor)
    assert "依保存期限的规定清除" in client.get(reverse("drafting:filling", args=(filling.pk,))).content.decode()
    assert client.get(reverse("drafting:step", args=(filling.pk, "claims"))).status_code == 404
    with pytest.raises(Refusal, match="保存期限"):
        saved(cleared, "claims", {}, investor)


def test_who_needs_large_print_gets_it_without_asking_and_others_when_they_ask(investor: Acting) -> None:
    filling = whole(investor, "complaint")
    client, address = logged_in(investor), reverse("drafting:finish", args=(filling.pk,))
    assert "大字版" in client.get(reverse("drafting:filling", args=(filling.pk,))).content.decode()
    client.post(address, {"revision": "0"})
    assert fresh(filling).outputs.get().large is None
    old = person("投资者乙", Role.Kind.INVESTOR, number=OLD)
    theirs = whole(old, "complaint")
    output = actions.finish(filling=theirs, revision=0, acting=old, now=NOW)
    assert output.large is not None and output.large_docx is not None
    page = logged_in(old).get(reverse("drafting:filling", args=(theirs.pk,))).content.decode()
    assert page.count("大字版 PDF") >= 2
