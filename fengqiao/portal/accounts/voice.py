"""Codes read out by a telephone call, for those who cannot read a short message: beside the message, never instead.

The gateway is the operator's; where messages go to a file, calls do, too. Which people get a call is asked of `WAYS`;
at the log-in everybody may ask for one.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from fengqiao.portal.accounts.models import User

log = logging.getLogger(__name__)
CONNECT, READ = 5, 20
CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
SIGNS = re.compile(r"[【】]")


@dataclass(frozen=True)
class Way:
    """How a code reaches somebody, and how long it lasts; None: as everybody's."""

    spoken: bool = False
    lasts: dt.timedelta | None = None


WAYS: list[Callable[[User, dt.datetime], Way]] = []
"""Later apps say who needs another way."""


class VoiceGateway(Protocol):
    """What calls somebody and reads a text out."""

    def call(self, *, mobile: str, text: str, now: dt.datetime) -> None:
        """Take the call over, or raise OSError. text: as it is to be read, digits one by one."""
        ...


class FileVoice:
    """For trying out: one line a call, in a file that only this user can read."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or Path(settings.ENVIRONMENT.home) / "outbox" / "voice.jsonl"

    def call(self, *, mobile: str, text: str, now: dt.datetime) -> None:
        """Add the call to the file."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.write(json.dumps({"at": now.isoformat(), "mobile": mobile, "text": text}, ensure_ascii=False) + "\n")


class HttpVoice:
    """POST /calls at FENGQIAO_VOICE_URL; the protocol is in docs/methods/notices.md."""

    def __init__(self, *, url: str | None = None, key: str | None = None, read: float = READ) -> None:
        self.url = (settings.ENVIRONMENT.voice_url if url is None else url).rstrip("/")
        self.key = settings.ENVIRONMENT.voice_key if key is None else key
        self.read = read

    def call(self, *, mobile: str, text: str, now: dt.datetime) -> None:
        """One call, once: a gateway that gets the same key again calls nobody twice."""
        import requests  # a tenth of a second that most processes do without

        try:
            answer = requests.post(
                f"{self.url}/calls", json={"mobile": mobile, "text": text, "at": now.isoformat()},
                headers={"Authorization": f"Bearer {self.key}", "Idempotency-Key": uuid.uuid4().hex},
                timeout=(CONNECT, self.read), allow_redirects=False,
            )  # fmt: skip
        except requests.RequestException as error:
            raise OSError("语音网关不通") from error
        if answer.status_code not in (200, 201, 202):
            raise OSError(f"语音网关没有接受（{answer.status_code}）")


def available() -> bool:
    """True where somebody can be called."""
    return bool(settings.VOICE_GATEWAY)


def way_for(user: User, now: dt.datetime) -> Way:
    """How codes reach somebody with an account."""
    found = [way(user, now) for way in WAYS]
    lasts = [one.lasts for one in found if one.lasts is not None]
    return Way(any(one.spoken for one in found), max(lasts, default=None))


def read_out(text: str) -> str:
    """A text with a code as it is read: digit by digit, and the code once more at the end.

    >>> read_out("【枫桥】登录验证码 052318，10 分钟内有效。")
    '枫桥。登录验证码 0，5，2，3，1，8，10 分钟内有效。再念一遍：0，5，2，3，1，8。'
    """
    plain = SIGNS.sub("", text.replace("】", "。"))
    found = CODE.search(plain)
    if found is None:
        return plain
    digits = "，".join(found.group())
    return f"{plain[: found.start()]}{digits}{plain[found.end() :]}再念一遍：{digits}。"


def call(*, mobile: str, text: str, now: dt.datetime) -> bool:
    """Have a text read out. False when nobody could be called: the short message went all the same."""
    if not available():
        return False
    gateway: VoiceGateway = import_string(settings.VOICE_GATEWAY)()
    try:
        gateway.call(mobile=mobile, text=read_out(text), now=now)
    except OSError:
        log.warning("a code could not be read out by a call; it went as a short message")
        return False
    return True
