from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("title", models.CharField(max_length=200)),
                ("place", models.CharField(max_length=200)),
                ("day", models.DateField()),
            ],
            options={"ordering": ["day", "title"]},
        )
    ]
