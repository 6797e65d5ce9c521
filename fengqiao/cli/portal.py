"""`fengqiao serve`, `worker`, `migrate`: running the portal."""

from __future__ import annotations

import argparse
import socket
from typing import Any

from fengqiao.cli.loss import positive
from fengqiao.cli.portal_setup import set_up
from fengqiao.engine.errors import InputError


def add_to(groups: Any) -> None:
    """Add the portal's commands to the command line."""
    serve = groups.add_parser("serve", help="run the portal: web server and worker together (启动网站)")
    serve.add_argument("--address", default="127.0.0.1", help="address to listen on (default: this machine only)")
    serve.add_argument("--port", type=positive, default=8000)
    serve.add_argument("--processes", type=positive, default=2, help="processes of the web server")
    serve.add_argument("--threads", type=positive, default=8, help="threads of each")
    serve.add_argument("--jobs", type=positive, default=1, help="jobs at a time in the background")
    serve.set_defaults(run=run_serve)
    worker = groups.add_parser("worker", help="run one more worker for background jobs (后台任务进程)")
    worker.add_argument("--jobs", type=positive, default=1, help="jobs at a time")
    worker.add_argument("--until-idle", action="store_true", help="end when nothing is due")
    worker.set_defaults(run=run_worker)
    migrate = groups.add_parser("migrate", help="bring the database up to this version (升级数据库)")
    migrate.set_defaults(run=run_migrate)


def run_serve(arguments: argparse.Namespace) -> int:
    """Bring the embedded database up to date, then run web server and worker."""
    set_up()
    from django.conf import settings

    from fengqiao.portal.operations.database import bring_up_to_date, embedded, not_up_to_date
    from fengqiao.portal.operations.serving import serve

    refuse_taken_port(arguments.address, arguments.port)
    if embedded():
        bring_up_to_date()
    elif waiting := not_up_to_date():
        raise InputError(f"the database lacks {len(waiting)} changes of this version. Run fengqiao migrate first.")
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    print(f"枫桥已启动：http://{arguments.address}:{arguments.port}（Ctrl-C 结束）", flush=True)
    return serve(
        address=arguments.address, port=arguments.port, processes=arguments.processes, threads=arguments.threads,
        slots=arguments.jobs,
    )  # fmt: skip


def refuse_taken_port(address: str, port: int) -> None:
    """A sentence instead of a server that cannot start."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise InputError(
                f"cannot listen on {address}:{port}: {error.strerror}. End what uses it, or give another --port."
            ) from error


def run_worker(arguments: argparse.Namespace) -> int:
    """Run a worker until it is told to stop."""
    set_up()
    from fengqiao.portal.jobs.worker import Worker

    Worker(slots=arguments.jobs).run(until_idle=arguments.until_idle)
    return 0


def run_migrate(_: argparse.Namespace) -> int:
    """Bring the database up to date."""
    set_up()
    from fengqiao.portal.operations.database import bring_up_to_date

    for name in bring_up_to_date():
        print(name)
    return 0
