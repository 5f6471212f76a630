"""How long we may still write to somebody: platforms count from the person's newest private message. Values in, values
out; `of` reads them off a conversation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from ganzohr.channels.accounts import connector_of
from ganzohr.channels.connectors.base import Abilities

if TYPE_CHECKING:
    from ganzohr.inbox.models import Conversation

State = Literal["free", "human", "closed"]
LOW = timedelta(hours=2)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Window:
    """Anything may leave before `free_until`; then, before `human_until`, words written by a person; then nothing."""

    free_until: datetime
    human_until: datetime

    def state(self, at: datetime) -> State:
        """What may leave at that moment."""
        if at < self.free_until:
            return "free"
        return "human" if at < self.human_until else "closed"

    def until(self, at: datetime) -> datetime:
        """When that state ends; of a closed one, when it began."""
        return self.free_until if at < self.free_until else self.human_until

    def is_low(self, at: datetime) -> bool:
        """The last two hours before nothing may leave as it may now."""
        return self.state(at) != "closed" and self.until(at) - at <= LOW


def window(abilities: Abilities, wrote_at: datetime | None) -> Window | None:
    """The window after something they wrote at that moment; None where the platform sets no limit."""
    if not abilities.window_hours:
        return None
    if wrote_at is None:
        return Window(NEVER, NEVER)
    free = timedelta(hours=abilities.window_hours)
    return Window(wrote_at + free, wrote_at + max(free, timedelta(hours=abilities.human_hours)))


def of(conversation: Conversation) -> Window | None:
    """The window of a private conversation; None for a public one, and where there is no limit."""
    if conversation.is_public:
        return None
    return window(connector_of(conversation.channel).abilities, conversation.last_inbound_at)
