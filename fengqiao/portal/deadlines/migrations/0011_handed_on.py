"""Deadlines that colleagues took over."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deadlines", "0010_feeds_have_names"),
    ]

    operations = [
        migrations.AlterField(
            model_name="event",
            name="kind",
            field=models.CharField(
                choices=[
                    ("opened", "登记期限"),
                    ("paused", "暂停"),
                    ("resumed", "恢复"),
                    ("interrupt", "中断"),
                    ("restarted", "程序终结，重新计算"),
                    ("extended", "延长"),
                    ("recounted", "重新计算"),
                    ("met", "办结"),
                    ("withdrawn", "撤销"),
                    ("handed_on", "转由同事负责"),
                    ("warn", "提醒：临近到期"),
                    ("last_day", "提醒：最后一日"),
                    ("overdue", "提醒：已逾期"),
                    ("escalate", "逾期升级"),
                    ("failed", "提醒没有送出，稍后再试"),
                ],
                max_length=10,
                verbose_name="事件",
            ),
        ),
    ]
