"""What a person is handed when they ask what is held: a document in their language, the data, their files."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from ganzohr.accounts.models import User
from ganzohr.channels.models import Channel, Outgoing
from ganzohr.contacts.models import Contact
from ganzohr.core import crypto, jobs
from ganzohr.core.times import now
from ganzohr.inbox.models import Attachment, Message
from ganzohr.proofs.sample.employer import always
from ganzohr.website import actions as website

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "Ich wohne in <Schwanheim> & frage: wie komme ich zu euch?"


@pytest.fixture
def ute() -> Contact:
    channel = Channel.objects.create(kind="website", name="Career site", key="career", languages=["de"], hours=always())
    token = crypto.new_token()
    words = website.Words(id=token[:20], token=token, language="de", text=TEXT, name="Ute Quellmann")
    website.write(channel, words, "127.0.0.1")
    jobs.run_everything()
    message = Message.objects.get()
    file = ContentFile(b"%PDF-1.4", name="lebenslauf.pdf")
    Attachment.objects.create(
        message=message, conversation=message.conversation, file=file, name="../lebenslauf.pdf",
        content_type="application/pdf", size=8, created_at=now(),
    )  # fmt: skip
    return Contact.objects.get()


@pytest.fixture
def desk() -> Client:
    user = User.objects.create_user("m@x.example", "a short sentence", name="Mia", role="manager", language="nl")
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def get(desk: Client, ute: Contact, **query: str) -> bytes:
    return desk.get(reverse("privacy:export", args=[ute.pk]), query).content


def test_the_document_speaks_the_persons_language_and_not_the_users(desk: Client, ute: Contact) -> None:
    told = get(desk, ute, **{"as": "document"}).decode()
    assert '<html lang="de">' in told
    assert [word in told for word in ("Gespräche", "Ute Quellmann", "wie komme ich zu euch?", "Gesprekken")] == [
        True,
        True,
        True,
        False,
    ]
    assert "<Schwanheim>" not in told


def test_another_language_can_be_chosen(desk: Client, ute: Contact) -> None:
    assert '<html lang="nl">' in get(desk, ute, **{"as": "document", "in": "nl"}).decode()


def test_everything_comes_together_with_the_files(desk: Client, ute: Contact) -> None:
    with zipfile.ZipFile(io.BytesIO(get(desk, ute))) as archive:
        names = [f"ganzohr-{ute.pk}.html", f"ganzohr-{ute.pk}.json", "files/1-lebenslauf.pdf"]
        assert archive.namelist() == names
        data = json.loads(archive.read(names[1]))
        assert data["inbox"]["conversations"][0]["messages"][0]["text"] == TEXT
        assert archive.read(names[2]) == b"%PDF-1.4"


def test_pages_name_the_person_and_what_is_held(desk: Client, ute: Contact) -> None:
    person = desk.get(reverse("privacy:person", args=[ute.pk]), headers={"accept-language": "en"}).content.decode()
    erase = desk.get(reverse("privacy:erase", args=[ute.pk])).content.decode()
    assert ("Ute Quellmann" in person, "<li>1 bestand</li>" in person, "Ute Quellmann" in erase) == (True, True, True)
    assert reverse("contacts:contact", args=[ute.pk]) in person


def test_the_page_asks_the_database_seventeen_times_at_most(desk: Client, ute: Contact) -> None:
    with CaptureQueriesContext(connection) as held:
        desk.get(reverse("privacy:person", args=[ute.pk]))
    assert len(held) <= 17  # with begin and end of what is counted in one transaction


def test_what_was_taken_back_is_never_shown_as_sent(desk: Client, ute: Contact) -> None:
    asked = Message.objects.get()
    for state, text in (("taken_back", "Falsche Adresse"), ("accepted", "Nehmen Sie Linie 4")):
        target = {"visit": asked.conversation.handle.external_id}
        outgoing = Outgoing.objects.create(
            channel=asked.channel, kind="answer", target=target, payload={"text": text}, key=text, state=state,
            not_before=now(), created_at=now(),
        )  # fmt: skip
        Message.objects.create(
            conversation=asked.conversation, channel=asked.channel, direction="out", text=text, outgoing=outgoing,
            provider_at=now(), received_at=now(),
        )  # fmt: skip
    data = json.loads(get(desk, ute, **{"as": "data"}))
    said = [(one["text"], one["state"]) for one in data["inbox"]["conversations"][0]["messages"]]
    assert said[1:] == [("Falsche Adresse", "taken_back"), ("Nehmen Sie Linie 4", "accepted")]
    told = get(desk, ute, **{"as": "document", "in": "en"}).decode()
    _before, _heading, after = told.partition("<h2>Sent</h2>")
    sent, _heading, not_sent = after.partition("<h2>Written, but not sent</h2>")
    assert ["Falsche Adresse" in part for part in (sent, not_sent)] == [False, True]
    assert told.count("taken back") == 2


@pytest.mark.parametrize(
    ("count", "words"), [(1, "if it could not be read, until"), (2, "what could not be read, until")]
)
def test_the_document_says_that_what_could_not_be_read_stays_longer(count: int, words: str) -> None:
    with override("en"):
        told = render_to_string("privacy/document/person.html", {"deliveries": range(count)})
    assert f"for 14 days; {words} somebody has looked at it" in told
