"""What somebody had typed, to show it to them when a form comes to nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.forms.forms import BaseForm
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
    labels = labels_for(request, {name for name, _ in shown})
    return [(labels.get(name) or f"第 {place} 项", value) for place, (name, value) in enumerate(shown[:50], 1)]


def labels_for(request: HttpRequest, names: set[str]) -> dict[str, str]:
    """What fields are called on the page: of the form of the page's app that has most of them. The page itself cannot
    be asked, it came to nothing."""
    view = request.resolver_match.func if request.resolver_match else None
    app = getattr(view, "__module__", "").rpartition(".")[0]
    known = [form for form in heirs(BaseForm) if app and form.__module__.startswith(f"{app}.")]
    best = max(known, key=lambda form: (len(names & set(form.base_fields)), -len(form.base_fields)), default=None)
    fields = best.base_fields if best else {}
    return {name: str(fields[name].label) for name in names if name in fields and fields[name].label}


def heirs(form: Any) -> Iterator[Any]:
    """All kinds of form that there are; those without fields have nothing to say."""
    for one in form.__subclasses__():
        if getattr(one, "base_fields", None):
            yield one
        yield from heirs(one)


def from_here(request: HttpRequest) -> bool:
    """Whether a form was sent by a page of the portal: its token was looked at, or the browser says so. Of others
    nothing is shown, so that nobody puts words onto a page of ours."""
    checked = bool(getattr(request, "csrf_processing_done", False))
    return checked or request.headers.get("Sec-Fetch-Site") == "same-origin"
