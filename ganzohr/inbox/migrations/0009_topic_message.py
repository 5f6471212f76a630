"""From which message a sure model took the topic, so that of two workers the newer message wins."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inbox", "0008_leaner_messages"),
    ]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="topic_message_id",
            field=models.BigIntegerField(help_text="Where a sure model took it from; a person: none.", null=True),
        ),
    ]
