"""Files: given back as they were received, and looked at page by page."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from fengqiao.portal.documents import actions, previews, queries
from fengqiao.portal.documents.downloads import attachment, picture
from fengqiao.portal.documents.models import Document


def readable(request: HttpRequest, number: UUID) -> Document:
    """The document, for those who may read what it belongs to."""
    document = queries.readable(number, request.acting)
    if document is None:
        raise Http404
    return document


@require_GET
def download(request: HttpRequest, number: UUID) -> FileResponse:
    """A file as it was received."""
    document = readable(request, number)
    response = attachment(queries.place_of(document), document.name)
    actions.note_download(document=document, acting=request.acting, now=timezone.now())
    return response


@require_GET
def preview(request: HttpRequest, number: UUID) -> HttpResponse:
    """A page of a file, or the beginning of a text; and all its versions."""
    document = readable(request, number)
    content, page = document.content, page_number(request.GET.get("page", "1"))
    pages = content.pages if content.kind in previews.PAGED else 0
    if page > max(pages, 1):
        raise Http404
    beginning = previews.beginning_of(content) if content.kind in previews.READ else None
    if beginning:
        actions.note_view(document=document, page=1, acting=request.acting, now=timezone.now())
    versions = queries.versions_of(document)
    context = {
        "document": document, "content": content, "page": page, "pages": pages, "beginning": beginning,
        "before": page - 1, "after": page + 1 if page < pages else 0, "versions": versions,
        "newest": versions[0],
    }  # fmt: skip
    return render(request, "documents/preview.html", context)


@require_GET
def page_picture(request: HttpRequest, number: UUID, page: int) -> FileResponse:
    """A page as a picture."""
    document = readable(request, number)
    if document.content.kind not in previews.PAGED or not 1 <= page <= document.content.pages:
        raise Http404
    made = previews.page_of(document.content, page)
    actions.note_view(document=document, page=page, acting=request.acting, now=timezone.now())
    return picture(made)


def page_number(text: str) -> int:
    """The page that is asked for, from 1."""
    if not text.isascii() or not text.isdecimal() or len(text) > 6 or int(text) < 1:
        raise Http404
    return int(text)
