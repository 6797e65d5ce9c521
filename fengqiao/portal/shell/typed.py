"""What somebody had typed, to show it to them when a form comes to nothing."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, UnreadablePostError
from django.views.decorators.debug import sensitive_variables

NEVER_SHOWN = ("csrf", "password", "code", "token", "draft_", "version", "next", "action")
"""What fields are called whose values are secret, or nothing that was typed."""
LONGEST = 20_000


@sensitive_variables()
def typed_in(request: HttpRequest) -> list[tuple[str, str]]:
    """Names and values of what was typed, as far as it may be shown."""
    try:
        fields = request.POST.lists()
    except (RequestDataTooBig, TooManyFieldsSent, UnreadablePostError):
        return []
    shown = [
        (name, value[:LONGEST])
        for name, values in fields
        for value in values
        if value.strip() and not any(word in name.lower() for word in NEVER_SHOWN)
    ]
    return [(f"第 {place} 项", value) for place, (_, value) in enumerate(shown[:50], 1)]


def from_here(request: HttpRequest) -> bool:
    """Whether a form was sent by a page of the portal: its token was looked at, or the browser says so. Of others
    nothing is shown, so that nobody puts words onto a page of ours."""
    checked = bool(getattr(request, "csrf_processing_done", False))
    return checked or request.headers.get("Sec-Fetch-Site") == "same-origin"
