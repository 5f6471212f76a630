"""Answers by mail carry a random token; a reply that brings it back belongs to the conversation it left from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Q

from ganzohr.audit import actions as audit
from ganzohr.channels.arrivals import Arrived
from ganzohr.channels.connectors.mail.threads import random_token
from ganzohr.contacts.actions import Known, add_handle
from ganzohr.contacts.models import Handle
from ganzohr.inbox.models import Conversation


def token(place: Conversation) -> dict[str, str]:
    """What the payload of a mail to the person carries, made with the first one; nothing on other channels."""
    if place.is_public or place.channel.kind != "mail":
        return {}
    if place.reply_key is None:
        Conversation.objects.filter(pk=place.pk, reply_key=None).update(reply_key=random_token())
        place.refresh_from_db(fields=["reply_key"])
    return {"token": str(place.reply_key)}


def named(new: Iterable[Arrived], since: datetime) -> dict[tuple[int, str], Conversation]:
    """The conversation each token among these mails names, by channel and token; closed ones if active since then."""
    wanted = {(one.channel_id, token) for one in new for token in tokens(one)}
    if not wanted:
        return {}
    rows = Conversation.objects.filter(
        ~Q(state=Conversation.State.CLOSED) | Q(last_activity_at__gte=since),
        channel_id__in={channel for channel, _ in wanted}, reply_key__in={token for _, token in wanted},
    ).select_related("contact")  # fmt: skip
    return {(row.channel_id, str(row.reply_key)): row for row in rows}


def tokens(one: Arrived) -> list[str]:
    """Everything in a mail that may be a token of ours, likeliest first."""
    found = one.incoming.headers.get("tokens") or ()
    return [str(token).lower() for token in found] if isinstance(found, list | tuple) else []


def note_addresses(joined: Sequence[tuple[Arrived, Known, Conversation]]) -> None:
    """An address nobody knew is another one of the person it answers for; machines and we ourselves are nobody's."""
    for one, known, place in joined:
        said = one.incoming
        if said.is_automatic or said.is_bounce or said.is_own or known.contact_id == place.contact_id:
            continue
        audit.record(audit.by_candidate(place.contact_id), "wrote from another address", place, handle=known.id)
        if not Conversation.objects.filter(contact_id=known.contact_id).exists():
            handle = Handle.objects.get(pk=known.id)
            add_handle(place.contact, handle)
            known.contact_id = handle.contact_id
