from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="askfile",
            index=models.Index(fields=["file"], name="ask_file_file"),
        ),
    ]
