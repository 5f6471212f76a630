"""Mails about an inquiry that have not left: what nobody needs to read any more is kept here."""

from __future__ import annotations

from ganzohr.audit.actions import Actor
from ganzohr.channels import actions as channels
from ganzohr.channels.models import Outgoing
from ganzohr.inquiries.models import Inquiry
from ganzohr.notifications import actions as notifications
from ganzohr.notifications.models import Ask, Letter

KIND = "inquiry"
NOT_LEFT = (Outgoing.State.WAITING, Outgoing.State.REFUSED, Outgoing.State.TAKEN_BACK)


def keep_here(inquiry: Inquiry, actor: Actor, *kinds: str) -> None:
    """Take back waiting mails of these kinds (`ask`: questions and reminders, `told`: what came on top)."""
    letters = Letter.objects.filter(ask__kind=KIND, ask__subject_id=inquiry.pk)
    for outgoing in Outgoing.objects.on_their_way().filter(pk__in=letters.values("outgoing"), kind__in=kinds):
        channels.take_back(outgoing, actor)


def ask_after_all(inquiry: Inquiry, actor: Actor) -> None:
    """The question whose mail was kept here waits for an answer again: it leaves once more."""
    ask = Ask.objects.filter(kind=KIND, subject_id=inquiry.pk, revoked_at=None).select_related("outgoing").first()
    if ask and ask.outgoing and ask.outgoing.state == Outgoing.State.TAKEN_BACK:
        try:
            notifications.resend(ask, actor, key=f"inquiry:{inquiry.pk}:after-all:{ask.letters.count()}")
        except notifications.CannotBeAsked:
            return


def was_reached(ask: Ask) -> bool:
    """A mail with this question left the house."""
    return ask.letters.exclude(outgoing__kind="told").exclude(outgoing__state__in=NOT_LEFT).exists()
