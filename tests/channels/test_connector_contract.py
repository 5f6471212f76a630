"""What every connector promises, tried with each of them."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from ganzohr.channels.connectors import KINDS, connector
from ganzohr.channels.connectors.base import Account, Incoming, Sending
from ganzohr.channels.connectors.hand.entry import Entry
from ganzohr.channels.connectors.website.letter import SIGNATURE, Letter, pack, signature
from tests.channels.facebook import bodies as facebook
from tests.channels.whatsapp import bodies as whatsapp

AT = datetime(2026, 11, 20, 21, 40, tzinfo=UTC)
BROKEN = [
    b"",
    b"\0",
    b"{",
    b"[]",
    b"null",
    b'"text"',
    b"{}",
    b"\xff\xfe\xfa",
    b"[" * 50_000,
    b"a" * 100_000,
    b"--\r\n\r\n",
]


@dataclass(frozen=True)
class Case:
    """A connector with real deliveries of its kind."""

    account: Account
    bodies: tuple[bytes, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    unknown: bytes | None = None
    sends_offline: bool = True


def hand_case() -> Case:
    entries = [
        Entry(
            "instagram",
            "Kann ich in Teilzeit lernen? 🙂",
            AT.isoformat(),
            link="https://instagram.com/p/1/c/2",
            name="Mia",
        ),
        Entry("whatsapp", "Ik zoek een stage.", AT.isoformat(), is_public=False, name="@noor"),
        Entry("kununu", "No link, no name.", AT.isoformat()),
    ]
    unknown = Entry("myspace", "x", AT.isoformat())
    return Case(Account("hand", "k", {}, {}), tuple(one.to_bytes() for one in entries), unknown=unknown.to_bytes())


def website_case() -> Case:
    letters = [
        Letter(visit="v-one", id="a1", at=AT, text="Gibt es Praktika?", language="de", name="Mia", source="fair"),
        Letter(visit="v-two", id="b1", at=AT, text="Hoi", language="nl"),
    ]
    return Case(Account("website", "k", {}, {"signing": "s3cret"}), tuple(pack(one) for one in letters))


MAIL = (
    "Message-ID: <{id}@example.org>\r\nFrom: Mia Müller <mia{n}@example.org>\r\nTo: jobs@employer.example\r\n"
    "Subject: Praktikum\r\nDate: Fri, 20 Nov 2026 21:40:00 +0000\r\nMIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n\r\nGibt es noch Plätze?\r\n"
)


def mail_case() -> Case:
    settings = {"address": "jobs@employer.example", "smtp_host": "127.0.0.1", "smtp_port": 9, "smtp_security": "none"}
    bodies = tuple(MAIL.format(id=f"m{n}", n=n).encode() for n in range(3))
    return Case(Account("mail", "k", settings, {}), bodies, sends_offline=False)


def whatsapp_case() -> Case:
    bodies = tuple(
        whatsapp.webhook(whatsapp.change(messages=[whatsapp.message("text", {"body": text}, id=f"wamid.{n}")]))
        for n, text in enumerate(("Gibt es noch Plätze?", "Ik zoek een stage.", "🙂"))
    )
    settings = {"phone_number_id": whatsapp.NUMBER, "waba_id": whatsapp.BUSINESS, "graph_url": "http://127.0.0.1:9"}
    secrets = {"access_token": "t", "app_secrets": '["s3cret"]', "verify_token": "v"}
    unknown = whatsapp.webhook(whatsapp.change("hologram_update", holograms=[{"id": "1"}]))
    return Case(Account("whatsapp", "k", settings, secrets), bodies, unknown=unknown, sends_offline=False)


def facebook_case() -> Case:
    bodies = (
        facebook.body(facebook.change(facebook.comment())),
        facebook.body(facebook.change(facebook.comment(comment_id="11_502", message="Ik zoek een stage."))),
        facebook.body(facebook.message(text="🙂")),
    )
    settings = {"page_id": facebook.PAGE, "graph_url": "http://127.0.0.1:9"}
    secrets = {"access_token": "t", "app_secrets": '["s3cret"]', "verify_token": "v"}
    unknown = facebook.body(facebook.change({"hologram_id": 1}, "holograms"))
    return Case(Account("facebook", "k", settings, secrets), bodies, unknown=unknown, sends_offline=False)


CASES = {
    "facebook": facebook_case,
    "whatsapp": whatsapp_case,
    "hand": hand_case,
    "website": website_case,
    "mail": mail_case,
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def case(kind: str) -> Case:
    return CASES[kind]()


def parsed(kind: str, case: Case, body: bytes) -> list[Incoming]:
    return connector(kind).parse(case.account, case.headers, body)


def test_there_is_a_case_for_every_connector() -> None:
    assert sorted(CASES) == sorted(KINDS)


def test_what_came_is_read_with_all_that_the_desk_needs(kind: str, case: Case) -> None:
    for body in case.bodies:
        found = parsed(kind, case, body)
        assert [one.what for one in found] == ["message"]
        one = found[0]
        assert (bool(one.external_id), bool(one.sender_id), bool(one.text.strip()), one.provider_at) == (
            True,
            True,
            True,
            AT,
        )
        assert one.provider_at.tzinfo is not None
        assert len(one.external_id) <= 300
        assert len(one.sender_id) <= 300


def test_targets_survive_the_database_unchanged(kind: str, case: Case) -> None:
    for body in case.bodies:
        for one in parsed(kind, case, body):
            for value in (one.target, one.headers, one.consent):
                assert json.loads(json.dumps(value)) == value


def test_the_same_bytes_are_the_same_thing_twice(kind: str, case: Case) -> None:
    speaks = connector(kind)
    for body in case.bodies:
        assert parsed(kind, case, body) == parsed(kind, case, body)
        keys = [speaks.delivery_key(case.account, "", case.headers, body) for _ in range(2)]
        assert keys[0] == keys[1]
        assert isinstance(keys[0], bytes)


def test_different_things_never_share_a_key_or_an_id(kind: str, case: Case) -> None:
    keys = {connector(kind).delivery_key(case.account, "", case.headers, body) for body in case.bodies}
    ids = {one.external_id for body in case.bodies for one in parsed(kind, case, body)}
    assert (len(keys), len(ids)) == (len(case.bodies), len(case.bodies))


def test_the_order_of_arrival_changes_nothing(kind: str, case: Case) -> None:
    bodies = list(case.bodies)
    before = {body: parsed(kind, case, body) for body in bodies}
    random.Random(7).shuffle(bodies)
    assert {body: parsed(kind, case, body) for body in bodies} == before


def test_unknown_kinds_are_kept_as_unsupported(kind: str, case: Case) -> None:
    if case.unknown is None:
        pytest.skip("this connector has one kind of delivery only")
    assert [one.what for one in parsed(kind, case, case.unknown)] == ["unsupported"]


def test_damaged_bytes_raise_nothing_but_a_value_error(kind: str, case: Case) -> None:
    noise = random.Random(11)
    pieces = [*BROKEN, *(body[: len(body) // 2] for body in case.bodies), *(noise.randbytes(300) for _ in range(20))]
    for body in pieces:
        try:
            found = parsed(kind, case, body)
        except ValueError:
            continue
        assert all(isinstance(one, Incoming) for one in found)
        assert isinstance(connector(kind).delivery_key(case.account, "", case.headers, body), bytes)


def test_nobody_outside_gets_in_without_the_right_signature(kind: str, case: Case) -> None:
    speaks, body = connector(kind), case.bodies[0]
    for headers in ({}, {SIGNATURE: ""}, {SIGNATURE: "0" * 64}, {SIGNATURE: "ü"}, {"x-signature": "sha256=0"}):
        assert speaks.verify(case.account, "", headers, body) is False
        assert speaks.verify(Account(kind, "k", {}, {}), "", headers, body) is False


def test_the_website_knows_its_own_signature_over_the_raw_bytes() -> None:
    case, speaks = website_case(), connector("website")
    signed = {SIGNATURE: signature("s3cret", case.bodies[0])}
    assert speaks.verify(case.account, "", signed, case.bodies[0]) is True
    assert speaks.verify(case.account, "", signed, case.bodies[0] + b" ") is False


def sending(kind: str, case: Case, **changes: Any) -> Sending:
    target = parsed(kind, case, case.bodies[0])[0].target
    payload = {"text": "Ja, gern.", "subject": "Praktikum"}
    return Sending(**{"key": "k-1", "kind": "answer", "target": target, "payload": payload, **changes})


def test_sending_ends_in_an_outcome_and_never_in_an_exception(kind: str, case: Case) -> None:
    speaks = connector(kind)
    expected = {
        "hand": ("by_hand", "by_hand"),
        "website": ("accepted", ""),
        "mail": ("refused", "connection_refused"),
        "facebook": ("refused", "connection_refused"),
        "whatsapp": ("refused", "connection_refused"),
    }
    outcome = speaks.send(case.account, sending(kind, case))
    assert (outcome.state, outcome.code) == expected[kind]
    assert (outcome.retry_at is None or outcome.state == "refused") is True


def test_the_same_key_leaves_under_the_same_id(kind: str, case: Case) -> None:
    if not case.sends_offline:
        pytest.skip("tried with a real server in tests/channels/mail")
    speaks = connector(kind)
    assert speaks.send(case.account, sending(kind, case)) == speaks.send(case.account, sending(kind, case))


@pytest.mark.parametrize("target", [{}, {"to": ""}, {"visit": None}, {"to": "a\nb@x"}, {"link": 7}])
def test_a_target_of_somebody_elses_making_is_refused_not_guessed(
    kind: str, case: Case, target: dict[str, Any]
) -> None:
    outcome = connector(kind).send(case.account, sending(kind, case, target=target))
    assert outcome.state == ("by_hand" if kind == "hand" else "refused")


def test_looking_for_an_unclear_one_never_raises(kind: str, case: Case) -> None:
    found = connector(kind).find(case.account, sending(kind, case))
    assert found is None or found.state in ("accepted", "refused")


def test_abilities_tell_the_truth(kind: str, case: Case) -> None:
    speaks = connector(kind)
    able = speaks.abilities
    assert speaks.kind == kind
    assert able.needs_hand == (speaks.send(case.account, sending(kind, case)).state == "by_hand")
    assert able.reads_itself == hasattr(speaks, "read")
    seen = {one.visibility for body in case.bodies for one in parsed(kind, case, body)}
    assert seen <= {name for name, has in (("public", able.public), ("private", able.private)) if has}
    if able.idempotent:
        assert speaks.find(case.account, sending(kind, case)) is not None


def test_a_check_answers_with_a_code_that_has_words(kind: str, case: Case) -> None:
    from ganzohr.channels import health

    code = connector(kind).check(case.account)
    assert code == "" or code in health.WORDS
