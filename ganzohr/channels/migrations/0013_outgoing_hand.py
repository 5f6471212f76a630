"""Beside those who write, and from anew where it broke off."""

from typing import ClassVar

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies: ClassVar = [("channels", "0012_delivery_failed")]
    operations: ClassVar = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS outgoing_hand", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="outgoing",
            index=models.Index(
                fields=["channel", "state", "-id"],
                condition=models.Q(("state__in", ("refused", "unclear", "by_hand")))
                & ~models.Q(("kind__in", ("read",))),
                name="outgoing_hand",
            ),
        ),
    ]
