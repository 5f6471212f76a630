"""Deliveries that could not be read: of a channel, or of an app, whose deliveries say only inside for whom they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import BinaryField, Func, IntegerField, QuerySet, Value
from django.utils.translation import gettext

from ganzohr.accounts.models import User
from ganzohr.channels.homeless import BEGINS
from ganzohr.channels.models import Channel, Delivery
from ganzohr.core import times
from ganzohr.directory.models import sites_of
from ganzohr.ui.counted import CAP, Count
from ganzohr.ui.templatetags.ui import clock

STATE = Delivery.State
SHOWN = (STATE.FAILED, STATE.UNSUPPORTED, STATE.WAITING)
LONGEST, NEWEST = 2000, 10_000
# Bytes that are not what the platform's form asks for; any other kind of error is a fault of our program.
DAMAGED = frozenset({"Damaged", "JSONDecodeError", "UnicodeDecodeError", "UnicodeEncodeError", "BadSignature"})

# Of a rush that nobody could read, the newest.
OF_CHANNELS = """
SELECT channel_id, count(*) FROM (
    SELECT channel_id FROM channels_delivery WHERE state = 'failed' AND channel_id = ANY(%s) ORDER BY id DESC LIMIT %s
) newest GROUP BY channel_id
"""


def with_beginning(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """With how each begins and its size as `Unread` shows them; the bodies, which may be large, stay where they are."""
    begins = Func("body", Value(1), Value(LONGEST), function="substring", output_field=BinaryField())
    size = Func("body", function="octet_length", output_field=IntegerField())
    return rows.defer("headers", "body").annotate(begins=begins, size=size)


@dataclass
class Unread:
    """One of `with_beginning` as the page shows it. `technical` is for whoever mends the program, not for the team."""

    delivery: Delivery
    is_again: bool = False

    @property
    def raw(self) -> str:
        """How it begins."""
        return bytes(self.delivery.begins).decode("utf-8", "replace")  # type: ignore[attr-defined]

    @property
    def size(self) -> int:
        """In bytes."""
        return int(self.delivery.size)  # type: ignore[attr-defined]

    @property
    def is_being_read(self) -> bool:
        """Somebody asked for it, and the worker has not come to its end."""
        return self.is_again and self.delivery.state == STATE.WAITING and not self.delivery.error

    @property
    def reason(self) -> str:
        """Why it lies here, in words."""
        return why(self.delivery)

    @property
    def technical(self) -> str:
        """What the program noted, word for word; '' where the words say it all."""
        error = self.delivery.error
        return "" if error == "crashed" or error.startswith(BEGINS) else error


def why(delivery: Delivery) -> str:
    """Why a delivery was not understood, in words; '' while nobody has tried."""
    error = delivery.error
    if not error:
        unknown = delivery.state == STATE.UNSUPPORTED
        return gettext("It holds something this version does not know yet.") if unknown else ""
    if error == "crashed":
        return gettext(
            "Could not be read to the end: each time the program broke down over it or took more than half a minute."
        )
    if error.startswith(BEGINS):
        accounts = error.removeprefix(BEGINS)
        return gettext("It is for an account that is not connected here: %(accounts)s.") % {"accounts": accounts}
    if error.partition(":")[0] in DAMAGED:
        return gettext("What arrived is damaged or cut off. Nobody can read it as it is.")
    return _stumbled(delivery)


def _stumbled(delivery: Delivery) -> str:
    again_at = delivery.not_before
    if delivery.state == STATE.WAITING and again_at and again_at > times.now():
        return gettext("The program stumbled over it. It tries again %(at)s.") % {"at": clock(again_at)}
    return gettext(
        "The program stumbled over it; that is no fault of yours. Tell whoever runs the desk; after an update, "
        "read it again."
    )


def counts(rows: QuerySet[Delivery]) -> dict[str, Count]:
    """How many of these lie unread in each state, as many as it is worth counting; one query however long a rush."""
    parts = [rows.filter(state=state).order_by().values_list("state", flat=True)[:CAP] for state in SHOWN]
    found = Counter(parts[0].union(*parts[1:], all=True))
    return {state: Count(number) for state, number in found.items()}


def aside_of_channels(channels: Sequence[Channel]) -> dict[int, Count]:
    """How many of the newest deliveries nobody could read are for each of these channels; one query, and another for
    those whom a rush in others hides."""
    found: dict[int, Count] = {}
    left = {channel.pk for channel in channels}
    while left:
        with connection.cursor() as cursor:
            cursor.execute(OF_CHANNELS, [sorted(left), NEWEST])
            newest = dict(cursor.fetchall())
        found |= {channel_id: Count(number) for channel_id, number in newest.items()}
        left = left - newest.keys() if sum(newest.values()) == NEWEST else set()
    return found


def aside_of_apps(user: User) -> Count:
    """How many deliveries to apps nobody could read; none for whoever is limited to sites: they are of every site."""
    return aside_of(Delivery.objects.filter(app__isnull=False)) if sites_of(user) is None else Count(0)


def aside_of(rows: QuerySet[Delivery]) -> Count:
    """How many of these nobody could read, as many as it is worth counting."""
    return Count(rows.filter(state=STATE.FAILED).order_by()[:CAP].count())


def aside(most: int) -> int:
    """How many deliveries nobody could read, whichever way they came; counted up to `most`."""
    return Delivery.objects.filter(state=STATE.FAILED).order_by()[:most].count()
