"""Who was erased stays erased, also after an older backup was restored.

Beside the database lies a file with a line for each erasure: hashes of handles, no name. A backup does not hold it, a
restore does not touch it. Where the file knows more than the database, the database is older: then these people are
erased again, before any door opens. What of theirs was not read yet is dropped when it is (`claims.py`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction

from ganzohr.audit import actions as audit
from ganzohr.channels import days
from ganzohr.channels.personal_data import forget_unread
from ganzohr.contacts.models import Contact
from ganzohr.core import times
from ganzohr.core.people import Handle
from ganzohr.inbox.models import Message
from ganzohr.privacy.models import Erasure

log = logging.getLogger(__name__)
LOCK = 0x65726173  # "eras"
NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)

# The same hash as of `hash_of`
MEANT = """
WITH known AS (
    SELECT contact_id, channel_id, external_id FROM contacts_handle
    UNION ALL
    SELECT h.contact_id, o.channel_id, o.value FROM contacts_otherid o JOIN contacts_handle h ON h.id = o.handle_id
)
SELECT DISTINCT contact_id FROM known
WHERE encode(sha256(convert_to(channel_id::text, 'UTF8') || '\\x00'::bytea || convert_to(external_id, 'UTF8')), 'hex')
  = ANY(%s)
"""


class Line(NamedTuple):
    """One erasure as the file and the table know it."""

    erased_at: str
    asked_by: str
    handles: tuple[str, ...]


def hash_of(handle: Handle) -> str:
    """How an erased person is known: whether somebody is the same can be told, not who it was."""
    return hashlib.sha256(f"{handle.channel_id}\0{handle.external_id}".encode()).hexdigest()


def write_down() -> int:
    """Add to the file what the table knows and the file does not (also a round); how many."""
    fresh = sorted(_in_table() - _in_file())
    if fresh:
        path = Path(settings.ERASURES)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write("".join("\n" + json.dumps(line._asdict()) for line in fresh))  # also after a line that was cut
            file.flush()
            os.fsync(file.fileno())
    return len(fresh)


def erase_again() -> int:
    """Before a process begins: whom the file knows and the table does not; how many erasures were done again."""
    again = 0
    if _in_file() - _in_table():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            again = _all_again(sorted(_in_file() - _in_table()))
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    write_down()
    return again


@transaction.atomic
def _all_again(lines: Sequence[Line]) -> int:
    """Those known by one of these hashes, and what nobody could read of anybody meant."""
    days.all_in_place()
    ends = {hash_: dt.datetime.fromisoformat(line.erased_at) for line in lines for hash_ in line.handles}
    for line in lines:
        _again(line)
    forget_unread(lambda handle, came_at: came_at <= ends.get(hash_of(handle), NEVER))
    return len(lines)


def _again(line: Line) -> None:
    """Whoever is known by one of these hashes, unless they wrote once more since."""
    from ganzohr.privacy import actions

    at, counts = dt.datetime.fromisoformat(line.erased_at), dict[str, dict[str, int]]()
    with connection.cursor() as cursor:
        cursor.execute(MEANT, [list(line.handles)])
        meant = [row[0] for row in cursor.fetchall()]
    for contact in Contact.objects.filter(pk__in=meant):
        since = Message.objects.filter(conversation__contact=contact, direction="in", received_at__gt=at)
        if not since.exists():
            counts |= actions.everywhere(actions.person_of(contact))
    erasure = Erasure.objects.create(
        handle_hashes=list(line.handles), counts=counts, asked_by=line.asked_by, erased_at=at, again_at=times.now()
    )
    audit.record(audit.round_("restore"), "erased a person", erasure)


def _in_table() -> set[Line]:
    rows = Erasure.objects.values_list("erased_at", "asked_by", "handle_hashes")
    return {Line(at.isoformat(), by, tuple(hashes)) for at, by, hashes in rows}


def _in_file() -> set[Line]:
    try:
        written = Path(settings.ERASURES).read_text().splitlines()
    except FileNotFoundError:
        return set()
    found = set()
    for text in filter(None, written):
        try:
            said: dict[str, Any] = json.loads(text)
            found.add(Line(str(said["erased_at"]), str(said["asked_by"]), tuple(said["handles"])))
        except (ValueError, KeyError, TypeError):  # a line cut by a full disk; it is written again
            log.warning("a line of %s cannot be read", settings.ERASURES)
    return found
