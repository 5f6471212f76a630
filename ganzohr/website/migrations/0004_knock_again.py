from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("website", "0003_knock_letter")]

    operations = [
        migrations.AddField(
            model_name="knock",
            name="again",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="knock",
            name="again_at",
            field=models.DateTimeField(null=True),
        ),
    ]
