"""What the conversation page says about a visitor, in the slot it offers."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from ganzohr.inbox.models import Conversation
from ganzohr.website.models import Visit

NOTHING = mark_safe("")


def asked_erasure(request: HttpRequest, conversation: Conversation) -> SafeString:
    """That the visitor asked for erasure, with the way to do it; nothing for everybody else."""
    if conversation.channel.kind != "website":
        return NOTHING
    rows = Visit.objects.filter(channel=conversation.channel_id, external_id=conversation.handle.external_id)
    visit = rows.exclude(erasure_asked_at=None).first()
    if visit is None:
        return NOTHING
    context = {"visit": visit, "conversation": conversation}
    return render_to_string("website/asked_erasure.html", context, request)
