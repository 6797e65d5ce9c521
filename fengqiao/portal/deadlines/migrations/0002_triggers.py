"""The database refuses to change or remove what happened. A later migration of this table must install the triggers
again: SQLite drops them when it rebuilds a table."""

from django.db import migrations

from fengqiao.portal.deadlines.triggers import HISTORY


def install(apps, schema_editor):
    HISTORY.install(schema_editor.connection)


def remove(apps, schema_editor):
    HISTORY.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = (("deadlines", "0001_initial"),)
    operations = (migrations.RunPython(install, remove),)
