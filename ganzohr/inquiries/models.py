"""A question that needs an expert: who was asked, why, what came back, what was approved."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ganzohr.accounts.models import User
from ganzohr.directory.models import Colleague, Site, sites_of
from ganzohr.inbox.models import Conversation, Message
from ganzohr.notifications.models import Ask, ColleagueMail
from ganzohr.topics.models import Topic


class InquiryQuerySet(models.QuerySet["Inquiry"]):
    """Inquiries, chosen by sentences."""

    def running(self) -> Self:
        """Not over yet."""
        return self.exclude(state__in=["answered", "withdrawn"])

    def waiting_for_colleagues(self) -> Self:
        """Somebody was asked and has not answered."""
        return self.filter(state="asked")

    def needing_us(self) -> Self:
        """It is our turn: nobody to ask, a question back, a draft to read, declined."""
        return self.filter(state__in=["new", "asked_back", "drafted", "declined"])

    def visible_to(self, user: User) -> Self:
        """What this user may see, as far as they may see the conversation."""
        sites = sites_of(user)
        return self if sites is None else self.filter(conversation__site_id__in=sites)


class Inquiry(models.Model):
    """new → asked → (asked_back) → drafted → approved → answered; declined, withdrawn. An answer taken back leads from
    approved to where the inquiry was before.

    `question` is what the expert reads (never the thread). `why` says in codes why this colleague was chosen
    (`routing.py` turns it into one sentence). `answered` is set by the outbox's *accepted* only; a refused send goes
    back to approved. `approved_text` is what was read; other text is unapproved.
    """

    class State(models.TextChoices):
        NEW = "new", _("nobody asked yet")
        ASKED = "asked", _("asked")
        ASKED_BACK = "asked_back", _("asked back")
        DRAFTED = "drafted", _("draft is here")
        APPROVED = "approved", _("approved")
        ANSWERED = "answered", _("answered")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")

    MOVES: ClassVar = {
        State.NEW: {State.ASKED, State.APPROVED, State.WITHDRAWN},
        State.ASKED: {State.ASKED, State.ASKED_BACK, State.DRAFTED, State.DECLINED, State.APPROVED, State.WITHDRAWN},
        State.ASKED_BACK: {State.ASKED, State.DRAFTED, State.DECLINED, State.APPROVED, State.WITHDRAWN},
        State.DRAFTED: {State.DRAFTED, State.APPROVED, State.ASKED, State.WITHDRAWN},
        State.APPROVED: {
            State.ANSWERED,
            State.APPROVED,
            State.DRAFTED,
            State.ASKED,
            State.ASKED_BACK,
            State.DECLINED,
            State.NEW,
            State.WITHDRAWN,
        },
        State.DECLINED: {State.ASKED, State.DRAFTED, State.APPROVED, State.WITHDRAWN},
        State.ANSWERED: set(),
        State.WITHDRAWN: set(),
    }

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="inquiries")
    message = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="+")
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.SET_NULL, related_name="inquiries")
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    language = models.CharField(max_length=5)
    question = models.TextField()
    colleague = models.ForeignKey(Colleague, null=True, blank=True, on_delete=models.SET_NULL, related_name="inquiries")
    why = models.JSONField(default=dict)
    state = models.CharField(max_length=20, choices=State.choices, default=State.NEW)
    due_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    asked_by = models.ForeignKey(Colleague, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    drafted_at = models.DateTimeField(null=True, blank=True)
    knows_message_id = models.BigIntegerField(default=0, help_text="Newest candidate message the draft answers.")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(Colleague, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    approved_text = models.TextField(blank=True)
    approved_from = models.CharField(max_length=20, blank=True, help_text="The state before approval, for taking back.")
    answer = models.OneToOneField(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="inquiry")
    answered_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True, help_text="The expert was told what was posted.")
    created_at = models.DateTimeField()

    objects: ClassVar[models.Manager[Inquiry]] = InquiryQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["conversation", "-id"]),
            models.Index(fields=["colleague", "-id"]),
            models.Index(fields=["state", "due_at", "id"], name="inquiry_state_due"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["conversation"],
                condition=~Q(state__in=["answered", "withdrawn"]),
                name="one_running_inquiry",
            )
        ]


class ExpertWords(models.Model):
    """What a colleague said to an inquiry. An `answer` becomes the draft; nothing here ever leaves by itself."""

    class Said(models.TextChoices):
        ANSWER = "answer", _("answer")
        ASK_BACK = "ask_back", _("asks back")
        NOT_MINE = "not_mine", _("not mine")
        AWAY = "away", _("is away")
        REPLY = "reply", _("our reply to a question back")

    inquiry = models.ForeignKey(Inquiry, on_delete=models.CASCADE, related_name="words")
    said = models.CharField(max_length=10, choices=Said.choices)
    colleague = models.ForeignKey(Colleague, null=True, on_delete=models.SET_NULL, related_name="+")
    ask = models.ForeignKey(Ask, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    mail = models.OneToOneField(ColleagueMail, null=True, blank=True, on_delete=models.SET_NULL, related_name="words")
    via = models.CharField(max_length=10, help_text="page, mail or desk")
    key = models.CharField(max_length=80, null=True, blank=True, unique=True, help_text="The form it came with, once.")
    by_name = models.CharField(max_length=160, blank=True, help_text="Shared mailbox: who answered.")
    is_late = models.BooleanField(default=False, help_text="It came when nothing was waited for any more.")
    until_on = models.DateField(null=True, blank=True, help_text="Away until this day.")
    knows_message_id = models.BigIntegerField(default=0, help_text="Newest candidate message these words know.")
    text = models.TextField(blank=True)
    is_from_other_address = models.BooleanField(default=False)
    suggested = models.ForeignKey(Colleague, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    minutes = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Page: opened to sent; unknown else.")
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["id"]
