"""What is held is seen wherever people work, and let go only by somebody who saw what leaves then."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from ganzohr.accounts.models import User
from ganzohr.audit import actions as audit
from ganzohr.channels import actions, holds, outbox
from ganzohr.channels.connectors.base import Outcome
from ganzohr.channels.models import Channel, Hold, Outgoing
from ganzohr.contacts.models import Contact, Handle
from ganzohr.core import times
from ganzohr.directory.models import Colleague
from ganzohr.inbox.models import Conversation
from tests.channels.conftest import Platform

pytestmark = pytest.mark.django_db
ROUND = audit.round_("test")


@pytest.fixture
def manager(client: Client) -> Client:
    """A manager, signed in."""
    user = User.objects.create_user("sophie@example.org", role="manager", language="en")
    Colleague.objects.create(name="Sophie Brandt", user=user)
    client.force_login(user)
    return client


def put(channel: Channel, key: str, kind: str = "answer") -> Outgoing:
    return actions.enqueue(channel=channel, kind=kind, target={"to": key}, payload={"text": f"Word {key}"}, key=key)


def lines(page: str) -> list[str]:
    """What the line about a hold says, wherever it stands."""
    return [
        " ".join(re.sub(r"<.*?>", "", one).split())
        for one in re.findall(r'<p class="hold-line">(.*?)</p>', page, re.DOTALL)
    ]


def test_a_hold_stands_in_one_line_wherever_people_work(manager: Client, channel: Channel) -> None:
    pages = [reverse(name) for name in ("desk:today", "inbox:list", "channels:list")]
    assert [lines(manager.get(page).content.decode()) for page in pages] == [[], [], []]
    by, at = Colleague.objects.get(), times.now()
    contact = Contact.objects.create(name="Mia", created_at=at)
    handle = Handle.objects.create(contact=contact, channel=channel, external_id="mia", created_at=at)
    Conversation.objects.create(
        channel=channel, handle=handle, contact=contact, created_at=at, last_activity_at=at, first_words="Hallo"
    )
    with times.frozen(dt.datetime(2026, 11, 22, 11, 12, tzinfo=dt.UTC)):
        actions.hold("outside", ROUND, why="Wait for Petra", by=by)
        actions.hold("kind", ROUND, why="w", value="notice")
        for key in "ab":
            put(channel, key)
        put(channel, "seen", "read")
        said = [lines(manager.get(page).content.decode()) for page in pages]
        card = manager.get(pages[2]).content.decode()
    line = (
        "Held: Everything to people outside. Sophie Brandt, since 12:12: Wait for Petra. 2 things wait. "
        "One further hold is in force. See what waits"
    )
    assert said == [[line]] * 3
    assert ("2 things are held." in card, "Works, but what leaves is held" in card) == (True, True)


def test_the_widest_hold_stands_first_and_a_second_reason_beside_the_first(manager: Client, channel: Channel) -> None:
    petra = Colleague.objects.create(name="Dr. Petra Lindner")
    actions.hold("channel", ROUND, why="Wir prüfen etwas", channel=channel)
    with times.frozen(dt.datetime(2026, 11, 22, 11, 12, tzinfo=dt.UTC)):
        actions.hold("everything", ROUND, why="Crisis", by=petra)
        today = lines(manager.get(reverse("desk:today")).content.decode())
    assert today == [
        "Held: Everything, mails to colleagues too. Dr. Petra Lindner, since 12:12: Crisis. Nothing waits yet. "
        "One further hold is in force. See what waits"
    ]
    for _ in range(2):
        answer = manager.post(reverse("channels:hold"), {"what": "everything", "why": "Wait for the board"})
        said = [str(one) for one in get_messages(answer.wsgi_request)][-1]
        assert said.startswith("Dr. Petra Lindner holds this already, since ")
    assert [one.why for one in holds.in_force()] == ["Crisis / Wait for the board", "Wir prüfen etwas"]


def test_a_hold_of_a_scope_that_only_a_newer_version_knows_stands_first_and_fails_no_page(
    manager: Client, channel: Channel
) -> None:
    at = times.now()
    for scope in ("lane", "channel", "topic"):
        Hold.objects.create(scope=scope, why=scope, since=at, channel=channel if scope == "channel" else None)
    assert [one.why for one in holds.in_force()] == ["topic", "channel", "lane"]
    pages = [reverse(name) for name in ("desk:today", "inbox:list", "channels:list", "channels:outbox")]
    assert [manager.get(page).status_code for page in pages] == [200] * 4


def test_a_hold_is_lifted_only_by_somebody_who_saw_how_much_leaves(
    manager: Client, channel: Channel, platform: Platform
) -> None:
    petra = Colleague.objects.create(name="Petra Kurz")
    held = actions.hold("outside", ROUND, why="Wait", by=petra)
    actions.hold("kind", ROUND, why="w", value="notice")
    for key in "ab":
        put(channel, key)
    put(channel, "n", "notice")
    put(channel, "seen", "read")
    lift = reverse("channels:lift", args=[held.pk])
    page = manager.get(lift).content.decode()
    assert ("Petra Kurz has held this" in page, "Let 2 things leave" in page, "Word n" in page) == (True, True, False)
    put(channel, "c")
    again = manager.post(lift, {"count": "2"})
    assert (again.status_code, "Meanwhile there are more" in again.content.decode()) == (200, True)
    assert (Hold.objects.in_force().count(), outbox.send_waiting()) == (2, 0)
    first = Outgoing.objects.get(key="a")
    manager.post(reverse("channels:take_back", args=[first.pk]))
    assert manager.post(lift, {"count": "2"}).status_code == 303
    outbox.send_waiting()
    assert sorted(one.key for one in platform.heard) == ["b", "c", "seen"]
    assert list(holds.kept_here(Outgoing.objects.all()).values_list("key", flat=True)) == ["n"]
    assert "You let it go already: " in manager.get(lift, follow=True).content.decode()
    Hold.objects.update(lifted_by=petra)
    assert "Petra Kurz let it go already: " in manager.get(lift, follow=True).content.decode()


def test_whoever_looked_during_a_hold_is_told_that_it_stays(
    manager: Client, channel: Channel, platform: Platform
) -> None:
    platform.answers.append(Outcome("unclear", code="dropped"))
    one = put(channel, "a")
    outbox.send_waiting()
    actions.hold("outside", ROUND, why="Wait")
    seen = manager.post(reverse("channels:was_not_sent", args=[one.pk]), follow=True).content.decode()
    assert ("leaves once it is let go" in seen, "It is sent once more" in seen) == (True, False)


def test_what_still_fetches_its_files_when_a_hold_is_set_says_nothing_to_anybody(
    channel: Channel, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = default_storage.save("test/letter.txt", ContentFile(b"bytes"))
    file = {"name": "Letter.txt", "content_type": "text/plain", "path": path}
    begin, held = outbox._begin, list[Hold]()

    def begins(*told: Any) -> None:
        begin(*told)
        held.append(held[0] if held else holds.hold("everything", ROUND, why="Crisis"))

    monkeypatch.setattr(outbox, "_begin", begins)
    row = put(channel, "a")
    Outgoing.objects.update(payload={"text": "Hi", "files": [file]})
    assert (outbox.send_waiting(), platform.heard) == (1, [])
    row.refresh_from_db()
    assert (row.state, row.outcome, len(held)) == ("waiting", "late", 1)
    holds.lift(held[0], ROUND)
    Outgoing.objects.update(not_before=times.now())
    assert (outbox.send_waiting(), [one.files[0].content for one in platform.heard]) == (1, [b"bytes"])


def test_a_mark_that_we_read_is_no_answer_and_asks_nobody(
    manager: Client, channel: Channel, platform: Platform
) -> None:
    platform.answers.extend([Outcome("unclear", code="dropped"), Outcome("accepted", external_id="p")])
    one, other = put(channel, "a", "read"), put(channel, "b", "read")
    outbox.send_waiting()
    states = dict(Outgoing.objects.values_list("key", "state"))
    channel.refresh_from_db()
    assert sorted(states.values()) == ["accepted", "refused"]
    assert (Outgoing.objects.get(state="refused").outcome, channel.last_sent_at) == ("given_up", None)
    for name in ("hand", "way", "sent", "kept"):
        page = manager.get(reverse("channels:outbox"), {"show": name})
        assert (page.context["rows"], one.kind, other.kind) == ([], "read", "read")


def test_what_left_stands_in_the_order_it_left(manager: Client, channel: Channel) -> None:
    for number, key in enumerate("abc"):
        put(channel, key)
        left = times.now() - dt.timedelta(hours=(2, 1, 3)[number])
        Outgoing.objects.filter(key=key).update(state="accepted", finished_at=left)
    page = manager.get(reverse("channels:outbox"), {"show": "sent"})
    assert [row.outgoing.key for row in page.context["rows"]] == ["b", "a", "c"]
