"""The process that looks at signatures: each file in a fork of its own, with limits on memory, time and writing."""

from __future__ import annotations

import base64
import datetime as dt
import logging
from pathlib import Path
from typing import Any

import pyhanko.sign.diff_analysis
import pyhanko.sign.validation.pdf_embedded  # loaded before the forks, which begin warm

from fengqiao.portal.documents.examining import child
from fengqiao.portal.signing.verifying.look import Trust, look

LOADED = (pyhanko.sign.diff_analysis, pyhanko.sign.validation.pdf_embedded)


def do(job: dict[str, Any]) -> dict[str, Any]:
    """Look at one file."""
    try:
        roots = tuple(base64.b64decode(one) for one in job["roots"])
        tests = tuple(base64.b64decode(one) for one in job["tests"])
        return look(Path(job["path"]).read_bytes(), Trust(roots, tests), dt.datetime.fromisoformat(job["now"]))
    except MemoryError:
        return {"failed": "memory"}
    except Exception as error:  # whatever a hostile file does to a parser is an answer about that file
        return {"failed": "crash", "error": type(error).__name__}


def main() -> None:
    """Answer line by line, until the portal closes the pipe."""
    logging.disable(logging.CRITICAL)
    child.main(do)
