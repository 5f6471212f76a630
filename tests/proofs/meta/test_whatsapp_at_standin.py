"""The real WhatsApp connector against the stand-in: words, files, templates, and the status that settles doubts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from ganzohr.channels.connectors.base import Account, Incoming, OutgoingFile, Sending
from ganzohr.channels.connectors.meta import graph
from ganzohr.channels.connectors.whatsapp import connector
from ganzohr.core import times
from ganzohr.proofs.meta import Mischief, Platform, running, samples, scenery
from ganzohr.proofs.meta.world import Number, Person
from tests.proofs.meta.desk import Desk


def account(platform: Platform, number: Number) -> Account:
    settings = {
        "graph_url": platform.url, "phone_number_id": number.id, "waba_id": number.waba_id, "phone": number.phone,
    }  # fmt: skip
    secrets = {"access_token": number.token, "app_secrets": json.dumps(platform.secrets), "verify_token": "v"}
    return Account("whatsapp", "key", settings, secrets)


class Scene:
    """A number, somebody who wrote, and our account there."""

    def __init__(self, platform: Platform) -> None:
        self.platform, self.number = platform, platform.add_number("+49 5921 5550100", "Kliniken Auental")
        self.lena: Person = platform.people.person("Lena", "491701234567")
        self.asked = platform.people.whatsapp(self.number, self.lena, "Wie lange dauert das?")
        self.account = account(platform, self.number)

    def say(self, text: str = "Drei Jahre", kind: str = "answer", **more: Any) -> Sending:
        """An answer."""
        target = {"to": self.lena.phone, "phone_number_id": self.number.id, "message_id": self.asked.id}
        return Sending("key-1", kind, target, {"text": text, "window_from": times.now().isoformat(), **more})


@pytest.fixture
def scene(platform: Platform) -> Scene:
    return Scene(platform)


def incomings(scene: Scene, desk: Desk) -> list[Incoming]:
    assert scene.platform.settle()
    return [one for _, body in desk.bodies for one in connector.parse(scene.account, {}, json.dumps(body).encode())]


def test_the_account_works_and_says_what_is_missing(scene: Scene) -> None:
    token = scene.platform.token_of(scene.number)
    found = [connector.check(scene.account)]
    token.scopes.discard("whatsapp_business_management")
    found.append(connector.check(scene.account))
    token.is_valid = False
    found.append(connector.check(scene.account))
    assert found == ["", "permission_missing", "token_expired"]


def test_words_reactions_and_read_marks_arrive_with_their_statuses(scene: Scene, desk: Desk) -> None:
    for sending in (scene.say(), scene.say(kind="reaction", reaction="👍"), scene.say(kind="read")):
        assert connector.send(scene.account, sending).state == "accepted"
    talk = scene.platform.world.talk(scene.number, scene.lena)
    assert (scene.asked.reactions, scene.asked.progress, talk.letters[-1].reply_to) == (
        {"us": "👍"}, "read", scene.asked.id,
    )  # fmt: skip
    scene.platform.people.read(talk)
    told = [one for one in incomings(scene, desk) if one.what == "status"]
    assert [(one.headers["status"], one.reply_to) for one in told] == [
        (name, talk.letters[-1].id) for name in ("sent", "delivered", "read")
    ]


def test_files_go_and_come_whole(scene: Scene, desk: Desk) -> None:
    picture = OutgoingFile("plan.png", "image/png", samples.picture())
    sending = scene.say()
    with_file = Sending(sending.key, sending.kind, sending.target, sending.payload, (picture,))
    assert connector.send(scene.account, with_file).state == "accepted"
    letter = scene.platform.world.talk(scene.number, scene.lena).letters[-1]
    assert (letter.text, scene.platform.world.things[letter.media].content) == ("Drei Jahre", picture.content)
    voice = samples.voice()
    scene.platform.people.voice(scene.number, scene.lena, voice)
    [file] = [file for one in incomings(scene, desk) for file in one.files]
    assert connector.fetch(scene.account, file.reference).content == voice


def test_a_template_leaves_after_the_window_and_words_do_not(scene: Scene) -> None:
    for name, body in (("hallo", "Hallo"), ("bereit", "Hallo {{1}}, deine Antwort von {{2}} ist da")):
        scene.platform.add_template(scene.number, name, body)
    scene.platform.add_template(scene.number, "pause", "Hallo", status="PAUSED")
    listed = [(one.name, one.values, one.is_approved) for one in connector.templates(scene.account)]
    assert listed == [("hallo", (), True), ("bereit", ("1", "2"), True), ("pause", (), False)]
    scene.platform.clock.pass_by(hours=25)
    refused = connector.send(scene.account, scene.say())
    assert (refused.state, refused.code, refused.retry_at) == ("refused", "window_closed", None)
    template = {"name": "bereit", "language": "de", "values": ["Lena", "Karin"]}
    assert connector.send(scene.account, scene.say("", "template", template=template)).state == "accepted"
    assert [one.text for one in scene.platform.record.accepted] == ["Hallo Lena, deine Antwort von Karin ist da"]


@pytest.mark.parametrize("fault", ["timeout_after", "drop_after", "timeout_before"])
def test_a_lost_answer_is_unclear_until_a_status_brings_our_key_back(
    scene: Scene, desk: Desk, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph.call, "__kwdefaults__", {**(graph.call.__kwdefaults__ or {}), "timeout": 0.4})
    scene.platform.silence = 1.0
    scene.platform.faults.next(fault, on="whatsapp.send")
    assert connector.send(scene.account, scene.say()).state == "unclear"
    assert connector.find(scene.account, scene.say()) is None
    keys = {one.headers.get("key") for one in incomings(scene, desk) if one.what == "status"}
    assert keys == ({"key-1"} if fault.endswith("after") else set())
    assert scene.platform.record.often("Drei Jahre") == len(keys)


@pytest.mark.parametrize(
    ("fault", "code", "comes_again"),
    [
        ("throttle_app", "rate_limited", True), ("throttle_429", "rate_limited", True),
        ("throttle_business", "rate_limited", True), ("stopped_marketing", "stopped", False),
        ("experiment", "per_user_cap", False),
        ("pair_limit", "pair_limit", True), ("token_expired", "token_expired", True),
    ],
)  # fmt: skip
def test_a_refusal_is_told_in_our_words_with_its_time(scene: Scene, fault: str, code: str, comes_again: bool) -> None:
    scene.platform.faults.next(fault)
    outcome = connector.send(scene.account, scene.say())
    assert (outcome.state, outcome.code, outcome.retry_at is not None) == ("refused", code, comes_again)
    assert scene.platform.record.accepted == []
    assert connector.send(scene.account, scene.say()).state == "accepted"


def test_what_fails_later_says_why(scene: Scene, desk: Desk) -> None:
    scene.platform.tells_window_later = True
    scene.platform.clock.pass_by(hours=25)
    assert connector.send(scene.account, scene.say()).state == "accepted"
    [failed] = [one for one in incomings(scene, desk) if one.what == "status"]
    assert (failed.headers["status"], failed.headers["code"]) == ("failed", "window_closed")


def test_all_that_phones_say_is_understood_also_in_bad_weather() -> None:
    bodies: list[bytes] = []

    def take(url: str, headers: Mapping[str, str], body: bytes) -> int:
        lower = {name.lower(): value for name, value in headers.items()}
        if "/hooks/whatsapp/" in url:
            assert connector.verify(here, "", lower, body)
            bodies.append(body)
        return 200

    weather = Mischief(seed=5, duplicate=0.3, reorder=0.3, batch=0.4, delay=0.2, longest_delay=0.01)
    with running(weather, post=take, background=False) as platform:
        platform.hook_up("http://desk.example", "key")
        scene = scenery.prepare(platform)
        here = account(platform, scene.number)
        scenery.play(platform, scene, with_ours=True)
        people, jasper = platform.people, scene.people["Jasper Tönnies"]
        people.change_number(scene.number, jasper, "4915255509999")
        people.change_user_id(scene.number, jasper)
        people.stop_marketing(scene.number, jasper)
        people.quality(scene.number)
        assert platform.settle()
    found: dict[str, Incoming] = {}
    for body in bodies:
        found |= {one.external_id: one for one in connector.parse(here, {}, body)}
    words = [one.text for one in found.values() if one.what == "message" and one.text and not one.is_own]
    assert sorted({one.what for one in found.values()}) == [
        "account", "consent", "identity", "message", "reaction", "status",
    ]  # fmt: skip
    assert (len(words), sum(bool(one.files) for one in found.values())) == (9, 2)
    assert {one.headers.get("form") for one in found.values()} >= {"missed_call"}
