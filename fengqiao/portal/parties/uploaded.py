"""An uploaded authorisation on its way into the store: a picture or a PDF, examined like every other file."""

from __future__ import annotations

import datetime as dt
import uuid

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.documents.actions import keep_incoming
from fengqiao.portal.documents.dropping import drop
from fengqiao.portal.documents.models import Content, Document
from fengqiao.portal.documents.store import Incoming, full_disk_said
from fengqiao.portal.shell.errors import Refusal
from fengqiao.portal.shell.uploads import Limits

LIMITS = Limits((".pdf", ".jpg", ".jpeg", ".png"), largest=10 << 20, name="document")
KINDS = (Content.Kind.PDF, Content.Kind.JPEG, Content.Kind.PNG)
SUBJECT = "parties.authorisation"


def keep_paper(file: UploadedFile, *, acting: Acting, now: dt.datetime, subject: str = SUBJECT) -> Document:
    """Examine and keep a paper, for a row that is made right afterwards and names it. Not within a transaction."""
    if file.size is None or file.size > LIMITS.largest:
        raise Refusal(f"“{file.name}”没有保存：超过大小限制。{LIMITS.sentence}", status=413)
    incoming = Incoming()
    try:
        with full_disk_said():
            for piece in file.chunks():
                incoming.write(piece)
            digests = incoming.finish()
    except BaseException:
        incoming.discard()
        raise
    return keep_incoming(
        incoming=incoming, digests=digests, name=str(file.name)[-200:], subject=(subject, uuid.uuid4().hex),
        kinds=KINDS, acting=acting, now=now,
    )  # fmt: skip


@transaction.atomic
def give_up(paper: Document) -> None:
    """What it was for came to nothing."""
    drop(paper)
