"""What Today asks about the desk as a whole: one question to the database, however much there is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext

from ganzohr.accounts.models import User
from ganzohr.channels.models import Channel, Delivery, Hold, Outgoing
from ganzohr.core.times import now
from ganzohr.directory.models import Colleague, OpeningSlot, sites_of
from ganzohr.topics.models import Topic
from ganzohr.website.models import Visit

PATIENCE = timedelta(minutes=1)


@dataclass(frozen=True)
class Facts:
    """What is there and what is stuck. `set_aside`: a channel with a delivery nobody could read, 0: an app."""

    mailbox: bool
    channel: bool
    topics: bool
    colleagues: bool
    hours: bool
    letters_wait: bool
    set_aside: int | None
    erasure_asked: bool
    is_held: bool

    @property
    def unread_at(self) -> str:
        """Where deliveries lie that nobody could read; '' when there are none."""
        if self.set_aside is None:
            return ""
        of_app = reverse("channels:meta_deliveries")
        return reverse("channels:deliveries", args=[self.set_aside]) if self.set_aside else of_app

    @property
    def letters_stuck(self) -> bool:
        """Mails to colleagues wait although no mailbox could send them."""
        return self.letters_wait and not self.mailbox


def facts(user: User) -> Facts:
    """The facts as far as this user may see them."""
    sending = Channel.objects.filter(kind="mail", state=Channel.State.ACTIVE)
    waiting = Outgoing.objects.filter(channel=None, state=Outgoing.State.WAITING, not_before__lt=now() - PATIENCE)
    of_app = Q(app__isnull=False) if sites_of(user) is None else Q()
    aside = Delivery.objects.filter(
        Q(channel__in=Channel.objects.visible_to(user)) | of_app, state=Delivery.State.FAILED
    )
    row: dict[str, Any] = (
        User.objects.filter(pk=user.pk)
        .annotate(
            mailbox=Exists(sending),
            channel=Exists(Channel.objects.exclude(kind="mail")),
            topics=Exists(Topic.objects.all()),
            colleagues=Exists(Colleague.objects.filter(left_at=None, user=None)),
            hours=Exists(OpeningSlot.objects.all()),
            letters_wait=Exists(waiting),
            set_aside=Subquery(aside.order_by("id").values(door=Coalesce("channel_id", 0))[:1]),
            erasure_asked=Exists(Visit.objects.exclude(erasure_asked_at=None)),
            is_held=Exists(Hold.objects.in_force()),
        )
        .values(*Facts.__dataclass_fields__)
        .get()
    )
    return Facts(**{**row, "mailbox": bool(settings.MAIL_URL) or row["mailbox"]})


@dataclass(frozen=True)
class Step:
    """One thing a new desk needs: what for, the name of its page, the word on its link."""

    is_done: bool
    title: str
    hint: str
    url_name: str
    verb: str


def first_steps(user: User, there: Facts) -> list[Step]:
    """All five while one is missing; nothing once all are done, or for whoever may not do them."""
    done = (there.mailbox, there.channel, there.topics, there.colleagues, there.hours)
    if all(done) or not user.has_role("manager"):
        return []
    return [Step(is_done, *words) for is_done, words in zip(done, _words(), strict=True)]


def _words() -> list[tuple[str, str, str, str]]:
    return [
        (
            gettext("Connect a mailbox"),
            gettext("Experts are asked by mail. Without a mailbox no question leaves the house."),
            "channels:mail_connect",
            gettext("Connect"),
        ),
        (
            gettext("Open a way in"),
            gettext("The chat on your website, or by hand for every other network."),
            "channels:list",
            gettext("Set up"),
        ),
        (
            gettext("Say what people ask about"),
            gettext("Start with twenty topics in three languages, or read in your own table."),
            "topics:list",
            gettext("Choose"),
        ),
        (
            gettext("Enter the colleagues who know"),
            gettext("Who answers what, and who stands in. They need no account."),
            "topics:import_colleagues",
            gettext("Read in"),
        ),
        (
            gettext("Say when you are there"),
            gettext("Then people are told when somebody answers, and promises count working time only."),
            "directory:new_hours",
            gettext("Enter"),
        ),
    ]
