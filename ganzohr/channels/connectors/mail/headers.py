"""Addresses, ids and dates out of raw header values; nothing here raises for any input."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from ganzohr.channels.connectors.mail.values import Address
from ganzohr.channels.connectors.mail.words import MOST_HEADER, decode_words, unfold

MOST_ADDRESSES = 200
_INDEX = "_ganzohr_index"  # a parsed mail carries its headers by name, because three dozen are looked for
_PLAIN = r"([\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
_ORDINARY = re.compile(rf"(?:([\w=?-]+(?: [\w=?-]+)*) )?<{_PLAIN}>|{_PLAIN}")
_ADDRESS = re.compile(r"[^\s<>\"'(),:;@\[\]\\]{1,128}@[^\s<>\"'(),:;@]{1,255}")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")


def values(message: Message, name: str) -> list[str]:
    """Raw values of a header in their order, as the parser kept them."""
    held = vars(message)
    if _INDEX not in held:
        index = held[_INDEX] = defaultdict(list)
        for key, value in message.raw_items():
            index[key.lower()].append(str(value))
    return list(held[_INDEX].get(name.lower(), ()))


def value(message: Message, name: str) -> str:
    """The first value of a header, unfolded, '' when missing."""
    found = values(message, name)
    return unfold(found[0]) if found else ""


def addresses(raws: Iterable[str]) -> tuple[Address, ...]:
    """Mailboxes of these headers in their order; broken headers give what can be found in them."""
    found: list[Address] = []
    for raw in raws:
        found.extend(_addresses(unfold(raw)))
        if len(found) >= MOST_ADDRESSES:
            break
    return tuple(found[:MOST_ADDRESSES])


def _addresses(text: str) -> list[Address]:
    if ordinary := _ORDINARY.fullmatch(text):  # what nearly all look like; the parser of the library is slow
        return [_address(ordinary.group(1) or "", ordinary.group(2) or ordinary.group(3))]
    try:
        pairs = getaddresses([text[:MOST_HEADER]])
    except Exception:  # the old parser of the standard library raises IndexError and more on odd input
        pairs = []
    good = [_address(name, address) for name, address in pairs if _ADDRESS.fullmatch(address)]
    if good:
        return good
    match = re.search(r"<([^<>]*)>", text)
    inner = _ADDRESS.search(match.group(1)) if match else None
    plain = inner or _ADDRESS.search(text)
    if plain:
        name = text[: match.start()] if match and inner else text.replace(plain.group(0), "")
        return [_address(name, plain.group(0))]
    if match and not match.group(1).strip():
        return [Address("", decode_words(text[: match.start()]).strip(' "'))]
    return [Address(text.strip(" <>").lower(), "")] if text.strip(" <>") else []


def _address(name: str, address: str) -> Address:
    return Address(address.strip().lower(), decode_words(name).strip(" \"'<>,"))


def message_ids(raw: str) -> tuple[str, ...]:
    """The ids of a References or In-Reply-To header in their order, each once."""
    return tuple(dict.fromkeys(_MESSAGE_ID.findall(unfold(raw))))


def own_id(message: Message) -> str:
    """The Message-ID exactly as the header says, angle brackets included; '' when missing."""
    return value(message, "message-id")[:900]


def date(message: Message) -> datetime | None:
    """When it was written, in UTC. A broken date, one a day later than the mail arrived, or one a fortnight before
    that (a server tries for five days; recorded mails took eight), gives way to Received."""
    arrived = _received(message)
    written = parse_date(value(message, "date"))
    if written is None or arrived is None:
        return arrived or written
    return written if timedelta(days=-1) <= arrived - written <= timedelta(days=14) else arrived


def _received(message: Message) -> datetime | None:
    for raw in values(message, "received")[:20]:
        found = parse_date(unfold(raw).rpartition(";")[2])
        if found:
            return found
    return None


def parse_date(text: str) -> datetime | None:
    """An aware UTC time, or None. Dates before mail existed and beyond what a calendar holds are broken."""
    try:
        found = parsedate_to_datetime(text.strip()[:200])
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except Exception:  # TypeError, ValueError, IndexError, OverflowError: by the form of the damage
        return None
    return found if found.year >= 1970 else None
