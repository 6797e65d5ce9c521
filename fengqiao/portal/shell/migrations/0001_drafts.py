"""All tables of the app."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import fengqiao.portal.vault.fields
from fengqiao.portal.first_migration import FirstMigration


class Migration(FirstMigration):
    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("owner", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+",
                    to=settings.AUTH_USER_MODEL, verbose_name="填写人")),
                ("form", models.CharField(max_length=64, verbose_name="表单")),
                ("subject", models.CharField(blank=True, max_length=64, verbose_name="对象")),
                ("data", fengqiao.portal.vault.fields.SealedField(companions=False, index=False, kind="text",
                    purpose="shell.draft", verbose_name="内容")),
                ("device", models.CharField(choices=[("phone", "手机"), ("computer", "电脑")], max_length=10,
                    verbose_name="设备")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                ("updated_at", models.DateTimeField(db_index=True, verbose_name="修改时间")),
                ("seal_row", models.UUIDField(default=uuid.uuid4, editable=False, verbose_name="密文所属行")),
            ],
            options={
                "verbose_name": "草稿",
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "form", "subject"), name="one_draft_of_a_form"),
                ],
            },
        ),
    ]  # fmt: skip
