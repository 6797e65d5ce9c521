"""Words for events, as time lines and summaries show them. An app names its verbs in `audit_verbs` of its AppConfig."""

from __future__ import annotations

from collections.abc import Iterable

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist

WITHOUT_APP = {"demo.filled": "填入演示数据"}


def verb_label(verb: str) -> str:
    """claims.run_closed -> what the app calls it; the verb itself when it has no name."""
    app, _, name = verb.partition(".")
    known = getattr(apps.app_configs.get(app), "audit_verbs", {})
    return str(known.get(name) or WITHOUT_APP.get(verb, verb))


def subject_label(kind: str, number: str) -> str:
    """claims.run, 12 -> the model's name and the number."""
    try:
        return f"{apps.get_model(kind)._meta.verbose_name} {number}"
    except (LookupError, ValueError):
        return f"{kind} {number}".strip()


def field_labels(kind: str, names: Iterable[str]) -> list[str]:
    """Names of fields -> what the model calls them."""
    try:
        fields = apps.get_model(kind)._meta
    except (LookupError, ValueError):
        return list(names)
    found = []
    for name in names:
        try:
            found.append(str(fields.get_field(name).verbose_name))
        except (FieldDoesNotExist, AttributeError):
            found.append(name)
    return found
