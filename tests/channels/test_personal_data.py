"""What was received from and sent to one person can be handed over and erased, and nobody else's goes with it."""

from __future__ import annotations

import json

import pytest

from ganzohr.audit import actions as audit
from ganzohr.channels import actions, outbox, personal_data
from ganzohr.channels.connectors.hand.entry import Entry
from ganzohr.channels.models import Channel, Delivery, Outgoing
from ganzohr.core.people import Handle, Person
from tests.channels.conftest import Platform

pytestmark = pytest.mark.django_db
AT = "2026-11-20T21:40:00+00:00"
MAIL = (
    "Message-ID: <{n}@x.example>\r\nFrom: {name} <{name}@x.example>\r\nTo: jobs@e.example\r\n"
    "Date: Fri, 20 Nov 2026 21:40:00 +0000\r\n\r\n{text}\r\n"
)


@pytest.fixture
def hand(db: None) -> Channel:
    return actions.connect("hand", {"name": "By hand"}, audit.round_("test"))


@pytest.fixture
def mail(db: None) -> Channel:
    return actions.connect("mail", {"name": "Mail", "settings": {"address": "jobs@e.example"}}, audit.round_("test"))


def test_one_person_goes_from_deliveries_and_outbox_and_the_other_stays(hand: Channel, mail: Channel) -> None:
    mia, mio = Entry("instagram", "I am Mia", AT, name="@mia"), Entry("instagram", "I am Mio", AT, name="@mio")
    for entry in (mia, mio):
        actions.store(hand, "", {}, entry.to_bytes())
        target = {"person": entry.sender(), "link": ""}
        actions.enqueue(
            channel=hand, kind="answer", target=target, payload={"text": f"Hi {entry.name}"}, key=entry.name
        )
    for name in ("mia", "mio"):
        raw = MAIL.format(n=name, name=name, text=f"I know mia@x.example, I am {name}").encode()
        actions.store(mail, "", {}, raw)
        actions.enqueue(
            channel=mail, kind="answer", target={"to": f"{name}@x.example"}, payload={"text": name}, key=f"m{name}"
        )
    person = Person(1, (Handle(hand.pk, mia.sender()), Handle(mail.pk, "mia@x.example")))
    told = json.dumps(personal_data.export(person))
    assert ("I am Mia" in told, "Hi @mia" in told, "I am mia" in told, "mio" in told.lower()) == (
        True,
        True,
        True,
        False,
    )
    assert personal_data.erase(person) == {"deliveries": 2, "outgoing": 2, "platform_requests": 0}
    assert personal_data.erase(person) == {"deliveries": 0, "outgoing": 0, "platform_requests": 0}
    assert (Delivery.objects.count(), set(Outgoing.objects.values_list("key", flat=True))) == (2, {"@mio", "mmio"})
    assert actions.store(hand, "", {}, mia.to_bytes()) is False


def test_what_waited_for_an_erased_person_never_leaves(hand: Channel) -> None:
    entry = Entry("instagram", "I am Mia", AT, name="@mia")
    actions.enqueue(channel=hand, kind="answer", target={"person": entry.sender()}, payload={"text": "Hi"}, key="k")
    personal_data.erase(Person(1, (Handle(hand.pk, entry.sender()),)))
    assert outbox.send_waiting() == 0


@pytest.mark.parametrize("who", ["psid-lena", "unknown:11_5"])
def test_a_like_below_a_public_comment_goes_with_whoever_wrote_it(mail: Channel, who: str) -> None:
    for comment, sender in (("11_5", "psid-lena"), ("11_6", "psid-mio")):
        target = {"comment_id": comment, "sender_id": "" if who.startswith("unknown") else sender}
        actions.enqueue(channel=mail, kind="reaction", target=target, payload={"reaction": "like"}, key=comment)
    person = Person(1, (Handle(mail.pk, who),))
    assert [row["text"] for row in personal_data.export(person)["outgoing"]] == ["like"]
    assert personal_data.erase(person)["outgoing"] == 1
    assert Outgoing.objects.get().key == "11_6"


def test_a_delivery_nobody_can_read_goes_by_its_bytes(mail: Channel, hand: Channel) -> None:
    actions.store(hand, "", {}, b'{"text": "mia@x.example"')
    person = Person(1, (Handle(hand.pk, "instagram:@mia"),))
    assert personal_data.erase(person)["deliveries"] == 0


@pytest.mark.parametrize(("state", "error"), [("failed", "crashed"), ("waiting", "")])
def test_what_ended_its_reader_is_not_read_again_for_whoever_wrote_it(
    channel: Channel, platform: Platform, monkeypatch: pytest.MonkeyPatch, state: str, error: str
) -> None:
    for one in (b'[{"id": "1", "sender": "lena"}]', b'[{"id": "2", "sender": "mio"}]'):
        actions.store(channel, "", {}, one)
    Delivery.objects.update(state=state, error=error, attempts=2)
    monkeypatch.setattr(platform, "parse", lambda *said: pytest.fail("read again"))
    person = Person(1, (Handle(channel.pk, "lena"),))
    assert personal_data.held(person)["deliveries"].count() == 1
    assert (len(personal_data.export(person)["deliveries"]), personal_data.erase(person)["deliveries"]) == (1, 1)
    assert bytes(Delivery.objects.get().body) == b'[{"id": "2", "sender": "mio"}]'
