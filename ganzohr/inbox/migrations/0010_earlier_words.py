"""Words that gave way to a colleague's in the same box stay beside it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inbox", "0009_topic_message"),
    ]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="earlier",
            field=models.JSONField(default=list, help_text="What gave way to others: key, text, author_id, name."),
        ),
    ]
