"""All tables of the app."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import fengqiao.portal.vault.fields
from fengqiao.portal.first_migration import FirstMigration


class Migration(FirstMigration):
    replaces = [
        ("accounts", "0001_initial"),
        ("accounts", "0002_organisation_indexes"),
        ("accounts", "0003_active_organisation_indexes"),
        ("accounts", "0004_identity"),
        ("accounts", "0005_sessions_end_before"),
        ("accounts", "0006_login_codes_and_devices"),
        ("accounts", "0007_account_closed"),
    ]

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("username", models.CharField(max_length=64, unique=True, verbose_name="登录名")),
                ("name", models.CharField(max_length=64, verbose_name="姓名")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="电子邮箱")),
                ("is_active", models.BooleanField(default=True, verbose_name="可以登录")),
                ("elder_mode", models.BooleanField(default=False, verbose_name="长辈模式")),
                ("joined_at", models.DateTimeField(verbose_name="开户时间")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="注销时间")),
                ("sessions_end_before", models.DateTimeField(blank=True, null=True, verbose_name="此前的登录都已结束")),
            ],
            options={
                "verbose_name": "用户",
            },
        ),
        migrations.CreateModel(
            name="Organisation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("firm", "经营机构"), ("listed_company", "上市公司"), ("mediation",
                    "调解组织"), ("court", "人民法院"), ("local_office", "派出机构"), ("services_centre", "投资者服务中心"),
                    ("education_base", "投资者教育基地"), ("task_force", "工作专班"), ("law_firm", "律师事务所"), ("platform",
                    "平台运营方")], max_length=20, verbose_name="类型")),
                ("name", models.CharField(max_length=128, unique=True, verbose_name="名称")),
                ("credit_code", models.CharField(blank=True, max_length=18, verbose_name="统一社会信用代码")),
                ("region", models.CharField(blank=True, max_length=64, verbose_name="地区")),
                ("is_active", models.BooleanField(default=True, verbose_name="启用")),
            ],
            options={
                "verbose_name": "机构",
                "indexes": [
                    models.Index(condition=models.Q(("is_active", True)), fields=["name", "id"],
                        name="active_organisation_by_name"),
                    models.Index(condition=models.Q(("is_active", True)), fields=["kind", "name", "id"],
                        name="active_organisation_by_kind"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Role",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="roles",
                    to=settings.AUTH_USER_MODEL, verbose_name="用户")),
                ("organisation", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="roles", to="accounts.organisation", verbose_name="机构")),
                ("kind", models.CharField(choices=[("investor", "投资者"), ("agent", "代理人"), ("complaint_handler",
                    "投诉处理岗"), ("hotline_agent", "12386坐席"), ("mediator", "调解员"), ("mediation_manager", "调解管理员"),
                    ("judge", "法官"), ("clerk", "书记员"), ("measurer", "损失测算员"), ("regulator", "监管人员"),
                    ("task_force_officer", "专班办公室"), ("outreach_worker", "投教与劝阻"), ("administrator", "管理员")],
                    max_length=20, verbose_name="角色")),
                ("granted_at", models.DateTimeField(verbose_name="授予时间")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="终止时间")),
            ],
            options={
                "verbose_name": "角色",
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("ended_at", None)), fields=("user", "organisation",
                        "kind"), name="role_once_at_a_time", nulls_distinct=False),
                    models.CheckConstraint(condition=models.Q(models.Q(("kind", "investor"), ("organisation", None)),
                        ("kind", "agent"), models.Q(("organisation__isnull", False), models.Q(("kind", "investor"),
                        _negated=True)), _connector="OR"), name="role_stands_in_an_organisation"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Identity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="identity",
                    to=settings.AUTH_USER_MODEL, verbose_name="用户")),
                ("kind", models.CharField(blank=True, choices=[("id_card", "居民身份证"), ("passport", "护照"),
                    ("hong_kong_macau", "港澳居民来往内地通行证"), ("taiwan", "台湾居民来往大陆通行证"), ("foreign_resident",
                    "外国人永久居留身份证")], max_length=20, verbose_name="证件类型")),
                ("number", fengqiao.portal.vault.fields.SealedField(blank=True, companions=False, index=True,
                    kind="identity_number", purpose="identity.number", verbose_name="证件号码")),
                ("mobile", fengqiao.portal.vault.fields.SealedField(blank=True, companions=False, index=True,
                    kind="mobile", purpose="identity.mobile", verbose_name="手机号码")),
                ("mobile_verified_at", models.DateTimeField(blank=True, null=True, verbose_name="手机号码确认时间")),
                ("seal_row", models.UUIDField(default=uuid.uuid4, editable=False, verbose_name="密文所属行")),
                ("number_index", fengqiao.portal.vault.fields.BlindIndexField(blank=True, db_index=True,
                    editable=False, max_length=40, source="number")),
                ("mobile_index", fengqiao.portal.vault.fields.BlindIndexField(blank=True, db_index=True,
                    editable=False, max_length=40, source="mobile")),
            ],
            options={
                "verbose_name": "实名信息",
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("organisation", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT,
                    related_name="invitations", to="accounts.organisation", verbose_name="机构")),
                ("name", models.CharField(max_length=64, verbose_name="姓名")),
                ("kinds", models.JSONField(default=list, verbose_name="角色")),
                ("mobile", fengqiao.portal.vault.fields.SealedField(blank=True, companions=False, index=True,
                    kind="mobile", purpose="invitation.mobile", verbose_name="手机号码")),
                ("token_digest", models.CharField(max_length=64, unique=True)),
                ("invited_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to=settings.AUTH_USER_MODEL, verbose_name="邀请人")),
                ("created_at", models.DateTimeField(verbose_name="邀请时间")),
                ("expires_at", models.DateTimeField(verbose_name="有效期至")),
                ("accepted_by", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="接受人")),
                ("accepted_at", models.DateTimeField(blank=True, null=True, verbose_name="接受时间")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="撤回时间")),
                ("seal_row", models.UUIDField(default=uuid.uuid4, editable=False, verbose_name="密文所属行")),
                ("mobile_index", fengqiao.portal.vault.fields.BlindIndexField(blank=True, db_index=True,
                    editable=False, max_length=40, source="mobile")),
            ],
            options={
                "verbose_name": "邀请",
            },
        ),
        migrations.CreateModel(
            name="LoginAttempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="login_attempts",
                    to=settings.AUTH_USER_MODEL, verbose_name="用户")),
                ("began_at", models.DateTimeField(db_index=True, verbose_name="开始时间")),
                ("identity_tries", models.PositiveSmallIntegerField(default=0, verbose_name="核对证件号码的次数")),
            ],
            options={
                "verbose_name": "进行中的登录",
            },
        ),
        migrations.CreateModel(
            name="LoginCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code_digest", models.CharField(max_length=64)),
                ("mobile_shown", models.CharField(max_length=20, verbose_name="手机号码（掩码）")),
                ("sent_at", models.DateTimeField(verbose_name="发送时间")),
                ("expires_at", models.DateTimeField(verbose_name="有效期至")),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="已试次数")),
                ("passed_at", models.DateTimeField(blank=True, null=True, verbose_name="通过时间")),
                ("attempt", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="codes",
                    to="accounts.loginattempt", verbose_name="登录")),
            ],
            options={
                "verbose_name": "登录验证码",
                "indexes": [
                    models.Index(fields=["attempt", "-id"], name="login_codes_newest"),
                ],
            },
        ),
        migrations.CreateModel(
            name="TrustedDevice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT,
                    related_name="trusted_devices", to=settings.AUTH_USER_MODEL, verbose_name="用户")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("device", models.CharField(blank=True, max_length=300, verbose_name="浏览器")),
                ("trusted_at", models.DateTimeField(verbose_name="记住时间")),
                ("expires_at", models.DateTimeField(verbose_name="有效期至")),
                ("last_used_at", models.DateTimeField(blank=True, null=True, verbose_name="最近使用")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="取消时间")),
            ],
            options={
                "verbose_name": "记住的设备",
                "indexes": [
                    models.Index(fields=["user", "-id"], name="trusted_devices_newest"),
                ],
            },
        ),
    ]  # fmt: skip
