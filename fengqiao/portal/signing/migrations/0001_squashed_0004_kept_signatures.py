"""All tables of the app."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import fengqiao.portal.vault.fields
from fengqiao.portal.first_migration import FirstMigration, Triggers
from fengqiao.portal.signing.triggers import EVIDENCE


class Migration(FirstMigration):
    replaces = [
        ("signing", "0001_initial"),
        ("signing", "0002_evidence"),
        ("signing", "0003_triggers"),
        ("signing", "0004_kept_signatures"),
    ]

    dependencies = [
        ("accounts", "0004_identity"),
        ("documents", "0002_versions"),
        ("jobs", "0001_initial"),
        ("parties", "0003_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SigningRound",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=120, verbose_name="文书名称")),
                ("text", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to="documents.document", verbose_name="文本")),
                ("current", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="+", to="documents.document", verbose_name="签署文件")),
                ("pages", models.PositiveIntegerField(default=0, verbose_name="页数")),
                ("text_sha256", models.CharField(max_length=64, verbose_name="文本 SHA-256")),
                ("code", models.CharField(max_length=12, unique=True, verbose_name="核验码")),
                ("form", models.CharField(blank=True, max_length=60, verbose_name="文书种类")),
                ("places", models.JSONField(blank=True, default=list, verbose_name="正文中的签署位置")),
                ("order", models.CharField(choices=[("free", "不分先后"), ("fixed", "按顺序")], default="free", max_length=5,
                    verbose_name="签署顺序")),
                ("level", models.CharField(choices=[("B-T", "带时间戳（B-T）"), ("B-LTA", "长期保存（B-LTA）")], default="B-T",
                    max_length=5, verbose_name="签名等级")),
                ("due_at", models.DateTimeField(verbose_name="签署期限")),
                ("state", models.CharField(choices=[("draft", "准备中"), ("open", "签署中"), ("complete", "全部签署"),
                    ("declined", "有人拒签"), ("void", "已作废"), ("expired", "逾期未签")], default="draft", max_length=10,
                    verbose_name="状态")),
                ("case", models.CharField(blank=True, max_length=100, verbose_name="案件")),
                ("subject_kind", models.CharField(blank=True, max_length=64, verbose_name="事项类别")),
                ("subject_id", models.CharField(blank=True, max_length=40, verbose_name="事项编号")),
                ("organisation", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to="accounts.organisation", verbose_name="发起机构")),
                ("created_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to=settings.AUTH_USER_MODEL, verbose_name="发起人")),
                ("created_at", models.DateTimeField(verbose_name="创建时间")),
                ("opened_at", models.DateTimeField(blank=True, null=True, verbose_name="发起时间")),
                ("effective_at", models.DateTimeField(blank=True, null=True, verbose_name="各方当事人签齐时间")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="结束时间")),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="结束的原因")),
                ("replaces", models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="replaced_by", to="signing.signinground", verbose_name="替代")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                ("demo_key", models.CharField(blank=True, max_length=60, null=True, unique=True,
                    verbose_name="示例标识")),
            ],
            options={
                "verbose_name": "签署",
                "indexes": [
                    models.Index(fields=["organisation", "id"], name="rounds_newest"),
                    models.Index(fields=["organisation", "state", "id"], name="rounds_by_state"),
                    models.Index(fields=["organisation", "due_at", "id"], name="rounds_by_due"),
                    models.Index(fields=["organisation", "state", "due_at", "id"], name="rounds_state_due"),
                    models.Index(condition=models.Q(("state", "open")), fields=["due_at"], name="rounds_open"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Signatory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("round", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="signatories",
                    to="signing.signinground", verbose_name="签署")),
                ("kind", models.CharField(choices=[("party", "当事人"), ("guest", "没有登记的人"), ("staff", "调解员等工作人员"),
                    ("seal", "机构盖章")], max_length=6, verbose_name="签署人类别")),
                ("role_title", models.CharField(max_length=20, verbose_name="身份")),
                ("name", models.CharField(max_length=128, verbose_name="姓名或者名称")),
                ("party", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="+", to="parties.party", verbose_name="当事人")),
                ("user", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="工作人员")),
                ("organisation", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="+", to="accounts.organisation", verbose_name="盖章机构")),
                ("mobile", fengqiao.portal.vault.fields.SealedField(blank=True, companions=False, index=False,
                    kind="mobile", purpose="signatory.mobile", verbose_name="手机号码")),
                ("field", models.CharField(max_length=20, verbose_name="签名域")),
                ("place", models.JSONField(default=list, verbose_name="位置")),
                ("position", models.PositiveIntegerField(verbose_name="次序")),
                ("state", models.CharField(choices=[("waiting", "等待阅读"), ("read", "已阅读全文"), ("signed", "已签署"),
                    ("declined", "拒绝签署")], default="waiting", max_length=10, verbose_name="状态")),
                ("read_at", models.DateTimeField(blank=True, null=True, verbose_name="读完时间")),
                ("signed_at", models.DateTimeField(blank=True, null=True, verbose_name="签署时间")),
                ("decline_reason", models.CharField(blank=True, max_length=300, verbose_name="拒签的理由")),
                ("drawn", fengqiao.portal.vault.fields.SealedField(blank=True, companions=False, index=False,
                    kind="text", purpose="signatory.drawn", verbose_name="手写签名的草稿")),
                ("token_digest", models.CharField(blank=True, max_length=64, null=True, unique=True)),
                ("token_until", models.DateTimeField(blank=True, null=True, verbose_name="链接有效期至")),
                ("seal_row", models.UUIDField(default=uuid.uuid4, editable=False, verbose_name="密文所属行")),
            ],
            options={
                "verbose_name": "签署人",
                "indexes": [
                    models.Index(fields=["user", "state", "id"], name="signatories_of_user"),
                    models.Index(fields=["party", "state", "id"], name="signatories_of_party"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("round", "position"), name="signatories_in_order"),
                    models.UniqueConstraint(fields=("round", "field"), name="one_field_a_signatory"),
                    models.UniqueConstraint(fields=("round", "party"), name="party_signs_once"),
                    models.UniqueConstraint(fields=("round", "user"), name="staff_sign_once"),
                    models.CheckConstraint(condition=models.Q(models.Q(("signed_at__isnull", False), ("state",
                        "signed")), models.Q(models.Q(("state", "signed"), _negated=True), ("signed_at__isnull",
                        True)), _connector="OR"), name="signed_has_a_moment"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PageRead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("signatory", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT,
                    related_name="pages_read", to="signing.signatory", verbose_name="签署人")),
                ("page", models.PositiveIntegerField(verbose_name="页")),
                ("read_at", models.DateTimeField(verbose_name="时间")),
            ],
            options={
                "verbose_name": "已读的页",
                "constraints": [
                    models.UniqueConstraint(fields=("signatory", "page"), name="page_read_once"),
                ],
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
                ("signatory", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="checks",
                    to="signing.signatory", verbose_name="签署人")),
            ],
            options={
                "verbose_name": "身份核对",
                "indexes": [
                    models.Index(fields=["signatory", "-id"], name="checks_newest"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("round", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="evidence",
                    to="signing.signinground", verbose_name="签署")),
                ("signatory", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="evidence", to="signing.signatory", verbose_name="签署人")),
                ("what", models.CharField(choices=[("opened", "发起签署"), ("link_made", "生成链接"), ("link_opened", "打开链接"),
                    ("code_sent", "发送核对验证码"), ("identity_checked", "核对身份"), ("read_whole", "读完全文"), ("agreed",
                    "同意签署，等待签名服务"), ("signed", "签署"), ("declined", "拒绝签署"), ("effective", "各方当事人签齐"), ("completed",
                    "全部签署"), ("voided", "作废"), ("expired", "逾期")], max_length=20, verbose_name="事项")),
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
            ],
            options={
                "verbose_name": "签署证据",
                "indexes": [
                    models.Index(fields=["round", "id"], name="evidence_in_order"),
                ],
            },
        ),
        migrations.CreateModel(
            name="KeptSignature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("signatory", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="kept",
                    to="signing.signatory", verbose_name="签署人")),
                ("agreed_at", models.DateTimeField(verbose_name="同意签署的时间")),
                ("user", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="账号")),
                ("role", models.BigIntegerField(blank=True, null=True, verbose_name="身份")),
                ("behalf", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="+", to="parties.party", verbose_name="代为办理")),
                ("check_passed", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="+", to="signing.identitycheck", verbose_name="身份核对")),
                ("address", models.CharField(blank=True, max_length=45, verbose_name="网络地址")),
                ("device", models.CharField(blank=True, max_length=300, verbose_name="设备")),
                ("fresh", models.BooleanField(default=False, verbose_name="刚刚再次核对过身份")),
                ("consent_version", models.CharField(max_length=20, verbose_name="同意文本版本")),
                ("drawn", fengqiao.portal.vault.fields.SealedField(blank=True, companions=False, index=False,
                    kind="text", purpose="kept_signature.drawn", verbose_name="手写签名")),
                ("tries", models.PositiveIntegerField(default=1, verbose_name="尝试次数")),
                ("problem", models.CharField(blank=True, max_length=300, verbose_name="没有签上的原因")),
                ("next_at", models.DateTimeField(verbose_name="下次尝试时间")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="结束时间")),
                ("outcome", models.CharField(blank=True, choices=[("signed", "已签署"), ("refused", "没有签署")],
                    max_length=10, verbose_name="结果")),
                ("seal_row", models.UUIDField(default=uuid.uuid4, editable=False, verbose_name="密文所属行")),
            ],
            options={
                "verbose_name": "等待签名服务的签署",
                "indexes": [
                    models.Index(condition=models.Q(("ended_at", None)), fields=["next_at", "id"], name="kept_due"),
                ],
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("ended_at", None)), fields=("signatory",),
                        name="kept_once"),
                    models.CheckConstraint(condition=models.Q(("user__isnull", False), ("check_passed__isnull",
                        False), _connector="OR"), name="kept_of_somebody"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("job", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to="jobs.job", verbose_name="后台任务")),
                ("organisation", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to="accounts.organisation", verbose_name="机构")),
                ("started_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to=settings.AUTH_USER_MODEL, verbose_name="发起人")),
                ("started_at", models.DateTimeField(verbose_name="发起时间")),
                ("signatories", models.JSONField(default=list, verbose_name="签署位置")),
                ("device", models.CharField(blank=True, max_length=300, verbose_name="设备")),
            ],
            options={
                "verbose_name": "批量签署",
            },
        ),
        Triggers(EVIDENCE.install, EVIDENCE.remove),
    ]  # fmt: skip
