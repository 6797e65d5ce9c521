"""The workbench against a bare Django view: one with nothing around it, one behind the same middleware."""

from __future__ import annotations

import datetime as dt
from typing import Any

from benchmarks.portal_lists import in_turn

HEAD = "| page | requests a second | against the bare view | against it behind the same middleware |\n|---|---|---|---|"
ROUNDS, DUE = 101, 12


def rows(quick: bool = False) -> list[str]:
    """The lines of the table; the portal is set up."""
    from django.db import connection
    from django.http import HttpResponse
    from django.test import Client, override_settings
    from django.urls import clear_url_caches, path

    from benchmarks.due_rows import people
    from fengqiao.portal import urls

    (user, body), _ = people()
    fill(user, body)
    urls.urlpatterns.append(path("bare/", lambda request: HttpResponse("x")))
    clear_url_caches()
    with override_settings(MIDDLEWARE=[]):
        alone = Client()
        alone.handler.load_middleware()
    client = signed_in(user)
    page = client.get("/")
    assert page.status_code == 200
    assert "提交材料" in page.content.decode()

    def ask(asking: Any, address: str) -> Any:
        def call() -> None:
            assert asking.get(address).status_code == 200

        return call

    asked = {
        "a bare view": ask(alone, "/bare/"),
        "a bare view behind the portal's middleware, signed in": ask(client, "/bare/"),
        f"the workbench of a mediator with {DUE} deadlines due among 10,000": ask(client, "/"),
        "the list of their deadlines": ask(client, "/deadlines/"),
    }
    times = in_turn(11 if quick else ROUNDS, *asked.values())
    bare, behind = times[:2]
    return [
        f"| {connection.vendor}: {name} | {1000 / took:,.0f} | {bare / took:.3f} | {behind / took:.2f} |"
        for name, took in zip(asked, times, strict=True)
    ]


def signed_in(user: Any) -> Any:
    """A browser of somebody with a second factor."""
    from allauth.mfa.models import Authenticator
    from django.test import Client

    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": ""})
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def fill(user: Any, body: Any) -> None:
    """Ten thousand deadlines of the house; some of the person's own are due soon."""
    from django.db import connection
    from django.utils import timezone

    from fengqiao.portal.deadlines import counting
    from fengqiao.portal.deadlines.models import Deadline

    today = timezone.localdate()
    Deadline.objects.bulk_create(
        Deadline(
            title=f"提交材料{number}", subject_kind="bench", subject_id=str(number), starts_on=today, version=1,
            given_due_on=day, user=user if number < 1000 else None, organisation=body, role_kind="", state="running",
            opened_at=timezone.now(), **counting.moments(day, 3),
        )
        for number in range(10_000)
        for day in [today + dt.timedelta(days=3 if number < DUE else 20 + number % 400)]
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
