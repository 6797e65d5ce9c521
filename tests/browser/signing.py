"""Documents to sign, for the pages of signing: one that waits, one half registered, one signed by all."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from fengqiao.portal.accounts.acting import acting_for
from fengqiao.portal.parties.models import Party
from fengqiao.portal.signing import actions, identity
from fengqiao.portal.signing.tests.made_round import places, read_all, sign, text_pdf


def make_signing(users: dict[str, Any], people: dict[str, int]) -> dict[str, Any]:
    """Put them into the database; returns their numbers."""
    now = timezone.now()
    mediator, investor = acting_for(users["mediator"]), acting_for(users["investor"])
    manager = acting_for(users["mediation_manager"])
    given: dict[str, Any] = {"acting": mediator, "now": now}
    made = {}
    for name in ("draft", "open", "read", "complete"):
        round_ = actions.create_round(
            title="调解协议书", data=text_pdf(name), name="协议.pdf", order="free", level="B-T",
            due_at=now + dt.timedelta(days=9), **given,
        )  # fmt: skip
        actions.add_signatory(
            round_=round_, kind="party", role_title="申请人", party=Party.objects.get(pk=people["own"]), **given
        )
        actions.add_signatory(round_=round_, kind="staff", role_title="调解员", user=mediator.user, **given)
        if name != "draft":
            actions.add_signatory(
                round_=round_, kind="seal", role_title="盖章", organisation=mediator.organisation, **given
            )
            round_ = actions.open_round(round_=round_, **given)
        made[name] = round_
    first, *_ = places(made["open"])
    read_all(places(made["read"])[0], investor, now)
    for place, acting in zip(places(made["complete"]), (investor, mediator, manager), strict=True):
        sign(place, acting, now)
    changed = actions.reissue(
        round_=made["complete"], data=text_pdf("changed"), name="新文本.pdf", reason="金额有误",
        due_at=now + dt.timedelta(days=9), **given,
    )  # fmt: skip
    sign(places(changed)[0], investor, now)
    sign(places(changed)[1], mediator, now)
    batch = actions.start_batch(
        chosen=[places(changed)[2].pk], once="cast", acting=manager, device="", now=now
    )  # fmt: skip
    first.round.refresh_from_db()
    return {
        "draft": made["draft"].pk, "draft_place": places(made["draft"])[0].pk, "open": made["open"].pk,
        "place": first.pk, "read_place": places(made["read"])[0].pk, "changed": changed.pk,
        "code": changed.code, "batch": batch.pk,
        "token": identity.make_link(signatory=first, stamp=mediator.stamp, now=now),
    }  # fmt: skip
