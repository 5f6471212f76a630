from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0011_outgoing_left"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(condition=models.Q(("state", "failed")), fields=["id"], name="delivery_failed"),
        ),
    ]
