"""Everything the widget and the visitor's pages say that depends on the moment; spoken inside `speak`."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from ganzohr.channels.models import Channel
from ganzohr.core.words import say
from ganzohr.inbox import promises
from ganzohr.website import limits
from ganzohr.website.setup import Setup

ACCEPT = ".pdf,.jpg,.jpeg,.png,.webp,.docx,.odt"


def consent_text(setup: Setup) -> str:
    """What a visitor agrees to, in the language and form in force."""
    return say(
        "I agree that %(title)s stores and reads what I write here to answer me. I can have it deleted at any time.",
        title=setup.title,
    )


def consent(setup: Setup, language: str) -> dict[str, str]:
    """The consent as it is kept: its version changes with its words and the privacy page's address."""
    text = consent_text(setup)
    version = hashlib.sha256(f"{text}\n{setup.privacy_url}".encode()).hexdigest()[:12]
    return {"kind": "website", "version": version, "text": text, "language": language}


def files_hint() -> str:
    """What may come along."""
    return say(
        "Up to %(count)s files of %(size)s MB each: PDF, JPG, PNG, WebP, DOCX, ODT",
        count=limits.MAX_FILES,
        size=limits.MAX_FILE // (1024 * 1024),
    )


def for_widget(channel: Channel, setup: Setup, at: datetime, language: str) -> dict[str, Any]:
    """Every sentence the widget can show, so that it never has to ask again."""
    return {
        "open": say("Ask us"),
        "title": setup.title,
        "close": say("Close"),
        "answersBy": promises.before_writing(channel, at, language),
        "hello": say("Hello. What would you like to know? A human answers."),
        "you": say("You wrote"),
        "us": say("%(title)s answered", title=setup.title),
        "auto": say("Automatic message"),
        "message": say("Your message"),
        "name": say("Your name (optional)"),
        "mail": say("Mail address, if you want the answer by mail too (optional)"),
        "files": say("Attach files"),
        "attach": say("Attach"),
        "filesHint": files_hint(),
        "remove": say("Remove %(name)s", name="{name}"),
        "send": say("Send"),
        "sending": say("Sending …"),
        "pending": say("Arrived, is being sorted"),
        "arrived": say("Arrived"),
        "thanks": say("Your message has arrived. You can close this window; the link below brings you back."),
        "link": say("Your private link to this conversation"),
        "copy": say("Copy link"),
        "copied": say("Copied"),
        "unread": say("New answer"),
        "offline": say("No connection. Your text is kept; we try again as soon as you are online."),
        "failed": say("That did not work. Your text is kept. Please send it again."),
        "busy": say("We cannot be reached at the moment. Your text is kept; we try again right away."),
        "tooMany": too_many(),
        "gone": gone(),
        "empty": say("Please write something first."),
        "needsConsent": say("Please agree first, so that we may read and answer this."),
        "badMail": say("This does not look like a mail address."),
        "tooBig": say("This file is too big or of a kind we cannot open: %(name)s", name="{name}"),
        "privacy": say("Privacy"),
        "consent": consent(setup, language),
        "trap": say("Please leave this empty"),
    }


def too_many() -> str:
    """The limit is reached."""
    return say("Many people are writing at the moment. Your text is kept. Please send it again in a few minutes.")


def busy() -> str:
    """It was not kept, or nobody knows; the same letter sent again is one letter."""
    return say("This could not be taken in just now. Your text is kept. Please send it again in a moment.")


def gone() -> str:
    """The private link has ended."""
    return say("This private link no longer works. You can start a new conversation.")
