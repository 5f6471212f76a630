"""Networks without a connector, and what every way of connecting needs. Words only."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NAMES: dict[str, str | Promise] = {
    "instagram": "Instagram",
    "facebook": "Facebook",
    "linkedin": "LinkedIn",
    "youtube": "YouTube",
    "tiktok": "TikTok",
    "xing": "XING",
    "kununu": "kununu",
    "whatsapp": "WhatsApp",
    "telegram": "Telegram",
    "mastodon": "Mastodon",
    "bluesky": "Bluesky",
    "other": _("another network"),
}

KINDS: dict[str, str | Promise] = {
    "answer": _("An answer"),
    "promise": _("Word that the answer comes later"),
    "template": _("Message from a template"),
    "notice": _("Notice out of hours"),
    "standing": _("Standing answer"),
    "thanks": _("Thanks"),
    "reaction": _("Reaction"),
    "hide": _("Hiding of a comment"),
    "unhide": _("Showing of a comment"),
    "copy": _("Copy of an answer by mail"),
    "ask": _("Question to a colleague"),
    "reminder": _("Reminder to a colleague"),
    "told": _("Word to a colleague"),
    "account": _("Sign-in or invitation"),
}

HOSTS = {
    "instagram.com": "instagram",
    "facebook.com": "facebook",
    "fb.com": "facebook",
    "fb.watch": "facebook",
    "messenger.com": "facebook",
    "linkedin.com": "linkedin",
    "lnkd.in": "linkedin",
    "youtube.com": "youtube",
    "youtu.be": "youtube",
    "tiktok.com": "tiktok",
    "xing.com": "xing",
    "kununu.com": "kununu",
    "whatsapp.com": "whatsapp",
    "wa.me": "whatsapp",
    "telegram.org": "telegram",
    "t.me": "telegram",
    "bsky.app": "bluesky",
    "mastodon.social": "mastodon",
}


@dataclass(frozen=True)
class Way:
    """One way to connect that works now: what it needs, who does it, how long it takes."""

    kind: str
    name: str | Promise
    gives: str | Promise
    needs: str | Promise
    who: str | Promise
    minutes: int
    button: str | Promise


WAYS = (
    Way(
        "website",
        _("Website"),
        _("People ask in a small window on your career page, or on a page of its own."),
        _("One line in your website, or nothing but a link."),
        _("You; for the line, whoever looks after the website."),
        5,
        _("Set up the website"),
    ),
    Way(
        "mail",
        _("Mail"),
        _("An address such as karriere@ becomes conversations. The mails stay in the mailbox."),
        _("The address and its password, or a sign-in at Microsoft 365 or Google."),
        _("You; at Microsoft 365 perhaps your IT department agrees once."),
        10,
        _("Connect a mailbox"),
    ),
    Way(
        "facebook",
        _("Facebook and Messenger"),
        _("Comments under your posts, mentions, reviews, and messages to your page; answered in public or in private."),
        _("A page, a business portfolio at Meta, an app there that Meta has reviewed."),
        _("IT makes the app once; an administrator of the portfolio gives a token; then you."),
        20,
        _("Connect a page"),
    ),
    Way(
        "whatsapp",
        "WhatsApp",
        _("People write to a number of yours; you have 24 hours to answer freely, afterwards by templates."),
        _("A number that is not used in the WhatsApp app, a business portfolio at Meta, an app there."),
        _("IT makes the app once; an administrator of the portfolio gives a token; then you."),
        20,
        _("Connect a number"),
    ),
    Way(
        "hand",
        _("By hand"),
        _("You copy in what was written on any other network, and post the answer there yourself."),
        _("Nothing."),
        _("You."),
        1,
        _("Begin by hand"),
    ),
)


BARE = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?(?:[/?#]\S*)?", re.IGNORECASE)


def completed(text: str) -> str:
    """`www.instagram.com/p/abc`, as browsers and apps show addresses, with its `https://`; anything else as it is."""
    text = text.strip()
    return f"https://{text}" if BARE.fullmatch(text) else text


def network_of(link: str) -> str:
    """The network a link leads to, '' if we do not know the host."""
    host = link.partition("//")[2].partition("/")[0].lower().rpartition("@")[2].partition(":")[0]
    parts = host.split(".")
    return HOSTS.get(".".join(parts[-2:]), "")


def without_connector() -> list[str | Promise]:
    """Networks that can only be served by hand for now."""
    served = {way.kind for way in WAYS}
    return [name for kind, name in NAMES.items() if kind != "other" and kind not in served]


def kind_name(kind: str) -> str:
    """What an outgoing thing is, in words."""
    return str(KINDS.get(kind, _("Message")))
