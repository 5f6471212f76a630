"""The steps of connecting a page or a number, in words: what is needed, who does it, how long, what if it fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ganzohr.channels import health


@dataclass(frozen=True)
class Step:
    """One step: its name, what it needs, who does it, how long it takes, how to mend it."""

    name: str
    title: str | Promise
    needs: str | Promise
    who: str | Promise
    takes: str | Promise
    mend: str | Promise


@dataclass(frozen=True)
class Line:
    """A step and how it is: `code` None says that it was not tried yet; `is_same`: a step above says why."""

    step: Step
    code: str | None
    words: health.Words | None
    is_same: bool = False

    @property
    def do(self) -> str | Promise:
        """What mends it: at the wrong permission or token what this very step needs, else what the problem says."""
        own = self.code in ("permission_missing", "token_expired", "target_gone", "no_secret", "not_subscribed")
        return self.step.mend if own or self.words is None else self.words.do


ADMINISTRATOR = _("An administrator of your business portfolio at Meta")
IT = _("IT, once")
TEN = _("ten minutes")
ITSELF = _("the desk, by itself")
SECONDS = _("seconds")
DAYS = _("some days, for Meta's review")

TOKEN = Step(
    "token",
    _("The token holds"),
    _("A token of a system user that never runs out."),
    ADMINISTRATOR,
    TEN,
    _("Business settings, System users: generate a new token, choose “never”, and replace it here."),
)

STEPS: Mapping[str, tuple[Step, ...]] = {
    "facebook": (
        TOKEN,
        Step(
            "page",
            _("It is the token of this page"),
            _("Full control of the page for the system user."),
            ADMINISTRATOR,
            TEN,
            _("Give the system user this page with full control, generate a new token, and replace it here."),
        ),
        Step(
            "comments",
            _("Comments can be read"),
            _("The permissions pages_read_engagement, pages_read_user_content and pages_manage_engagement."),
            IT,
            DAYS,
            _("Ask for these permissions in the app's review, tick them, generate a new token, and replace it here."),
        ),
        Step(
            "messages",
            _("Messenger can be read"),
            _("The permission pages_messaging."),
            IT,
            DAYS,
            _("Ask for this permission in the app's review, tick it, generate a new token, and replace it here."),
        ),
        Step(
            "subscribed",
            _("The page tells us what happens"),
            _("The permission pages_manage_metadata."),
            ITSELF,
            SECONDS,
            _("Check again: the desk switches it on as soon as token and page are right and the permission is there."),
        ),
    ),
    "whatsapp": (
        TOKEN,
        Step(
            "number",
            _("The number is connected"),
            _("Both ids, of the number and of its account, and full control for the system user."),
            ADMINISTRATOR,
            TEN,
            _("Give the system user this WhatsApp account with full control, and compare both ids with API setup."),
        ),
        Step(
            "messages",
            _("Messages may be written"),
            _("The permission whatsapp_business_messaging."),
            ADMINISTRATOR,
            TEN,
            _("Generate a new token with this permission ticked, and replace it here."),
        ),
        Step(
            "templates",
            _("Templates can be read"),
            _("The permission whatsapp_business_management."),
            ADMINISTRATOR,
            TEN,
            _("Generate a new token with this permission ticked, and replace it here."),
        ),
        Step(
            "subscribed",
            _("The account tells us what happens"),
            _("The permission whatsapp_business_management."),
            ITSELF,
            SECONDS,
            _("Check again: the desk switches it on as soon as token and number are right."),
        ),
    ),
}


def lines(kind: str, found: Mapping[str, str]) -> list[Line]:
    """Every step of this kind with how it was when it was last tried."""
    told: set[str] = set()
    return [_line(step, found.get(step.name), told) for step in STEPS[kind]]


def _line(step: Step, code: str | None, told: set[str]) -> Line:
    """A wrong account is told once; permissions differ from step to step."""
    is_same = code in told
    if code and code != "permission_missing":
        told.add(code)
    return Line(step, code, health.words(code) if code and not is_same else None, is_same)
