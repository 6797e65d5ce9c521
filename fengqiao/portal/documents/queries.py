"""Reading documents."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.documents import belongings, store
from fengqiao.portal.documents.models import Document


def readable(number: UUID, acting: Acting | None) -> Document | None:
    """A document, for those who may read what it belongs to."""
    found = Document.objects.select_related("content").filter(pk=number).first()
    if found is None or not belongings.may_read(acting, found.subject_kind, found.subject_id):
        return None
    return found


def place_of(document: Document) -> Path:
    """Where its content lies."""
    return store.place_of(document.content_id)


def versions_of(document: Document) -> list[Document]:
    """All versions of a document, the newest first. They belong to the same thing, so whoever reads one reads all."""
    rows = Document.objects.select_related("content", "uploaded_by", "organisation")
    rows = rows.filter(subject_kind=document.subject_kind, subject_id=document.subject_id)
    after = {row.replaces_id: row for row in rows.exclude(replaces=None)}
    by_number = {row.pk: row for row in rows}
    first = by_number[document.pk]
    while first.replaces_id in by_number:
        first = by_number[first.replaces_id]
    found = [first]
    while found[-1].pk in after:
        found.append(after[found[-1].pk])
    return found[::-1]
