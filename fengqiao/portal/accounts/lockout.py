"""After too many failed log-ins: django-axes counts; here stand which account it is, and what people read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def login_of(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """Which account is being tried: a digest, since it may be a mobile, and failed attempts are kept in the clear."""
    given = credentials or {}
    typed = given.get("username") or given.get("phone") or request.POST.get("login") or ""
    salted = f"{settings.SECRET_KEY}:{typed}".lower()
    return hashlib.sha256(salted.encode()).hexdigest()[:32] if typed else ""


def locked_out(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    """The page of somebody who is locked out."""
    return render(request, "accounts/locked_out.html", status=429)
