"""Proof that somebody was erased, without saying who."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Erasure(models.Model):
    """One erased person: hashes of their handles (so that a later restore can be checked), counts per room."""

    handle_hashes = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    asked_by = models.CharField(max_length=20, default="user")
    erased_at = models.DateTimeField()
    again_at = models.DateTimeField(null=True, blank=True, help_text="When an older backup had brought them back.")

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["erased_at"], name="erasure_at"),
            models.Index(fields=["again_at"], condition=Q(again_at__isnull=False), name="erasure_again"),
        ]
