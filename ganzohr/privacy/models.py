"""Proof that somebody was erased, without saying who."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Erasure(models.Model):
    """One erased person: hashes of their handles (so that a later restore can be checked), counts per room."""

    handle_hashes = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    asked_by = models.CharField(max_length=20, default="user")
    erased_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-id"]
