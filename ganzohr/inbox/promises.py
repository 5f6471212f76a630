"""By when people outside are promised an answer; said by one function, so that no two places can disagree."""

from __future__ import annotations

from datetime import datetime, timedelta

from ganzohr.channels.models import Channel
from ganzohr.core.words import say
from ganzohr.inbox import clocks, moments
from ganzohr.inbox.models import Conversation


def before_writing(channel: Channel, at: datetime, language: str) -> str:
    """What whoever writes at this moment is promised."""
    return answers_by(channel, clocks.due_at(channel, at), at, language)


def of_conversation(place: Conversation, at: datetime, language: str) -> str:
    """What is promised for the unanswered message of a conversation."""
    return answers_by(place.channel, place.due_at or clocks.due_at(place.channel, at), at, language)


def answers_by(channel: Channel, until: datetime, at: datetime, language: str) -> str:
    """`We answer by Monday, 23 November, 12:00.`; once that has passed, an honest word instead."""
    if until < at:
        return say("It takes longer than we promised. Your question is not forgotten.")
    zone = moments.zone_of(clocks.rules_of(channel))
    return say("We answer by %(moment)s.", moment=moments.by(_rounded(until), at, zone, language))


def _rounded(at: datetime) -> datetime:
    """The next half hour: a promise to the minute would be a false one."""
    return at + timedelta(seconds=-at.timestamp() % 1800)
