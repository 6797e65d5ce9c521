"""The portal's side of looking at signatures: hostile files go to a process with limits, words come back."""

from __future__ import annotations

import base64
import datetime as dt
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from fengqiao.portal.documents.examining import process
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.signing import trust
from fengqiao.portal.signing.verifying.look import BROKEN, Answer, Trust, look

SECONDS = 20
CHILD = "fengqiao.portal.signing.verifying.child"
TOO_MUCH = (
    "这个文件结构异常，在限定的时间和内存里没有核验完，不能当作签署的依据。请向对方要原文件，或者请发起签署的机构核对。"
)
BUSY = "正在核验的文件太多，没有核验。请几分钟后再试。"


@dataclass
class Found:
    """One signature of a file, in words."""

    who: str
    when: dt.datetime | None
    issuer: str
    test: bool
    known: bool
    good: bool
    word: str
    sentence: str

    @property
    def sign(self) -> str:
        """Which sign stands beside it."""
        return "good" if self.good else "bad"


@dataclass
class Result:
    """What was found in a file."""

    word: str
    sign: str
    sentence: str
    signatures: list[Found] = field(default_factory=list)


def verify(data: bytes, *, now: dt.datetime) -> Result:
    """Who signed, when, and whether anything was changed since."""
    with tempfile.NamedTemporaryFile(dir=_folder(), suffix=".pdf") as file:
        file.write(data)
        file.flush()
        return verify_file(Path(file.name), now=now)


def verify_file(path: Path, *, now: dt.datetime, seconds: int = SECONDS) -> Result:
    """The same for a file."""
    known = believed(now)
    job = {
        "path": str(path), "now": now.isoformat(), "seconds": seconds,
        "roots": [base64.b64encode(one).decode() for one in known.roots],
        "tests": [base64.b64encode(one).decode() for one in known.tests],
    }  # fmt: skip
    try:
        got = process.ask(job, module=CHILD)
    except process.Busy as error:
        raise Refusal(BUSY, status=503) from error
    if "failed" in got:
        return said(BROKEN) if got["failed"] == "crash" else Result("没有核验", "warning", TOO_MUCH)
    return said(got)


def verify_own(data: bytes, *, now: dt.datetime) -> Result:
    """The same in this process, for a file that was made here."""
    return said(look(data, believed(now), now))


def believed(now: dt.datetime) -> Trust:
    """In whose certificates chains may end."""
    return Trust(trust.roots(now), (trust.test_root(now),))


def said(got: Answer | dict[str, Any]) -> Result:
    """An answer of the process."""
    rows = [
        Found(**{**one, "when": timezone.localtime(dt.datetime.fromisoformat(one["when"])) if one["when"] else None})
        for one in got["signatures"]
    ]
    return Result(got["word"], got["sign"], got["sentence"], rows)


def _folder() -> Path:
    """Where a file lies while it is looked at: in the installation's home, seen by nobody else."""
    folder = Path(settings.ENVIRONMENT.home) / "verifying"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
