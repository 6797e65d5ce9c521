"""The database refuses to change or remove traces. A later migration of this table must install the triggers again:
SQLite drops them when it rebuilds a table."""

from django.db import migrations

from fengqiao.portal.service.triggers import TRACES


def install(apps, schema_editor):
    TRACES.install(schema_editor.connection)


def remove(apps, schema_editor):
    TRACES.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = (("service", "0003_traces"),)
    operations = (migrations.RunPython(install, remove),)
