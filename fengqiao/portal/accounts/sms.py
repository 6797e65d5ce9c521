"""Codes to mobiles. The gateway is the operator's; without one, messages go to a file in the installation's home."""

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


class FileGateway:
    """For trying out: one line a message, in a file that only this user can read."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or Path(settings.ENVIRONMENT.home) / "outbox" / "sms.jsonl"

    def send(self, *, mobile: str, text: str, now: dt.datetime) -> None:
        """Add the message to the file."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        line = json.dumps({"at": now.isoformat(), "mobile": mobile, "text": text}, ensure_ascii=False)
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.write(line + "\n")


def gateway() -> Gateway:
    """The gateway of this installation."""
    made: Gateway = import_string(settings.SMS_GATEWAY)()
    return made
