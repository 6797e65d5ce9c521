"""Keeping files, and giving them back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.documents.intake import ReceivedFile
from fengqiao.portal.documents.kinds import kind_of
from fengqiao.portal.documents.models import Content, Document
from fengqiao.portal.documents.store import Digests, Incoming, full_disk_said
from fengqiao.portal.refusal import Refusal


def keep(
    *,
    file: ReceivedFile,
    subject: tuple[str, str],
    kinds: Collection[Content.Kind],
    acting: Acting,
    case: str = "",
    now: dt.datetime,
) -> Document:
    """Keep a received file for a thing (its kind and number). kinds: what the content may be."""
    if file.incoming is None or file.digests is None:
        raise file.problem or Refusal("文件没有收到，没有保存。请再上传一次。")
    return keep_incoming(
        incoming=file.incoming, digests=file.digests, name=str(file.name), subject=subject, kinds=kinds, acting=acting,
        case=case, now=now,
    )  # fmt: skip


def keep_incoming(
    *, incoming: Incoming, digests: Digests, name: str, subject: tuple[str, str], kinds: Collection[Content.Kind],
    acting: Acting, case: str = "", now: dt.datetime,
) -> Document:  # fmt: skip
    """The same for a file that came in another way than a form."""
    found = kind_of(incoming.path)
    if found.kind not in kinds:
        incoming.discard()
        wanted = "、".join(Content.Kind(kind).label for kind in kinds)
        raise Refusal(f"“{name}”的内容是{found.kind.label}，这里需要{wanted}，没有保存。请换一个文件再上传。")
    with full_disk_said(), transaction.atomic():
        incoming.publish(digests)
        content, _ = Content.objects.get_or_create(
            sha256=digests.sha256,
            defaults={"sm3": digests.sm3, "size": digests.size, "kind": found.kind, "encoding": found.encoding,
                      "stored_at": now},
        )  # fmt: skip
        document = Document.objects.create(
            content=content, name=name[:255], subject_kind=subject[0], subject_id=subject[1],
            uploaded_by=acting.user, organisation=acting.organisation, uploaded_at=now,
        )  # fmt: skip
        audit.record(
            stamp=acting.stamp, verb="documents.uploaded", subject=document, case=case,
            after={"name": document.name, "sha256": digests.sha256, "sm3": digests.sm3, "size": digests.size}, now=now,
        )  # fmt: skip
    return document


@transaction.atomic
def note_download(*, document: Document, acting: Acting, now: dt.datetime) -> None:
    """Leave an event of who took a file away."""
    audit.record(
        stamp=acting.stamp, verb="documents.downloaded", subject=document, after={"name": document.name}, now=now
    )
