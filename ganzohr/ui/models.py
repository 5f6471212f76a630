"""What changed, so that open pages fetch their part again. Append only, kept for an hour."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Revision(models.Model):
    """One commit touched these topics, such as `inbox` or `conversation:12`."""

    topics = ArrayField(models.CharField(max_length=80))
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["at"])]
