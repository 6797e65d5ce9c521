"""Which special need it is, is sealed; details, end, review and evidence come with it."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from fengqiao.portal.vault.fields import SealedField
from fengqiao.portal.vault.kinds import Kind


def seal(apps: Any, schema_editor: Any) -> None:
    """What stood open is sealed; what a clock noted came from the papers."""
    for need in apps.get_model("parties", "SpecialNeed").objects.iterator():
        need.kind = need.open_kind
        need.source = "word" if need.noted_by_id else "papers"
        need.save(update_fields=("kind", "source"))


def sealed(title: str, name: str) -> SealedField:
    """A sealed column as migrations write it."""
    return SealedField(title, purpose=f"special_need.{name}", kind=Kind.TEXT, blank=True, companions=False)


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial"), ("parties", "0005_papers_in_the_store")]

    operations = [
        migrations.RemoveConstraint(model_name="specialneed", name="need_once_at_a_time"),
        migrations.RenameField(model_name="specialneed", old_name="kind", new_name="open_kind"),
        migrations.AddField(model_name="specialneed", name="kind", field=sealed("种类", "kind")),
        migrations.AddField(model_name="specialneed", name="detail", field=sealed("具体情形", "detail")),
        migrations.AddField(
            model_name="specialneed",
            name="file",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                to="documents.document", verbose_name="证明材料",
            ),
        ),
        migrations.AddField(
            model_name="specialneed",
            name="source",
            field=models.CharField(
                choices=[("own", "本人说明"), ("word", "工作人员按本人说明记录"), ("papers", "证件上的出生日期")],
                default="word", max_length=10, verbose_name="来源",
            ),
        ),
        migrations.AddField(
            model_name="specialneed", name="until", field=models.DateField(blank=True, null=True, verbose_name="到何时止")
        ),
        migrations.AddField(
            model_name="specialneed", name="review_on",
            field=models.DateField(blank=True, null=True, verbose_name="复核日"),
        ),
        migrations.AddField(
            model_name="specialneed",
            name="ending",
            field=models.CharField(
                blank=True, max_length=10, verbose_name="结束方式",
                choices=[
                    ("own", "本人撤回"), ("staff", "工作人员结束"), ("lapsed", "到期"), ("consent", "本人撤回同意"),
                    ("double", "合并登记时重复"),
                ],
            ),
        ),
        migrations.RunPython(seal, migrations.RunPython.noop),
    ]  # fmt: skip
