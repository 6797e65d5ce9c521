"""All tables of the app."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import fengqiao.portal.vault.fields
from fengqiao.portal.first_migration import FirstMigration


class Migration(FirstMigration):
    dependencies = [
        ("accounts", "0004_identity"),
        ("documents", "0003_examined"),
        ("parties", "0003_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Filling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("form", models.CharField(max_length=64, verbose_name="文书")),
                ("name", models.CharField(blank=True, max_length=60, verbose_name="备注名")),
                ("party", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="+", to="parties.party", verbose_name="当事人")),
                ("role", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="+", to="accounts.role", verbose_name="填写人的角色")),
                ("organisation", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="+", to="accounts.organisation", verbose_name="机构")),
                ("data", fengqiao.portal.vault.fields.SealedField(blank=True, companions=False, index=False,
                    kind="text", purpose="drafting.filling", verbose_name="内容")),
                ("revisions", models.JSONField(default=dict, verbose_name="各步的修改")),
                ("revision", models.PositiveIntegerField(default=0, verbose_name="修改次数")),
                ("state", models.CharField(choices=[("draft", "填写中"), ("finished", "已完成")], default="draft",
                    max_length=10, verbose_name="状态")),
                ("created_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to=settings.AUTH_USER_MODEL, verbose_name="建立人")),
                ("created_at", models.DateTimeField(verbose_name="建立时间")),
                ("saved_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to=settings.AUTH_USER_MODEL, verbose_name="最后保存人")),
                ("saved_at", models.DateTimeField(verbose_name="保存时间")),
                ("disposed_at", models.DateTimeField(blank=True, null=True, verbose_name="处置时间")),
                ("seal_row", models.UUIDField(default=uuid.uuid4, editable=False, verbose_name="密文所属行")),
            ],
            options={
                "verbose_name": "文书填写",
                "indexes": [
                    models.Index(fields=["party", "id"], name="fillings_party_new"),
                    models.Index(fields=["party", "state", "id"], name="fillings_party_state"),
                    models.Index(fields=["party", "saved_at", "id"], name="fillings_party_saved"),
                    models.Index(fields=["party", "state", "saved_at", "id"], name="fillings_party_both"),
                    models.Index(fields=["role", "id"], name="fillings_role_new"),
                    models.Index(fields=["role", "state", "id"], name="fillings_role_state"),
                    models.Index(fields=["role", "saved_at", "id"], name="fillings_role_saved"),
                    models.Index(fields=["role", "state", "saved_at", "id"], name="fillings_role_both"),
                    models.Index(fields=["organisation", "id"], name="fillings_organ_new"),
                    models.Index(fields=["organisation", "state", "id"], name="fillings_organ_state"),
                    models.Index(fields=["organisation", "saved_at", "id"], name="fillings_organ_saved"),
                    models.Index(fields=["organisation", "state", "saved_at", "id"], name="fillings_organ_both"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(models.Q(("party__isnull", False), ("role", None)),
                        models.Q(("party", None), ("role__isnull", False)), _connector="OR"),
                        name="filling_of_a_party_or_a_role"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Output",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("filling", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="outputs",
                    to="drafting.filling", verbose_name="文书填写")),
                ("number", models.PositiveIntegerField(verbose_name="版本")),
                ("template_version", models.CharField(max_length=20, verbose_name="文书样式版本")),
                ("data_sha256", models.CharField(max_length=64, verbose_name="数据 SHA-256")),
                ("revision", models.PositiveIntegerField(verbose_name="修改次数")),
                ("pdf", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to="documents.document", verbose_name="PDF")),
                ("docx", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to="documents.document", verbose_name="Word")),
                ("made_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to=settings.AUTH_USER_MODEL, verbose_name="生成人")),
                ("made_at", models.DateTimeField(verbose_name="生成时间")),
            ],
            options={
                "verbose_name": "生成的文书",
                "constraints": [
                    models.UniqueConstraint(fields=("filling", "number"), name="output_once_a_number"),
                ],
            },
        ),
    ]  # fmt: skip
