"""Sending files: as attachments, never as pages of the portal."""

from __future__ import annotations

from pathlib import Path

from django.http import FileResponse, Http404

TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pdf": "application/pdf",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
OTHERS = "application/octet-stream"


def attachment(path: Path, name: str, *, as_it_is: bool = False) -> FileResponse:
    """A file to download under a name. as_it_is: made by the portal itself, so its type may be told."""
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    kind = TYPES.get(path.suffix, OTHERS) if as_it_is else OTHERS
    response = FileResponse(file, as_attachment=True, filename=name, content_type=kind)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


def picture(path: Path) -> FileResponse:
    """A picture that the portal drew, to be shown on its own pages alone."""
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(file, content_type="image/png")
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
