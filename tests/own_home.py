"""A pytest plugin, loaded before any setting is read: every process of the tests has a home of its own, and leaves
nothing behind.

Processes that shared one would write their short messages into one file and keep their files in one store: a test would
read the code that another's person was sent.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

WORKER = os.environ.get("PYTEST_XDIST_WORKER")

if WORKER:  # inside the first process's home, which goes with that process
    home = Path(os.environ["FENGQIAO_HOME"], WORKER)
    home.mkdir(parents=True, exist_ok=True)
    os.environ["FENGQIAO_HOME"] = str(home)
else:
    os.environ["FENGQIAO_HOME"] = tempfile.mkdtemp(prefix="fengqiao-tests-")
    atexit.register(shutil.rmtree, os.environ["FENGQIAO_HOME"], ignore_errors=True)
