"""Answers on their way: approved one by one as a page does, then sent to a platform that takes everything at once."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from typing import TYPE_CHECKING

from ganzohr.proofs.bench import letters
from ganzohr.proofs.bench.looking import MANAGER

if TYPE_CHECKING:
    from ganzohr.proofs.bench.ground import Ground

PATIENCE = 300.0
LOOK = 0.05
REACH = "127.0.0.0/8"


@contextmanager
def platform(ground: Ground) -> Iterator[int]:
    """A stand-in for WhatsApp, a process of its own; its port."""
    from ganzohr.proofs.bench.ground import PYTHON

    with ground.serving("postgres", [*PYTHON, "ganzohr.proofs.bench.sending", "{port}"]) as (_process, port):
        yield port


def lead_to(port: int) -> bool:
    """From now on what leaves goes to the stand-in."""
    from ganzohr.channels.accounts import sealed
    from ganzohr.channels.models import App, Channel

    App.objects.filter(key=letters.APP_KEY).update(settings={"graph_url": f"http://127.0.0.1:{port}", "app_id": "1"})
    channel = Channel.objects.filter(external_id=letters.NUMBER)
    return bool(channel.update(secrets=sealed({"access_token": "bench"}), signature="none"))


def approve(first: int, many: int) -> int:
    """Answer what these webhooks asked; how many answers wait to leave."""
    from ganzohr.accounts.models import User
    from ganzohr.audit.actions import by_user
    from ganzohr.channels.models import Outgoing
    from ganzohr.core import times
    from ganzohr.directory.models import Colleague
    from ganzohr.inbox import actions
    from ganzohr.inbox.models import Message

    user = User.objects.get(email=MANAGER)
    who = Colleague.objects.get_or_create(user=user, defaults={"name": "Manager"})[0]
    ids = [f"wamid.BENCH{number:010d}" for number in range(first, first + many)]
    for asked in Message.objects.filter(external_id__in=ids).select_related("conversation"):
        actions.answer(
            asked.conversation, text="Guten Tag, die Ausbildung beginnt am 1. Oktober. Wir freuen uns auf Sie!", by=who,
            actor=by_user(user), knows_message_id=asked.conversation.last_message_id or asked.pk, key=str(asked.pk),
        )  # fmt: skip
    return int(Outgoing.objects.filter(state="waiting").update(not_before=times.now()))


def send() -> int:
    """Until nothing waits to leave; how many of them were accepted."""
    from ganzohr.channels import outbox
    from ganzohr.channels.models import Outgoing

    begun, until = Outgoing.objects.filter(state="accepted").count(), time.monotonic() + PATIENCE
    while Outgoing.objects.filter(state__in=("waiting", "sending")).exists() and time.monotonic() < until:
        if not outbox.send_waiting():
            time.sleep(LOOK)  # the rate of the number
    return int(Outgoing.objects.filter(state="accepted").count() - begun)


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = head.partition(b"content-length:")[2].partition(b"\r\n")[0].strip()
            await reader.readexactly(int(length or 0))
            said = {
                "messaging_product": "whatsapp",
                "success": True,
                "messages": [{"id": f"wamid.OUT{next(_NUMBERS)}"}],
            }
            body = json.dumps(said).encode()
            kind = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            writer.write(kind % len(body) + body)
    writer.close()


_NUMBERS = count(1)


async def _run(port: int) -> None:
    async with await asyncio.start_server(_serve, "127.0.0.1", port) as server:
        await server.serve_forever()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_run(int(sys.argv[1])))
