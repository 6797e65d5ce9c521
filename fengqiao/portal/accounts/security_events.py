"""Attempts that were refused: each one in the log, each kind counted, and whoever goes on trying in the audit.

The log has numbers for names and no address; the network a visitor comes from stands there as a keyed digest, so that
lines of one source can be put together.
"""

from __future__ import annotations

import datetime as dt
import hmac
import logging
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import Counter

from fengqiao.portal import figures
from fengqiao.portal.accounts.acting import Acting, address_of
from fengqiao.portal.accounts.rate_limits import Rate, counted, network_of
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.models import Event

log = logging.getLogger("fengqiao.security")
REFUSED = Counter("fengqiao_refused_total", "Attempts that were refused, by kind", ("event",))
KINDS = {
    400: "bad_input",
    401: "proof_refused",
    403: "control_refused",
    404: "not_permitted_or_not_there",
    405: "wrong_method",
    410: "used_up",
    413: "too_large",
    429: "too_often",
}
"""What an answer stands for. Whoever may not see a thing is told that there is none: so 404 of a page that exists is
what a refused authorisation looks like."""
PROOFS = (
    "account_login", "account_confirm_login_code", "account_verify_phone", "account_reauthenticate",
    "account_change_password", "account_login_password", "account_forgotten_password",
    "mfa_authenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn",
    "mfa_login_webauthn",
)  # fmt: skip
"""Pages on which people prove who they are: a form that comes back was not believed."""
LETTERS = str.maketrans("0123456789", "ghijklmnop")
"""A digest for the log is spelt in letters: a long row of digits would be taken for somebody's number, and masked."""
MANY, WITHIN = 30, 10 * 60
"""So many of one person in so many seconds are no mistakes any more: they stand in the audit, once an hour."""
AGAIN_AFTER = dt.timedelta(hours=1)
MANY_VERB = "accounts.many_refused"


def source_of(request: HttpRequest) -> str:
    """The network a request comes from, as a digest that is the same for the same network."""
    network = network_of(address_of(request))
    digest = hmac.new(settings.SECRET_KEY.encode(), f"network {network}".encode(), "sha256").hexdigest()[:16]
    return digest.translate(LETTERS)


def note(request: HttpRequest, event: str) -> None:
    """One line about something that was refused, and one more of its kind."""
    match = getattr(request, "resolver_match", None)
    acting: Acting | None = getattr(request, "acting", None)
    organisation = acting.organisation if acting else None
    figures.add(lambda: REFUSED.labels(event).inc())
    log.warning(
        "refused",
        extra={
            "event": event, "page": (match.view_name if match else "") or "unknown",
            "method": request.method if request.method in ("GET", "HEAD", "POST") else "other",
            "user": acting.user.pk if acting else None,
            "role": acting.role.kind if acting and acting.role else None,
            "organisation": organisation.pk if organisation else None,
            "behalf": acting.behalf[0] if acting and acting.behalf else None,
            "source": source_of(request), "number": getattr(request, "number", ""),
        },
    )  # fmt: skip


def count_of(acting: Acting, moment: float) -> int:
    """How many refusals of this person there were in the present stretch of time, with this one; 0 past MANY."""
    return counted(Rate("refused", MANY, WITHIN, "请求被拒绝"), f"user {acting.user.pk}", moment)


@transaction.atomic
def note_many(*, acting: Acting, now: dt.datetime) -> bool:
    """Somebody was refused again and again; False when it stands in the audit for this hour already."""
    about = Event.objects.filter(
        subject_kind="accounts.user", subject_id=str(acting.user.pk), verb=MANY_VERB, at__gt=now - AGAIN_AFTER
    )
    if about.exists():
        return False
    audit.record(
        stamp=acting.stamp, verb=MANY_VERB, subject=acting.user, after={"at_least": MANY, "seconds": WITHIN}, now=now
    )
    return True


class SecurityEventsMiddleware:
    """Looks at every answer on its way out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = getattr(request, "resolver_match", None)
        event = KINDS.get(response.status_code)
        if event is None and request.method == "POST" and response.status_code == 200:
            event = "proof_refused" if match and match.view_name in PROOFS else None
        if event is None:
            return response
        acting: Acting | None = getattr(request, "acting", None)
        if event == "not_permitted_or_not_there" and match is None:
            event = "no_such_address"
        note(request, event)
        now = timezone.now()
        try:
            if acting is not None and count_of(acting, now.timestamp()) == MANY:
                note_many(acting=acting, now=now)
        except DatabaseError:  # the answer is out all the same, and the line is in the log
            log.exception("many refusals of one person could not be kept in the audit")
        return response
