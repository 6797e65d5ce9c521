"""Files, given back as they were received."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest
from django.utils import timezone
from django.views.decorators.http import require_GET

from fengqiao.portal.documents import actions, queries
from fengqiao.portal.documents.downloads import attachment


@require_GET
def download(request: HttpRequest, number: UUID) -> FileResponse:
    """A file, for those who may read what it belongs to."""
    document = queries.readable(number, request.acting)
    if document is None:
        raise Http404
    response = attachment(queries.place_of(document), document.name)
    actions.note_download(document=document, acting=request.acting, now=timezone.now())
    return response
