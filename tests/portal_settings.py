"""Settings for tests: those of the portal, and apps that exist for tests only."""

from __future__ import annotations

from fengqiao.portal.settings import *  # noqa: F403
from fengqiao.portal.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "fengqiao.portal.vault.tests.archive"]
