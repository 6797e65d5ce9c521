"""All tables of the app."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from fengqiao.portal.first_migration import FirstMigration


class Migration(FirstMigration):
    replaces = [("documents", "0001_initial"), ("documents", "0002_versions"), ("documents", "0003_examined")]

    dependencies = [
        ("accounts", "0004_identity"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Content",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False,
                    verbose_name="SHA-256")),
                ("sm3", models.CharField(max_length=64, verbose_name="SM3")),
                ("size", models.BigIntegerField(verbose_name="大小")),
                ("kind", models.CharField(choices=[("csv", "CSV 表格"), ("xlsx", "Excel 工作簿"), ("xls",
                    "旧版 Excel 工作簿（xls）"), ("parquet", "Parquet 数据"), ("toml", "TOML 设置文件"), ("pdf", "PDF 文件"),
                    ("png", "PNG 图片"), ("jpeg", "JPEG 图片"), ("webp", "WebP 图片"), ("tiff", "TIFF 图片"), ("docx",
                    "Word 文档"), ("doc", "旧版 Word 文档（doc）"), ("ofd", "OFD 版式文件"), ("zip", "ZIP 压缩包"), ("text", "文本"),
                    ("other", "其他")], max_length=10, verbose_name="类型")),
                ("encoding", models.CharField(blank=True, max_length=20, verbose_name="文字编码")),
                ("stored_at", models.DateTimeField(verbose_name="存入时间")),
                ("pages", models.PositiveIntegerField(default=0, verbose_name="可预览的页数")),
                ("said", models.CharField(blank=True, max_length=500, verbose_name="检查时的说明")),
            ],
            options={
                "verbose_name": "文件内容",
            },
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("content", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="documents",
                    to="documents.content", verbose_name="内容")),
                ("name", models.CharField(max_length=255, verbose_name="文件名")),
                ("subject_kind", models.CharField(max_length=64, verbose_name="所属类别")),
                ("subject_id", models.CharField(max_length=40, verbose_name="所属编号")),
                ("uploaded_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to=settings.AUTH_USER_MODEL, verbose_name="上传人")),
                ("organisation", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="+", to="accounts.organisation", verbose_name="机构")),
                ("uploaded_at", models.DateTimeField(verbose_name="上传时间")),
                ("made", models.BooleanField(default=False, verbose_name="由平台生成")),
                ("replaces", models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="replaced_by", to="documents.document", verbose_name="上一版本")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
            ],
            options={
                "verbose_name": "文件",
                "indexes": [
                    models.Index(fields=["subject_kind", "subject_id", "uploaded_at"], name="documents_of_subject"),
                ],
            },
        ),
    ]  # fmt: skip
