"""Our side of the bench: a process with Django that does what it is asked, one line of JSON at a time."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from ganzohr.proofs.bench import letters, scenery, sending
from ganzohr.proofs.bench.looking import LIMITED, MANAGER, due, pages, search
from ganzohr.proofs.bench.writing import copy_bare, write


def lay() -> None:
    """An empty desk."""
    from ganzohr.config import migrating

    migrating.ensure()
    furnish()


def furnish() -> None:
    """One app, one number, one mailbox and two managers."""
    from ganzohr.accounts.models import User
    from ganzohr.channels.accounts import sealed
    from ganzohr.channels.models import App, Channel
    from ganzohr.directory.models import OpeningHours

    secrets = sealed({"app_secrets": json.dumps([letters.SECRET])})
    app = App.objects.create(kind="meta", name="Bench", key=letters.APP_KEY, secrets=secrets)
    hours = OpeningHours.objects.first()
    Channel.objects.create(
        kind="whatsapp", name="WhatsApp", key="bench-number", app=app, external_id=letters.NUMBER, hours=hours,
        settings={"phone_number_id": letters.NUMBER, "waba_id": "102290129340398"},
    )  # fmt: skip
    Channel.objects.create(
        kind="mail", name="Mail", key=letters.MAIL_KEY, hours=hours,
        settings={"address": "jobs@auental.example", "auth": "password"},
    )  # fmt: skip
    for email in (MANAGER, LIMITED):
        User.objects.create_user(email, "correct horse battery", role="manager", language="de")


def cookie() -> str:
    """The manager's session, as a browser sends it."""
    from django.conf import settings
    from django.test import Client

    from ganzohr.accounts.models import User

    client = Client()
    client.force_login(User.objects.get(email=MANAGER), settings.AUTHENTICATION_BACKENDS[0])
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def keep_mails(first: int, count: int) -> int:
    """Mails as the reader of a mailbox keeps them."""
    from ganzohr.channels import actions
    from ganzohr.channels.models import Channel

    channel = Channel.objects.get(key=letters.MAIL_KEY)
    return sum(actions.store(channel, f"INBOX/{n}", {}, letters.mail(n)) for n in range(first, first + count))


def answer(queue: str) -> int:
    """Everything that waits in a queue."""
    from ganzohr.core import jobs

    return jobs.answer(queue, budget=3600)


def forget_to_understand() -> None:
    """Call everything understood, so that the next look finds only what comes after."""
    from ganzohr.core import times
    from ganzohr.inbox.models import Message

    Message.objects.filter(understood_at=None).update(understood_at=times.now())


def count(table: str) -> int:
    """How many rows."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608  one of our own names
        return int(cursor.fetchone()[0])


DOES: dict[str, Callable[..., Any]] = {
    "lay": lay, "cookie": cookie, "keep_mails": keep_mails, "answer": answer, "count": count,
    "forget_to_understand": forget_to_understand, "fill": scenery.fill, "pages": pages, "search": search, "due": due,
    "copy_bare": copy_bare, "write": write,
    "lead_to": sending.lead_to, "approve": sending.approve, "send": sending.send,
}  # fmt: skip


def main() -> None:
    """Until stdin ends."""
    import django

    django.setup()
    for line in sys.stdin:
        told = json.loads(line)
        print(json.dumps(DOES[told.pop("what")](**told)), flush=True)


if __name__ == "__main__":
    main()
