"""Making a proof of service and keeping it; an earlier one stays as the version before."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.db import transaction
from django.http import Http404

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.documents.actions import keep_made
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.service import frames, queries, settling
from fengqiao.portal.service.models import Recipient, Trace
from fengqiao.portal.service.recording import note


def make_proof(*, recipient: Recipient, acting: Acting, now: dt.datetime) -> Recipient:
    """The proof as it stands now. It is typeset outside of any transaction."""
    if not queries.visible_to(acting).filter(pk=recipient.pk).exists():
        raise Http404
    if not recipient.done:
        raise Refusal("没有制作：还没有送达，不能出具送达证明。送达后再制作。")
    data = frames.proof_pdf(recipient, now=now)
    return keep(recipient=recipient, data=data, acting=acting, now=now)


@transaction.atomic
def keep(*, recipient: Recipient, data: bytes, acting: Acting, now: dt.datetime) -> Recipient:
    """Put it among the documents; the one before becomes the earlier version."""
    found = settling.held(recipient.pk)
    made = keep_made(
        data=data, name=f"送达证明 {found.number}.pdf", subject=(settling.SUBJECT, str(found.pk)), acting=acting,
        case=found.number, replaces=found.proof, now=now,
    )  # fmt: skip
    found.proof = made
    found.save(update_fields=("proof",))
    said = f"第 {made.version} 版，SHA-256 {hashlib.sha256(data).hexdigest()}"
    note(what=Trace.What.PROOF_MADE, recipient=found, stamp=acting.stamp, note=said, now=now)
    return found
