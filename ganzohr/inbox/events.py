"""What happened in the inbox, told to rooms above."""

from __future__ import annotations

from dataclasses import dataclass

from ganzohr.core.events import Event


@dataclass(frozen=True)
class MessagesReceived(Event):
    """People outside wrote; stored, not understood yet. `ours` are those that somebody of us wrote at the platform."""

    message_ids: tuple[int, ...]
    ours: tuple[int, ...] = ()


@dataclass(frozen=True)
class MessagesUnderstood(Event):
    """Language, kind and topic of these messages and their conversations are known as well as they can be."""

    message_ids: tuple[int, ...]


@dataclass(frozen=True)
class MessagesDeleted(Event):
    """People took these messages back where they wrote them. Told while the words can still be read, in the transaction
    that takes them away: whoever keeps a copy of them takes it away now."""

    message_ids: tuple[int, ...]


@dataclass(frozen=True)
class AnswersQueued(Event):
    """Answers were approved and leave unless taken back."""

    message_ids: tuple[int, ...]


@dataclass(frozen=True)
class AnswersTakenBack(Event):
    """Answers were taken back before they left; their words lie in the box again."""

    message_ids: tuple[int, ...]


@dataclass(frozen=True)
class AnswersDelivered(Event):
    """The platform, or the colleague who posted by hand, confirmed these answers."""

    message_ids: tuple[int, ...]


@dataclass(frozen=True)
class AnswersFailed(Event):
    """These answers did not leave; their words lie in the box again."""

    message_ids: tuple[int, ...]


@dataclass(frozen=True)
class TopicsChosen(Event):
    """A person chose the topic."""

    conversation_ids: tuple[int, ...]


@dataclass(frozen=True)
class ConversationsClosed(Event):
    """Somebody closed these for a stated reason."""

    conversation_ids: tuple[int, ...]
