"""How many mails a colleague gets a day, over all rooms. Values in, a moment out."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from zoneinfo import ZoneInfo

MAILS_A_DAY = 4
MORNING = dt.time(8)


def leaves_at(
    now: dt.datetime, planned: Iterable[dt.datetime], zone: str, due_at: dt.datetime | None = None
) -> tuple[dt.datetime, bool]:
    """When a mail written now may leave, and whether it had to pass the budget because waiting would miss `due_at`.

    `planned` are the moments at which mails to the same colleague left or will leave. A mail over the budget of its
    local day waits for eight in the morning of the first day with room.
    """
    here = ZoneInfo(zone)
    a_day = Counter(moment.astimezone(here).date() for moment in planned)
    day = now.astimezone(here).date()
    if a_day[day] < MAILS_A_DAY:
        return now, False
    while a_day[day] >= MAILS_A_DAY:
        day += dt.timedelta(days=1)
    morning = dt.datetime.combine(day, MORNING, here).astimezone(dt.UTC)
    if due_at is not None and due_at <= morning:
        return now, True
    return morning, False
