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
