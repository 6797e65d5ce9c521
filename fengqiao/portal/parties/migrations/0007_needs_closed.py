from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("parties", "0006_needs_sealed")]

    operations = [
        migrations.RemoveField(model_name="specialneed", name="open_kind"),
        migrations.AddConstraint(
            model_name="specialneed",
            constraint=models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="need_ends_after_its_start"
            ),
        ),
        migrations.AddIndex(
            model_name="specialneed",
            index=models.Index(
                fields=["until"], name="needs_that_end", condition=Q(ended_at=None, until__isnull=False)
            ),
        ),
        migrations.AddIndex(
            model_name="specialneed",
            index=models.Index(
                fields=["review_on"], name="needs_to_review", condition=Q(ended_at=None, review_on__isnull=False)
            ),
        ),
    ]
