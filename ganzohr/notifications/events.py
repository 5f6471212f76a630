"""What happened with asks."""

from __future__ import annotations

from dataclasses import dataclass

from ganzohr.core.events import Event


@dataclass(frozen=True)
class ColleagueMailsArrived(Event):
    """Mails that belong to an ask came in: replies, auto-replies, bounces, also from other addresses."""

    mail_ids: tuple[int, ...]
