from django.db import migrations


def mark(apps, schema_editor):
    """Anchors that claims and marks rest on are evidence, also those that threads have."""
    used = apps.get_model("progress", "Entry").objects.filter(anchor__isnull=False).values("anchor")
    apps.get_model("submissions", "Anchor").objects.filter(pk__in=used).update(is_evidence=True)


class Migration(migrations.Migration):
    dependencies = [("progress", "0006_looks"), ("submissions", "0007_ladder")]
    operations = [migrations.RunPython(mark, migrations.RunPython.noop, elidable=True)]
