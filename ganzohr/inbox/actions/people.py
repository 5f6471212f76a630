"""What becomes of conversations when two people outside turn out to be one."""

from __future__ import annotations

from ganzohr.contacts.events import PeopleJoined
from ganzohr.inbox.models import Conversation
from ganzohr.ui.live import touch


def joined(event: PeopleJoined) -> None:
    """They are conversations of the one who stays (now)."""
    if Conversation.objects.filter(contact_id__in=event.joined_ids).update(contact_id=event.contact_id):
        touch("inbox")
