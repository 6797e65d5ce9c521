"""Who confirms and receives for those who do not act themselves."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("parties", "0009_guardians"),
        ("service", "0001_squashed_0004_triggers"),
    ]

    operations = [
        migrations.AddField(
            model_name="confirmation",
            name="guardianship",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="parties.authorisation",
                verbose_name="确认的法定代理人",
            ),
        ),
        migrations.AddField(
            model_name="recipient",
            name="guardianship",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="parties.authorisation",
                verbose_name="接收的法定代理人",
            ),
        ),
        migrations.AlterField(
            model_name="dispatch",
            name="holder",
            field=models.CharField(
                choices=[("self", "本人"), ("designee", "代收人"), ("guardian", "法定代理人")],
                default="self",
                max_length=8,
                verbose_name="谁的地址",
            ),
        ),
        migrations.AlterField(
            model_name="trace",
            name="what",
            field=models.CharField(
                choices=[
                    ("begun", "发起送达"),
                    ("guardian", "由法定代理人接收"),
                    ("sent", "发送成功"),
                    ("arrived", "到达对方系统"),
                    ("failed", "没有送到"),
                    ("link_opened", "打开链接"),
                    ("code_sent", "发送核对验证码"),
                    ("identity_checked", "核对身份"),
                    ("read", "打开文书"),
                    ("taken", "下载文书"),
                    ("served", "送达"),
                    ("handed_back", "转为另行送达"),
                    ("otherwise", "登记另行送达"),
                    ("proved", "更正到达时间"),
                    ("paper_asked", "要求纸质文书"),
                    ("paper_given", "提供纸质文书"),
                    ("deadline_opened", "登记起算的期限"),
                    ("proof_made", "制作送达证明"),
                ],
                max_length=20,
                verbose_name="事项",
            ),
        ),
    ]
