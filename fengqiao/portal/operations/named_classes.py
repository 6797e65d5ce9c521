"""Classes that the operator names in settings: loaded at the start, so that a slip is said then and not to a user."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from fengqiao.engine.errors import InputError


def named() -> dict[str, str]:
    """The settings that name a class, and what they name; addresses and empty ones left out."""
    given = {
        "FENGQIAO_SMS_GATEWAY": settings.SMS_GATEWAY,
        "FENGQIAO_VOICE_GATEWAY": settings.VOICE_GATEWAY,
        "FENGQIAO_SIGNING_SERVICE": settings.ENVIRONMENT.signing_service,
    }
    return {name: value for name, value in given.items() if value and "://" not in value}


def require_loadable() -> None:
    """Refuse a class that is not there."""
    for name, value in named().items():
        try:
            import_string(value)
        except ImportError as error:
            raise InputError(
                f"{name} is {value!r}, which cannot be loaded (设置不能用: {error}); "
                "give a class as module.Class, installed "
                "beside fengqiao."
            ) from error
