"""Beside those who write, and from anew where it broke off."""

from typing import ClassVar

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies: ClassVar = [("channels", "0010_public_post_picture")]
    operations: ClassVar = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS outgoing_left", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="outgoing",
            index=models.Index(
                condition=models.Q(("state", "accepted")), fields=["-finished_at", "-id"], name="outgoing_left"
            ),
        ),
    ]
