"""The whole way against the stand-in for Meta's platform: what it tells is understood, what we send it takes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pytest

from ganzohr.channels.connectors.base import Account, Incoming, Outcome, OutgoingFile, Sending
from ganzohr.channels.connectors.whatsapp import connector
from ganzohr.proofs.meta import Platform, running
from ganzohr.proofs.meta.world import Number, Person


class World:
    """One number of ours at the stand-in, a person with a phone, and everything our connector understood."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.number: Number = platform.add_number("+49 30 5550100", "Kliniken Auental")
        self.lena: Person = platform.people.person("Lena", "491701234567", reads=True)
        settings = {
            "graph_url": platform.url,
            "phone_number_id": self.number.id,
            "waba_id": self.number.waba_id,
        }
        secrets = {"access_token": platform.token_of(self.number).value, "app_secrets": json.dumps(platform.secrets)}
        self.account = Account("whatsapp", "k", settings, secrets)
        self.heard: list[Incoming] = []

    def hears(self) -> list[Incoming]:
        """What came since the last time."""
        assert self.platform.settle()
        heard, self.heard[:] = list(self.heard), []
        return heard

    def send(
        self, to: Incoming, kind: str = "answer", files: tuple[OutgoingFile, ...] = (), **payload: object
    ) -> Outcome:
        return connector.send(self.account, Sending(f"key-{kind}", kind, to.target, payload, files))


@pytest.fixture
def world() -> Iterator[World]:
    made: list[World] = []

    def take(_address: str, headers: Mapping[str, str], body: bytes) -> int:
        assert connector.verify(made[0].account, "", headers, body) is True
        made[0].heard += connector.parse(made[0].account, headers, body)
        return 200

    with running(post=take, background=False) as platform:
        platform.hook_up("http://desk.example", "key")
        made.append(World(platform))
        yield made[0]


def test_a_question_is_answered_and_its_statuses_bring_our_key_back(world: World) -> None:
    world.platform.people.whatsapp(world.number, world.lena, "Wie lange dauert die Ausbildung?")
    [question] = world.hears()
    assert (question.what, question.text, question.account) == (
        "message", "Wie lange dauert die Ausbildung?", world.number.id
    )  # fmt: skip
    outcome = world.send(question, text="Drei Jahre.")
    assert outcome.state == "accepted"
    told = [(one.what, one.reply_to, one.headers["status"], one.headers["key"]) for one in world.hears()]
    assert told[:2] == [
        ("status", outcome.external_id, "sent", "key-answer"),
        ("status", outcome.external_id, "delivered", "key-answer"),
    ]
    assert [one.text for one in world.platform.record.accepted] == ["Drei Jahre."]


@pytest.mark.parametrize(("fault", "times_taken"), [("drop_after", 1), ("drop_before", 0)])
def test_a_lost_answer_is_unclear_and_only_a_status_settles_it(world: World, fault: str, times_taken: int) -> None:
    world.platform.people.whatsapp(world.number, world.lena, "Hallo?")
    [question] = world.hears()
    world.platform.faults.next(fault, on="whatsapp.send")
    assert world.send(question, text="Ja?").state == "unclear"
    keys = {one.headers["key"] for one in world.hears() if one.what == "status"}
    assert (len(keys), len(world.platform.record.accepted)) == (times_taken, times_taken)


def test_files_go_both_ways_byte_by_byte(world: World) -> None:
    world.platform.people.voice(world.number, world.lena, b"OggS and words")
    [voice] = world.hears()
    [file] = voice.files
    assert voice.headers["form"] == "voice"
    assert connector.fetch(world.account, file.reference).content == b"OggS and words"
    plan = OutgoingFile("plan.pdf", "application/pdf", b"%PDF a plan")
    assert world.send(voice, files=(plan,), text="Hier").state == "accepted"
    assert [one.text for one in world.platform.record.accepted] == ["Hier"]


def test_after_the_window_only_a_template_leaves(world: World) -> None:
    world.platform.add_template(world.number, "antwort_da", "Hallo {{1}}, deine Antwort ist da.")
    world.platform.people.whatsapp(world.number, world.lena, "Hallo?")
    [question] = world.hears()
    world.platform.clock.pass_by(hours=25)
    assert world.send(question, text="Ja?").code == "window_closed"
    [template] = connector.templates(world.account)
    told = {"name": template.name, "language": template.language, "values": ["Lena"]}
    assert (template.values, world.send(question, "template", template=told).state) == (("1",), "accepted")
    assert [one.text for one in world.platform.record.accepted] == ["Hallo Lena, deine Antwort ist da."]


def test_everything_a_phone_can_do_is_understood(world: World) -> None:
    people, number, lena = world.platform.people, world.number, world.lena
    letter = people.whatsapp(number, lena, "Hallo")
    people.media(number, lena, b"%PDF", "application/pdf", "lebenslauf.pdf", "Mein Lebenslauf")
    people.location(number, lena, 52.1, 8.6, "Marienhöhe")
    people.unsupported(number, lena)
    people.correct(letter, "Hallo!")
    people.react_to(letter, "like")
    people.revoke(letter)
    people.call(number, lena)
    people.stop_marketing(number, lena)
    people.change_number(number, lena, "491709999999")
    people.change_user_id(number, lena)
    people.quality(number)
    people.sent_elsewhere(number, lena, "Ich rufe dich an")
    assert [(one.what, one.text, one.headers.get("form")) for one in world.hears()] == [
        ("message", "Hallo", None),
        ("message", "Mein Lebenslauf", "document"),
        ("message", "", "location"),
        ("message", "", "unsupported"),
        ("edit", "Hallo!", None),
        ("reaction", "👍", None),
        ("delete", "", None),
        ("status", "", "call"),
        ("message", "", "missed_call"),
        ("consent", "", None),
        ("identity", "", None),
        ("identity", "", None),
        ("account", "", None),
        ("message", "Ich rufe dich an", None),
    ]


def test_a_reaction_a_read_mark_and_a_check_are_taken(world: World) -> None:
    world.platform.people.whatsapp(world.number, world.lena, "Danke!")
    [praise] = world.hears()
    assert [world.send(praise, kind, reaction="❤️").state for kind in ("reaction", "read")] == ["accepted", "accepted"]
    assert (connector.check(world.account), connector.standing(world.account)["state"]) == ("", "connected")
