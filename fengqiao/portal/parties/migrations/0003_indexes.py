from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("parties", "0002_keeping")]

    operations = [
        migrations.AddIndex(
            model_name="party", index=models.Index(fields=["taken_in_by", "priority", "id"], name="parties_by_priority")
        ),
        migrations.AddIndex(
            model_name="party",
            index=models.Index(fields=["taken_in_by", "created_at", "id"], name="parties_by_creation"),
        ),
        migrations.AddIndex(
            model_name="legalhold",
            index=models.Index(condition=models.Q(("lifted_at", None)), fields=["party"], name="holds_now"),
        ),
        migrations.AddIndex(
            model_name="handling",
            index=models.Index(
                condition=models.Q(("ended_at", None)), fields=["organisation", "party"], name="handlings_now"
            ),
        ),
        migrations.AddConstraint(
            model_name="handling",
            constraint=models.CheckConstraint(
                condition=models.Q(("consent__isnull", False), models.Q(("basis", ""), _negated=True), _connector="OR"),
                name="handling_needs_consent_or_basis",
            ),
        ),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "submitted")), fields=("party",), name="correction_one_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at", None)),
                fields=("party", "purpose", "passed_to"),
                name="consent_once_at_a_time",
                nulls_distinct=False,
            ),
        ),
        migrations.AddIndex(
            model_name="authorisation",
            index=models.Index(fields=["agent", "submitted_at", "id"], name="authorisations_of_agent"),
        ),
        migrations.AddIndex(
            model_name="authorisation",
            index=models.Index(fields=["agent", "state", "submitted_at", "id"], name="authorisations_agent_state"),
        ),
        migrations.AddIndex(
            model_name="authorisation",
            index=models.Index(fields=["reviewer", "submitted_at", "id"], name="authorisations_of_reviewer"),
        ),
        migrations.AddIndex(
            model_name="authorisation",
            index=models.Index(fields=["reviewer", "state", "submitted_at", "id"], name="authorisations_review_state"),
        ),
        migrations.AddIndex(
            model_name="authorisation",
            index=models.Index(
                condition=models.Q(("state", "accepted")), fields=["valid_until"], name="authorisations_in_force"
            ),
        ),
        migrations.AddConstraint(
            model_name="authorisation",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid_until__gte", models.F("valid_from"))), name="authorisation_ends_after_start"
            ),
        ),
        migrations.AddConstraint(
            model_name="authorisation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "declined"), _negated=True),
                    models.Q(("decline_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="authorisation_declined_with_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="specialneed",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("party", "kind"), name="need_once_at_a_time"
            ),
        ),
    ]
