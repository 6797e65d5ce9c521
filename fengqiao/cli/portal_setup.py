"""Makes the portal ready for a command. Only commands of the portal pay for it: measuring does without."""

from __future__ import annotations

import importlib.util
import os

from fengqiao.engine.errors import InputError

SETTINGS = "fengqiao.portal.settings"
NOT_INSTALLED = (
    "The portal's parts are not installed (没有安装门户). Install them with: pip install 'fengqiao[portal]'."
)


def installed() -> bool:
    """True when the portal's parts are there."""
    return importlib.util.find_spec("django") is not None


def require_installed() -> None:
    """A sentence when the portal's parts are missing."""
    if not installed():
        raise InputError(NOT_INSTALLED)


def set_up() -> None:
    """Set Django up; a sentence when it is missing or its settings cannot be used."""
    require_installed()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as error:
        raise InputError(str(error)) from error
    from fengqiao.portal.operations.named_classes import require_loadable

    require_loadable()


def said_of_database(error: Exception) -> str:
    """The sentence for a database that does not answer or was never made; empty for every other error."""
    if type(error).__module__ != "django.db.utils":
        return ""
    said = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
    if "no such table" in said or ("relation" in said and "does not exist" in said):
        return f"the database lacks tables of this version ({said}). Run fengqiao migrate first."
    if "not a database" in said or "malformed" in said:
        return f"the database file is damaged, or no database: {said}. Check DATABASE_URL, or restore the last backup."
    if type(error).__name__ in ("OperationalError", "InterfaceError"):
        return (
            f"the database does not answer: {said}. Check that its server runs, that DATABASE_URL is right and that "
            "its disk is not full, then run the command again."
        )
    return ""
