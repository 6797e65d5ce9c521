"""What keeps the portal from saving, said as it is: no room, read only, busy, away."""

from __future__ import annotations

import errno
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError, OperationalError


@dataclass(frozen=True)
class Fault:
    """A cause that is not the portal's own: the status, a title, a sentence."""

    status: int
    title: str
    sentence: str


FULL = Fault(
    507, "服务器的存储空间已满",
    "服务器的存储空间已满，这一步没有保存；以前保存的内容不受影响，仍然可以查看。"
    "请告诉平台管理员清理空间，之后再办一次。",
)  # fmt: skip
READ_ONLY = Fault(
    503, "现在只能查看，不能保存",
    "服务器的存储现在只能读、不能写，这一步没有保存；以前保存的内容不受影响，仍然可以查看。"
    "请告诉平台管理员检查磁盘，恢复以后再办一次。",
)  # fmt: skip
BUSY = Fault(
    503, "系统正忙，没有保存",
    "同时保存的人太多，等了一会儿仍然没有轮到，这一步没有保存；以前保存的内容不受影响。请过一两分钟再办一次。",
)  # fmt: skip
AWAY = Fault(
    503, "系统暂时不能办理",
    "系统暂时连不上数据库，可能正在重启。这一步可能没有保存；以前保存的内容不受影响。"
    "请过一两分钟重新打开这个页面，先看刚才的内容是否已经保存，没有保存的再办一次。",
)  # fmt: skip
WORDS = (
    (FULL, ("disk is full", "No space left", "could not extend file")),
    (READ_ONLY, ("readonly database", "disk I/O error", "read-only transaction", "Read-only file system")),
    (
        BUSY,
        ("database is locked", "database table is locked", "lock timeout", "too many clients", "slots are reserved"),
    ),
)
NUMBERS = {errno.ENOSPC: FULL, errno.EDQUOT: FULL, errno.EROFS: READ_ONLY}


def fault_of(error: BaseException | None) -> Fault | None:
    """What it was; None for everything else."""
    if isinstance(error, OSError):
        return NUMBERS.get(error.errno or 0)
    if not isinstance(error, (DatabaseError, InterfaceError)):
        return None
    said = str(error)
    known = next((fault for fault, words in WORDS if any(word in said for word in words)), None)
    return known or (AWAY if isinstance(error, (OperationalError, InterfaceError)) else None)
