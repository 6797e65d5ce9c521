"""Taking a document away for good: when its period of keeping is over, or what it was for came to nothing."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import ProtectedError

from fengqiao.portal.documents import store
from fengqiao.portal.documents.models import Content, Document


def hold_content(sha256: str) -> None:
    """Nobody else stores or removes this content until the transaction ends. SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        number = int.from_bytes(bytes.fromhex(sha256)[:8], "big", signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def drop(document: Document) -> None:
    """Remove a document and all later versions of it, within the caller's transaction, which leaves the event. A
    content that nobody else has goes with it, from the disk after the commit."""
    later = Document.objects.filter(replaces=document).first()
    if later is not None:
        drop(later)
    sha256 = document.content_id
    hold_content(sha256)
    document.delete()
    if not Document.objects.filter(content_id=sha256).exists():
        Content.objects.filter(pk=sha256).delete()
        transaction.on_commit(lambda: remove_unused(sha256))


def drop_unless_needed(document: Document) -> bool:
    """The same, but where something else still rests on it nothing is removed: it is kept as long as that."""
    try:
        with transaction.atomic():
            drop(document)
    except ProtectedError:
        return False
    return True


def remove_unused(sha256: str) -> bool:
    """Remove the bytes of a content that no row names; whoever stores the same at this moment comes before or after."""
    with transaction.atomic():
        hold_content(sha256)
        if Content.objects.filter(pk=sha256).exists():
            return False
        store.place_of(sha256).unlink(missing_ok=True)
        return True
