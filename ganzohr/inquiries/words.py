"""What colleagues read in mails about an inquiry, in their language and form of address.

Data protection: an expert gets the question and at most the first name the person gave, never a handle, an address, a
file or the thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ganzohr.core.words import say
from ganzohr.directory.models import Colleague
from ganzohr.inbox.models import Conversation
from ganzohr.inbox.places import network_name
from ganzohr.inquiries.models import Inquiry
from ganzohr.knowledge import filling
from ganzohr.notifications.letters import AskWords, quoted, speaking_to


@dataclass(frozen=True)
class Told:
    """A mail that tells: subject, paragraphs, and the word on its button, if it has one."""

    subject: str
    text: str
    button: str = ""


def first_name(conversation: Conversation) -> str:
    """The given name the person told us, without titles; empty when they told none."""
    name = conversation.contact.name
    words = [word for word in name.split() if not word.endswith(".")] or name.split()
    return filling.first_name(name) or (words[0] if words else "")


def topic_name(inquiry: Inquiry, language: str) -> str:
    """What it is about; empty without a topic."""
    return inquiry.topic.name_in(language) if inquiry.topic else ""


def who_asks(conversation: Conversation) -> str:
    """`Lena fragt öffentlich über Instagram:`"""
    name, channel = first_name(conversation), network_name(conversation)
    if name and conversation.is_public:
        return say("%(name)s asks in public via %(channel)s:", name=name, channel=channel)
    if name:
        return say("%(name)s asks via %(channel)s:", name=name, channel=channel)
    if conversation.is_public:
        return say("Somebody asks in public via %(channel)s:", channel=channel)
    return say("Somebody asks via %(channel)s:", channel=channel)


def question(inquiry: Inquiry, colleague: Colleague) -> AskWords:
    """The one mail that asks."""
    with speaking_to(colleague):
        # The words and not the topic, so that two questions are two threads in every mail program.
        subject = say("Can you answer this? “%(question)s”", question=shortened(inquiry.question, 60))
        post = inquiry.conversation.public_post
        notes = [say("Under this post: “%(post)s”", post=shortened(post.text))] if post and post.text else []
        return AskWords(subject, inquiry.question, [who_asks(inquiry.conversation)], notes, say("Answer now"))


def wrote_again(inquiry: Inquiry, colleague: Colleague, texts: Sequence[str]) -> Told:
    """The person added something while the expert was asked."""
    with speaking_to(colleague):
        name = first_name(inquiry.conversation)
        more = say("%(name)s wrote again:", name=name) if name else say("The person wrote again:")
        old = say("You got this question from us:")
        subject = say("There is more to the question we sent you")
        return Told(subject, _joined(more, quoted("\n".join(texts)), old, quoted(inquiry.question)), say("Answer now"))


def our_reply(inquiry: Inquiry, colleague: Colleague, asked: str, reply: str) -> Told:
    """Our reply to a question back."""
    with speaking_to(colleague):
        parts = [say("You asked back:"), quoted(asked), say("Our reply:"), quoted(reply)]
        parts += [say("This was the question:"), quoted(inquiry.question)]
        return Told(say("Our reply to what you asked back"), _joined(*parts), say("Answer now"))


def posted(inquiry: Inquiry, colleague: Colleague, answer: str, link: str) -> Told:
    """What went out, and thanks."""
    with speaking_to(colleague):
        thanks = say("Thank you for your help. Your answer has arrived; this is what we wrote:")
        place = say("It stands here: %(link)s", link=link) if link else ""
        return Told(say("Thank you, this is what we answered"), _joined(thanks, quoted(answer), place))


def answered_without(inquiry: Inquiry, colleague: Colleague, answer: str) -> Told:
    """Somebody was asked, and we answered before they did."""
    with speaking_to(colleague):
        settled = say("The question we sent you is answered; you need not do anything any more. This is what we wrote:")
        return Told(say("Already answered"), _joined(settled, quoted(answer), say("Thank you.")))


def not_needed(inquiry: Inquiry, colleague: Colleague) -> Told:
    """The inquiry was withdrawn."""
    with speaking_to(colleague):
        text = say("We no longer need an answer to this question; you need not do anything.")
        return Told(say("No longer needed"), _joined(text, quoted(inquiry.question), say("Thank you.")))


def shortened(text: str, most: int = 100) -> str:
    """The first characters of a post, cut at a word."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[:most].rsplit(" ", 1)[0].rstrip(" ,.;:") + " …"


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)
