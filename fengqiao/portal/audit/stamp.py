"""Who acted, as plain values: an event must be readable after the account, the role or the organisation has gone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    """Which way an act came in."""

    WEB = "web"
    API = "api"
    WORKER = "worker"
    COMMAND = "command"
    SYSTEM = "system"


@dataclass(frozen=True)
class Stamp:
    """Who, in which role, for whom, from where."""

    user_id: int | None
    name: str
    role: str
    role_label: str
    organisation_id: int | None
    organisation_name: str
    on_behalf_of_id: int | None = None
    on_behalf_of_name: str = ""
    address: str = ""
    channel: str = Channel.WEB


def system_stamp(channel: str = Channel.SYSTEM) -> Stamp:
    """For acts without a person: background work, commands of the operator."""
    return Stamp(None, "系统", "system", "系统", None, "", channel=Channel(channel))
