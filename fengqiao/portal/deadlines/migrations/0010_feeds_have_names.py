"""A feed in use has a user name, and nothing is kept of the addresses of before."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = (("deadlines", "0009_addresses_end"),)

    operations = (
        migrations.RemoveField("feed", "token_digest"),
        migrations.AddConstraint(
            "feed",
            models.CheckConstraint(condition=Q(name__isnull=False) | Q(revoked_at__isnull=False), name="feed_has_name"),
        ),
    )
