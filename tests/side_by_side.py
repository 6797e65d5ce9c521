"""A pytest plugin for runs in several processes: costly files begin first, and the kernels are compiled meanwhile.

Every file stays in one process (`--dist loadfile`), so that what its tests share is made once. The name of a group
(`--dist loadgroup`) would not do: this version of pytest no longer hands it on.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COSTLY = (
    "tests/test_permissions.py",
    "tests/test_bad_input.py",
    "tests/test_hardening.py",
    "fengqiao/portal/operations/tests/test_older_database.py",
    "fengqiao/engine/forms/tests/test_forms.py",
    "fengqiao/portal/operations/tests/test_deployment.py",
    "fengqiao/portal/operations/tests/test_serving.py",
    "fengqiao/portal/claims/tests/test_database_restart.py",
    "fengqiao/cli/tests/test_demo_portal.py",
    "tests/test_readme.py",
    "fengqiao/engine/loss/spill/tests/test_same_as_in_memory.py",
    "fengqiao/engine/loss/grid/tests/test_same_as_single_runs.py",
    "fengqiao/engine/loss/reading/tests/test_pages.py",
    "fengqiao/cli/tests/test_same_bytes.py",
    "fengqiao/cli/tests/test_compare.py",
    "fengqiao/cli/tests/test_memory_limit.py",
    "fengqiao/engine/loss/outputs/tests/test_spreadsheets.py",
    "fengqiao/portal/claims/tests/test_runs.py",
    "fengqiao/portal/claims/tests/test_pages.py",
)
"""The longest first, those that need no kernels before the others: a long one at the end would keep one processor
waiting. A file that is not named takes its turn after these."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ranks = {ROOT / name: rank for rank, name in enumerate(COSTLY)}
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))


def pytest_configure(config: pytest.Config) -> None:
    """The first process has nothing to do but hand out tests."""
    config._compiling = None
    if getattr(config.option, "dist", "no") != "no" and not hasattr(config, "workerinput"):
        script = "from fengqiao.engine.loss import native; native.kernels()"
        config._compiling = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT)


def pytest_unconfigure(config: pytest.Config) -> None:
    if config._compiling:
        config._compiling.wait()
