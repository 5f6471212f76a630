"""What a new desk needs before a question can walk: shown on Today until it is all there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext

from ganzohr.accounts.models import User
from ganzohr.channels.accounts import desk_account
from ganzohr.channels.models import Channel, Outgoing
from ganzohr.core.times import now
from ganzohr.directory.models import Colleague, OpeningSlot
from ganzohr.topics.models import Topic

PATIENCE = timedelta(minutes=1)


@dataclass(frozen=True)
class Step:
    """One thing to do: what for, the name of its page, the word on its link."""

    is_done: bool
    title: str
    hint: str
    url_name: str
    verb: str


def steps(user: User) -> list[Step]:
    """All five while one is missing, nothing once all are done or for whoever may not do them."""
    if not user.has_role("manager"):
        return []
    found = [_mailbox(), _channel(), _topics(), _colleagues(), _hours()]
    return [] if all(step.is_done for step in found) else found


def letters_stuck() -> bool:
    """Whether mails to colleagues wait although no mailbox could send them."""
    waiting = Outgoing.objects.filter(channel=None, state=Outgoing.State.WAITING, not_before__lt=now() - PATIENCE)
    return waiting.exists() and desk_account() is None


def _mailbox() -> Step:
    hint = gettext("Experts are asked by mail. Without a mailbox no question leaves the house.")
    return Step(
        desk_account() is not None, gettext("Connect a mailbox"), hint, "channels:mail_connect", gettext("Connect")
    )


def _channel() -> Step:
    hint = gettext("The chat on your website, or by hand for every other network.")
    is_done = Channel.objects.exclude(kind="mail").exists()
    return Step(is_done, gettext("Open a way in"), hint, "channels:list", gettext("Set up"))


def _topics() -> Step:
    hint = gettext("Start with twenty topics in three languages, or read in your own table.")
    return Step(Topic.objects.exists(), gettext("Say what people ask about"), hint, "topics:list", gettext("Choose"))


def _colleagues() -> Step:
    hint = gettext("Who answers what, and who stands in. They need no account.")
    is_done = Colleague.objects.filter(left_at=None, user=None).exists()
    return Step(is_done, gettext("Enter the colleagues who know"), hint, "topics:import_colleagues", gettext("Read in"))


def _hours() -> Step:
    hint = gettext("Then people are told when somebody answers, and promises count working time only.")
    return Step(
        OpeningSlot.objects.exists(), gettext("Say when you are there"), hint, "directory:new_hours", gettext("Enter")
    )
