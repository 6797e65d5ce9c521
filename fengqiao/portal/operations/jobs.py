"""What an installation does by the clock for itself."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path

from django.conf import settings

from fengqiao.portal.audit.evidence import anchor
from fengqiao.portal.jobs.registry import Outcome, kind
from fengqiao.portal.jobs.rounds import forget_old
from fengqiao.portal.jobs.running import Running

DAY = dt.timedelta(days=1)


@kind("operations.anchor", every=DAY, title="记下审计日志的锚点")
def keep_anchor(running: Running) -> Outcome:
    """Write the signed heads of the chains to a file, for the operator to copy elsewhere: compared with it,
    a chain that was cut off, or an older database that was put back, is found."""
    now = running.now()
    folder = Path(settings.ENVIRONMENT.home) / "anchors"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{now:%Y-%m-%d}.json"
    temporary = path.with_suffix(f".{os.getpid()}.new")
    temporary.touch(mode=0o600)  # the folder may be older than this program
    temporary.write_text(json.dumps(anchor(now), ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    temporary.replace(path)
    return Outcome({"file": path.name})


@kind("operations.forget_rounds", every=DAY, title="清理已完成的定时任务记录")
def forget_rounds(running: Running) -> Outcome:
    """The rows of rounds that are long over."""
    return Outcome({"removed": forget_old(now=running.now())})
