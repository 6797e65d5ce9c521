"""The parts of addresses, taken from the cast: for the pages that a browser looks at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.browser.deadlines import make_deadlines
from tests.browser.drafting import make_fillings

Arguments = Callable[[Any], dict[str, Any]]


def the_need(cast: Any) -> dict[str, Any]:
    """The special need of somebody who was taken in."""
    return {"number": cast.people["helped"], "need": cast.people["need"]}


def numbered(what: str, **more: Any) -> Arguments:
    """The address of one of the cast's parties, authorisations or holds."""
    return lambda cast: {"number": cast.people[what], **more}


def house(which: str) -> Arguments:
    """The address of an organisation."""
    return lambda cast: {"number": cast.bodies[which].pk}


def user_number(who: str) -> Arguments:
    """The address of somebody's account."""
    return lambda cast: {"number": cast.users[who].pk}


def deadlines_there(cast: Any) -> dict[str, Any]:
    """There are deadlines to see; the address has no parts."""
    make_deadlines(cast.users)
    return {}


def deadline_of(what: str, **more: Any) -> Arguments:
    """The address of a deadline."""
    return lambda cast: {"number": make_deadlines(cast.users)[what], **more}


def filling(what: str, **more: Any) -> Arguments:
    """The address of a form that the mediator fills in."""
    return lambda cast: {"number": make_fillings(cast.users)[what], **more}


def signing(what: str, **more: Any) -> Arguments:
    """The address of one of the cast's documents to sign, or of a place in one."""
    return lambda cast: {"number": cast.signing[what], **more}


def serving(what: str, **more: Any) -> Arguments:
    """The address of one of the cast's services."""
    return lambda cast: {"number": cast.services[what], **more}


def notice_number(cast: Any) -> Any:
    """A message to the investor."""
    from tests.permission_objects import notice

    return notice(cast).pk


def failed_notice_number(cast: Any) -> Any:
    """A message to the investor that did not get there."""
    from tests.permission_objects import failed_notice

    return failed_notice(cast).pk


def failed_notice_there(cast: Any) -> dict[str, Any]:
    """There is one; the address has no parts."""
    failed_notice_number(cast)
    return {}


def device_there(cast: Any) -> dict[str, Any]:
    """The investor has a device that is remembered; the address has no parts."""
    from tests.permission_objects import device

    device(cast)
    return {}


def token_there(cast: Any) -> dict[str, Any]:
    """The second measurer has a token; the address has no parts."""
    from tests.permission_objects import access_token

    access_token(cast)
    return {}


def token_number(cast: Any) -> dict[str, Any]:
    """A token of the second measurer."""
    from tests.permission_objects import access_token

    return {"number": access_token(cast).pk}


def by_staff_number(cast: Any) -> Any:
    """A message that staff are to tell."""
    from tests.permission_objects import told_by_staff

    return told_by_staff(cast).pk


def unsubscribe_token(cast: Any) -> str:
    """Of the link in a message to the investor."""
    from fengqiao.portal.notices.actions import unsubscribe_path

    return unsubscribe_path(cast.users["investor"], None).rstrip("/").rpartition("/")[2]
