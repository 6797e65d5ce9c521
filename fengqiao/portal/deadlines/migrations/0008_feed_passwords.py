"""Calendar feeds are read with a user name and a password."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("deadlines", "0007_replacing"),)

    operations = (
        migrations.AddField(
            "feed", "name", models.CharField(max_length=20, null=True, unique=True, verbose_name="用户名")
        ),
        migrations.AddField("feed", "password_digest", models.CharField(default="", max_length=64), False),
        migrations.AddField(
            "feed", "last_read_at", models.DateTimeField(blank=True, null=True, verbose_name="最近读取")
        ),
        migrations.AddField("feed", "ended_by_upgrade", models.BooleanField(default=False, verbose_name="升级时停用")),
    )
