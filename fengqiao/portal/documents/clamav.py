"""Asking ClamAV's daemon about a file (its command INSTREAM), when the operator has one."""

from __future__ import annotations

import socket
import time
from pathlib import Path

from django.conf import settings

CONNECT = 5.0
ANSWERS = 120.0
"""Seconds until an answer; scanning a large archive takes its time."""
PIECE = 1 << 18
LONGEST_ANSWER = 4096


class Unreachable(Exception):  # noqa: N818 - it is an answer
    """The daemon does not answer, or not as it should."""


class TooLong(Exception):  # noqa: N818 - it is an answer
    """The file is larger than the daemon takes."""


def configured() -> bool:
    """True when files are to be scanned."""
    return bool(settings.ENVIRONMENT.clamd)


def scan(path: Path) -> str:
    """The name of what was found in a file; empty when it is clean. Raises Unreachable, TooLong."""
    until = time.monotonic() + ANSWERS
    try:
        with connected() as link, path.open("rb") as file:
            try:
                link.sendall(b"zINSTREAM\0")
                while piece := file.read(PIECE):
                    link.settimeout(max(0.1, until - time.monotonic()))
                    link.sendall(len(piece).to_bytes(4, "big") + piece)
                link.sendall(b"\0\0\0\0")
            except (BrokenPipeError, ConnectionResetError):
                pass  # it says why before it closes
            answer = answer_of(link, until)
    except OSError as error:
        raise Unreachable(str(error)) from error
    if "size limit exceeded" in answer:
        raise TooLong(answer)
    name, _, said = answer.partition(": ")
    if name == "stream" and said == "OK":
        return ""
    if name == "stream" and said.endswith(" FOUND"):
        return said.removesuffix(" FOUND")
    raise Unreachable(answer)


def answers() -> bool:
    """True when the daemon answers at present."""
    try:
        with connected() as link:
            link.sendall(b"zPING\0")
            return answer_of(link, time.monotonic() + CONNECT) == "PONG"
    except OSError:
        return False


def connected() -> socket.socket:
    """A connection to the daemon."""
    place = settings.ENVIRONMENT.clamd
    if place.startswith("/"):
        link = socket.socket(socket.AF_UNIX)
        link.settimeout(CONNECT)
        try:
            link.connect(place)
        except OSError:
            link.close()
            raise
        return link
    host, _, port = place.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), CONNECT)


def answer_of(link: socket.socket, until: float) -> str:
    """What it says, to the NUL that ends it."""
    got = b""
    while b"\0" not in got and len(got) < LONGEST_ANSWER:
        link.settimeout(max(0.1, until - time.monotonic()))
        piece = link.recv(LONGEST_ANSWER)
        if not piece:
            break
        got += piece
    if not got:
        raise OSError("the connection was closed without an answer")
    return got.partition(b"\0")[0].decode("utf-8", "replace").strip()
