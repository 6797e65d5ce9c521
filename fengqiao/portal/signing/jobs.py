"""Signing in the background: each place in a transaction of its own, so that a second run goes on where it stopped."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.http import Http404

from fengqiao.portal.accounts import sms
from fengqiao.portal.accounts.acting import acting_for
from fengqiao.portal.audit.stamp import system_stamp
from fengqiao.portal.jobs.registry import Outcome, kind
from fengqiao.portal.jobs.running import Running
from fengqiao.portal.notices import templates
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.signing import actions, acts, identity, keeping, queries, telling
from fengqiao.portal.signing.models import Batch, KeptSignature, Signatory, SigningRound
from fengqiao.portal.vault.sealed import open_sealed


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
    signed, kept, refused = 0, [], []
    for done, number in enumerate(found.signatories):
        running.progress(done, len(found.signatories), "逐份签署")
        place = Signatory.objects.select_related("round").get(pk=number)
        if place.state == Signatory.State.SIGNED:
            signed += 1
            continue
        try:
            if acts.sign(signatory=place, person=person, now=running.now()):
                signed += 1
            else:
                kept.append(place.round.number)
        except Refusal as error:
            refused.append([place.round.number, error.sentence])
    return Outcome({"signed": signed, "kept": kept, "refused": refused})


@kind("signing.expire", every=dt.timedelta(minutes=10), title="签署期限届满")
def expire(running: Running) -> Outcome:
    """Close what was not signed in time."""
    ended = sum(actions.expire(round_=round_, now=running.now()) for round_ in queries.overdue(running.now())[:500])
    return Outcome({"expired": ended})


@kind("signing.kept", every=dt.timedelta(minutes=1), title="完成等待签名服务的签署")
def put_kept(running: Running) -> Outcome:
    """Put the signatures that were agreed to while the service was away."""
    found = {"signed": 0, "waiting": 0, "refused": 0}
    for number in queries.kept_due(running.now()):
        kept = KeptSignature.objects.select_related(
            "signatory__round__organisation", "signatory__party", "user", "check_passed"
        ).get(pk=number)
        try:
            person = keeping.person_of(kept, running.now())
            put = acts.sign(
                signatory=kept.signatory, person=person, drawn=keeping.drawn_of(kept),
                consent_version=kept.consent_version, kept=kept, now=running.now(),
            )  # fmt: skip
        except Refusal as error:
            keeping.refused(kept, error.sentence, running.now())
            found["refused"] += 1
        except Http404:
            keeping.refused(kept, keeping.GONE, running.now())
            found["refused"] += 1
        else:
            found["signed" if put else "waiting"] += 1
    return Outcome(found)


@kind("signing.remind", every=dt.timedelta(hours=1), title="提醒还没有签署的人")
def remind(running: Running) -> Outcome:
    """Remind those whose signature is missing, each once."""
    places = queries.to_remind(running.now())
    for place in places:
        with transaction.atomic():
            telling.remind(place, running.now())
    return Outcome({"looked_at": len(places)})


@kind(telling.GUESTS, attempts=9, title="通知签署人")
def tell_guest(running: Running) -> Outcome:
    """A short message to somebody of whom there is only a number. One key a job: the gateway sends it once."""
    place = Signatory.objects.select_related("round__organisation").get(pk=running.arguments["signatory"])
    chosen, values = templates.get(running.arguments["template"]), dict(running.arguments["values"])
    mobile = identity.mobile_of(place)
    if mobile is None:
        return Outcome({"sent": False})
    if "link" in chosen.variables:
        if place.round.state != SigningRound.State.OPEN:
            return Outcome({"sent": False})
        token = identity.make_link(signatory=place, stamp=system_stamp(), now=running.now(), seed=str(running.job.pk))
        values["link"] = telling.link_of(token)
    try:
        sms.deliver(
            key=running.job.pk.hex, mobile=open_sealed(mobile), text=chosen.render("sms", values), now=running.now()
        )
    except sms.RefusedError as error:
        return Outcome({"sent": False, "why": str(error)})
    return Outcome({"sent": True})
