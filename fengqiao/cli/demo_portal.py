"""The demo's web portal: a database of its own below the demo's folder, filled, then served until Ctrl-C.

Whatever touches the database runs in a process of its own, with the demo's settings and no others: the demo can never
get at an installation that the caller works with.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from fengqiao.cli.portal_setup import SETTINGS, set_up
from fengqiao.cli.text_table import text_table
from fengqiao.engine.errors import FengqiaoError, InputError

HOME, MARK, LOG = "portal", "demo.txt", "log.jsonl"
"""The home of the demo's installation; in it the file that makes every page say that it is a demo, and the log."""
MARK_TEXT = "演示环境：数据均为虚构。删除本文件夹即可全部清除。\n"
ADDRESS, PORT = "127.0.0.1", 8000
OPERATORS = ("FENGQIAO_", "DATABASE_URL", "DJANGO_SETTINGS_MODULE", "PROMETHEUS_MULTIPROC_DIR")
"""Settings of other installations begin with these."""
HEAD = ("姓名", "角色", "机构", "登录名", "密码", "验证码来自")


def environment(folder: Path, port: int, variables: Mapping[str, str]) -> dict[str, str]:
    """The settings of the demo's installation."""
    kept = {name: value for name, value in variables.items() if not name.startswith(OPERATORS)}
    return {
        **kept, "DJANGO_SETTINGS_MODULE": SETTINGS, "FENGQIAO_HOME": str((folder / HOME).absolute()),
        "FENGQIAO_URL": f"http://{ADDRESS}:{port}",
    }  # fmt: skip


def fill(folder: Path, port: int) -> int:
    """Make the home, fill its database, print the accounts; returns the exit code."""
    home = folder / HOME
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home / MARK).write_text(MARK_TEXT, encoding="utf-8")
    return _apart(folder, port)


def show_code(folder: Path, login: str) -> int:
    """Print the code an account needs now: of its authenticator, or of its last message; returns the exit code."""
    if not (folder / HOME / MARK).is_file():
        raise InputError(
            f"There is no demo in {folder} (这里没有演示环境). Run fengqiao demo first, or give its --dir."
        )
    return _apart(folder, PORT, login)


def serve(folder: Path, port: int) -> NoReturn:
    """Become the portal's server: Ctrl-C ends it with all its parts."""
    command = [sys.executable, "-m", "fengqiao.cli.main", "serve", "--address", ADDRESS, "--port", str(port),
        "--log", str(folder / HOME / LOG)]  # fmt: skip
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(sys.executable, command, environment(folder, port, os.environ))  # noqa: S606 - our own program


def _apart(folder: Path, port: int, *words: str) -> int:
    command = [sys.executable, "-m", "fengqiao.cli.demo_portal", *words]
    sys.stdout.flush()
    return subprocess.run(command, env=environment(folder, port, os.environ), check=False).returncode  # noqa: S603


def _within(words: Sequence[str]) -> None:
    """In the process apart: print a code, or fill and print the accounts."""
    set_up()
    from django.utils import timezone

    from fengqiao.portal.demo import fill as filling
    from fengqiao.portal.operations.database import bring_up_to_date

    if words:
        print(filling.code(words[0]))
        return
    bring_up_to_date()
    new = filling.fill(timezone.now())
    print("已填入演示账号和案件。" if new else "演示账号和案件都在，没有改动。")
    print(f"\n{text_table(HEAD, filling.accounts())}\n")


if __name__ == "__main__":
    try:
        _within(sys.argv[1:])
    except FengqiaoError as error:
        print(f"fengqiao: {error}", file=sys.stderr)
        sys.exit(2)
