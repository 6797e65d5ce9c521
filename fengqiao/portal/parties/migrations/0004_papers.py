"""Authorisations name a document of the one store; what lay in a folder of its own is carried over."""

from __future__ import annotations

import logging
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

import django.db.models.deletion
from django.core.files.storage import default_storage
from django.db import migrations, models, transaction

from fengqiao.portal.documents.store import Incoming

log = logging.getLogger("fengqiao.migrations")
KINDS = {"application/pdf": "pdf", "image/jpeg": "jpeg", "image/png": "png"}


def pages_of(path: Path, kind: str) -> int:
    """How many pages can be shown."""
    if kind != "pdf":
        return 1
    import pypdfium2

    with suppress(pypdfium2.PdfiumError):
        document = pypdfium2.PdfDocument(path)
        try:
            return len(document)
        finally:
            document.close()
    return 0


def carry_over(apps: Any, schema_editor: Any) -> None:
    """Every file into the store, under its digest; the old copy goes after the commit. A file that is not there any
    more leaves its digest, as before."""
    authorisations = apps.get_model("parties", "Authorisation")
    contents, documents = apps.get_model("documents", "Content"), apps.get_model("documents", "Document")
    for row in authorisations.objects.exclude(document="").iterator():
        name = row.document.name
        try:
            with default_storage.open(name, "rb") as file:
                incoming = Incoming()
                for piece in file.chunks():
                    incoming.write(piece)
        except FileNotFoundError:
            log.warning("the paper of an authorisation is missing", extra={"authorisation": row.pk})
            continue
        digests = incoming.finish()
        place = incoming.publish(digests)
        kind = KINDS.get(row.document_type, "other")
        content, _ = contents.objects.get_or_create(
            sha256=digests.sha256,
            defaults={
                "sm3": digests.sm3, "size": digests.size, "kind": kind, "stored_at": row.submitted_at,
                "pages": pages_of(place, kind),
            },
        )  # fmt: skip
        row.paper = documents.objects.create(
            content=content, name=row.document_name or "授权委托书", subject_kind="parties.authorisation",
            subject_id=uuid.uuid4().hex, uploaded_by_id=row.agent_id, uploaded_at=row.submitted_at,
        )  # fmt: skip
        row.save(update_fields=("paper",))
        transaction.on_commit(lambda name=name: default_storage.delete(name))


class Migration(migrations.Migration):
    dependencies = [("documents", "0003_examined"), ("parties", "0003_indexes")]

    operations = [
        migrations.AddField(
            model_name="authorisation",
            name="paper",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="documents.document",
                verbose_name="授权委托书",
            ),
        ),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
    ]
