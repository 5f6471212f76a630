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
    """One check in words."""

    level: str
    words: str


def line(finding: Finding, language: str) -> Line:
    """The finding as a short line."""
    return Line(finding.level, _words(finding, language[:2]))


def _words(finding: Finding, language: str) -> str:
    detail = {"found": finding.detail}
    used, _slash, most = finding.detail.partition("/")
    forms = ADDRESSES.get(language, ADDRESSES["de"])
    return {
        "empty": gettext("nothing written yet"),
        "wrote_since": gettext("wrote again since you read it"),
        "too_long": gettext("too long: %(used)s of %(most)s characters") % {"used": used, "most": most},
        "length": gettext("%(used)s of %(most)s characters") % {"used": used, "most": most},
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
        "not_personal": gettext("no personal data"),
        "link": gettext("with a link"),
    }[finding.code]
