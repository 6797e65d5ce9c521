"""Addresses of calendar feeds with a secret in them end: in a step of its own, PostgreSQL asks for it."""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.utils import timezone


def end_addresses(apps: Any, schema_editor: Any) -> None:
    """Those still in use; their owners read on the page why."""
    feeds = apps.get_model("deadlines", "Feed")
    feeds.objects.filter(revoked_at=None).update(revoked_at=timezone.now(), ended_by_upgrade=True, password_digest="")
    feeds.objects.update(password_digest="")


class Migration(migrations.Migration):
    dependencies = (("deadlines", "0008_feed_passwords"),)

    operations = (migrations.RunPython(end_addresses, migrations.RunPython.noop),)
