"""One person is erased from every room at once, and nothing of them is found again; nobody else loses a word."""

from __future__ import annotations

import json

import pytest
from django.db import connection

from ganzohr.audit.actions import Actor
from ganzohr.channels.models import Channel, Delivery
from ganzohr.contacts.models import Contact
from ganzohr.core import crypto, jobs
from ganzohr.inbox.models import Conversation, Message
from ganzohr.privacy import actions
from ganzohr.privacy.models import Erasure
from ganzohr.proofs.sample.employer import always
from ganzohr.website import actions as website

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "Schwanenstraße 17"
ACTOR = Actor("user", "1", "somebody")


@pytest.fixture
def channel() -> Channel:
    return Channel.objects.create(kind="website", name="Career site", key="career", languages=["de"], hours=always())


def write(channel: Channel, name: str, text: str) -> None:
    token = crypto.new_token()
    website.write(channel, website.Words(id=token[:20], token=token, language="de", text=text, name=name), "127.0.0.1")


def everything_stored() -> str:
    """Every text of every table, as PostgreSQL holds it."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" t')
            found += [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT convert_from(body, 'UTF8') FROM channels_delivery")
        found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


def test_an_erased_person_is_nowhere_and_their_neighbour_is_whole(channel: Channel) -> None:
    write(channel, "Ute Quellmann", f"Ich wohne in der {SECRET}, wie komme ich zu euch?")
    write(channel, "Ben Tiedtke", "Wann beginnt die Ausbildung?")
    jobs.run_everything()
    ute = Contact.objects.get(name="Ute Quellmann")
    assert SECRET in json.dumps(actions.export(actions.person_of(ute)), ensure_ascii=False, default=str)

    actions.erase(actions.person_of(ute), ACTOR)
    jobs.run_everything()

    stored = everything_stored()
    assert [word for word in (SECRET, "Quellmann") if word in stored] == []
    assert [message.text for message in Message.objects.filter(direction="in")] == ["Wann beginnt die Ausbildung?"]
    assert Conversation.objects.count() == 1
    assert Delivery.objects.count() == 1
    assert Erasure.objects.get().counts["inbox"]["messages"] == 1


def test_the_proof_holds_no_name(channel: Channel) -> None:
    write(channel, "Ute Quellmann", "Hallo?")
    jobs.run_everything()
    erasure = actions.erase(actions.person_of(Contact.objects.get()), ACTOR)
    assert len(erasure.handle_hashes) == 1
    assert "Quellmann" not in json.dumps([erasure.handle_hashes, erasure.counts])


def test_what_the_page_counts_is_what_the_export_holds(channel: Channel) -> None:
    write(channel, "Ute Quellmann", "Wie komme ich zu euch?")
    jobs.run_everything()
    held = actions.held(actions.person_of(Contact.objects.get()))
    told = actions.export(actions.person_of(Contact.objects.get()))
    assert held == {"visits": 1, "conversations": 1, "messages": 1, "handles": 1, "contacts": 1, "deliveries": 1}
    assert [
        len(told["website"]["visits"]),
        len(told["inbox"]["conversations"]),
        len(told["channels"]["deliveries"]),
    ] == [
        1,
        1,
        1,
    ]
