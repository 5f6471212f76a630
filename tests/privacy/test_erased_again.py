"""Whoever was erased is erased again when an older database comes back, and nobody else."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django.fixtures import Settings

from ganzohr.audit.actions import Actor
from ganzohr.channels.models import Channel
from ganzohr.contacts.models import Contact, Handle, OtherId
from ganzohr.core import times
from ganzohr.inbox.models import Conversation, Message
from ganzohr.privacy import actions, erasures
from ganzohr.privacy.models import Erasure

pytestmark = pytest.mark.django_db(transaction=True)
ACTOR = Actor("user", "1", "somebody")


@pytest.fixture(autouse=True)
def file(settings: Settings, tmp_path: Path) -> Path:
    settings.ERASURES = tmp_path / "erasures"
    return tmp_path / "erasures"


@pytest.fixture
def channel() -> Channel:
    return Channel.objects.create(kind="whatsapp", name="WhatsApp", key="k")


def somebody(channel: Channel, phone: str, wrote_at: dt.datetime) -> Contact:
    at = times.now()
    contact = Contact.objects.create(name=f"P {phone}", created_at=at)
    handle = Handle.objects.create(contact=contact, channel=channel, external_id=phone, created_at=at)
    OtherId.objects.create(channel=channel, handle=handle, value=f"DE.{phone}")
    talk = Conversation.objects.create(
        channel=channel, handle=handle, contact=contact, last_activity_at=at, created_at=at
    )
    Message.objects.create(
        conversation=talk, channel=channel, direction="in", external_id=f"m{phone}", text="Hallo", provider_at=wrote_at,
        received_at=wrote_at,
    )  # fmt: skip
    return contact


def an_older_database(channel: Channel, phone: str, wrote_at: dt.datetime) -> Contact:
    """As it was before the erasure: the person is there, the proof is not."""
    Erasure.objects.all().delete()
    return somebody(channel, phone, wrote_at)


def test_an_older_database_forgets_them_again(channel: Channel, file: Path) -> None:
    before = times.now()
    actions.erase(actions.person_of(somebody(channel, "4915112345678", before)), ACTOR)
    neighbour = somebody(channel, "4915100000000", before)
    proof = Erasure.objects.get()
    assert "4915112345678" not in file.read_text()

    an_older_database(channel, "4915112345678", before)
    assert erasures.erase_again() == 1
    assert [row.pk for row in Contact.objects.all()] == [neighbour.pk]
    again = Erasure.objects.get()
    assert (again.handle_hashes, again.erased_at) == (proof.handle_hashes, proof.erased_at)
    assert (erasures.erase_again(), len(file.read_text().strip().splitlines())) == (0, 1)


def test_who_wrote_once_more_afterwards_stays(channel: Channel) -> None:
    actions.erase(actions.person_of(somebody(channel, "4915112345678", times.now())), ACTOR)
    an_older_database(channel, "4915112345678", times.now())
    assert (erasures.erase_again(), Contact.objects.count()) == (1, 1)


def test_the_file_learns_what_it_missed_and_survives_a_line_that_was_cut(channel: Channel, file: Path) -> None:
    with transaction.atomic():
        actions.erase(actions.person_of(somebody(channel, "4915100000000", times.now())), ACTOR)
        transaction.set_rollback(True)
    assert not file.exists()
    actions.erase(actions.person_of(somebody(channel, "4915112345678", times.now())), ACTOR)
    file.write_text('{"erased_at": "20')
    assert (erasures.write_down(), erasures.write_down()) == (1, 0)
