"""Posts know of when the newest thing is that was told of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("channels", "0006_holds")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="publicpost",
            name="told_at",
            field=models.DateTimeField(blank=True, help_text="The moment of the newest thing told of it.", null=True),
        ),
    ]
