"""Who is acting: a person, in one role, from somewhere. Every view and every action is given this."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from fengqiao.portal.accounts.models import Organisation, Role, User
from fengqiao.portal.audit.stamp import Channel, Stamp

SESSION_KEY = "role"
BEHALF_KEY = "behalf"
"""The number of the person acted for. The app `parties` looks at every request whether the right to it still holds."""


@dataclass(frozen=True)
class Acting:
    """A logged-in person in the role they wear now."""

    user: User
    role: Role | None
    roles: tuple[Role, ...] = field(default=())
    """All they may change into, the present one among them."""
    address: str = ""
    behalf: tuple[int, str] | None = None
    """For whom, when it is not for themselves or their organisation: number and name of the person."""
    channel: str = Channel.WEB
    """By which way they came."""

    @property
    def organisation(self) -> Organisation | None:
        """The body for which they act."""
        return self.role.organisation if self.role else None

    @property
    def elder_mode(self) -> bool:
        """True when pages should be larger and quieter."""
        return bool(self.user.elder_mode)

    def is_a(self, *kinds: Role.Kind) -> bool:
        """True when the role worn now is one of the kinds."""
        return self.role is not None and self.role.kind in kinds

    def for_person(self, number: int, name: str) -> Acting:
        """The same person, acting for another one: both names stand beside what is done."""
        return replace(self, behalf=(number, name))

    @property
    def behalf_line(self) -> str:
        """Who acts for whom, as every page says it; empty for those who act for themselves or their organisation."""
        if self.behalf is None:
            return ""
        title = self.role.get_kind_display() if self.role else ""
        return f"{title} {self.user.name} 代 {self.behalf[1]} 办理"

    @property
    def stamp(self) -> Stamp:
        """The plain values that an audit event keeps."""
        organisation = self.organisation
        number, name = self.behalf or (None, "")
        return Stamp(
            user_id=self.user.pk,
            name=self.user.name,
            role=self.role.kind if self.role else "",
            role_label=self.role.get_kind_display() if self.role else "",
            organisation_id=organisation.pk if organisation else None,
            organisation_name=organisation.name if organisation else "",
            on_behalf_of_id=number,
            on_behalf_of_name=name,
            address=self.address,
            channel=self.channel,
        )


def acting_for(user: User, *, role_id: int | None = None, address: str = "") -> Acting:
    """The person in the role asked for, or in their first one."""
    now = timezone.now()
    held = user.roles.select_related("organisation").order_by("id")
    roles = tuple(
        role for role in held if role.holds_at(now) and (not role.organisation or role.organisation.is_active)
    )
    wanted = next((role for role in roles if role.pk == role_id), None)
    return Acting(user, wanted or (roles[0] if roles else None), roles, address)


def address_of(request: HttpRequest) -> str:
    """Where a request comes from. Forwarded addresses are believed only from as many proxies as the operator named."""
    proxies: int = settings.ENVIRONMENT.proxies
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if proxies and len(forwarded) >= proxies:
        return forwarded[-proxies][:45]
    return str(request.META.get("REMOTE_ADDR", ""))


class ActingMiddleware:
    """Puts `request.acting` on every request of a logged-in person; None on all others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        request.acting = (
            acting_for(user, role_id=request.session.get(SESSION_KEY), address=address_of(request))
            if user.is_authenticated
            else None
        )
        return self.get_response(request)
