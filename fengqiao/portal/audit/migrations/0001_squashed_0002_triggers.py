"""All tables of the app."""

from django.db import migrations, models

from fengqiao.portal.audit import triggers
from fengqiao.portal.first_migration import FirstMigration, Triggers


class Migration(FirstMigration):
    replaces = [("audit", "0001_initial"), ("audit", "0002_triggers")]

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                ("number", models.PositiveBigIntegerField(primary_key=True, serialize=False, verbose_name="序号")),
                ("chain", models.PositiveBigIntegerField(verbose_name="机构链")),
                ("chain_number", models.PositiveBigIntegerField(verbose_name="链内序号")),
                ("at", models.DateTimeField(db_index=True, verbose_name="时间")),
                ("verb", models.CharField(max_length=80, verbose_name="行为")),
                ("subject_kind", models.CharField(max_length=80, verbose_name="对象类型")),
                ("subject_id", models.CharField(max_length=64, verbose_name="对象编号")),
                ("case", models.CharField(blank=True, max_length=96, verbose_name="案件")),
                ("reason", models.TextField(blank=True, verbose_name="理由")),
                ("changed", models.TextField(blank=True, verbose_name="变更的栏目")),
                ("user_id", models.BigIntegerField(null=True, verbose_name="用户编号")),
                ("name", models.CharField(max_length=128, verbose_name="姓名")),
                ("role", models.CharField(blank=True, max_length=40, verbose_name="角色")),
                ("role_label", models.CharField(blank=True, max_length=64, verbose_name="角色名称")),
                ("organisation_id", models.BigIntegerField(null=True, verbose_name="机构编号")),
                ("organisation_name", models.CharField(blank=True, max_length=128, verbose_name="机构名称")),
                ("on_behalf_of_id", models.BigIntegerField(null=True, verbose_name="被代理人编号")),
                ("on_behalf_of_name", models.CharField(blank=True, max_length=128, verbose_name="被代理人")),
                ("address", models.CharField(blank=True, max_length=64, verbose_name="网络地址")),
                ("channel", models.CharField(max_length=16, verbose_name="途径")),
                ("salt_key", models.CharField(blank=True, max_length=8, verbose_name="盐的密钥")),
                ("before_sha256", models.BinaryField(verbose_name="变更前 SHA-256")),
                ("before_sm3", models.BinaryField(verbose_name="变更前 SM3")),
                ("after_sha256", models.BinaryField(verbose_name="变更后 SHA-256")),
                ("after_sm3", models.BinaryField(verbose_name="变更后 SM3")),
                ("content_sha256", models.BinaryField(verbose_name="内容 SHA-256")),
                ("content_sm3", models.BinaryField(verbose_name="内容 SM3")),
                ("previous_sha256", models.BinaryField(verbose_name="前一事件 SHA-256")),
                ("previous_sm3", models.BinaryField(verbose_name="前一事件 SM3")),
                ("chain_previous_sha256", models.BinaryField(verbose_name="链内前一事件 SHA-256")),
                ("chain_previous_sm3", models.BinaryField(verbose_name="链内前一事件 SM3")),
            ],
            options={
                "verbose_name": "审计事件",
                "ordering": ("number",),
                "indexes": [
                    models.Index(fields=["subject_kind", "subject_id"], name="events_of_a_subject"),
                    models.Index(condition=models.Q(("case", ""), _negated=True), fields=["case"],
                        name="events_of_a_case"),
                    models.Index(fields=["user_id"], name="events_of_a_user"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("chain", "chain_number"), name="event_once_in_its_chain"),
                    models.CheckConstraint(condition=models.Q(("chain_number__gte", 1), ("number__gte", 1)),
                        name="events_from_one"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Head",
            fields=[
                ("chain", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="链")),
                ("number", models.PositiveBigIntegerField(default=0, verbose_name="最后序号")),
                ("sha256",
                    models.BinaryField(default=b'\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00', verbose_name="SHA-256")),
                ("sm3",
                    models.BinaryField(default=b'\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00', verbose_name="SM3")),
                ("seal", models.CharField(blank=True, max_length=80, verbose_name="封印")),
            ],
            options={
                "verbose_name": "审计链头",
            },
        ),
        Triggers(triggers.install, triggers.remove),
    ]  # fmt: skip
