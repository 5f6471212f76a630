"""What each check says to the person at the desk."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from ganzohr.inbox.checks import Finding

ADDRESSES = {
    "de": {"informal": "du", "formal": "Sie"},
    "nl": {"informal": "je", "formal": "u"},
}


@dataclass(frozen=True)
class Line:
    """One check in words; `most` with the one that counts characters."""

    level: str
    words: str
    most: str = ""


def line(finding: Finding, language: str) -> Line:
    """The finding as a short line."""
    most = finding.detail.partition("/")[2] if finding.code in ("length", "too_long") else ""
    return Line(finding.level, _words(finding, language[:2]), most)


def room_words() -> str:
    """Characters left, with its place open, for the page that counts."""
    return gettext("%(left)s characters left")


def beyond_words() -> str:
    """Characters too many, with its place open."""
    return gettext("%(beyond)s characters too many")


def _words(finding: Finding, language: str) -> str:
    detail = {"found": finding.detail}
    used, _slash, most = finding.detail.partition("/")
    room = int(most) - int(used) if used.isdecimal() and most.isdecimal() else 0
    forms = ADDRESSES.get(language, ADDRESSES["de"])
    return {
        "empty": gettext("nothing written yet"),
        "wrote_since": gettext("wrote again since you read it"),
        "too_long": beyond_words() % {"beyond": -room},
        "length": room_words() % {"left": room},
        "placeholder": gettext("still open: %(found)s") % detail,
        "greets_you": gettext("greets you: “%(found)s”") % detail,
        "sends_on": gettext("sends the person on: “%(found)s”") % detail,
        "sends_nobody_on": gettext("sends nobody on"),
        "address_mixed": gettext("mixes forms of address: %(found)s") % detail,
        "address_not_informal": gettext("says “%(found)s”, this channel says %(form)s")
        % {**detail, "form": forms["informal"]},
        "address_not_formal": gettext("says “%(found)s”, this channel says %(form)s")
        % {**detail, "form": forms["formal"]},
        "address_informal": forms["informal"],
        "address_formal": forms["formal"],
        "personal": gettext("personal data: %(found)s") % detail,
        "their_own": gettext("better in private: “%(found)s”") % detail,
        "not_personal": gettext("no personal data"),
        "link": gettext("with a link"),
    }[finding.code]
