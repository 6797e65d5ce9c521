"""What every template knows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from fengqiao import __version__


def shell(request: HttpRequest) -> dict[str, Any]:
    """The person at the screen, the role they wear, how they want pages to look."""
    acting = getattr(request, "acting", None)
    return {"acting": acting, "elder": bool(acting and acting.elder_mode), "version": __version__}
