"""Our accounts on the networks, raw deliveries in, things on their way out."""

from __future__ import annotations

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ganzohr.accounts.models import User
from ganzohr.channels.models_out import MARKS, Hold, Outgoing, OutgoingQuerySet, Status
from ganzohr.core.sorting import by_name
from ganzohr.directory.models import OpeningHours, Site, sites_of

__all__ = [
    "MARKS", "App", "AppHook", "Channel", "ChannelQuerySet", "Delivery", "DeliveryKey", "Hold", "Lease",
    "MessageTemplate", "Outgoing", "OutgoingQuerySet", "PlatformRequest", "PublicPost", "Reconciliation", "Status",
]  # fmt: skip


class ChannelQuerySet(models.QuerySet["Channel"]):
    """Channels, chosen by sentences."""

    def visible_to(self, user: User) -> Self:
        """Every channel, or those of the sites this user is limited to."""
        sites = sites_of(user)
        return self if sites is None else self.filter(site_id__in=sites)

    def active(self) -> Self:
        """Connected, neither paused nor left."""
        return self.filter(state=Channel.State.ACTIVE)


class App(models.Model):
    """An app of ours at a platform, on which several channels hang: one hook address per kind, one set of secrets.

    `secrets` (encrypted JSON): `app_secrets`, a JSON list of which each is valid, and `verify_token`.
    """

    kind = models.CharField(max_length=30, help_text="The platform: meta.")
    name = models.CharField(_("name"), max_length=120)
    key = models.CharField(max_length=60, unique=True, help_text="Public, unguessable part of hook addresses.")
    settings = models.JSONField(default=dict, blank=True)
    secrets = models.TextField(blank=True)
    asked_at = models.DateTimeField(null=True, blank=True, help_text="When the platform last asked for the handshake.")
    last_event_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.name


class AppHook(models.Model):
    """What we know of one hook address of an app: when the platform shook hands, delivered, and was refused why."""

    class Why(models.TextChoices):
        WORD = "word", _("with another word of verification")
        SIGNATURE = "signature", _("signed with a secret we do not know")

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="hooks")
    kind = models.CharField(max_length=30, help_text="Of the connector.")
    asked_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    refused_why = models.CharField(max_length=20, choices=Why.choices, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["app", "kind"], name="one_hook_per_kind")]


class Channel(models.Model):
    """An account of ours on one network. `kind` names the connector; `settings` are its plain values, `secrets` its
    encrypted ones (JSON, `core.crypto.encrypt`)."""

    class State(models.TextChoices):
        ACTIVE = "active", _("connected")
        PAUSED = "paused", _("paused")
        DISCONNECTED = "disconnected", _("disconnected")

    MOVES: ClassVar = {
        State.ACTIVE: {State.PAUSED, State.DISCONNECTED},
        State.PAUSED: {State.ACTIVE, State.DISCONNECTED},
        State.DISCONNECTED: {State.ACTIVE},
    }

    class Signature(models.TextChoices):
        EXPERT = "expert", _("expert's first name and role, if they agreed")
        INITIALS = "initials", _("initials of the community manager")
        NONE = "none", _("no signature")

    class Address(models.TextChoices):
        INFORMAL = "informal", "du, je"
        FORMAL = "formal", "Sie, u"

    kind = models.CharField(_("network"), max_length=30)
    name = models.CharField(_("name"), max_length=120)
    key = models.CharField(
        max_length=60, unique=True, help_text="Public, unguessable part of hook and widget addresses."
    )
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.SET_NULL, related_name="channels")
    hours = models.ForeignKey(OpeningHours, null=True, blank=True, on_delete=models.SET_NULL, related_name="channels")
    languages = ArrayField(models.CharField(max_length=5), default=list, blank=True)
    purpose = models.TextField(_("why we are here and for whom"), blank=True)
    address = models.CharField(_("form of address"), max_length=10, choices=Address.choices, default=Address.INFORMAL)
    signature = models.CharField(_("signature"), max_length=10, choices=Signature.choices, default=Signature.INITIALS)
    standing_answer = models.JSONField(default=dict, blank=True, help_text="By language; sent while disconnected.")
    settings = models.JSONField(default=dict, blank=True)
    secrets = models.TextField(blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.ACTIVE)
    last_event_at = models.DateTimeField(null=True, blank=True)
    last_sent_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=60, blank=True, help_text="Code of what needs a hand; words in health.py.")
    problem_detail = models.CharField(max_length=300, blank=True)
    problem_since = models.DateTimeField(null=True, blank=True)
    rests_until = models.DateTimeField(null=True, blank=True, help_text="Left alone until then, after a problem.")
    app = models.ForeignKey(App, null=True, blank=True, on_delete=models.PROTECT, related_name="channels")
    external_id = models.CharField(max_length=120, blank=True, help_text="Our account's id at the platform of its app.")
    compared_at = models.DateTimeField(null=True, blank=True, help_text="When somebody last took it to reconcile it.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = [by_name(), "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "external_id"], condition=~Q(external_id=""), name="one_channel_per_account"
            )
        ]

    def __str__(self) -> str:
        return self.name


class DeliveryKey(models.Model):
    """Narrow and lasting: the same delivery is never taken twice, also after its raw bytes are gone."""

    channel = models.ForeignKey(Channel, null=True, on_delete=models.CASCADE, related_name="+")
    app = models.ForeignKey(App, null=True, on_delete=models.CASCADE, related_name="+")
    key_hash = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["key_hash", "channel", "app"], nulls_distinct=False, name="delivery_once_per_door"
            )
        ]


class Delivery(models.Model):
    """Raw bytes as they came, stored before they are thanked for; parsed later, kept 14 days.

    It came for one channel, or to the hook of an app (`app` and `kind`) and says inside for which of its channels.
    The table is divided by the day of `received_at` (`days.py`), so a query that names it looks into few days only.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("understood")
        UNSUPPORTED = "unsupported", _("unsupported")
        FAILED = "failed", _("set aside")

    MOVES: ClassVar = {
        State.WAITING: {State.DONE, State.UNSUPPORTED, State.FAILED},
        State.FAILED: {State.WAITING},
        State.UNSUPPORTED: {State.WAITING},
        State.DONE: set(),
    }

    channel = models.ForeignKey(Channel, null=True, on_delete=models.CASCADE, related_name="deliveries")
    app = models.ForeignKey(App, null=True, on_delete=models.CASCADE, related_name="deliveries")
    kind = models.CharField(max_length=30, blank=True, help_text="Of the connector; of the channel's where empty.")
    path = models.CharField(max_length=300, blank=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    received_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(channel__isnull=False, app=None) | Q(channel=None, app__isnull=False),
                name="delivery_has_one_door",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(state="waiting"), name="delivery_waiting"),
            models.Index(fields=["id"], condition=Q(state="failed"), name="delivery_failed"),
            models.Index(
                fields=["path"], condition=Q(state__in=["waiting", "failed", "unsupported"]), name="delivery_path_open"
            ),
        ]


class PublicPost(models.Model):
    """A platform's object under which people write in public."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="public_posts")
    external_id = models.CharField(max_length=300)
    permalink = models.URLField(max_length=1000, blank=True)
    author = models.CharField(max_length=160, blank=True)
    author_is_us = models.BooleanField(default=True)
    text = models.TextField(blank=True)
    picture = models.FileField(upload_to="posts/%Y/%m/", blank=True)
    picture_reference = models.TextField(blank=True, help_text="Where the platform keeps it, until it is fetched.")
    posted_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True, help_text="The moment of the newest thing told of it.")
    fetch_at = models.DateTimeField(null=True, blank=True, help_text="When to ask the platform for what is missing.")
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["fetch_at", "id"], condition=Q(fetch_at__isnull=False), name="public_post_to_fetch"),
            models.Index(fields=["picture"], name="public_post_picture"),
        ]
        constraints: ClassVar = [models.UniqueConstraint(fields=["channel", "external_id"], name="public_post_once")]


class MessageTemplate(models.Model):
    """Words a platform approved beforehand, the only ones that may go on with a talk whose window has closed.

    `body` holds {{1}}, {{2}} … or {{name}} where values go; `values` are those names in their order of appearance.
    """

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="message_templates")
    name = models.CharField(max_length=512)
    language = models.CharField(max_length=20)
    category = models.CharField(max_length=40, blank=True)
    body = models.TextField()
    values = models.JSONField(default=list)
    is_approved = models.BooleanField(default=False, help_text="By the platform, and the desk can fill it in.")
    seen_at = models.DateTimeField(help_text="When the platform last named it.")

    class Meta:
        ordering: ClassVar = ["name", "language"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel", "name", "language"], name="message_template_once")
        ]


class Reconciliation(models.Model):
    """One comparison of what the platform holds with what we hold, within the same time and of the same kind."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="reconciliations")
    at = models.DateTimeField()
    platform_count = models.PositiveIntegerField(default=0)
    held_count = models.PositiveIntegerField(default=0, help_text="After what was missing had been fetched.")
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0, help_text="Edits and hidings nobody had told us.")
    removed = models.PositiveIntegerField(default=0)
    gone = models.JSONField(default=list, help_text="What we hold and the platform does not, by its id there.")
    problem = models.CharField(max_length=60, blank=True, help_text="Why it could not be compared; words in health.py.")

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["channel", "-id"], name="reconciliation_newest")]


class PlatformRequest(models.Model):
    """A platform told us that a person wants their data deleted, or that our app was taken off an account.

    `subject` is the platform's id of that person or account for our app. The page at its code says what became of it.
    """

    class Kind(models.TextChoices):
        DELETION = "deletion", _("deletion of data")
        DEAUTHORISE = "deauthorise", _("our app was removed")

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="requests")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    subject = models.CharField(max_length=120)
    code = models.CharField(max_length=40, unique=True)
    received_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    found = models.PositiveSmallIntegerField(default=0, help_text="How many people of ours were meant.")

    class Meta:
        ordering: ClassVar = ["-id"]


class Lease(models.Model):
    """Who reads a channel that must be read by one only (IMAP IDLE, long polling); taken over when it runs out."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, related_name="lease")
    holder = models.CharField(max_length=120)
    until = models.DateTimeField()
    cursor = models.JSONField(default=dict)
