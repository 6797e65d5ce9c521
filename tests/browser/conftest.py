"""A real server, a real browser: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from tests.browser.cast import Cast, make_cast
from tests.browser.looking import PATIENCE
from tests.lifting import all_lifted

ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=zh-CN",
]  # fmt: skip
HOW_TO_INSTALL = (
    "Chromium was not found, so no page can be looked at. Install it (Debian, Ubuntu: sudo apt-get install chromium "
    "fonts-noto-cjk), or name another one in the environment variable CHROMIUM; then run this again."
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever needs a browser belongs to `make test-pages`."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("pages")


def chromium() -> str | None:
    """The browser to use."""
    named = os.environ.get("CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One browser for all tests of a process."""
    from playwright.sync_api import expect, sync_playwright

    found = chromium()
    if found is None:
        pytest.fail(HOW_TO_INSTALL, pytrace=False)
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright has a loop in this thread
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def db(django_db_setup: None) -> None:
    """The tests' database. No transaction around a test: the server must see what the test wrote."""


@pytest.fixture(scope="module")
def server(db: None, django_db_blocker: Any) -> Iterator[str]:
    """The portal on a port of its own, with the pages of the patterns."""
    from django.test import override_settings
    from pytest_django.live_server_helper import LiveServer

    with django_db_blocker.unblock(), override_settings(ROOT_URLCONF="tests.browser.specimens", ALLOWED_HOSTS=["*"]):
        running = LiveServer("127.0.0.1")
        yield running.url
        running.stop()


@pytest.fixture(scope="module")
def cast(server: str) -> Iterator[Cast]:
    """The people; everything they left behind is removed when the module is through."""
    made = make_cast()
    yield made
    with all_lifted(connection):
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def pictures() -> Path | None:
    """Where pictures of pages go: the folder named in PICTURES, or nowhere."""
    folder = os.environ.get("PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder) if folder else None
