"""Everything this room does, for the wiring, the private page and the pages of the desk."""

from ganzohr.inquiries.actions.answers import (
    Source,
    ask_back,
    away_until,
    find_colleague,
    not_mine,
    reply_to_ask_back,
    take_answer,
)
from ganzohr.inquiries.actions.asking import (
    ask_by_hand,
    ask_by_route,
    ask_colleague,
    ask_now,
    choose_topic_and_ask,
    start,
    waiting_for_somebody,
    withdraw,
)
from ganzohr.inquiries.actions.deleted import deleted
from ganzohr.inquiries.actions.mails import arrived, asks_by_colleague, asks_of, attach, pass_to_inbox
from ganzohr.inquiries.actions.outcomes import delivered, failed, queued, taken_back, tell_experts, withdraw_closed
from ganzohr.inquiries.actions.understood import understood

__all__ = [
    "Source",
    "arrived",
    "ask_back",
    "ask_by_hand",
    "ask_by_route",
    "ask_colleague",
    "ask_now",
    "asks_by_colleague",
    "asks_of",
    "attach",
    "away_until",
    "choose_topic_and_ask",
    "deleted",
    "delivered",
    "failed",
    "find_colleague",
    "not_mine",
    "pass_to_inbox",
    "queued",
    "reply_to_ask_back",
    "start",
    "take_answer",
    "taken_back",
    "tell_experts",
    "understood",
    "waiting_for_somebody",
    "withdraw",
    "withdraw_closed",
]
