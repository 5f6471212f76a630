"""People outside: who they are to us, how a channel knows them, what they agreed to."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from ganzohr.channels.models import Channel


class Contact(models.Model):
    """A person outside. The name is what they gave us; empty is fine."""

    name = models.CharField(max_length=160, blank=True)
    language = models.CharField(max_length=5, blank=True)
    source = models.CharField(max_length=120, blank=True, help_text="What brought them first (?src=, post …).")
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)


class Handle(models.Model):
    """How one channel knows a person."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="handles")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="handles")
    external_id = models.CharField(max_length=300)
    name = models.CharField(max_length=160, blank=True)
    address = models.CharField(max_length=300, blank=True, help_text="Where copies go, e.g. a mail address left.")
    stopped_at = models.DateTimeField(null=True, blank=True, help_text="They said stop: nothing leaves unasked.")
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["channel", "external_id"], name="handle_once")]


class OtherId(models.Model):
    """A further id under which the channel knows a handle: phone number, username, an id they had before."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    handle = models.ForeignKey(Handle, on_delete=models.CASCADE, related_name="other_ids")
    value = models.CharField(max_length=300)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["channel", "value"], name="other_id_once")]


class Consent(models.Model):
    """What a person agreed to, in the words and version shown then."""

    handle = models.ForeignKey(Handle, on_delete=models.CASCADE, related_name="consents")
    kind = models.CharField(max_length=40)
    version = models.CharField(max_length=40)
    text = models.TextField()
    language = models.CharField(max_length=5)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-given_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["handle", "kind", "version"], name="consent_once_per_version")
        ]
