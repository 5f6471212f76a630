"""The sample's page and number: connected to the stand-in, with what people did there taken in by the real road.

What the desk did about it, it does here, at its own time: so the platform holds the same answers as the desk.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from ganzohr.audit.actions import Actor, by_user
from ganzohr.channels import actions as channels
from ganzohr.channels.accounts import sealed
from ganzohr.channels.models import App, Channel
from ganzohr.core import jobs, times
from ganzohr.directory.models import Colleague
from ganzohr.inbox import actions as inbox
from ganzohr.inbox.models import Conversation, Kind, Message
from ganzohr.proofs.sample.employer import Employer
from ganzohr.proofs.sample.fresh import settle
from ganzohr.proofs.sample.where import channel_of

LEAVES_AFTER = timedelta(seconds=11)
QUIET = timedelta(hours=3)
Told = Mapping[str, Any]


@dataclass(frozen=True)
class Platforms:
    """Where it happens, and who does what is ours."""

    app: App
    manager: Colleague
    client: httpx.Client

    @property
    def actor(self) -> Actor:
        """The manager, for the trail."""
        assert self.manager.user
        return by_user(self.manager.user)


def build(employer: Employer) -> None:
    """Connect both and let their days pass."""
    address = f"http://127.0.0.1:{os.environ['GANZOHR_DEMO_META']}"
    with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        app = connect(employer, client.get("/stand-in/accounts").json(), os.environ["GANZOHR_DEMO_META_KEY"])
        live_through(Platforms(app, employer.colleagues["Sophie Brandt"], client))


def connect(employer: Employer, told: Told, key: str) -> App:
    """The app with its page and its number, as the stand-in names them."""
    secrets = {"app_secrets": json.dumps(told["app_secrets"]), "verify_token": told["verify_token"]}
    app = App.objects.create(
        kind="meta", name="Kliniken Auental", key=key, secrets=sealed(secrets),
        settings={"graph_url": told["graph_url"], "app_id": told["app_id"]},
    )  # fmt: skip
    page, number = dict(told["page"]), dict(told["number"])
    _hang(employer, app, "facebook", "Facebook-Seite", page["page_id"], page)
    _hang(employer, app, "whatsapp", "WhatsApp", number["phone_number_id"], number)
    return app


def _hang(employer: Employer, app: App, kind: str, name: str, id_: str, settings: dict[str, str]) -> None:
    token = settings.pop("access_token")
    channel = channel_of(employer, kind, name, settings=dict(settings))
    Channel.objects.filter(pk=channel.pk).update(app=app, external_id=id_, secrets=sealed({"access_token": token}))


def live_through(here: Platforms) -> None:
    """Step by step: what came is taken in at its time, then the desk does its next act, until nothing is left."""
    while True:
        told = here.client.post("/stand-in/next").json()
        _take_in(here.app, told["deliveries"])
        if told["ours"] is None:
            return
        at = datetime.fromisoformat(told["ours"]["at"])
        with times.frozen(at):
            ACTS[told["ours"]["kind"]](here, told["ours"])
        with times.frozen(at + LEAVES_AFTER):
            jobs.answer("outbox")


def _take_in(app: App, deliveries: list[Told]) -> None:
    """Keep each at its moment; the worker looks whenever it is quiet for a while."""
    for number, one in enumerate(deliveries):
        at, kind = datetime.fromisoformat(one["at"]), str(one["path"]).split("/")[2]
        with times.frozen(at):
            channels.store_for_app(app, kind, "", one["headers"], one["body"].encode())
            after = deliveries[number + 1] if number + 1 < len(deliveries) else None
            if after is None or datetime.fromisoformat(after["at"]) - at > QUIET:
                settle()


# What the desk does


def _message(told: Told) -> Message:
    return Message.objects.select_related("conversation", "channel").get(external_id=told["about"])


def _answer(here: Platforms, told: Told) -> None:
    message = _message(told)
    inbox.answer(
        message.conversation, text=told["words"], by=here.manager, actor=here.actor,
        knows_message_id=message.conversation.last_message_id, key=f"sample:{message.pk}",
        mode="private" if told["kind"] == "private" else "reply",
    )  # fmt: skip
    if message.visibility == "public":
        is_thanks = message.kind in (Kind.PRAISE, Kind.STORY)
        _close(here, message, Conversation.Reason.THANKED if is_thanks else Conversation.Reason.ANSWERED)


def _close(here: Platforms, message: Message, reason: str) -> None:
    conversation = message.conversation
    conversation.refresh_from_db()
    if conversation.state == Conversation.State.OPEN:
        inbox.close(conversation, reason, here.actor)


def _give(here: Platforms, told: Told) -> None:
    """A like of ours."""
    _send(told, "reaction", {"reaction": "like"})
    _close(here, _message(told), Conversation.Reason.THANKED)


def _hide(here: Platforms, told: Told) -> None:
    _send(told, "hide", {})
    _close(here, _message(told), Conversation.Reason.NONSENSE)


def _set_aside(here: Platforms, told: Told) -> None:
    _close(here, _message(told), Conversation.Reason.NO_ANSWER_NEEDED)


def _send(told: Told, kind: str, payload: dict[str, str]) -> None:
    message = _message(told)
    channels.enqueue(
        channel=message.channel, kind=kind, target=message.target, payload=payload, key=f"sample:{kind}:{message.pk}"
    )


ACTS: dict[str, Callable[[Platforms, Told], None]] = {
    "ours": _answer, "private": _answer, "like": _give, "hide": _hide, "aside": _set_aside,
}  # fmt: skip
