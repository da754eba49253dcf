from django.db import migrations, models
from django.db.models import Case, Exists, F, OuterRef, Subquery, When


def fill(apps, schema_editor):
    """As `SubmissionQuerySet.requeue` puts it when this is written."""
    submissions, versions, reviews = (
        apps.get_model("submissions", name).objects for name in ("Submission", "Version", "Review")
    )
    deciding = reviews.filter(version=OuterRef("pk"), published_at__isnull=False, withdrawn_at=None).exclude(
        verdict="comment"
    )
    last = versions.filter(submission=OuterRef("pk"), submitted_at__isnull=False)
    since = Case(When(Exists(deciding), then=None), default=F("submitted_at"))
    submissions.update(queued_at=Subquery(last.order_by("-number").values_list(since)[:1]))


class Migration(migrations.Migration):
    dependencies = [
        ("curriculum", "0002_initial"),
        ("people", "0005_absences"),
        ("submissions", "0004_erasing"),
    ]

    operations = [
        migrations.AddField(
            model_name="submission",
            name="queued_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(
                condition=models.Q(("queued_at__isnull", False)),
                fields=["queued_at", "id"],
                name="submission_queue",
            ),
        ),
    ]
