"""Short messages: codes, and the notices of the app `notices`, which also uses `deliver` and `status`.

The gateway is the operator's; without one, messages go to a file in the installation's home.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class Gateway(Protocol):
    """What sends a short message."""

    def send(self, *, mobile: str, text: str, now: dt.datetime) -> None:
        """Send, or raise OSError when the gateway cannot be reached."""
        ...


class KeyedGateway(Gateway, Protocol):
    """A gateway that knows the messages it has: one key, one message, however often it is asked."""

    def deliver(self, *, key: str, mobile: str, text: str, now: dt.datetime) -> str:
        """Send once for a key; returns the gateway's own number. NotSentError: certainly not sent; RefusedError: never
        will be; any other OSError: nobody knows."""
        ...

    def status(self, *, key: str) -> str | None:
        """The gateway's number of the message with this key; None when it has none. OSError: it does not say."""
        ...


class NotSentError(OSError):
    """The gateway was not reached: the message was certainly not sent."""


class RefusedError(Exception):
    """The gateway does not take this message, and would not another time."""


class FileGateway:
    """For trying out: one line a message, in a file that only this user can read."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or Path(settings.ENVIRONMENT.home) / "outbox" / "sms.jsonl"

    def send(self, *, mobile: str, text: str, now: dt.datetime) -> None:
        """Add the message to the file."""
        self._write({"at": now.isoformat(), "mobile": mobile, "text": text})

    def deliver(self, *, key: str, mobile: str, text: str, now: dt.datetime) -> str:
        """The same with a key: a second time nothing is added."""
        if self.status(key=key) is None:
            self._write({"at": now.isoformat(), "mobile": mobile, "text": text, "key": key})
        return key

    def status(self, *, key: str) -> str | None:
        """Whether a line with this key is there. A line cut short by a loss of power counts as none."""
        if not self.path.exists():
            return None
        wanted = f'"key": "{key}"}}'
        with self.path.open(encoding="utf-8") as file:
            return key if any(line.rstrip("\n").endswith(wanted) for line in file) else None

    def last(self, mobile: str) -> str:
        """What the last message to a mobile says; empty without one."""
        if not self.path.exists():
            return ""
        found = ""
        with self.path.open(encoding="utf-8") as file:
            for line in file:
                if mobile in line and line.endswith("\n"):
                    read = json.loads(line)
                    found = str(read["text"]) if read["mobile"] == mobile else found
        return found

    def _write(self, values: dict[str, str]) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        line = json.dumps(values, ensure_ascii=False)
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.write(line + "\n")


def gateway() -> Gateway:
    """The gateway of this installation."""
    made: Gateway = import_string(settings.SMS_GATEWAY)()
    return made


def deliver(*, key: str, mobile: str, text: str, now: dt.datetime) -> str:
    """Hand over a message, once for its key if the gateway knows keys; returns the gateway's number, "" without one.
    Errors as of `KeyedGateway.deliver`."""
    chosen = gateway()
    if hasattr(chosen, "deliver"):
        return str(chosen.deliver(key=key, mobile=mobile, text=text, now=now))
    chosen.send(mobile=mobile, text=text, now=now)
    return ""
