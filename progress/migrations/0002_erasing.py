"""A completion gets a public id, so that its note can be named by an erasure."""

import uuid

from django.db import migrations, models


def name_each(apps, schema_editor):
    """An id of its own for each row that is there."""
    completions = apps.get_model("progress", "Completion").objects
    rows = completions.filter(uuid=None).only("pk")
    for row in rows.iterator(chunk_size=2000):
        completions.filter(pk=row.pk).update(uuid=uuid.uuid4())


class Migration(migrations.Migration):
    dependencies = [("progress", "0001_initial")]

    operations = [
        migrations.AddField("completion", "uuid", models.UUIDField(null=True, editable=False)),
        migrations.RunPython(name_each, migrations.RunPython.noop),
        migrations.AlterField(
            "completion", "uuid", models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
        ),
    ]
