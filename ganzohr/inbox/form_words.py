"""What a message was beside words, in words: a mention, a voice message, a missed call. Connectors name the form."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Form:
    """The sign beside it, its name, and what else one should know of it."""

    icon: str
    name: str | Promise
    hint: str | Promise = ""


UNREADABLE = Form("warn", _("This kind of message is not readable here yet."), _("Ask for it in words."))
FORMS: dict[str, Form] = {
    "mention": Form("link", _("Mentions us")),
    "review": Form("star", _("Review")),
    "post": Form("note", _("Post on our page")),
    "share": Form("link", _("Shared something")),
    "story": Form("picture", _("Answer to our story")),
    "voice": Form("voice", _("Voice message")),
    "audio": Form("voice", _("Sound file")),
    "image": Form("picture", _("Picture")),
    "video": Form("play", _("Video")),
    "document": Form("clip", _("File")),
    "file": Form("clip", _("File")),
    "sticker": Form("picture", _("Sticker")),
    "location": Form("pin", _("Location")),
    "contacts": Form("person", _("Contact card")),
    "order": Form("tag", _("Order")),
    "button": Form("check", _("Pressed a button")),
    "postback": Form("check", _("Pressed a button")),
    "form": Form("check", _("Filled in a form")),
    "opened": Form("eye", _("Opened the chat and has not written yet")),
    "referral": Form("link", _("Came by an advertisement or a link")),
    "call_permission": Form("phone", _("Answered whether we may call")),
    "missed_call": Form("phone", _("Missed call")),
    "unsupported": UNREADABLE,
}
SHOW_THEMSELVES = frozenset({"image", "video", "document", "file", "audio", "sticker"})


def form_of(form: str, *, has_words: bool = False, has_files: bool = False) -> Form | None:
    """What to say of a message of this form; None when its words or files say it all."""
    if not form or (form in SHOW_THEMSELVES and has_files):
        return None
    return FORMS.get(form) or (None if has_words or has_files else UNREADABLE)


def in_a_row(form: str) -> str:
    """What a line of the list says of a message without words; '' when it has no form."""
    found = form_of(form)
    if found is None:
        return ""
    return str(_("Message that is not readable here") if found is UNREADABLE else found.name)
