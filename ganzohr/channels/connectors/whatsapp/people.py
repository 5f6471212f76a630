"""Who somebody is at WhatsApp: a business-scoped id where the platform gives one, else the phone number.

Since spring 2026 a phone number may be missing and an id may change, so everybody is known by all their ids.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ganzohr.channels.connectors.meta.values import part, parts, text, text_id

_FROM_TO = re.compile(r"\bfrom\s+(\S+)\s+to\s+\S+", re.IGNORECASE)


@dataclass(frozen=True)
class Person:
    """Somebody outside with every id the platform told; `user_id` is the business-scoped one."""

    user_id: str = ""
    phone: str = ""
    parent_id: str = ""
    name: str = ""
    username: str = ""

    @property
    def id(self) -> str:
        """The id they are known by: the business-scoped one wins, because the number may be gone tomorrow."""
        return self.user_id or self.phone or self.parent_id

    @property
    def others(self) -> tuple[str, ...]:
        """Their further ids."""
        return tuple(one for one in (self.phone, self.parent_id) if one and one != self.id)


def writer(value: Mapping[str, Any], thing: Mapping[str, Any]) -> Person:
    """Who wrote this message, made this call or chose this preference."""
    phone = text_id(thing.get("from")) or text_id(thing.get("wa_id"))
    user_id = text_id(thing.get("from_user_id")) or text_id(thing.get("user_id"))
    return _known(value, phone, user_id, text_id(thing.get("from_parent_user_id")))


def addressee(value: Mapping[str, Any], thing: Mapping[str, Any]) -> Person:
    """Whom this message of ours went to: of an echo, or the other side of a call we made."""
    phone, user_id = text_id(thing.get("to")), text_id(thing.get("to_user_id"))
    return _known(value, phone, user_id, text_id(thing.get("to_parent_user_id")))


def recipient(value: Mapping[str, Any], status: Mapping[str, Any]) -> Person:
    """Whom this status speaks of; a group stands for itself, its members are named apart."""
    phone, user_id = text_id(status.get("recipient_id")), text_id(status.get("recipient_user_id"))
    if text(status, "recipient_type") == "group":
        return Person(phone=phone)
    return _known(value, phone, user_id, text_id(status.get("recipient_parent_user_id")))


def _known(value: Mapping[str, Any], phone: str, user_id: str, parent_id: str) -> Person:
    """What the payload's list of contacts adds. A contact with other ids is somebody else."""
    contact = _contact(parts(value, "contacts"), phone, user_id)
    profile = part(contact, "profile")
    return Person(
        user_id=user_id or text_id(contact.get("user_id")),
        phone=phone or text_id(contact.get("wa_id")),
        parent_id=parent_id or text_id(contact.get("parent_user_id")),
        name=text(profile, "name", "username")[:160],
        username=text(profile, "username")[:160],
    )


def _contact(contacts: list[dict[str, Any]], phone: str, user_id: str) -> dict[str, Any]:
    for contact in contacts:
        same_phone = phone and text_id(contact.get("wa_id")) == phone
        if same_phone or (user_id and text_id(contact.get("user_id")) == user_id):
            return contact
    return contacts[0] if len(contacts) == 1 and not phone and not user_id else {}


@dataclass(frozen=True)
class Change:
    """Somebody goes by another id from now on."""

    new: Person
    old: tuple[str, ...]


def change_told_in_talk(value: Mapping[str, Any], message: Mapping[str, Any]) -> Change | None:
    """Of a `system` message: a new number or a new id; None when it speaks of nothing of the kind."""
    system = part(message, "system")
    if "changed" not in text(system, "type") or "identity_changed" in text(system, "type"):
        return None
    new = Person(
        user_id=text_id(system.get("user_id")),
        phone=text_id(system.get("wa_id")) or text_id(system.get("new_wa_id")),
        parent_id=text_id(system.get("parent_user_id")),
    )
    before = writer(value, message)
    said = _FROM_TO.search(text(system, "body"))
    old = [text_id(system.get("previous_user_id")), before.user_id, before.phone, said.group(1) if said else ""]
    return _change(new, old if new.user_id else [before.phone, *old])


def change_told_apart(update: Mapping[str, Any]) -> Change | None:
    """Of the field `user_id_update`: ids as {previous, current}, or the previous one beside the new one."""
    ids, parents = part(update, "user_id"), part(update, "parent_user_id")
    new = Person(
        user_id=text_id(ids.get("current") or update.get("current_user_id") or update.get("user_id")),
        phone=text_id(update.get("wa_id")),
        parent_id=text_id(parents.get("current") or update.get("parent_user_id")),
    )
    return _change(new, [text_id(ids.get("previous") or update.get("previous_user_id"))])


def _change(new: Person, old: Iterable[str]) -> Change | None:
    known = dict.fromkeys(one for one in old if one and one != new.id)
    gone_first = sorted(known, key=lambda one: one in new.others)
    return Change(new, tuple(gone_first)) if new.id and gone_first else None
