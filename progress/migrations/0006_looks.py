from itertools import islice
from typing import Any

from django.db import migrations


def fill(apps: Any, editor: Any) -> None:
    """Whoever had begun a month before looks were kept has seen it as it is published now."""
    completions, looks = apps.get_model("progress", "Completion"), apps.get_model("progress", "Look")
    begun = completions.objects.filter(task__month__document__published__isnull=False).order_by()
    columns = ("learner", "task__month", "task__month__document__published")
    rows = (
        looks(membership_id=learner, month_id=month, edition_id=edition)
        for learner, month, edition in begun.values_list(*columns).distinct().iterator()
    )
    while some := list(islice(rows, 2000)):
        looks.objects.bulk_create(some)


class Migration(migrations.Migration):
    dependencies = [
        ("progress", "0005_look"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
