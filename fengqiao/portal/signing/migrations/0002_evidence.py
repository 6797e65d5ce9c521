from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_identity"),
        ("jobs", "0001_initial"),
        ("signing", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("started_at", models.DateTimeField(verbose_name="发起时间")),
                ("signatories", models.JSONField(default=list, verbose_name="签署位置")),
                ("device", models.CharField(blank=True, max_length=300, verbose_name="设备")),
                (
                    "job",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="jobs.job",
                        verbose_name="后台任务",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                        verbose_name="机构",
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="发起人",
                    ),
                ),
            ],
            options={
                "verbose_name": "批量签署",
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("opened", "发起签署"),
                            ("link_made", "生成链接"),
                            ("link_opened", "打开链接"),
                            ("code_sent", "发送核对验证码"),
                            ("identity_checked", "核对身份"),
                            ("read_whole", "读完全文"),
                            ("signed", "签署"),
                            ("declined", "拒绝签署"),
                            ("effective", "各方当事人签齐"),
                            ("completed", "全部签署"),
                            ("voided", "作废"),
                            ("expired", "逾期"),
                        ],
                        max_length=20,
                        verbose_name="事项",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("who", models.CharField(blank=True, max_length=200, verbose_name="办理人")),
                ("address", models.CharField(blank=True, max_length=45, verbose_name="网络地址")),
                ("device", models.CharField(blank=True, max_length=300, verbose_name="设备")),
                ("text_sha256", models.CharField(max_length=64, verbose_name="文本 SHA-256")),
                ("file_sha256", models.CharField(blank=True, max_length=64, verbose_name="签署文件 SHA-256")),
                ("pages", models.JSONField(default=list, verbose_name="读过的页")),
                ("identity", models.CharField(blank=True, max_length=200, verbose_name="身份核对方式")),
                ("consent", models.TextField(blank=True, verbose_name="同意的内容")),
                ("consent_version", models.CharField(blank=True, max_length=20, verbose_name="同意文本版本")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                (
                    "signatory",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="signing.signatory",
                        verbose_name="签署人",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="signing.signinground",
                        verbose_name="签署",
                    ),
                ),
            ],
            options={
                "verbose_name": "签署证据",
            },
        ),
        migrations.CreateModel(
            name="PageRead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("page", models.PositiveIntegerField(verbose_name="页")),
                ("read_at", models.DateTimeField(verbose_name="时间")),
                (
                    "signatory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pages_read",
                        to="signing.signatory",
                        verbose_name="签署人",
                    ),
                ),
            ],
            options={
                "verbose_name": "已读的页",
                "constraints": [models.UniqueConstraint(fields=("signatory", "page"), name="page_read_once")],
            },
        ),
        migrations.CreateModel(
            name="IdentityCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code_digest", models.CharField(max_length=64)),
                ("mobile_shown", models.CharField(max_length=20, verbose_name="手机号码（掩码）")),
                ("sent_at", models.DateTimeField(verbose_name="发送时间")),
                ("expires_at", models.DateTimeField(verbose_name="有效期至")),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="已试次数")),
                ("passed_at", models.DateTimeField(blank=True, null=True, verbose_name="通过时间")),
                (
                    "signatory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checks",
                        to="signing.signatory",
                        verbose_name="签署人",
                    ),
                ),
            ],
            options={
                "verbose_name": "身份核对",
                "indexes": [models.Index(fields=["signatory", "-id"], name="checks_newest")],
            },
        ),
        migrations.AddIndex(
            model_name="evidence",
            index=models.Index(fields=["round", "id"], name="evidence_in_order"),
        ),
    ]
