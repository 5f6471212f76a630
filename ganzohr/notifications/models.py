"""Telling and asking colleagues: a mail, a private page; one mechanism for inquiries and whatever is asked later."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import models
from django.db.models import Q

from ganzohr.accounts.models import User
from ganzohr.channels.models import Channel, Outgoing
from ganzohr.directory.models import Colleague
from ganzohr.directory.permissions import sites_of


class AskQuerySet(models.QuerySet["Ask"]):
    """Asks, by what may still be done with them."""

    def about(self, kind: str, *subject_ids: int) -> AskQuerySet:
        """Every ask about these rows of the room that asks."""
        return self.filter(kind=kind, subject_id__in=subject_ids)

    def open(self) -> AskQuerySet:
        """Not withdrawn; perhaps answered, perhaps run out."""
        return self.filter(revoked_at=None)


class Ask(models.Model):
    """A request to a colleague without an account. `kind` chooses the page behind the private link (a table in
    config/wiring.py), `subject_id` is the row of the room that asks (an inquiry's id for kind "inquiry").

    The token opens the private page. It is found by its hash, and kept encrypted so that the same link can be sent
    again: whoever has the database and the keys (a backup holds both) can open links that have not run out. The mail
    token makes a reply by mail recognisable; it is derived from the token (`tokens.py`), opens no page, and only its
    hash is stored.
    """

    kind = models.CharField(max_length=30)
    subject_id = models.BigIntegerField()
    colleague = models.ForeignKey(Colleague, on_delete=models.CASCADE, related_name="asks")
    token_hash = models.BinaryField(max_length=32, unique=True)
    sealed_token = models.TextField(help_text="The token, encrypted, so that a mail can be sent again.")
    mail_token_hash = models.BinaryField(max_length=32, unique=True)
    message_id = models.CharField(max_length=300, blank=True, help_text="Message-ID of the mail we sent last.")
    outgoing = models.ForeignKey(Outgoing, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    due_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by_name = models.CharField(max_length=160, blank=True, help_text="Shared mailbox: who answered.")
    words = models.JSONField(default=dict, blank=True, help_text="What the mail said, to send it again.")
    draft = models.TextField(blank=True, help_text="What stands in the box of the private page, saved as it is typed.")
    draft_saved_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager[Ask]] = AskQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["kind", "subject_id"]), models.Index(fields=["message_id"])]

    def is_expired(self, now: dt.datetime) -> bool:
        """The link ran out."""
        return now >= self.expires_at


class Letter(models.Model):
    """One mail of ours to a colleague: its Message-ID finds the ask of a reply, its day counts for the budget."""

    colleague = models.ForeignKey(Colleague, on_delete=models.CASCADE, related_name="letters")
    ask = models.ForeignKey(Ask, null=True, blank=True, on_delete=models.CASCADE, related_name="letters")
    key = models.CharField(max_length=100, unique=True)
    message_id = models.CharField(max_length=300, unique=True)
    outgoing = models.ForeignKey(Outgoing, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    leaves_at = models.DateTimeField()
    is_urgent = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["colleague", "leaves_at"])]


class ColleagueMailQuerySet(models.QuerySet["ColleagueMail"]):
    """Mails of colleagues, by what is left to do."""

    def belonging_to_nothing(self) -> ColleagueMailQuerySet:
        """Those that answer no ask."""
        return self.filter(ask=None)

    def visible_to(self, user: User) -> ColleagueMailQuerySet:
        """What this user may see: everything, or only mails of colleagues of the sites they are limited to."""
        sites = sites_of(user)
        here = Q(colleague__site__in=sites or ()) | Q(colleague__isnull=False, colleague__site=None)
        return self if sites is None else self.filter(here)

    def unseen(self) -> ColleagueMailQuerySet:
        """Nobody dealt with them yet."""
        return self.filter(seen_at=None)


class ColleagueMail(models.Model):
    """A mail that came in from a colleague (or on an ask's token); kept whole, shown where the ask belongs.

    `incoming` holds the rest of what the connector said, so that a mail which was a candidate's after all can be
    passed on to the inbox as it came. One without an ask goes 30 days after somebody dealt with it
    (`actions.forget_mails`).
    """

    ask = models.ForeignKey(Ask, null=True, blank=True, on_delete=models.CASCADE, related_name="mails")
    colleague = models.ForeignKey(Colleague, null=True, blank=True, on_delete=models.SET_NULL, related_name="mails")
    channel = models.ForeignKey(Channel, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    delivery_id = models.BigIntegerField(null=True)
    external_id = models.CharField(max_length=300, unique=True)
    from_address = models.CharField(max_length=300)
    from_name = models.CharField(max_length=160, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    is_known_sender = models.BooleanField(help_text="It came from the address of the colleague who was asked.")
    is_automatic = models.BooleanField(default=False)
    is_bounce = models.BooleanField(default=False)
    text = models.TextField(blank=True, help_text="Quotes and signature cut.")
    original = models.TextField(blank=True)
    incoming = models.JSONField(default=dict, blank=True)
    received_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True, help_text="Set when somebody dealt with one without an ask.")
    passed_on_at = models.DateTimeField(null=True, blank=True, help_text="Given to the inbox: it was a candidate's.")

    objects: ClassVar[models.Manager[ColleagueMail]] = ColleagueMailQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["-received_at", "-id"], condition=Q(ask=None), name="mail_without_ask"),
            models.Index(fields=["from_address"], name="mail_from"),
        ]


class AskFile(models.Model):
    """A file a colleague handed over, by page or by mail; served as a download only."""

    ask = models.ForeignKey(Ask, null=True, blank=True, on_delete=models.CASCADE, related_name="files")
    mail = models.ForeignKey(ColleagueMail, null=True, blank=True, on_delete=models.CASCADE, related_name="files")
    file = models.FileField(upload_to="asks/%Y/%m/")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=120)
    size = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["file"], name="ask_file_file")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ask__isnull=False) | Q(mail__isnull=False), name="file_of_ask_or_mail")
        ]
