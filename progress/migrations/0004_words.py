from typing import Any

from django.db import migrations, models


def fill(apps: Any, editor: Any) -> None:
    """Ticks that are there already count as made for the words that their tasks have now."""
    completions, tasks = apps.get_model("progress", "Completion"), apps.get_model("curriculum", "Task")
    text = tasks.objects.filter(pk=models.OuterRef("task")).values("text")
    completions.objects.update(words=models.Subquery(text))


class Migration(migrations.Migration):
    dependencies = [
        ("curriculum", "0002_initial"),
        ("progress", "0003_claims"),
    ]

    operations = [
        migrations.AddField(
            model_name="completion",
            name="seen",
            field=models.TextField(blank=True, editable=False, verbose_name="seen words"),
        ),
        migrations.AddField(
            model_name="completion",
            name="words",
            field=models.TextField(blank=True, editable=False, verbose_name="words"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
