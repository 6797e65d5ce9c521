"""A pytest plugin, loaded before any setting is read: tests have a home of their own, and leave nothing behind."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

if "PYTEST_XDIST_WORKER" not in os.environ:  # workers inherit the first process's home
    os.environ["FENGQIAO_HOME"] = tempfile.mkdtemp(prefix="fengqiao-tests-")
    atexit.register(shutil.rmtree, os.environ["FENGQIAO_HOME"], ignore_errors=True)
