"""Short links of our own: deep links into the job portal with a code per link and topic; counts without people."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ganzohr.channels.models import Channel
from ganzohr.core.sorting import by_name
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
