"""Beside those who write, and from anew where it broke off."""

from typing import ClassVar

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies: ClassVar = [("inbox", "0006_facts")]
    operations: ClassVar = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS attachment_file", migrations.RunSQL.noop),
        AddIndexConcurrently(model_name="attachment", index=models.Index(fields=["file"], name="attachment_file")),
    ]
