"""Signing in the background: each place in a transaction of its own, so that a second run goes on where it stopped."""

from __future__ import annotations

import datetime as dt

from fengqiao.portal.accounts.acting import acting_for
from fengqiao.portal.jobs.registry import Outcome, kind
from fengqiao.portal.jobs.running import Running
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.signing import actions, acts, queries
from fengqiao.portal.signing.models import Batch, Signatory


@kind("signing.batch", title="批量签署")
def batch(running: Running) -> Outcome:
    """Sign at every place that was chosen; what was signed before stays as it is."""
    found = Batch.objects.select_related("started_by").filter(job_id=running.job.pk).first()
    if found is None:
        raise Refusal("要签署的文书已经不在了，没有签署。")
    acting = acting_for(
        found.started_by, role_id=running.arguments["role"], address=running.job.stamp.get("address", "")
    )
    if acting.role is None or acting.role.pk != running.arguments["role"]:
        raise Refusal("发起批量签署的身份已经终止，没有继续签署。已经签好的不受影响。")
    person = acts.person_of(acting, found.device, fresh=True)
    signed, refused = 0, []
    for done, number in enumerate(found.signatories):
        running.progress(done, len(found.signatories), "逐份签署")
        place = Signatory.objects.select_related("round").get(pk=number)
        if place.state == Signatory.State.SIGNED:
            signed += 1
            continue
        try:
            acts.sign(signatory=place, person=person, now=running.now())
            signed += 1
        except Refusal as error:
            refused.append([place.round.number, error.sentence])
    return Outcome({"signed": signed, "refused": refused})


@kind("signing.expire", every=dt.timedelta(minutes=10), title="签署期限届满")
def expire(running: Running) -> Outcome:
    """Close what was not signed in time."""
    ended = sum(actions.expire(round_=round_, now=running.now()) for round_ in queries.overdue(running.now())[:500])
    return Outcome({"expired": ended})
