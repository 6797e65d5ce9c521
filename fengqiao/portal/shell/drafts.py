"""The form pattern's memory: save as a draft, come back on another device.

    def file_request(request):
        draft = drafts.of(request, "intake.request")
        if draft.to_save:
            return draft.save(request)
        form = RequestForm(request.POST or None, request.FILES or None, initial=draft.initial(RequestForm))
        if request.method == "POST" and form.is_valid():
            actions.file_request(...)
            draft.sent()
            return redirect(...)
        return render(request, "intake/request.html", {"form": form, "draft": draft})

In the template, above the form: {% include "shell/draft_offer.html" %};
inside it, last: {% include "shell/draft_fields.html" %}; send and send_icon are the words and the mark of its button,
back is where one goes who does not send it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import BaseForm, FileField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import timezone

from fengqiao.portal.shell import actions
from fengqiao.portal.shell.models import Draft
from fengqiao.portal.vault.sealed import open_sealed

OURS = ("draft_form", "draft_subject", "draft_version", "draft_save", "draft_drop", "csrfmiddlewaretoken")
NEVER = ("password", "otp", "code")
"""Words in the names of fields that are never kept."""


@dataclass(frozen=True)
class DraftState:
    """What is kept of a form for the person at the screen."""

    request: HttpRequest
    form: str
    subject: str
    kept: Draft | None

    @property
    def owner(self) -> Any:
        """The person; None for visitors, whose forms are not kept."""
        acting = getattr(self.request, "acting", None)
        return acting.user if acting else None

    @property
    def days(self) -> int:
        """How long a draft is kept."""
        return int(settings.DRAFT_DAYS)

    @property
    def resumed(self) -> bool:
        """True when the person chose to go on with it."""
        return self.kept is not None and (self.request.GET.get("draft") == "1" or self.request.method == "POST")

    @property
    def offered(self) -> bool:
        """True when there is one that could be gone on with."""
        return self.kept is not None and not self.resumed

    @property
    def version(self) -> int:
        """The version the page goes on from: the kept one, also where the person began anew beside it."""
        if self.request.method == "POST" and "draft_version" in self.request.POST:
            return version_of(self.request.POST)
        return self.kept.version if self.kept else 0

    @property
    def to_save(self) -> bool:
        """True when the button "save as draft" or "remove the draft" was pressed."""
        pressed = "draft_save" in self.request.POST or "draft_drop" in self.request.POST
        return self.request.method == "POST" and pressed and self.owner is not None

    def save(self, request: HttpRequest) -> HttpResponse:
        """Keep or remove it, and show the page again."""
        if "draft_drop" in request.POST:
            actions.drop_draft(owner=self.owner, form=self.form, subject=self.subject)
            messages.success(request, "草稿已删除。")
            return HttpResponseRedirect(request.path)
        keep(request, self.form, self.subject)
        messages.success(request, f"草稿已保存，{self.days}天内登录后可以在电脑或手机上接着填。附件不随草稿保存。")
        return HttpResponseRedirect(f"{request.path}?draft=1")

    def initial(self, form_class: type[BaseForm]) -> dict[str, Any]:
        """What the fields begin with when a draft is gone on with."""
        if not self.resumed or self.kept is None:
            return {}
        given = QueryDict(mutable=True)
        for name, values in json.loads(open_sealed(self.kept.data)).items():
            given.setlist(name, values)
        return {
            name: field.widget.value_from_datadict(given, {}, name)
            for name, field in form_class.base_fields.items()
            if not isinstance(field, FileField) and not field.widget.value_omitted_from_data(given, {}, name)
        }

    def sent(self) -> None:
        """The form was sent: the draft has done its service."""
        if self.owner is not None:
            actions.drop_draft(owner=self.owner, form=self.form, subject=self.subject)


def of(request: HttpRequest, form: str, subject: object = "") -> DraftState:
    """The draft of a form, for whoever is here. form: app.what; subject: the number of what it is about."""
    acting = getattr(request, "acting", None)
    key = str(subject)
    kept = Draft.objects.filter(owner=acting.user, form=form, subject=key).first() if acting else None
    return DraftState(request, form, key, kept)


def keep(request: HttpRequest, form: str, subject: str) -> Draft:
    """Save what the request holds as the draft of a form."""
    data = {
        name: values
        for name, values in request.POST.lists()
        if name not in OURS and not any(word in name.lower() for word in NEVER) and any(values)
    }
    return actions.save_draft(
        owner=request.acting.user, form=form, subject=subject, data=data, version=version_of(request.POST),
        device=device_of(request), now=timezone.now(),
    )  # fmt: skip


def version_of(given: QueryDict) -> int:
    """The version a page went on from."""
    text = given.get("draft_version", "0")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def device_of(request: HttpRequest) -> str:
    """A phone or a computer; no more than that is kept of the device."""
    if request.headers.get("Sec-CH-UA-Mobile") == "?1" or "Mobi" in request.headers.get("User-Agent", ""):
        return str(Draft.Device.PHONE)
    return str(Draft.Device.COMPUTER)
