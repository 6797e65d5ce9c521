"""Where this program may connect to: this machine, and the places the operator's settings name. Nothing else.

Python tells its audit hooks of every look-up and every connection before it is made; a place that is not on the list
is refused there, whichever library asks. What drivers do below Python (PostgreSQL's) goes where DATABASE_URL says.
"""

from __future__ import annotations

import ipaddress
import logging
import socket
import sys
import threading
import time
from typing import Any
from urllib.parse import urlsplit

from fengqiao.portal.environment import Environment

log = logging.getLogger("fengqiao.security")
KNOWN_FOR = 300.0
"""Seconds for which the addresses of an allowed name are remembered."""


class OutboundRefusedError(OSError):
    """A connection to a place that no setting names."""


def places(environment: Environment) -> dict[str, str]:
    """Allowed hosts, by what they are for."""
    urls = {
        "database": environment.database_url, "short messages": environment.sms_url, "mail": environment.smtp_url,
        "signing": environment.signing_service if "://" in environment.signing_service else "",
        "time-stamps": environment.tsa_url, "voice calls": environment.voice_url,
        "logs": environment.log_url,
    }  # fmt: skip
    found = {name: urlsplit(url).hostname or "" for name, url in urls.items() if url}
    if environment.clamd and not environment.clamd.startswith("/"):
        found["clamd"] = environment.clamd.rpartition(":")[0].strip("[]")
    return {name: host for name, host in found.items() if host}


def is_of_this_machine(host: str) -> bool:
    """True for names and addresses that lead nowhere else."""
    if host in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


class Gate:
    """The list, and the addresses that its names stand for."""

    def __init__(self, hosts: set[str]) -> None:
        self.hosts = {host.lower() for host in hosts}
        self.addresses: dict[str, float] = {}
        self.asking = threading.local()

    def lets_name(self, host: str) -> bool:
        """Whether a name may be looked up; an address is no name, and is judged when it is connected to."""
        if is_of_this_machine(host) or host.lower() in self.hosts:
            return True
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return False
        return True

    def lets_address(self, address: str) -> bool:
        """Whether an address may be connected to: of this machine, or what an allowed name stands for at present."""
        address = address.partition("%")[0]
        if is_of_this_machine(address) or address in self.hosts:
            return True
        if self.addresses.get(address, 0.0) < time.monotonic():
            self.look_up()
        return self.addresses.get(address, 0.0) >= time.monotonic()

    def look_up(self) -> None:
        """Ask what the allowed names stand for."""
        self.asking.now = True
        try:
            for host in self.hosts:
                try:
                    answers = socket.getaddrinfo(host, None)
                except OSError:
                    continue
                for answer in answers:
                    self.addresses[str(answer[4][0])] = time.monotonic() + KNOWN_FOR
        finally:
            self.asking.now = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """What Python tells before it happens."""
        if event == "socket.getaddrinfo":
            host = arguments[0]
            name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
            if not getattr(self.asking, "now", False) and not self.lets_name(name):
                refuse(name)
        elif event in ("socket.connect", "socket.sendto"):
            address = arguments[1]
            if isinstance(address, tuple) and not getattr(self.asking, "now", False):
                place = str(address[0])
                if not (self.lets_address(place) if is_address(place) else self.lets_name(place)):
                    refuse(place)


def is_address(place: str) -> bool:
    """True for numbers, False for names."""
    try:
        ipaddress.ip_address(place.partition("%")[0])
    except ValueError:
        return False
    return True


def refuse(place: str) -> None:
    """Say so in the log, and stop it."""
    log.error("refused", extra={"event": "outbound_refused", "place": place})
    raise OutboundRefusedError(f"{place} is not among the places that the settings name; no connection was made.")


def close(environment: Environment) -> Gate:
    """From now on this process, and those it forks, connect to the allowed places alone. It cannot be taken back."""
    gate = Gate(set(places(environment).values()))
    sys.addaudithook(gate)
    return gate
