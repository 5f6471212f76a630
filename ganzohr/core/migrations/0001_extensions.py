"""The two stock extensions of PostgreSQL that searching needs; both may be made by the owner of the database."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations


class Migration(migrations.Migration):
    """Before every other room."""

    initial = True
    dependencies: ClassVar = []
    operations: ClassVar = [TrigramExtension(), UnaccentExtension()]
