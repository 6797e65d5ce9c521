"""Entry point of the `fengqiao` command: finds the command, turns errors into one sentence and an exit code."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from fengqiao import __version__
from fengqiao.engine.errors import FengqiaoError

BAD_INPUT, INTERRUPTED = 2, 130
COMMANDS = {
    "loss": "loss", "deadline": "deadline", "form": "form", "demo": "demo",
    "serve": "portal", "worker": "portal", "migrate": "portal", "check-deploy": "portal", "backup": "portal",
    "restore": "portal", "audit": "audit", "keys": "keys",
}  # fmt: skip
"""Commands and the modules that hold them."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog}: {message}. See {self.prog} --help.\n")


def build_parser(wanted: str = "") -> Parser:
    """The whole command line; or only the part with a command: the others need not be loaded then."""
    modules = [COMMANDS[wanted]] if wanted in COMMANDS else list(dict.fromkeys(COMMANDS.values()))
    parser = Parser(prog="fengqiao", description="枫桥: resolve securities and futures disputes.")
    parser.add_argument("--version", action="version", version=f"fengqiao {__version__}")
    groups = parser.add_subparsers(dest="group", required=True, metavar="COMMAND", parser_class=Parser)
    for name in modules:
        importlib.import_module(f"fengqiao.cli.{name}").add_to(groups)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code (0 done, 1 as the command says, 2 unusable input, 130 interrupted)."""
    words = sys.argv[1:] if argv is None else argv
    arguments = build_parser(words[0] if words else "").parse_args(argv)
    try:
        code = int(arguments.run(arguments) or 0)
        sys.stdout.flush()
        return code
    except FengqiaoError as error:
        print(f"fengqiao: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("fengqiao: interrupted; nothing was written.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        print(f"fengqiao: the system refused a file{where}: {error.strerror or error}.", file=sys.stderr)
        return BAD_INPUT
    except MemoryError:
        print("fengqiao: not enough memory for this input; nothing was written.", file=sys.stderr)
        return BAD_INPUT
    except Exception as error:
        from fengqiao.cli.portal_setup import said_of_database

        sentence = said_of_database(error)
        if not sentence:
            raise
        print(f"fengqiao: {sentence}", file=sys.stderr)
        return BAD_INPUT


def entry() -> NoReturn:
    """What the installed command calls. Leaves at once: all files are closed by then, and taking the interpreter down
    costs as much as a small measurement."""
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    entry()
