"""What every answer says to the browser besides the Content-Security-Policy."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

UNUSED = (
    "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation",
    "gyroscope", "magnetometer", "microphone", "midi", "payment", "screen-wake-lock", "serial", "usb",
    "xr-spatial-tracking",
)  # fmt: skip
"""Abilities of browsers that no page needs."""
LEAVING = ("account_logout",)


class HeadersMiddleware:
    """Abilities that are not used are switched off; other sites may not embed what is here; leaving empties caches;
    who asks for the headers alone gets no page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", ", ".join(f"{name}=()" for name in UNUSED))
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        match = request.resolver_match
        if request.method == "POST" and match and match.view_name in LEAVING:
            response.headers.setdefault("Clear-Site-Data", '"cache", "storage"')
        if request.method == "HEAD" and not response.streaming:
            response.content = b""  # the headers, its length among them, stay those of the page
        return response
