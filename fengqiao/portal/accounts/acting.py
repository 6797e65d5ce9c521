"""Who is acting: a person, in one role, from somewhere. Every view and every action is given this."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from fengqiao.portal.accounts.models import Organisation, Role, User

SESSION_KEY = "role"


@dataclass(frozen=True)
class Acting:
    """A logged-in person in the role they wear now."""

    user: User
    role: Role | None
    roles: tuple[Role, ...] = field(default=())
    """All they may change into, the present one among them."""
    address: str = ""

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


def acting_for(user: User, *, role_id: int | None = None, address: str = "") -> Acting:
    """The person in the role asked for, or in their first one."""
    now = timezone.now()
    roles = tuple(role for role in user.roles.select_related("organisation").order_by("id") if role.holds_at(now))
    wanted = next((role for role in roles if role.id == role_id), None)
    return Acting(user, wanted or (roles[0] if roles else None), roles, address)


class ActingMiddleware:
    """Puts `request.acting` on every request of a logged-in person; None on all others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        request.acting = (
            acting_for(user, role_id=request.session.get(SESSION_KEY), address=request.META.get("REMOTE_ADDR", ""))
            if user.is_authenticated
            else None
        )
        return self.get_response(request)
