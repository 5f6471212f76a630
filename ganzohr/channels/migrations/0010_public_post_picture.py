from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0009_delivery_days"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="publicpost",
            index=models.Index(fields=["picture"], name="public_post_picture"),
        ),
    ]
