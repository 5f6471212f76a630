"""The website's side of a conversation: visits, private links, named ways in, where the widget was seen, limits."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ganzohr.channels.models import Channel
from ganzohr.core.sorting import by_name


class Visit(models.Model):
    """One conversation begun on a website. `external_id` is the handle; `reply_key` stands in the reply address of mail
    copies and lets somebody write into this conversation, never read it. `last_letter_at` is when somebody last wrote a
    letter here, for a moment also one that is not kept yet."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="visits")
    external_id = models.CharField(max_length=60, unique=True)
    reply_key = models.CharField(max_length=32, unique=True)
    language = models.CharField(max_length=5)
    source = models.CharField(max_length=120, blank=True)
    mail_address = models.EmailField(blank=True)
    created_at = models.DateTimeField()
    last_letter_at = models.DateTimeField()
    erasure_asked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["channel", "-id"], name="visit_channel")]


class VisitLink(models.Model):
    """A private link to a visit. Only its hash is here; each mail copy carries one of its own; all can be ended."""

    class MadeFor(models.TextChoices):
        PAGE = "page", _("the visitor's page")
        MAIL = "mail", _("a copy by mail")

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="links")
    token_hash = models.BinaryField(max_length=32, unique=True)
    made_for = models.CharField(max_length=10, choices=MadeFor.choices, default=MadeFor.PAGE)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]


class Source(models.Model):
    """A named way in (`?src=`), such as a poster or a fair; the page makes its link and QR code."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="sources")
    code = models.SlugField(max_length=60)
    name = models.CharField(_("name"), max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = [by_name(), "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["channel", "code"], name="source_once")]


class Sighting(models.Model):
    """On which website the widget was last seen: one row for each that may show it, and one for the last that may not.

    Only the website's origin is kept, nothing about who looked at it.
    """

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="sightings")
    origin = models.CharField(max_length=300)
    was_let_in = models.BooleanField()
    seen_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-was_let_in", "-seen_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel", "origin"], condition=Q(was_let_in=True), name="seen_once"),
            models.UniqueConstraint(fields=["channel"], condition=Q(was_let_in=False), name="last_refused"),
        ]


class DaySalt(models.Model):
    """Random bytes of one day, thrown away with it: yesterday's address hashes can never be traced back."""

    on = models.DateField(unique=True)
    salt = models.BinaryField(max_length=32)


class Knock(models.Model):
    """Somebody wrote this letter to us from this address (both hashed with the day's salt), however often it was sent;
    kept a day, for rate limits only."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    who = models.BinaryField(max_length=16)
    letter = models.BinaryField(max_length=16, unique=True, null=True)
    is_first = models.BooleanField()
    at = models.DateTimeField()
    again = models.PositiveSmallIntegerField(default=0, db_default=0)
    again_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["who", "at"], name="knock_who"),
            models.Index(fields=["channel", "at"], name="knock_channel"),
            models.Index(fields=["who", "at"], condition=Q(is_first=True), name="knock_first"),
        ]
