"""Where a conversation takes place and where an answer goes, in words that leave no doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from ganzohr.inbox.models import Conversation

if TYPE_CHECKING:
    from ganzohr.inbox.rows import Line

NETWORKS: dict[str, str | Promise] = {
    "instagram": "Instagram", "facebook": "Facebook", "linkedin": "LinkedIn", "youtube": "YouTube", "tiktok": "TikTok",
    "xing": "XING", "kununu": "kununu", "whatsapp": "WhatsApp", "telegram": "Telegram", "mastodon": "Mastodon",
    "bluesky": "Bluesky", "glassdoor": "Glassdoor", "google": "Google",
    "mail": gettext_lazy("Mail"), "website": gettext_lazy("Website chat"),
}  # fmt: skip


def network_of(conversation: Conversation | Line) -> str:
    """The network it takes place on; what was entered by hand knows the real one."""
    kind = conversation.channel.kind
    if kind != "hand":
        return kind
    known = conversation.handle.external_id.partition(":")[0]
    return known if known in NETWORKS else "other"


def network_name(conversation: Conversation | Line) -> str:
    """Its name, or the channel's own name where we know no better."""
    kind = network_of(conversation)
    if kind == "facebook" and not conversation.is_public:
        return "Messenger"
    return str(NETWORKS.get(kind) or conversation.channel.name)


def person_of(conversation: Conversation | Line) -> str:
    """What we call who writes here: the name, else how the channel knows them, else somebody on that channel."""
    channel = conversation.channel
    where = network_name(conversation) if channel.kind == "hand" else channel.name
    known = conversation.contact.name or conversation.handle.name
    return known or gettext("Somebody on %(channel)s") % {"channel": where}


def place(conversation: Conversation, form: str = "") -> str:
    """`Comment on Instagram`, `Review on Facebook`, `Mail`, `Website chat`, `WhatsApp`."""
    name = network_name(conversation)
    if not conversation.is_public:
        return name
    words = {"review": gettext("Review on %(network)s"), "mention": gettext("Mention on %(network)s")}
    return words.get(form, gettext("Comment on %(network)s")) % {"network": name}


def readers(conversation: Conversation, mode: str) -> str:
    """Who will read what is written here."""
    if conversation.is_public and mode == "reply":
        return gettext("Everybody on %(network)s can read this.") % {"network": network_name(conversation)}
    if known := conversation.contact.name or conversation.handle.name:
        return gettext("Only %(person)s reads this.") % {"person": known}
    if conversation.channel.kind == "website":
        return gettext("Only the person on the website reads this.")
    return gettext("Only the person who wrote reads this.")


def button(conversation: Conversation, mode: str, *, is_by_hand: bool, is_again: bool) -> str:
    """What pressing it does, and where."""
    names = {"network": network_name(conversation)}
    if is_by_hand:
        return gettext("Approve, then post by hand on %(network)s") % names
    if mode == "private" and conversation.is_public:
        return _private(conversation, names, is_again=is_again)
    if conversation.is_public:
        again = gettext("Post publicly on %(network)s again") % names
        return again if is_again else gettext("Post publicly on %(network)s") % names
    if conversation.channel.kind == "mail":
        return gettext("Send by mail again") if is_again else gettext("Send by mail")
    if conversation.channel.kind == "website":
        return gettext("Answer in the website chat again") if is_again else gettext("Answer in the website chat")
    again = gettext("Send by %(network)s again") % names
    return again if is_again else gettext("Send by %(network)s") % names


def _private(conversation: Conversation, names: dict[str, str], *, is_again: bool) -> str:
    if conversation.channel.kind == "facebook":
        return gettext("Answer privately again") if is_again else gettext("Answer privately")
    again = gettext("Write privately on %(network)s again") % names
    return again if is_again else gettext("Write privately on %(network)s") % names
