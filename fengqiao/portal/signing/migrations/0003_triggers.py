"""The database refuses to change or remove evidence. A later migration of this table must install the triggers again:
SQLite drops them when it rebuilds a table."""

from django.db import migrations

from fengqiao.portal.signing.triggers import EVIDENCE


def install(apps, schema_editor):
    EVIDENCE.install(schema_editor.connection)


def remove(apps, schema_editor):
    EVIDENCE.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = (("signing", "0002_evidence"),)
    operations = (migrations.RunPython(install, remove),)
