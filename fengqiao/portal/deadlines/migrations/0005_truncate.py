"""PostgreSQL refuses to empty the history at one stroke, too. A later migration of this table must install the triggers
again: SQLite drops them when it rebuilds a table."""

from django.db import migrations

from fengqiao.portal.deadlines.triggers import HISTORY


def install(apps, schema_editor):
    HISTORY.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = (("deadlines", "0004_closed"),)
    operations = (migrations.RunPython(install, migrations.RunPython.noop),)
