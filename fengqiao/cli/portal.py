"""`fengqiao serve`, `worker`, `migrate`: running the portal."""

from __future__ import annotations

import argparse
import socket
from pathlib import Path
from typing import Any

from fengqiao.cli.loss import positive
from fengqiao.cli.portal_setup import set_up
from fengqiao.engine.errors import InputError
from fengqiao.portal.environment import LAST_PORT
from fengqiao.portal.outbound import is_of_this_machine


def add_to(groups: Any) -> None:
    """Add the portal's commands to the command line."""
    serve = groups.add_parser("serve", help="run the portal: web server and worker together (启动网站)")
    serve.add_argument("--address", default="127.0.0.1", help="address to listen on (default: this machine only)")
    serve.add_argument(
        "--trusted-network", action="store_true", help="the network between proxy and portal is encrypted itself"
    )
    serve.add_argument("--port", type=port_number, default=8000)
    serve.add_argument("--processes", type=positive, default=2, help="processes of the web server")
    serve.add_argument("--threads", type=positive, default=8, help="threads of each")
    serve.add_argument("--jobs", type=positive, default=1, help="jobs at a time in the background")
    serve.add_argument("--log", type=Path, metavar="FILE", help="append the log to this file, not to standard error")
    serve.set_defaults(run=run_serve)
    worker = groups.add_parser("worker", help="run one more worker for background jobs (后台任务进程)")
    worker.add_argument("--jobs", type=positive, default=1, help="jobs at a time")
    worker.add_argument("--until-idle", action="store_true", help="end when nothing is due")
    worker.set_defaults(run=run_worker)
    migrate = groups.add_parser("migrate", help="bring the database up to this version (升级数据库)")
    migrate.set_defaults(run=run_migrate)
    check = groups.add_parser("check-deploy", help="say what an installation lacks before people rely on it (部署检查)")
    check.set_defaults(run=run_check_deploy)
    backup = groups.add_parser("backup", help="copy database and files into one archive while the portal works (备份)")
    backup.add_argument("--out", type=Path, required=True, metavar="FILE")
    backup.set_defaults(run=run_backup)
    restore = groups.add_parser("restore", help="take up a backup in an empty installation (恢复)")
    restore.add_argument("file", type=Path, metavar="FILE")
    restore.add_argument("--check", action="store_true", help="only compare every digest")
    restore.set_defaults(run=run_restore)


def port_number(text: str) -> int:
    """A port one can listen on."""
    port = positive(text)
    if port > LAST_PORT:
        raise argparse.ArgumentTypeError(f"{port} is no port; ports go from 1 to {LAST_PORT}")
    return port


def run_serve(arguments: argparse.Namespace) -> int:
    """Bring the embedded database up to date, then run web server and worker."""
    set_up()
    from fengqiao.portal.operations.database import bring_up_to_date, embedded, not_up_to_date
    from fengqiao.portal.operations.serving import gather_static_files, serve

    refuse_open_http(arguments.address, behind_proxy_elsewhere=arguments.trusted_network)
    refuse_taken_port(arguments.address, arguments.port)
    if embedded():
        bring_up_to_date()
    elif waiting := not_up_to_date():
        raise InputError(
            f"The database lacks {len(waiting)} changes of this version (数据库须升级). Run fengqiao migrate first."
        )
    gather_static_files()
    print(f"枫桥已启动：http://{arguments.address}:{arguments.port}（Ctrl-C 结束）", flush=True)
    return serve(
        address=arguments.address, port=arguments.port, processes=arguments.processes, threads=arguments.threads,
        slots=arguments.jobs, log_file=arguments.log,
    )  # fmt: skip


def refuse_open_http(address: str, *, behind_proxy_elsewhere: bool) -> None:
    """The web server speaks plain HTTP: other machines reach it through a proxy with TLS on this one."""
    if not address:
        raise InputError(
            "--address is empty, which would be every address of this machine (地址为空); give one, as 127.0.0.1."
        )
    if is_of_this_machine(address) or behind_proxy_elsewhere:
        return
    raise InputError(
        f"--address {address} would let other machines talk to the portal without encryption (没有加密). "
        "Listen on 127.0.0.1 "
        "behind a proxy with TLS on this machine (docs/deploy.md), or, where the network between the two is encrypted "
        "itself (a tunnel, a service mesh, one pod), say so with --trusted-network."
    )


def refuse_taken_port(address: str, port: int) -> None:
    """A sentence instead of a server that cannot start."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise InputError(
                f"Cannot listen on {address}:{port} (端口不能用): {error.strerror}. "
                "End what uses it, or give another --port."
            ) from error


def run_worker(arguments: argparse.Namespace) -> int:
    """Run a worker until it is told to stop."""
    set_up()
    from django.conf import settings

    from fengqiao.portal import outbound
    from fengqiao.portal.jobs.worker import Worker

    outbound.close(settings.ENVIRONMENT)
    Worker(slots=arguments.jobs).run(until_idle=arguments.until_idle)
    return 0


def run_migrate(_: argparse.Namespace) -> int:
    """Bring the database up to date."""
    set_up()
    from fengqiao.portal.operations.database import bring_up_to_date

    for name in bring_up_to_date():
        print(name)
    return 0


def run_check_deploy(_: argparse.Namespace) -> int:
    """Say how every matter stands; 1 when something is lacking."""
    set_up()
    from django.utils import timezone

    from fengqiao.portal.operations.matter import Grade
    from fengqiao.portal.operations.readiness import matters

    found = matters(timezone.now())
    for matter in found:
        print(f"[{matter.grade}] {matter.what}" + (f"\n      {matter.todo}" if matter.todo else ""))
    lacking = sum(matter.grade == Grade.LACKING for matter in found)
    print(f"\n{'还缺 ' + str(lacking) + ' 项，补齐后再投入使用。' if lacking else '可以投入使用。'}")
    return 1 if lacking else 0


def run_backup(arguments: argparse.Namespace) -> int:
    """Make a backup."""
    set_up()
    from django.conf import settings
    from django.utils import timezone

    from fengqiao.portal.operations.backup import write_backup

    manifest = write_backup(arguments.out, now=timezone.now())
    size = sum(part["size"] for part in manifest["parts"].values())
    print(f"已备份到 {arguments.out}：{len(manifest['parts'])} 个部分，{size:,} 字节。")
    print(f"密钥不在备份里，请另行保管：{settings.KEY_FOLDER} 和 {settings.ENVIRONMENT.home}/secret.key")
    return 0


def run_restore(arguments: argparse.Namespace) -> int:
    """Take up a backup, or only look at it."""
    set_up()
    from fengqiao.portal.operations.restore import check_backup, restore

    manifest = (check_backup if arguments.check else restore)(arguments.file)
    said = "完好" if arguments.check else "已恢复"
    print(f"{arguments.file} {said}：{manifest['made_at']} 的备份，{len(manifest['parts'])} 个部分，摘要全部相符。")
    if not arguments.check:
        print("请把备份时的密钥放回 FENGQIAO_KEYS，运行 fengqiao audit verify 核对审计日志，再启动。")
        print("secret.key 也请放回 FENGQIAO_HOME：没有放回的，所有人要重新登录，退订等已发出的链接失效。")
    return 0
