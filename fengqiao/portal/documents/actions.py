"""Keeping files, and giving them back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.documents.dropping import hold_content
from fengqiao.portal.documents.examination import examine, seen_by_portal
from fengqiao.portal.documents.intake import ReceivedFile
from fengqiao.portal.documents.models import Content, Document
from fengqiao.portal.documents.store import Digests, Incoming, full_disk_said
from fengqiao.portal.refusal import Conflict, Refusal

MOST_OF_A_SUBJECT = 1_000
"""Files that people may upload for one thing: a case, a dispute."""


def keep(
    *,
    file: ReceivedFile,
    subject: tuple[str, str],
    kinds: Collection[Content.Kind],
    acting: Acting,
    case: str = "",
    replaces: Document | None = None,
    now: dt.datetime,
) -> Document:
    """Keep a received file for a thing (its kind and number). kinds: what the content may be. Refused when it is not
    safe; what was made harmless is said in `.content.said`. Call it outside of a transaction: looking takes time."""
    if file.incoming is None or file.digests is None:
        raise file.problem or Refusal("文件没有收到，没有保存。请再上传一次。")
    return keep_incoming(
        incoming=file.incoming, digests=file.digests, name=str(file.name), subject=subject, kinds=kinds, acting=acting,
        case=case, replaces=replaces, now=now,
    )  # fmt: skip


def keep_made(
    *, data: bytes, name: str, subject: tuple[str, str], acting: Acting, case: str = "",
    replaces: Document | None = None, now: dt.datetime,
) -> Document:  # fmt: skip
    """Keep what the portal itself made: a rendered form, a signed agreement."""
    incoming = Incoming()
    with full_disk_said():
        incoming.write(data)
        digests = incoming.finish()
    return keep_incoming(
        incoming=incoming, digests=digests, name=name, subject=subject, kinds=tuple(Content.Kind), acting=acting,
        case=case, replaces=replaces, made=True, now=now,
    )  # fmt: skip


def keep_incoming(
    *, incoming: Incoming, digests: Digests, name: str, subject: tuple[str, str], kinds: Collection[Content.Kind],
    acting: Acting, case: str = "", replaces: Document | None = None, made: bool = False, now: dt.datetime,
) -> Document:  # fmt: skip
    """The same for a file that came in another way than a form. replaces: the version before it, kept as it was."""
    if replaces is not None and (replaces.subject_kind, replaces.subject_id) != subject:
        incoming.discard()
        raise ValueError("A version belongs to the same thing as the one before it.")
    try:
        if made:
            found = seen_by_portal(incoming.path)
        else:
            require_room(subject, name)
            found = examine(incoming.path, name=name, kinds=kinds)
    except BaseException:
        incoming.discard()
        raise
    with full_disk_said(), transaction.atomic():
        if replaces is not None and Document.objects.select_for_update().filter(replaces=replaces).exists():
            raise Conflict("这份文件已经有了更新的版本，没有保存。请重新打开页面，在最新版本上修改。")
        hold_content(digests.sha256)
        incoming.publish(digests)
        content, _ = Content.objects.get_or_create(
            sha256=digests.sha256,
            defaults={"sm3": digests.sm3, "size": digests.size, "kind": found.kind, "encoding": found.encoding,
                      "stored_at": now, "pages": found.pages, "said": found.said},
        )  # fmt: skip
        document = Document.objects.create(
            content=content, name=name[:255], subject_kind=subject[0], subject_id=subject[1],
            uploaded_by=acting.user, organisation=acting.organisation, uploaded_at=now, made=made,
            replaces=replaces, version=replaces.version + 1 if replaces else 1,
        )  # fmt: skip
        audit.record(
            stamp=acting.stamp, verb="documents.uploaded", subject=document, case=case,
            after={"name": document.name, "sha256": digests.sha256, "sm3": digests.sm3, "size": digests.size}, now=now,
        )  # fmt: skip
    return document


def require_room(subject: tuple[str, str], name: str) -> None:
    """A thing has a limited number of files."""
    if Document.objects.filter(subject_kind=subject[0], subject_id=subject[1]).count() >= MOST_OF_A_SUBJECT:
        raise Refusal(
            f"“{name}”没有保存：这里已经有 {MOST_OF_A_SUBJECT:,} 个文件，达到了上限。"
            "请把多个文件合并成一个，或者联系承办人。"
        )


@transaction.atomic
def note_view(*, document: Document, page: int, acting: Acting, now: dt.datetime) -> None:
    """Leave an event of who looked at a page of a file."""
    audit.record(
        stamp=acting.stamp, verb="documents.viewed", subject=document, after={"name": document.name, "page": page},
        now=now,
    )  # fmt: skip


@transaction.atomic
def note_download(*, document: Document, acting: Acting, now: dt.datetime) -> None:
    """Leave an event of who took a file away."""
    audit.record(
        stamp=acting.stamp, verb="documents.downloaded", subject=document, after={"name": document.name}, now=now
    )
