"""What the stories of this room share: a trial page, its words, and the tokens of a mail."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse

from ganzohr.channels.arrivals import Arrived
from ganzohr.channels.connectors.base import Incoming, IncomingFile
from ganzohr.core import crypto
from ganzohr.notifications import private_page, tokens
from ganzohr.notifications.letters import AskWords
from ganzohr.notifications.models import Ask

MONDAY = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
WORDS = AskWords("Can you answer this?", "Is part-time possible?", ["Lena asks via Instagram:"], [], "Answer now")
posted: list[dict[str, Any]] = []


def trial_page(request: HttpRequest, ask: Ask) -> HttpResponse:
    """A page for these tests: says hello, and notes what was sent to it."""
    if request.method == "POST":
        form = private_page.read_form(request, ask)
        if form is None:
            return HttpResponse("unsigned", status=403)
        posted.append({"ask": ask.pk, "text": request.POST.get("answer", ""), "form": form})
        return private_page.again(request)
    return HttpResponse(private_page.new_form(ask, knows=7), headers=private_page.HEADERS)


def token_of(ask: Ask) -> str:
    """What stands in the link of the mail."""
    return crypto.decrypt(ask.sealed_token)


def mail_token_of(ask: Ask) -> str:
    """What stands in the reply address."""
    return tokens.mail_token(token_of(ask))


CLAIMED = ("tokens", "in_reply_to", "references", "bounce_of", "report", "body")


class Post:
    """Makes mails as the connector gives them."""

    def __init__(self, channel_id: int) -> None:
        self.channel_id, self.count = channel_id, 0

    def __call__(self, sender: str, text: str = "Ja, geht.", **more: Any) -> Arrived:
        """One mail; headers that claims read are given by name."""
        self.count += 1
        headers = {name: more.pop(name) for name in CLAIMED if name in more}
        files = tuple(
            IncomingFile(name, "application/octet-stream", content) for name, content in more.pop("files", ())
        )
        external_id = more.pop("external_id", f"<m{self.count}@x.example>")
        incoming = Incoming(
            what="message", external_id=external_id, sender_id=sender, sender_name="Somebody", provider_at=MONDAY,
            text=text, original=f"{text}\n\n> quoted", headers=headers, target={"to": sender}, thread_key=external_id,
            files=files, **more,
        )  # fmt: skip
        return Arrived(self.channel_id, self.count, incoming, MONDAY)
