"""How much one address, one visit and one channel may write; the address itself is never stored."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ganzohr.channels.models import Channel
from ganzohr.core.times import now
from ganzohr.website.models import DaySalt, Knock

WINDOW = timedelta(minutes=10)
KEPT = timedelta(days=1)
FIRST_PER_ADDRESS = 40  # a whole class behind one school's address may begin at once
LETTERS_PER_ADDRESS = 120
LETTERS_PER_CHANNEL = 600
REPEATS = 30  # of one letter, with no pause of a window between; the widget repeats by itself twice

QUICKEST = 2  # seconds from form to first letter; programs are faster
STAMP_AGE = 86_400

MAX_FILES = 3
MAX_FILE = 6 * 1024 * 1024
MAX_REQUEST = MAX_FILES * MAX_FILE + 256 * 1024


class TooMany(Exception):
    """The limit of this address or this channel is reached; nothing was stored."""


@dataclass(frozen=True)
class Counts:
    """Letters of the last ten minutes."""

    firsts_of_address: int
    of_address: int
    of_channel: int


def has_room(counts: Counts, is_first: bool) -> bool:
    """Whether one more letter is let in."""
    if is_first and counts.firsts_of_address >= FIRST_PER_ADDRESS:
        return False
    return counts.of_address < LETTERS_PER_ADDRESS and counts.of_channel < LETTERS_PER_CHANNEL


def knock(channel: Channel, address: str, letter: str, is_first: bool) -> bool:
    """Count this letter, by its name, before it is kept; False when it was counted today, however it went. `TooMany`.

    A letter counted today may come again, but not without end: each time it is checked and compared as any other.
    Letters that come at the same moment do not see each other: as many as come at once may be let in beyond a limit.
    The same letter twice at once counts once.
    """
    at = now()
    salt = _salt(at.date())
    name = _hash(salt, letter)
    if not is_first and _came_before(name, at):
        return False
    who = _hash(salt, _network(address))
    recent = Knock.objects.filter(who=who, at__gt=at - WINDOW)
    counts = Counts(
        firsts_of_address=recent.filter(is_first=True).count() if is_first else 0,
        of_address=recent.count(),
        of_channel=Knock.objects.filter(channel=channel, at__gt=at - WINDOW).count(),
    )
    if not has_room(counts, is_first):
        raise TooMany
    mine = Knock(channel=channel, who=who, letter=name, is_first=is_first, at=at)
    Knock.objects.bulk_create([mine], ignore_conflicts=True)
    return True


def _came_before(name: bytes, at: datetime) -> bool:
    """Whether this letter was counted; if so, that it came again is noted on its row. `TooMany`."""
    same = Knock.objects.filter(letter=name)
    found = same.values_list("again", "again_at").first()
    if found is None:
        return False
    again, again_at = found
    lately = again if again_at and again_at > at - WINDOW else 0
    if lately >= REPEATS:
        raise TooMany
    same.update(again=lately + 1, again_at=at)
    return True


def forget_knocks() -> int:
    """Yesterday's counts and salts go."""
    at: datetime = now()
    DaySalt.objects.filter(on__lt=at.date()).delete()
    return Knock.objects.filter(at__lt=at - KEPT).delete()[0]


def _salt(on: date) -> bytes:
    row, _made = DaySalt.objects.get_or_create(on=on, defaults={"salt": secrets.token_bytes(32)})
    return bytes(row.salt)


def _hash(salt: bytes, what: str) -> bytes:
    return hmac.new(salt, what.encode(), hashlib.sha256).digest()[:16]


def _network(address: str) -> str:
    """The address, for IPv6 its /64, which is one household."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((int(found), 64), strict=False))
    return str(found)
