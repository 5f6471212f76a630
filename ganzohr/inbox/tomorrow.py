"""One human sentence for the evening: I'll come back tomorrow. In the person's language and form of address."""

from __future__ import annotations

from typing import cast

from ganzohr.core.words import Address, say, speak
from ganzohr.inbox.models import Conversation

SPOKEN = ("de", "nl", "en")


def words(conversation: Conversation, first_name: str) -> str:
    """What is said, by whom."""
    language = conversation.language if conversation.language in SPOKEN else "en"
    name = conversation.contact.name.split(" ")[0] if conversation.contact.name else ""
    with speak(language, cast(Address, conversation.channel.address)):
        hello = say("Hello %(name)s,", name=name) if name else say("Hello,")
        promise = say("thank you for your message. I will look into it and come back to you tomorrow.")
        return f"{hello} {promise}\n\n{say('Best wishes')}\n{first_name}".strip()
