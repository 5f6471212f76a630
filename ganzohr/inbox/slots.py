"""What the inbox shows on pages of rooms below."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from ganzohr.accounts.permissions import user_of
from ganzohr.contacts.models import Contact
from ganzohr.inbox.models import Conversation
from ganzohr.inbox.people import colleague_id_of
from ganzohr.inbox.rows import bare, drawn

MOST = 50


def conversations_of(request: HttpRequest, contact: Contact) -> SafeString:
    """The conversations of a person, newest first."""
    user = user_of(request)
    mine = Conversation.objects.visible_to(user).filter(contact=contact).order_by("-last_activity_at", "-id")
    rows = list(drawn(list(bare(mine)[:MOST]), colleague_id_of(user)))
    return mark_safe(render_to_string("inbox/of_contact.html", {"rows": rows}, request))  # noqa: S308  a template
