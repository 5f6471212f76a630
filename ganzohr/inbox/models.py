"""Conversations and messages: what was written to us, what we wrote, what is still owed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ganzohr.accounts.models import User
from ganzohr.channels.models import Channel, Outgoing, PublicPost
from ganzohr.contacts.models import Contact, Handle
from ganzohr.directory.models import Colleague, Site, sites_of
from ganzohr.topics.models import Topic

if TYPE_CHECKING:
    from datetime import datetime


class Kind(models.TextChoices):
    """What a message does (the topic says what it is about)."""

    QUESTION = "question", _("question")
    PRAISE = "praise", _("praise")
    COMPLAINT = "complaint", _("complaint")
    STORY = "story", _("story")
    NONSENSE = "nonsense", _("nonsense")
    REACTION = "reaction", _("reaction")
    OTHER = "other", _("other")


GIVEN = Q(kind="reaction", target__has_key="by")  # a platform's reaction; short words may be of that kind too
NO_CLOCK = frozenset({Kind.PRAISE, Kind.NONSENSE, Kind.REACTION})  # kinds that nobody was promised an answer to


class ConversationQuerySet(models.QuerySet["Conversation"]):
    """Conversations, chosen by sentences."""

    def visible_to(self, user: User) -> Self:
        """What this user may see: everything, or only the sites their colleague is limited to."""
        sites = sites_of(user)
        return self if sites is None else self.filter(site_id__in=sites)

    def open(self) -> Self:
        """On the desk now: neither put off nor closed."""
        return self.filter(state=Conversation.State.OPEN)

    def unanswered(self) -> Self:
        """The person waits for an answer of ours."""
        return self.filter(unanswered_since__isnull=False)

    def overdue(self, at: datetime) -> Self:
        """Promised by then and not answered."""
        return self.filter(due_at__lt=at)

    def unread(self) -> Self:
        """Nobody here has read the newest message."""
        return self.filter(last_message_id__gt=F("read_until_id"))

    def with_nobody(self) -> Self:
        """Nobody has it and no colleague was asked."""
        return self.filter(assignee=None, waits_for=None)

    def waiting(self) -> Self:
        """A colleague was asked."""
        return self.filter(waits_for__isnull=False)


class Conversation(models.Model):
    """One person on one channel about one thread. One open per (channel, handle, public post, thread key).

    Facts that a list row shows stand here, so that a page of rows is one query: `unanswered_since` (provider time of
    the first inbound message not answered yet), `due_at` (when the promise runs out), `waits_for`/`waits_until` (an
    expert was asked; set by inquiries through `actions.set_waiting`), `draft_at` (somebody's words lie in the box),
    `expert_draft_at` (an expert's words wait to be read), `failed_at` (the last answer did not leave).
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        SNOOZED = "snoozed", _("later")
        CLOSED = "closed", _("closed")

    MOVES: ClassVar = {
        State.OPEN: {State.SNOOZED, State.CLOSED},
        State.SNOOZED: {State.OPEN, State.CLOSED},
        State.CLOSED: {State.OPEN},
    }

    class Reason(models.TextChoices):
        ANSWERED = "answered", _("answered")
        THANKED = "thanked", _("thanked")
        NO_ANSWER_NEEDED = "no_answer_needed", _("needs no answer")
        NONSENSE = "nonsense", _("nonsense or advertising")
        ELSEWHERE = "elsewhere", _("answered elsewhere")

    # Foreign keys without an index of their own begin one of those below.
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="conversations", db_index=False)
    handle = models.ForeignKey(Handle, on_delete=models.CASCADE, related_name="conversations")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="conversations", db_index=False)
    public_post = models.ForeignKey(
        PublicPost, null=True, blank=True, on_delete=models.SET_NULL, related_name="conversations", db_index=False
    )
    linked_to = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="linked", db_index=False
    )
    thread_key = models.CharField(max_length=300, blank=True)
    reply_key = models.CharField(
        max_length=32, null=True, help_text="The random token in the reply address of our mails."
    )
    subject = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=120, blank=True)
    site = models.ForeignKey(
        Site, null=True, blank=True, on_delete=models.SET_NULL, related_name="conversations", db_index=False
    )
    site_is_chosen = models.BooleanField(default=False, help_text="A person said which, or that there is none.")
    is_public = models.BooleanField(default=False)
    language = models.CharField(max_length=5, blank=True)
    kind = models.CharField(max_length=20, choices=Kind.choices, blank=True)
    topic = models.ForeignKey(
        Topic, null=True, blank=True, on_delete=models.SET_NULL, related_name="conversations", db_index=False
    )
    topic_is_sure = models.BooleanField(default=False, help_text="Chosen by a person or sure by the model.")
    topic_message_id = models.BigIntegerField(null=True, help_text="Where a sure model took it from; a person: none.")
    topic_choices = models.JSONField(default=list, help_text="[[topic id, confidence], …], the three best.")
    assignee = models.ForeignKey(
        Colleague, null=True, blank=True, on_delete=models.SET_NULL, related_name="conversations", db_index=False
    )
    state = models.CharField(max_length=20, choices=State.choices, default=State.OPEN)
    reason = models.CharField(max_length=30, choices=Reason.choices, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    first_words = models.CharField(max_length=200, blank=True)
    last_activity_at = models.DateTimeField()
    last_inbound_at = models.DateTimeField(null=True, blank=True)
    last_message_id = models.BigIntegerField(default=0, help_text="Newest message; what a draft must know.")
    read_until_id = models.BigIntegerField(default=0, help_text="Somebody here read up to this message.")
    unanswered_since = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    waits_for = models.ForeignKey(
        Colleague, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    waits_until = models.DateTimeField(null=True, blank=True)
    draft_at = models.DateTimeField(null=True, blank=True)
    expert_draft_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    failed_how = models.CharField(max_length=10, blank=True, help_text="refused or unclear, while failed_at is set.")
    first_answered_at = models.DateTimeField(
        null=True, blank=True, help_text="When the first answer written by a person left."
    )
    created_at = models.DateTimeField(help_text="Provider time of its first message.")

    objects = ConversationQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["created_at"], name="conv_created"),
            models.Index(fields=["state", "-last_activity_at", "-id"], name="conv_state_recent"),
            models.Index(fields=["assignee", "state", "-last_activity_at", "-id"], name="conv_assignee"),
            models.Index(fields=["topic", "state", "-last_activity_at", "-id"], name="conv_topic"),
            models.Index(
                fields=["assignee", "topic", "-last_activity_at", "-id"], condition=Q(state="open"), name="conv_open"
            ),
            models.Index(fields=["state", "due_at", "id"], condition=Q(due_at__isnull=False), name="conv_due"),
            models.Index(fields=["snoozed_until"], condition=Q(snoozed_until__isnull=False), name="conv_snoozed"),
            models.Index(fields=["contact", "-last_activity_at"], name="conv_contact"),
            models.Index(fields=["-last_activity_at", "-id"], name="conv_recent"),
            models.Index(fields=["site", "state", "-last_activity_at", "-id"], name="conv_site"),
            models.Index(fields=["channel", "state", "-last_activity_at", "-id"], name="conv_channel"),
            models.Index(fields=["kind", "state", "-last_activity_at", "-id"], name="conv_kind"),
            models.Index(fields=["language", "state", "-last_activity_at", "-id"], name="conv_language"),
            *(
                models.Index(fields=[*first, "-last_activity_at", "-id"], condition=only, name=name)
                for name, first, only in (
                    ("conv_source", ["source"], ~Q(source="")),
                    ("conv_post", ["public_post"], Q(public_post__isnull=False)),
                    ("conv_waits", ["state"], Q(waits_for__isnull=False)),
                    ("conv_unanswered", ["state"], Q(unanswered_since__isnull=False)),
                    ("conv_unread", ["state"], Q(last_message_id__gt=F("read_until_id"))),
                )
            ),
            models.Index(fields=["linked_to"], condition=Q(linked_to__isnull=False), name="conv_linked"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["channel", "handle", "public_post", "thread_key"],
                condition=~Q(state="closed"),
                nulls_distinct=False,
                name="one_open_conversation",
            ),
            models.UniqueConstraint(fields=["reply_key"], condition=Q(reply_key__isnull=False), name="conv_reply_key"),
        ]

    @property
    def person(self) -> str:
        """What we call who writes here."""
        from ganzohr.inbox.places import person_of

        return person_of(self)

    @property
    def live_topic(self) -> str:
        """What open pages listen to."""
        return f"conversation:{self.pk}"

    @property
    def presence_topic(self) -> str:
        """What says who is here."""
        return f"presence:{self.pk}"

    @property
    def may_be_promised(self) -> bool:
        """A human word that an answer comes tomorrow makes sense: somebody waits in private and has not said stop."""
        waits = bool(self.unanswered_since) and self.state == self.State.OPEN and not self.is_public
        return waits and not self.has_stopped

    @property
    def has_stopped(self) -> bool:
        """They said stop and have not written here since: nothing leaves unasked."""
        stopped_at = self.handle.stopped_at
        return stopped_at is not None and not (self.last_inbound_at and self.last_inbound_at > stopped_at)

    @property
    def is_unread(self) -> bool:
        """Nobody here has read the newest message."""
        return self.last_message_id > self.read_until_id


class Message(models.Model):
    """One message in or out. `provider_at` orders; `target` is what an answer to exactly this message needs."""

    class Direction(models.TextChoices):
        IN = "in", _("received")
        OUT = "out", _("sent")

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages", db_index=False)
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    direction = models.CharField(max_length=3, choices=Direction.choices)
    visibility = models.CharField(max_length=10, default="private")
    external_id = models.CharField(max_length=300, null=True, blank=True)
    reply_to = models.CharField(max_length=300, blank=True)
    author = models.ForeignKey(
        Colleague, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="Out: who approved.",
        db_index=False,
    )  # fmt: skip
    expert = models.ForeignKey(
        Colleague, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False,
        help_text="Out: whose knowledge it is; for the signature.",
    )  # fmt: skip
    text = models.TextField(blank=True)
    original = models.TextField(blank=True, help_text="Mail: with quotes and signature.")
    is_automatic = models.BooleanField(default=False)
    language = models.CharField(max_length=5, blank=True)
    kind = models.CharField(max_length=20, choices=Kind.choices, blank=True)
    understood_at = models.DateTimeField(null=True, blank=True)
    target = models.JSONField(default=dict, blank=True)
    outgoing = models.OneToOneField(Outgoing, null=True, blank=True, on_delete=models.SET_NULL, related_name="message")
    answers = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="answered_by", db_index=False
    )
    delivery_id = models.BigIntegerField(null=True)
    provider_at = models.DateTimeField()
    received_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True, help_text="On the platform only its author sees it.")
    hidden_told_at = models.DateTimeField(null=True, blank=True, help_text="When it was last hidden or shown again.")
    form = models.CharField(max_length=30, blank=True, help_text="What it was beside words: mention, missed_call …")
    more = models.JSONField(default=dict, blank=True, help_text="What the form brought, as `facts` keeps it.")

    class Meta:
        ordering: ClassVar = ["provider_at", "id"]
        indexes: ClassVar = [
            models.Index(fields=["conversation", "-id"], name="message_conversation"),
            models.Index(fields=["id"], condition=Q(understood_at=None, direction="in"), name="message_to_understand"),
            models.Index(fields=["channel", "reply_to"], condition=Q(kind="reaction"), name="message_reactions"),
            *(  # empty in most messages, which then stand in none of them
                models.Index(fields=[name], condition=Q(**{f"{name}__isnull": False}), name=f"message_{name}")
                for name in ("author", "expert", "answers")
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["channel", "external_id"], condition=Q(external_id__isnull=False), name="message_once"
            )
        ]

    @property
    def is_given(self) -> bool:
        """A reaction the platform tells of, which stands under another message; not short words of that kind."""
        return self.kind == Kind.REACTION and "by" in self.target


class Attachment(models.Model):
    """A file of a message; checked by content, served as a download from an address that runs nothing."""

    message = models.ForeignKey(Message, null=True, on_delete=models.CASCADE, related_name="attachments")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="attachments")
    file = models.FileField(upload_to="messages/%Y/%m/")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=120)
    size = models.PositiveIntegerField()
    reference = models.TextField(
        blank=True, help_text="Where the platform keeps the bytes, until we have fetched them."
    )
    fetch_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["fetch_at", "id"], condition=Q(fetch_at__isnull=False), name="attachment_to_fetch"),
            models.Index(fields=["file"], name="attachment_file"),
        ]


class Parked(models.Model):
    """What speaks of a message not here yet (an edit that overtook it, our own reply under it): taken in with it.

    A reaction taken away is kept here too, so that an older one cannot come back. `values` is plain JSON.
    """

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=300, help_text="External id of the message waited for.")
    external_id = models.CharField(max_length=300)
    sender_id = models.CharField(max_length=300)
    values = models.JSONField()
    delivery_id = models.BigIntegerField()
    received_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["received_at"], name="parked_received")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel", "subject", "external_id"], name="parked_once")
        ]


class Note(models.Model):
    """Internal words beside a conversation; never leave the house."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(Colleague, null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField()
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["created_at", "id"]


class Draft(models.Model):
    """What stands in the box, saved as it is typed; one per conversation and mode, whoever types."""

    class Mode(models.TextChoices):
        REPLY = "reply", _("answer")
        PRIVATE = "private", _("private answer")
        NOTE = "note", _("note")
        ASK = "ask", _("question to an expert")

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="drafts")
    mode = models.CharField(max_length=10, choices=Mode.choices, default=Mode.REPLY)
    text = models.TextField(blank=True)
    author = models.ForeignKey(Colleague, null=True, on_delete=models.SET_NULL, related_name="+")
    expert = models.ForeignKey(
        Colleague, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text="Whose knowledge it is, whoever edits; for the signature.",
    )  # fmt: skip
    knows_message_id = models.BigIntegerField(default=0, help_text="Newest message its author had seen.")
    revision = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()
    earlier = models.JSONField(default=list, help_text="What gave way to others: key, text, author_id, name.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["conversation", "mode"], name="one_draft_per_mode")]


class Presence(models.Model):
    """Who has a conversation open or types in it; older than a minute means gone."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="presences")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()
    typed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["conversation", "user"], name="one_presence_per_user")]


class Notice(models.Model):
    """One automatic word per conversation and closed period: when somebody will answer."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="notices")
    closed_from = models.DateTimeField()
    message = models.OneToOneField(Message, null=True, on_delete=models.SET_NULL, related_name="notice")
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "closed_from"], name="one_notice_per_closed_period")
        ]
