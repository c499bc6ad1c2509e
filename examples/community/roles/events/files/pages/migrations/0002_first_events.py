import datetime

from django.db import migrations

FIRST = [
    ("Repair café", "Old fire station", datetime.date(2027, 1, 16)),
    ("Seed swap", "Community garden", datetime.date(2027, 2, 20)),
    ("Annual meeting", "Library, upper hall", datetime.date(2027, 3, 6)),
]


def add(apps, schema_editor):
    event = apps.get_model("pages", "Event")
    for title, place, day in FIRST:
        event.objects.create(title=title, place=place, day=day)


class Migration(migrations.Migration):
    dependencies = [("pages", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
