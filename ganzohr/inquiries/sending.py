"""Whether the mail that asks has left the house."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db.models import Case, Exists, OuterRef, Q, Value, When

from ganzohr.channels.models import Channel, Outgoing
from ganzohr.inquiries.actions.asking import KIND
from ganzohr.inquiries.models import Inquiry
from ganzohr.notifications.models import Ask

PATIENCE = dt.timedelta(minutes=2)


def _cannot_leave(at: dt.datetime) -> Q:
    overdue = Q(outgoing__not_before__lt=at - PATIENCE) | Q(outgoing__attempts__gt=0)
    if not settings.MAIL_URL:
        overdue |= Q(~Exists(Channel.objects.active().filter(kind="mail")))
    return Q(outgoing__state=Outgoing.State.WAITING) & overdue


def lies_here(at: dt.datetime) -> Case:
    """Of an ask: its mail waits although it should have left, or could not."""
    return Case(When(_cannot_leave(at), then=Value(True)), default=Value(False))


def waits_unsent(at: dt.datetime) -> Exists:
    """Of a conversation: the question of its running inquiry lies here."""
    running = Inquiry.objects.filter(conversation=OuterRef(OuterRef("pk"))).running()
    asks = Ask.objects.filter(_cannot_leave(at), kind=KIND, subject_id__in=running.values("pk"), revoked_at=None)
    return Exists(asks)
