"""What happened on the channels."""

from __future__ import annotations

from dataclasses import dataclass

from ganzohr.core.events import Event


@dataclass(frozen=True)
class OutgoingAccepted(Event):
    """These left the house: the platform took them, or a person posted them."""

    outgoing_ids: tuple[int, ...]


@dataclass(frozen=True)
class OutgoingRefused(Event):
    """These did not leave and will not by themselves."""

    outgoing_ids: tuple[int, ...]


@dataclass(frozen=True)
class OutgoingUnclear(Event):
    """Whether these left is not known; nobody repeats them without a person saying so."""

    outgoing_ids: tuple[int, ...]


@dataclass(frozen=True)
class OutgoingByHand(Event):
    """These wait for a person to post them."""

    outgoing_ids: tuple[int, ...]


@dataclass(frozen=True)
class OutgoingTakenBack(Event):
    """These were taken back before they left; or laid aside after they had been refused."""

    outgoing_ids: tuple[int, ...]
    after_refusal: bool = False


@dataclass(frozen=True)
class OutgoingWaitsAgain(Event):
    """Somebody sent these once more after they had not left, or looked and found that they had not arrived."""

    outgoing_ids: tuple[int, ...]


@dataclass(frozen=True)
class ChannelDisconnected(Event):
    """These channels are ours no longer; whoever writes there finds the standing answer."""

    channel_ids: tuple[int, ...]


@dataclass(frozen=True)
class DeletionAsked(Event):
    """Platforms passed on that these people want their data deleted."""

    request_ids: tuple[int, ...]


@dataclass(frozen=True)
class StatusesChanged(Event):
    """The platform said how far these came: delivered, read, failed."""

    outgoing_ids: tuple[int, ...]
