"""What every template knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from fengqiao import __version__
from fengqiao.portal.shell.navigation import shown_for

ELDER_COOKIE = settings.ELDER_COOKIE


def wants_elder(request: HttpRequest) -> bool:
    """True when pages should be larger and quieter: kept with the account, for visitors in a cookie. Who came by a link
    and has chosen nothing gets what the page says of them (`request.elder_by_default`)."""
    acting = getattr(request, "acting", None)
    if acting:
        return bool(acting.elder_mode)
    return request.COOKIES.get(ELDER_COOKIE, "1" if getattr(request, "elder_by_default", False) else "0") == "1"


def demo_messages() -> str:
    """In a demo: the file where short messages are written, as seen from where it was started; empty otherwise."""
    if not settings.DEMO:
        return ""
    file, here = settings.ENVIRONMENT.home / "outbox" / "sms.jsonl", Path.cwd()
    return str(file.relative_to(here) if file.is_relative_to(here) else file)


def shell(request: HttpRequest) -> dict[str, Any]:
    """The person at the screen, the role they wear, how they want pages to look, where they can go."""
    acting = getattr(request, "acting", None)
    return {
        "acting": acting,
        "demo_messages": demo_messages(),
        "elder": wants_elder(request),
        "version": __version__,
        "navigation": shown_for(request, acting),
    }
