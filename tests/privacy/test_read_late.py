"""What had come before somebody was erased brings nobody back, however late it is read, and stops nobody else."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from ganzohr.audit import actions as audit
from ganzohr.channels import actions as channels
from ganzohr.channels.models import Channel, Delivery
from ganzohr.contacts.models import Contact, Handle
from ganzohr.core import times
from ganzohr.inbox.models import Message
from ganzohr.privacy import actions, erasures
from ganzohr.privacy.models import Erasure
from tests.channels.conftest import AT, channel, forget_connectors, platform

__all__ = ["channel", "forget_connectors", "platform"]
pytestmark = pytest.mark.django_db
ROUND = audit.round_("test")
ERASED = AT + dt.timedelta(days=1)
BEFORE, AFTER = ERASED - dt.timedelta(hours=1), ERASED + dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def erased(channel: Channel, settings: Settings, tmp_path: Path) -> None:
    settings.ERASURES = tmp_path / "erasures"
    with times.frozen(ERASED):
        contact = Contact.objects.create(name="Lena", created_at=times.now())
        Handle.objects.create(contact=contact, channel=channel, external_id="lena", created_at=times.now())
        actions.erase(actions.person_of(contact), ROUND)
    erasures.write_down()


def came(channel: Channel, at: dt.datetime, *senders: str, **values: object) -> Delivery:
    body = json.dumps([{"id": f"{one} {at:%H}", "sender": one, "text": f"{one} {at:%H}"} for one in senders])
    values.setdefault("body", body.encode())
    return Delivery.objects.create(channel=channel, received_at=at, **values)


def said() -> list[str]:
    return sorted(Message.objects.values_list("text", flat=True))


def test_what_came_before_is_dropped_with_its_bytes_and_all_else_comes_in(channel: Channel) -> None:
    came(channel, BEFORE, "lena")
    both, after = came(channel, BEFORE, "lena", "mio"), came(channel, AFTER, "lena")
    assert channels.process_deliveries() == 3
    assert said() == [f"lena {AFTER:%H}", f"mio {BEFORE:%H}"]
    assert list(Delivery.objects.order_by("id").values_list("id", "state")) == [(both.pk, "done"), (after.pk, "done")]


def test_a_restored_desk_hears_once_more_what_they_had_said_and_does_not_take_it_in(channel: Channel) -> None:
    Erasure.objects.all().delete()
    waits = came(channel, BEFORE, "lena", attempts=2, error="OSError", not_before=AFTER)
    assert (erasures.erase_again(), Delivery.objects.filter(pk=waits.pk).exists()) == (1, True)
    came(channel, AFTER, "lena")  # was in the mailbox all the time: the standin says it was written before
    channels.process_deliveries()
    assert (erasures.erase_again(), said(), Delivery.objects.count(), Contact.objects.count()) == (0, [], 0, 0)


def test_what_nobody_could_read_of_them_is_not_kept_on_a_restored_desk(channel: Channel) -> None:
    Erasure.objects.all().delete()
    for body in (None, b"x <lena>: Wohnung", b"x <helena>"):
        for at in (BEFORE, AFTER):
            came(channel, at, "lena", state="failed", attempts=6, error="KeyError", **({"body": body} if body else {}))
    came(channel, BEFORE, "lena", state="failed", attempts=6, error="crashed")
    came(channel, BEFORE, "lena", "mio", state="unsupported")
    erasures.erase_again()
    left = [(bytes(row.body)[:12], row.received_at) for row in Delivery.objects.order_by("id")]
    lena, mixed = b'[{"id": "len', b"x <lena>: Wo"
    assert left == [(lena, AFTER), (mixed, AFTER), (b"x <helena>", BEFORE), (b"x <helena>", AFTER), (lena, BEFORE)]
