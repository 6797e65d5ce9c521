"""Everything personal that is kept has a rule that lets it go, or a written reason: the table of personal_data.md."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.utils import timezone

from fengqiao.portal.accounts.models import Identity, Invitation, Organisation, User
from fengqiao.portal.notices.models import Notice
from fengqiao.portal.parties import disposing, jobs
from fengqiao.portal.parties.models import Disposal, LegalHold, Party
from fengqiao.portal.parties.retention import APART, RULES, Rule
from fengqiao.portal.parties.tests.people import MOBILE, YOUNG
from fengqiao.portal.vault.fields import fields_of, sealed_fields
from tests.guards.tree import ROOT, say

NOW = dt.datetime(2026, 11, 20, 1, 0, tzinfo=dt.UTC)
LATE = NOW.replace(year=NOW.year + 5) + dt.timedelta(days=1)
ROW = re.compile(r"^\| `(\w+\.\w+)` \| (.+?) \| (.+?) \|$", re.M)
BY_HAND = {
    "parties.actsconfirmation": disposing.clear_what_hangs_on,
    "signing.signatory": None,
    "signing.keptsignature": None,
}
"""Cleared with a row of another model; their own tests show it."""
AT_ONCE = {"parties.correction"}
"""Sealed columns that are cleared earlier than the rule says."""


def documented() -> dict[str, tuple[set[str], str]]:
    """Model -> the names of its rules, and what is said."""
    text = (ROOT / "docs/methods/personal_data.md").read_text(encoding="utf-8")
    return {model: (set(re.findall(r"`(\w+)`", rules)), said) for model, rules, said in ROW.findall(text)}


def sealed_models() -> dict[str, Any]:
    """Those of the portal that hold sealed columns."""
    models = {field.model for field in sealed_fields() if ".tests." not in field.model.__module__}
    return {model._meta.label_lower: model for model in models}


def problems_of(label: str, model: Any, rules: list[Rule]) -> list[str]:
    """What the table says of a model, held against the rules there are."""
    if label not in documented():
        return [f"{label} has sealed columns and no row"]
    names, said = documented()[label]
    if not names:
        return [] if len(said) > 10 else [f"{label} has neither a rule nor a reason"]
    known = {rule.name: rule for rule in rules}
    found = [f"{label}: no rule is called {name}" for name in sorted(names - known.keys())]
    for rule in (known[name] for name in names & known.keys()):
        if rule.model is not model:
            if label not in BY_HAND:
                found.append(f"{label}: rule {rule.name} is of {rule.model._meta.label}")
        elif rule in RULES and label not in AT_ONCE:
            left = {field.name for field in fields_of(model)} - rule.clear.keys()
            found += [f"{label}: rule {rule.name} leaves {name}" for name in sorted(left)]
    return found


def test_every_model_with_sealed_columns_has_a_rule_or_a_reason() -> None:
    models = sealed_models()
    assert len(models) >= 13
    found = [line for label, model in models.items() for line in problems_of(label, model, [*RULES, *APART])]
    found += [f"{label} holds nothing sealed" for label in documented() if label not in models]
    assert not found, say(found, "add a rule in the app's retention.py and a row in docs/methods/personal_data.md.")


def test_this_guard_can_fail() -> None:
    assert problems_of("signing.other", Identity, RULES) == ["signing.other has sealed columns and no row"]
    less = [rule for rule in RULES if rule.name != "invitation"]
    assert problems_of("accounts.invitation", Invitation, less) == ["accounts.invitation: no rule is called invitation"]
    weak = Rule(
        "invitation", "", Invitation, "records.party_years", "", "expires_at", Invitation.objects.all, {"name": ""}
    )
    RULES.append(weak)
    try:
        assert problems_of("accounts.invitation", Invitation, [*less, weak]) == [
            "accounts.invitation: rule invitation leaves mobile"
        ]
    finally:
        RULES.remove(weak)


@pytest.fixture
def closed(db: Any) -> User:
    """Somebody of an organisation whose account is closed."""
    user = User.objects.create_user("test-staff", name="调解员甲", joined_at=NOW)
    Identity.objects.create(user=user, kind="id_card", number=YOUNG, mobile=MOBILE, mobile_verified_at=NOW)
    User.objects.filter(pk=user.pk).update(is_active=False, closed_at=NOW)
    return user


def test_who_somebody_was_goes_after_the_account_is_closed_unless_held(closed: User) -> None:
    party = Party.objects.create(user=closed, name="调解员甲", created_at=NOW, last_act_at=NOW)
    jobs.dispose_due(None, NOW + dt.timedelta(days=300))
    assert Identity.objects.get().number
    hold = LegalHold.objects.create(party=party, reason="法院来函", placed_by=closed, placed_at=NOW)
    jobs.dispose_due(None, LATE)
    assert Identity.objects.get().number
    LegalHold.objects.filter(pk=hold.pk).update(lifted_at=NOW)
    jobs.dispose_due(None, LATE)
    jobs.dispose_due(None, LATE)
    identity = Identity.objects.get()
    assert not identity.number and not identity.mobile and identity.number_index == ""
    assert set(Disposal.objects.values_list("rule", flat=True)) == {"party", "identity"}


def test_an_account_that_is_open_again_keeps_who_it_is(closed: User) -> None:
    User.objects.filter(pk=closed.pk).update(is_active=True, closed_at=None)
    jobs.dispose_due(None, LATE)
    assert Identity.objects.get().number


def test_invitations_and_messages_to_staff_go(closed: User) -> None:
    body = Organisation.objects.create(kind=Organisation.Kind.MEDIATION, name="测试调解")
    Invitation.objects.create(
        organisation=body, name="受邀人己", mobile=MOBILE, token_digest="x" * 64, invited_by=closed, created_at=NOW,
        expires_at=NOW,
    )  # fmt: skip
    Notice.objects.create(
        user=closed, channel="in_app", title="待办", text="请办理", template="general.told", version=1,
        procedural=True, subject_kind="a", subject_id="1", once_key="x", created_at=NOW, due_at=NOW,
        state=Notice.State.DELIVERED,
    )  # fmt: skip
    jobs.dispose_due(None, LATE)
    invitation, notice = Invitation.objects.get(), Notice.objects.get()
    assert not invitation.mobile and invitation.mobile_index == "" and "受邀人己" not in invitation.name
    assert not notice.text and notice.disposed_at == LATE and timezone.is_aware(notice.created_at)
    assert {"invitation", "notice_account"} <= set(Disposal.objects.values_list("rule", flat=True))
