"""What a message brought beside words, and when it was last hidden or shown."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("channels", "0007_posts_told"), ("inbox", "0005_pressing")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="message",
            name="hidden_told_at",
            field=models.DateTimeField(blank=True, help_text="When it was last hidden or shown again.", null=True),
        ),
        migrations.AddField(
            model_name="message",
            name="more",
            field=models.JSONField(blank=True, default=dict, help_text="What the form brought, as `facts` keeps it."),
        ),
    ]
