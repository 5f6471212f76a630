"""Every verb of the inbox."""

from __future__ import annotations

from ganzohr.inbox.actions.answering import (
    AnsweredMeanwhile,
    CannotLeave,
    NewerMessage,
    NobodyToAnswer,
    NothingToSend,
    answer,
    newest_inbound,
    promise,
    take_back,
    wrote_since,
)
from ganzohr.inbox.actions.attachments import BadFile, attach, detach, keep_received
from ganzohr.inbox.actions.drafts import (
    SavedByOthers,
    bring_back,
    discard_draft,
    offer_expert_draft,
    save_draft,
    take_theirs,
)
from ganzohr.inbox.actions.notes import remove_note, restore_note, write_note
from ganzohr.inbox.actions.presence import forget_presences, mark_read, mark_unread, note_leaving, note_presence
from ganzohr.inbox.actions.receiving import receive
from ganzohr.inbox.actions.sorting import assign, choose_kind, choose_site, choose_topic, forget_topic, set_waiting
from ganzohr.inbox.actions.states import close, reopen, restart_clock, snooze, unanswered_since, wake
from ganzohr.inbox.actions.templated import filled, send_template
from ganzohr.inbox.actions.understanding import understand_waiting

__all__ = [
    "AnsweredMeanwhile",
    "BadFile",
    "CannotLeave",
    "NewerMessage",
    "NobodyToAnswer",
    "NothingToSend",
    "SavedByOthers",
    "answer",
    "assign",
    "attach",
    "bring_back",
    "choose_kind",
    "choose_site",
    "choose_topic",
    "close",
    "detach",
    "discard_draft",
    "filled",
    "forget_presences",
    "forget_topic",
    "keep_received",
    "mark_read",
    "mark_unread",
    "newest_inbound",
    "note_leaving",
    "note_presence",
    "offer_expert_draft",
    "promise",
    "receive",
    "remove_note",
    "reopen",
    "restart_clock",
    "restore_note",
    "save_draft",
    "send_template",
    "set_waiting",
    "snooze",
    "take_back",
    "take_theirs",
    "unanswered_since",
    "understand_waiting",
    "wake",
    "write_note",
    "wrote_since",
]
