"""Saved replies, and short links of our own: deep links into the job portal with a code per link and channel.

Counts are without people, both of clicks and of uses.
"""

from __future__ import annotations

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from ganzohr.accounts.models import User
from ganzohr.channels.models import Channel
from ganzohr.core.sorting import by_name
from ganzohr.directory.models import Colleague, Site, sites_of
from ganzohr.topics.models import Topic


class DeepLink(models.Model):
    """An address worth sending people to, such as one posting or form in the job portal."""

    name = models.CharField(_("name"), max_length=160)
    url = models.URLField(_("address"), max_length=1000)
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.SET_NULL, related_name="deep_links")
    language = models.CharField(_("language"), max_length=5, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = [by_name(), "id"]


class ShortLink(models.Model):
    """`/g/<code>`: one per deep link and channel, so clicks tell where they came from."""

    code = models.CharField(max_length=16, unique=True)
    deep_link = models.ForeignKey(DeepLink, on_delete=models.CASCADE, related_name="short_links")
    channel = models.ForeignKey(Channel, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["deep_link", "channel"], name="one_code_per_link_and_channel", nulls_distinct=False
            )
        ]


class Click(models.Model):
    """One row per click with nothing but the day; folded to sums by a round. No address, no cookie, no person."""

    short_link = models.ForeignKey(ShortLink, on_delete=models.CASCADE, related_name="clicks")
    on = models.DateField()
    count = models.PositiveIntegerField(default=1)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["short_link", "on"])]


class SavedReplyQuerySet(models.QuerySet["SavedReply"]):
    """Saved replies, chosen by sentences."""

    def visible_to(self, user: User) -> Self:
        """Every saved reply; for a user limited to sites those of these sites and those for everybody."""
        sites = sites_of(user)
        return self if sites is None else self.filter(Q(site=None) | Q(site_id__in=sites))

    def changeable_by(self, user: User) -> Self:
        """What this user may change: for a user limited to sites only what belongs to one of them."""
        sites = sites_of(user)
        return self if sites is None else self.filter(site_id__in=sites)

    def in_use(self) -> Self:
        """Not archived."""
        return self.filter(archived_at=None)


class SavedReply(models.Model):
    """An answer worth keeping, with placeholders (`filling.py`). Empty `kinds`: for every kind of channel."""

    name = models.CharField(_("name"), max_length=120)
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.SET_NULL, related_name="saved_replies")
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kinds = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    created_by = models.ForeignKey(Colleague, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    changed_by = models.ForeignKey(Colleague, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0, help_text="Grows with each change: nobody overwrites anybody.")

    objects = SavedReplyQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = [by_name(), "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("name"),
                "site",
                condition=Q(archived_at=None),
                nulls_distinct=False,
                name="one_saved_reply_of_a_name",
            )
        ]

    def __str__(self) -> str:
        return self.name


class SavedText(models.Model):
    """Its words in one language and form of address; where only one form is written, it serves both."""

    reply = models.ForeignKey(SavedReply, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=5)
    address = models.CharField(max_length=10, choices=Channel.Address.choices)
    text = models.TextField()

    class Meta:
        ordering: ClassVar = ["language", "-address"]  # the informal one first
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reply", "language", "address"], name="one_text_per_language_and_address"),
            models.CheckConstraint(condition=~Q(text=""), name="saved_text_says_something"),
        ]


class SavedUse(models.Model):
    """How often a saved reply was taken in a week (its Monday), for the order of lists only. Nobody stands here."""

    reply = models.ForeignKey(SavedReply, on_delete=models.CASCADE, related_name="uses")
    week = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["reply", "week"], name="one_count_per_week")]
