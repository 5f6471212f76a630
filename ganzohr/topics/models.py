"""What it is about: the catalogue, who answers what where, promised times, example texts."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ganzohr.accounts.models import User
from ganzohr.directory.models import Colleague, Site


class TopicQuerySet(models.QuerySet["Topic"]):
    """Topics, chosen by sentences."""

    def in_use(self) -> Self:
        """Not archived."""
        return self.filter(archived_at=None)


class Topic(models.Model):
    """What a conversation is about. `names` and `descriptions` are texts by language: {"de": …, "nl": …, "en": …}."""

    slug = models.SlugField(max_length=60, unique=True)
    names = models.JSONField(default=dict)
    descriptions = models.JSONField(default=dict, blank=True)
    responsible = models.ForeignKey(Colleague, null=True, blank=True, on_delete=models.SET_NULL, related_name="topics")
    deputy = models.ForeignKey(
        Colleague, null=True, blank=True, on_delete=models.SET_NULL, related_name="deputised_topics"
    )
    promised_minutes = models.PositiveIntegerField(_("promised within (minutes of opening hours)"), default=480)
    emergency_note = models.JSONField(default=dict, blank=True, help_text="Shown to the manager, by language.")
    position = models.PositiveIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0, help_text="Grows with each change that must be learnt again.")
    objects: ClassVar = TopicQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return self.slug

    def emergency_note_in(self, language: str) -> str:
        """What to do in an emergency, in the language, else in any; '' for topics without such a note."""
        notes: dict[str, str] = self.emergency_note or {}
        return notes.get(language) or next((note for note in notes.values() if note), "")

    def name_in(self, language: str) -> str:
        """The name in the language, else in English, else in any, else the slug."""
        return self.names.get(language) or self.names.get("en") or next(iter(self.names.values()), self.slug)


class Responsibility(models.Model):
    """Who answers a topic at one site, where that differs from the topic's own responsible colleague."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="responsibilities")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    colleague = models.ForeignKey(
        Colleague, null=True, blank=True, on_delete=models.CASCADE, related_name="responsibilities"
    )
    deputy = models.ForeignKey(Colleague, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering: ClassVar = ["topic_id", "site_id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["topic", "site"], name="one_responsible_per_site")]


class ExampleQuerySet(models.QuerySet["Example"]):
    """Examples, chosen by sentences."""

    def kept(self) -> Self:
        """Not taken away."""
        return self.filter(removed_at=None)

    def without_vector_of(self, encoder: str) -> Self:
        """Still to be turned into a vector of this encoder."""
        return self.exclude(encoder=encoder)


class Example(models.Model):
    """A text known to be of a topic (or of none) and, if stated, of a kind. Learnt ones are candidates' words:
    `message_id` (inbox.Message) lets the erasure of a person take them away again."""

    class Origin(models.TextChoices):
        CATALOGUE = "catalogue", _("Starter catalogue")
        USER = "user", _("Written by us")
        LEARNT = "learnt", _("Learnt from a choice")

    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.CASCADE, related_name="examples")
    kind = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=5)
    text = models.TextField()
    origin = models.CharField(max_length=20, choices=Origin.choices, default=Origin.USER)
    message_id = models.BigIntegerField(null=True, blank=True)
    vector = models.BinaryField(null=True, blank=True)
    encoder = models.CharField(max_length=60, blank=True)
    teaches_topic = models.BooleanField(default=True, help_text="False: only its kind was chosen.")
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True, help_text="Gone for good a day later; undo until then.")
    objects: ClassVar = ExampleQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["topic", "language", "-id"], name="example_topic")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["message_id"], condition=Q(message_id__isnull=False), name="one_example_per_message"
            )
        ]


class Sheet(models.Model):
    """A table somebody uploaded or pasted, on its way to being imported; forgotten after a day."""

    class Kind(models.TextChoices):
        TOPICS = "topics", _("Who answers what")
        COLLEAGUES = "colleagues", _("Colleagues")

    kind = models.CharField(max_length=20, choices=Kind.choices)
    name = models.CharField(max_length=200, blank=True)
    header = models.JSONField(default=list)
    rows = models.JSONField(default=list, help_text="[[line number, [cell, …]], …]")
    notes = models.JSONField(default=list, help_text="What was noticed while reading, as codes.")
    meanings = models.JSONField(default=list, help_text="What each column holds, as chosen or guessed.")
    decisions = models.JSONField(default=dict, help_text="What to do about names nobody here has.")
    result = models.JSONField(null=True, blank=True, help_text="What the import did; None: not applied yet.")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-id"]
