"""Every network without a connector: a person copies what was written and posts what is answered."""

from __future__ import annotations

from collections.abc import Mapping

from ganzohr.channels.connectors.base import (
    Abilities,
    Account,
    Incoming,
    IncomingPost,
    Outcome,
    Sending,
    Visibility,
)
from ganzohr.channels.connectors.hand.entry import NETWORKS, Entry, plain_link


class Hand:
    """Takes entries only from the desk itself; hands every answer to a person."""

    kind = "hand"
    abilities = Abilities(public=True, private=True, files=False, max_length=10_000, needs_hand=True, idempotent=False)

    def delivery_key(self, account: Account, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """The same words of the same person at the same link are the same, however they were copied."""
        try:
            return Entry.from_bytes(body).identity()
        except ValueError:
            return body

    def verify(self, account: Account, path: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Nobody outside may enter anything by hand."""
        return False

    def parse(self, account: Account, headers: Mapping[str, str], body: bytes) -> list[Incoming]:
        """The one comment or message."""
        entry = Entry.from_bytes(body)
        if entry.network not in NETWORKS:
            return [Incoming("unsupported", entry.external_id(), entry.sender(), entry.at)]
        return [_incoming(entry)]

    def send(self, account: Account, sending: Sending) -> Outcome:
        """A person has to post it."""
        return Outcome("by_hand", code="by_hand")

    def find(self, account: Account, sending: Sending) -> Outcome | None:
        """Only a person can look."""
        return None

    def check(self, account: Account) -> str:
        """There is nothing that could break."""
        return ""


def _incoming(entry: Entry) -> Incoming:
    visibility: Visibility = "public" if entry.is_public else "private"
    place = entry.link or entry.post_link
    return Incoming(
        what="message",
        external_id=entry.external_id(),
        sender_id=entry.sender(),
        sender_name=entry.name,
        provider_at=entry.at,
        text=entry.text,
        visibility=visibility,
        post=_post(entry) if entry.is_public else None,
        target={
            "network": entry.network,
            "link": place,
            "name": entry.name,
            "visibility": visibility,
            "person": entry.sender(),
        },
        headers={"network": entry.network, "link": place},
    )


def _post(entry: Entry) -> IncomingPost | None:
    place = entry.post_link or entry.link
    if not place:
        return None
    return IncomingPost(external_id=plain_link(place)[:300], permalink=place, text=entry.post_text)


connector = Hand()
