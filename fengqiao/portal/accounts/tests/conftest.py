"""What all tests of accounts share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def own_messages(tmp_path: Path, settings: Any) -> None:
    """A file of short messages of each test's own: other processes of the tests write to the same mobiles."""
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, home=tmp_path)
