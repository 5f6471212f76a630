from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("website", "0002_sightings")]

    operations = [
        migrations.AddField(
            model_name="knock",
            name="letter",
            field=models.BinaryField(max_length=16, null=True, unique=True),
        ),
    ]
