"""Whether the installation is well."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from fengqiao.portal.documents import clamav
from fengqiao.portal.jobs.queries import queue
from fengqiao.portal.notices.queries import outbox
from fengqiao.portal.operations.database import not_up_to_date

LEAST_FREE = 1 << 30
WAITS_TOO_LONG = 900.0
NOT_YET = "还不能查看{what}：请先处理数据库的问题，再检查一次。"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    good: bool
    sentence: str
    needed: bool = True
    """False for what hinders one kind of work only: it is said, but the installation can serve."""


def database() -> Finding:
    """The database answers and has the tables of this version."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        lacking = not_up_to_date()
    except DatabaseError:
        return Finding("database", False, "数据库没有应答。请检查数据库服务是否在运行、DATABASE_URL 是否正确。")
    if lacking:
        return Finding("database", False, f"数据库还缺少本版本的 {len(lacking)} 项变更。请运行 fengqiao migrate。")
    return Finding("database", True, "数据库可用，结构与本版本一致。")


def disk() -> Finding:
    """There is room, and it can be written."""
    home = Path(settings.ENVIRONMENT.home)
    try:
        free = shutil.disk_usage(home).free
    except OSError as error:
        return Finding("disk", False, f"数据目录打不开（{error.strerror}）。请检查目录是否存在、磁盘是否挂载。")
    if not os.access(home, os.W_OK):
        return Finding("disk", False, "数据目录不可写。请检查目录的所有者和权限。")
    if free < LEAST_FREE:
        return Finding("disk", False, f"磁盘只剩 {free >> 20} MiB。请清理或扩容，至少留出 1 GiB。")
    return Finding("disk", True, f"磁盘剩余 {free >> 30} GiB。")


def worker(now: dt.datetime) -> Finding:
    """Somebody does the work that waits."""
    try:
        found = queue(now)
    except DatabaseError:
        return Finding("worker", False, NOT_YET.format(what="后台任务"))
    if found["waited_seconds"] > WAITS_TOO_LONG:
        minutes = int(found["waited_seconds"] // 60)
        return Finding(
            "worker", False, f"有后台任务已等待 {minutes} 分钟。请检查 fengqiao worker 是否在运行，或增加一个。"
        )
    return Finding("worker", True, f"后台任务：等待 {found['waiting']} 项，进行中 {found['running']} 项。")


def scanner() -> list[Finding]:
    """Where files are to be scanned, the scanner answers; when it does not, uploads are refused and nothing else."""
    if not clamav.configured():
        return []
    if clamav.answers():
        return [Finding("clamd", True, "杀毒程序（ClamAV）有应答，上传的文件逐个检查。", needed=False)]
    return [Finding(
        "clamd", False, "杀毒程序（ClamAV）没有应答，现在不能上传文件。"
        "请检查 clamd 是否在运行、FENGQIAO_CLAMD 是否正确。",
        needed=False,
    )]  # fmt: skip


def notices(now: dt.datetime) -> Finding:
    """Messages leave the house."""
    try:
        found = outbox(now)
    except DatabaseError:
        return Finding("notices", False, NOT_YET.format(what="发件箱"))
    if found["oldest_seconds"] > WAITS_TOO_LONG:
        minutes = int(found["oldest_seconds"] // 60)
        return Finding(
            "notices", False,
            f"有通知到时已 {minutes} 分钟还没有发出。请检查后台任务、短信网关和邮件服务器。",
            needed=False,
        )  # fmt: skip
    return Finding("notices", True, f"发件箱：等待发送 {int(found['queued'])} 条。")


def all_findings(now: dt.datetime) -> list[Finding]:
    """Everything that must be well for the portal to serve."""
    return [database(), disk(), worker(now), notices(now), *scanner()]
