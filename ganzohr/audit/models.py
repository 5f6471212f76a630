"""Who did what when, and facts waiting for their later listeners."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Entry(models.Model):
    """One thing said or done. Append only. Holds no words of candidates: `data` carries ids, states and counts."""

    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=60, blank=True)
    actor_label = models.CharField(max_length=160, blank=True)
    verb = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=60)
    object_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)
    at = models.DateTimeField(db_index=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["object_kind", "object_id", "-id"])]


class PendingEvent(models.Model):
    """An event whose `later` listener has not run yet; claimed in batches by the worker, at least once.

    `unheard` counts the claims in a row of which nobody heard the end: what ended the worker each time is given up.
    """

    event = models.CharField(max_length=120)
    listener = models.CharField(max_length=200)
    payload = models.JSONField()
    created_at = models.DateTimeField()
    not_before = models.DateTimeField(null=True, help_text="None once it is given up.")
    attempts = models.PositiveSmallIntegerField(default=0)
    unheard = models.PositiveSmallIntegerField(db_default=0, default=0)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["not_before", "id"])]
