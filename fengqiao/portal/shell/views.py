"""Pages that say what the portal is and how it treats people; drafts that save themselves."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """How to use the portal."""
    return render(request, "shell/about_help.html")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """What was done so that everybody can use the portal, and whom to tell when something is in the way."""
    return render(request, "shell/about_accessibility.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Which personal data are kept, why, how long, and what people may ask for."""
    return render(request, "shell/about_privacy.html")
