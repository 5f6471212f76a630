"""What is held, in words: `12 messages`, `2 files`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import ngettext


def in_words(held: Mapping[str, int]) -> list[str]:
    """One phrase for each kind of which something is held, in the order of importance to the person."""
    said = _phrases(held)
    return [said[kind] for kind in said if held.get(kind)]


def _phrases(held: Mapping[str, int]) -> dict[str, str]:
    def count(kind: str) -> int:
        return held.get(kind, 0)

    said = {
        "conversations": ngettext("%(count)d conversation", "%(count)d conversations", count("conversations")),
        "messages": ngettext("%(count)d message", "%(count)d messages", count("messages")),
        "attachments": ngettext("%(count)d file", "%(count)d files", count("attachments")),
        "files": ngettext("%(count)d file", "%(count)d files", count("files")),
        "consents": ngettext("%(count)d consent", "%(count)d consents", count("consents")),
        "handles": ngettext(
            "%(count)d address or name on a channel", "%(count)d addresses or names on channels", count("handles")
        ),
        "contacts": ngettext("name and language", "%(count)d names and languages", count("contacts")),
        "inquiries": ngettext(
            "%(count)d inquiry to colleagues", "%(count)d inquiries to colleagues", count("inquiries")
        ),
        "words": ngettext("%(count)d reply of a colleague", "%(count)d replies of colleagues", count("words")),
        "asks": ngettext("%(count)d request to a colleague", "%(count)d requests to colleagues", count("asks")),
        "notes": ngettext("%(count)d internal note", "%(count)d internal notes", count("notes")),
        "drafts": ngettext("%(count)d draft", "%(count)d drafts", count("drafts")),
        "examples": ngettext(
            "%(count)d example learnt from messages", "%(count)d examples learnt from messages", count("examples")
        ),
        **_besides(count),
        "visits": ngettext("%(count)d chat on the website", "%(count)d chats on the website", count("visits")),
        "copies": ngettext("%(count)d copy by mail", "%(count)d copies by mail", count("copies")),
        "colleague_mails": ngettext(
            "%(count)d mail that first lay with colleagues’ mails",
            "%(count)d mails that first lay with colleagues’ mails",
            count("colleague_mails"),
        ),
        "outgoing": ngettext("%(count)d thing sent", "%(count)d things sent", count("outgoing")),
        "deliveries": ngettext(
            "%(count)d raw copy as it came in", "%(count)d raw copies as they came in", count("deliveries")
        ),
    }
    return {kind: phrase % {"count": count(kind)} for kind, phrase in said.items()}


def _besides(count: Callable[[str], int]) -> dict[str, str]:
    """What lies outside conversations."""
    return {
        "reactions": ngettext(
            "%(count)d reaction under what others wrote",
            "%(count)d reactions under what others wrote",
            count("reactions"),
        ),
        "parked": ngettext(
            "%(count)d change of a message that is not here yet",
            "%(count)d changes of messages that are not here yet",
            count("parked"),
        ),
        "posts": ngettext("%(count)d public post", "%(count)d public posts", count("posts")),
        "platform_requests": ngettext(
            "%(count)d request of a platform", "%(count)d requests of platforms", count("platform_requests")
        ),
    }
