"""All tables of the app."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from fengqiao.portal.first_migration import FirstMigration


class Migration(FirstMigration):
    replaces = [("claims", "0001_initial"), ("claims", "0002_initial")]

    dependencies = [
        ("accounts", "0004_identity"),
        ("documents", "0001_initial"),
        ("jobs", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MassCase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=120, verbose_name="案件名称")),
                ("security", models.CharField(blank=True, max_length=20, verbose_name="证券代码")),
                ("note", models.TextField(blank=True, max_length=2000, verbose_name="备注")),
                ("organisation", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to="accounts.organisation", verbose_name="机构")),
                ("created_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to=settings.AUTH_USER_MODEL, verbose_name="登记人")),
                ("created_at", models.DateTimeField(verbose_name="登记时间")),
                ("updated_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to=settings.AUTH_USER_MODEL, verbose_name="修改人")),
                ("updated_at", models.DateTimeField(verbose_name="修改时间")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                ("runs_made", models.PositiveIntegerField(default=0, verbose_name="测算次数")),
                ("demo_key", models.CharField(blank=True, max_length=60, null=True, unique=True,
                    verbose_name="示例标识")),
            ],
            options={
                "verbose_name": "测算案件",
                "indexes": [
                    models.Index(fields=["organisation", "id"], name="mass_case_newest"),
                    models.Index(fields=["organisation", "title", "id"], name="mass_case_by_title"),
                    models.Index(fields=["organisation", "security", "id"], name="mass_case_by_security"),
                    models.Index(fields=["organisation", "updated_at", "id"], name="mass_case_by_change"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseInput",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("case", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="inputs",
                    to="claims.masscase", verbose_name="案件")),
                ("part", models.CharField(choices=[("case", "案件文件"), ("trades", "交易记录"), ("market", "行情"), ("indices",
                    "指数"), ("actions", "权益分派"), ("path", "模拟价格")], max_length=10, verbose_name="用途")),
                ("document", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to="documents.document", verbose_name="文件")),
                ("checked", models.CharField(choices=[("good", "可以使用"), ("warning", "可以使用，有提示"), ("bad", "不能使用")],
                    max_length=10, verbose_name="检查结果")),
                ("said", models.TextField(blank=True, verbose_name="检查说明")),
                ("added_at", models.DateTimeField(verbose_name="上传时间")),
                ("removed_at", models.DateTimeField(blank=True, null=True, verbose_name="移除时间")),
            ],
            options={
                "verbose_name": "测算文件",
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("removed_at", None), models.Q(("part", "trades"),
                        _negated=True)), fields=("case", "part"), name="one_file_a_part"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ResultSet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("run", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to="claims.measurementrun")),
                ("attempt", models.PositiveIntegerField()),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "结果集",
                "constraints": [
                    models.UniqueConstraint(fields=("run", "attempt"), name="one_result_set_an_attempt"),
                ],
            },
        ),
        migrations.CreateModel(
            name="MeasurementRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("case", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="runs",
                    to="claims.masscase", verbose_name="案件")),
                ("number", models.PositiveIntegerField(verbose_name="第几次")),
                ("inputs", models.JSONField(default=list, verbose_name="使用的文件")),
                ("engine_version", models.CharField(max_length=20, verbose_name="程序版本")),
                ("job", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to="jobs.job", verbose_name="后台任务")),
                ("started_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to=settings.AUTH_USER_MODEL, verbose_name="发起人")),
                ("started_at", models.DateTimeField(verbose_name="发起时间")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="完成时间")),
                ("results", models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="+", to="claims.resultset")),
                ("folder", models.CharField(blank=True, max_length=60, verbose_name="结果位置")),
                ("summary", models.JSONField(default=dict, verbose_name="结果概要")),
                ("seen_at", models.DateTimeField(blank=True, null=True, verbose_name="首次查看时间")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
            ],
            options={
                "verbose_name": "测算",
                "indexes": [
                    models.Index(condition=models.Q(("seen_at", None)), fields=["case", "-id"], name="runs_not_seen"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("case", "number"), name="runs_are_numbered"),
                    models.CheckConstraint(condition=models.Q(("finished_at", None), models.Q(("results__isnull",
                        False), models.Q(("folder", ""), _negated=True)), _connector="OR"),
                        name="finished_has_results"),
                ],
            },
        ),
        migrations.CreateModel(
            name="MeasuredInvestor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("result_set", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT,
                    related_name="+", to="claims.resultset")),
                ("investor", models.CharField(max_length=200, verbose_name="投资者编号")),
                ("segment", models.CharField(max_length=60, verbose_name="区间")),
                ("outcome", models.CharField(choices=[("awarded", "有应赔损失"), ("no_loss", "没有应赔损失"), ("out_of_scope",
                    "不在范围内")], max_length=12, verbose_name="结论")),
                ("scope", models.BigIntegerField(verbose_name="范围内股数")),
                ("purchase_average", models.BigIntegerField(null=True, verbose_name="买入均价")),
                ("difference", models.BigIntegerField(verbose_name="投资差额损失")),
                ("awarded", models.BigIntegerField(verbose_name="扣除后损失")),
                ("total", models.BigIntegerField(verbose_name="合计")),
                ("remarks", models.TextField(blank=True, verbose_name="提示")),
            ],
            options={
                "verbose_name": "投资者的测算结果",
                "indexes": [
                    models.Index(fields=["result_set", "id"], name="measured_in_order"),
                    models.Index(fields=["result_set", "investor"], name="measured_by_investor"),
                    models.Index(fields=["result_set", "total", "id"], name="measured_by_total"),
                    models.Index(fields=["result_set", "difference", "id"], name="measured_by_difference"),
                    models.Index(fields=["result_set", "outcome", "id"], name="measured_outcome"),
                    models.Index(fields=["result_set", "outcome", "total", "id"], name="measured_outcome_total"),
                    models.Index(fields=["result_set", "outcome", "difference", "id"],
                        name="measured_outcome_difference"),
                ],
            },
        ),
        migrations.CreateModel(
            name="MeasuredFinding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("result_set", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT,
                    related_name="+", to="claims.resultset")),
                ("code", models.CharField(max_length=40, verbose_name="提示")),
                ("file", models.CharField(max_length=255, verbose_name="文件")),
                ("sheet", models.CharField(blank=True, max_length=100, verbose_name="工作表")),
                ("row", models.BigIntegerField(default=0, verbose_name="行")),
                ("investor", models.CharField(blank=True, max_length=200, verbose_name="投资者编号")),
                ("reason", models.TextField(verbose_name="说明")),
                ("used", models.BooleanField(verbose_name="仍参与计算")),
            ],
            options={
                "verbose_name": "数据提示",
                "indexes": [
                    models.Index(fields=["result_set", "id"], name="findings_in_order"),
                    models.Index(fields=["result_set", "code", "id"], name="findings_by_code"),
                ],
            },
        ),
    ]  # fmt: skip
