"""Another process on the same database and with the same keys as the test that starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
BEGIN = "import django; django.setup()\n"
COMMAND = "from fengqiao.cli.main import entry; entry()"


def database_url() -> str:
    """The test's database."""
    from django.db import connection

    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    return f"postgres://{found['USER']}:{found['PASSWORD']}@{found['HOST']}:{found['PORT']}/{found['NAME']}"


def environment(**more: str) -> dict[str, str]:
    """What the other process is given."""
    from django.conf import settings

    given = {"DJANGO_SETTINGS_MODULE": "tests.portal_settings", "FENGQIAO_KEYS": str(settings.KEY_FOLDER)}
    return {**os.environ, "PYTHONPATH": str(ROOT), "DATABASE_URL": database_url(), **given, **more}


def start(script: str, *arguments: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Start a script with the portal set up."""
    return subprocess.Popen(
        [sys.executable, "-c", BEGIN + script, *arguments], env=env or environment(), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def command(
    *words: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """`fengqiao ...` to its end."""
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *map(str, words)], env=env or environment(), cwd=cwd,
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
