"""Everything this room does, for the rooms above and the wiring."""

from ganzohr.notifications.actions.asks import (
    CannotBeAsked,
    ask,
    forget,
    forget_words,
    keep_file,
    mark_answered,
    resend,
    revoke,
    save_draft,
    tell,
)
from ganzohr.notifications.actions.mails import as_arrived, attach, claim_answer, forget_mails, pass_on, put_aside

__all__ = [
    "CannotBeAsked",
    "as_arrived",
    "ask",
    "attach",
    "claim_answer",
    "forget",
    "forget_mails",
    "forget_words",
    "keep_file",
    "mark_answered",
    "pass_on",
    "put_aside",
    "resend",
    "revoke",
    "save_draft",
    "tell",
]
