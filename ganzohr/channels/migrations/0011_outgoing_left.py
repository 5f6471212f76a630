from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0010_public_post_picture"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="outgoing",
            index=models.Index(
                condition=models.Q(("state", "accepted")), fields=["-finished_at", "-id"], name="outgoing_left"
            ),
        ),
    ]
