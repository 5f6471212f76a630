"""What every connector promises, tried with each of them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ganzohr.channels.connectors import KINDS, connector
from ganzohr.channels.connectors.base import Account, Incoming, Sending
from ganzohr.channels.connectors.hand.entry import Entry
from ganzohr.channels.connectors.meta import graph as meta_graph
from ganzohr.channels.connectors.meta import signed
from ganzohr.channels.connectors.website.letter import SIGNATURE, Letter, pack, signature
from ganzohr.channels.intake import DAMAGED
from ganzohr.core import times
from tests.channels.facebook import bodies as facebook
from tests.channels.meta.scripted import Graph, Reply, scripted
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
    kinds: Mapping[str, bytes] = field(default_factory=dict)
    batch: bytes | None = None
    empty: tuple[bytes, ...] = ()
    sign: Callable[[bytes], Mapping[str, str]] | None = None


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
    edited = {"original_message_id": "wamid.0", "message": {"type": "text", "text": {"body": "Gibt es Plätze?"}}}
    ours = {**whatsapp.message("text", {"body": "Ja"}), "from": "493012345", "to": whatsapp.PHONE}
    return Case(
        Account("whatsapp", "k", settings, secrets),
        bodies,
        unknown=unknown,
        sends_offline=False,
        kinds={
            "edit": whatsapp.received("edit", edited),
            "delete": whatsapp.received("revoke", {"original_message_id": "wamid.0"}),
            "reaction": whatsapp.received("reaction", {"message_id": "wamid.0", "emoji": "👍"}),
            "status": whatsapp.status("read"),
            "echo": whatsapp.webhook(whatsapp.change("smb_message_echoes", message_echoes=[ours])),
        },
        batch=whatsapp.together(*bodies),
        empty=(b"", b"{}", whatsapp.webhook(), whatsapp.webhook(whatsapp.change(messages=[]))),
        sign=lambda body: {"X-Hub-Signature-256": signed.signature("s3cret", body)},
    )


def facebook_case() -> Case:
    bodies = (
        facebook.body(facebook.change(facebook.comment())),
        facebook.body(facebook.change(facebook.comment(comment_id="11_502", message="Ik zoek een stage."))),
        facebook.body(facebook.message(text="🙂")),
    )
    settings = {"page_id": facebook.PAGE, "graph_url": "http://127.0.0.1:9"}
    secrets = {"access_token": "t", "app_secrets": '["s3cret"]', "verify_token": "v"}
    unknown = facebook.body(facebook.change({"hologram_id": 1}, "holograms"))
    reaction = {"mid": "m1", "action": "react", "emoji": "👍", "reaction": "like"}
    echo = {"mid": "m2", "text": "Ja", "is_echo": True}
    return Case(
        Account("facebook", "k", settings, secrets),
        bodies,
        unknown=unknown,
        sends_offline=False,
        kinds={
            "edit": facebook.body(facebook.change(facebook.comment(verb="edited", message="Gibt es Plätze?"))),
            "delete": facebook.body(facebook.change(facebook.comment(verb="remove", message=None))),
            "reaction": facebook.body(facebook.talk(reaction=reaction)),
            "echo": facebook.body(
                facebook.talk(sender={"id": facebook.PAGE}, recipient={"id": facebook.PERSON}, message=echo)
            ),
        },
        batch=json.dumps(
            {"object": "page", "entry": [one for body in bodies for one in json.loads(body)["entry"]]}
        ).encode(),
        empty=(b"", b"{}", facebook.body(), b'{"object": "page"}'),
        sign=lambda body: {"X-Hub-Signature-256": signed.signature("s3cret", body)},
    )


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


@pytest.mark.parametrize("what", ["edit", "delete", "reaction", "status", "echo"])
def test_what_happens_to_a_message_names_the_message(kind: str, case: Case, what: str) -> None:
    if what not in case.kinds:
        pytest.skip("this platform tells nothing of the kind")
    [one] = parsed(kind, case, case.kinds[what])
    assert (one.what, one.is_own) == (("message", True) if what == "echo" else (what, False))
    assert bool(one.reply_to) is (what != "echo")
    assert bool(one.text) is (what in ("edit", "reaction", "echo"))


def test_a_batch_says_what_its_parts_say(kind: str, case: Case) -> None:
    if case.batch is None:
        pytest.skip("this platform sends one thing at a time")
    assert parsed(kind, case, case.batch) == [one for body in case.bodies for one in parsed(kind, case, body)]


def test_an_empty_body_says_nothing(kind: str, case: Case) -> None:
    for body in case.empty:
        assert parsed(kind, case, body) == []


def test_our_own_signature_is_known_over_the_raw_bytes(kind: str, case: Case) -> None:
    if case.sign is None:
        pytest.skip("nothing is pushed to this channel, or its signature has a test of its own")
    body, speaks = case.bodies[0], connector(kind)
    assert speaks.verify(case.account, "", case.sign(body), body) is True
    assert speaks.verify(case.account, "", case.sign(body), body + b" ") is False


def test_damaged_bytes_raise_nothing_but_that_they_are(kind: str, case: Case) -> None:
    noise = random.Random(11)
    pieces = [*BROKEN, *(body[: len(body) // 2] for body in case.bodies), *(noise.randbytes(300) for _ in range(20))]
    for body in pieces:
        try:
            found = parsed(kind, case, body)
        except DAMAGED:
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


ON_A_GRAPH = ("facebook", "whatsapp")
SOON = AT + timedelta(seconds=1)


@pytest.fixture
def graph() -> Iterator[Graph]:
    """A graph on a real socket, for the platforms that have one."""
    with scripted() as found:
        yield found


def said(code: int, status: int = 400, headers: Mapping[str, str] | None = None, **more: Any) -> Reply:
    return Reply({"error": {"code": code, "message": "words", **more}}, status, headers or {})


@pytest.mark.parametrize("kind", ON_A_GRAPH)
@pytest.mark.parametrize(
    ("reply", "state", "code", "again"),
    [
        (said(4, 429, {"retry-after": "90"}), "refused", "rate_limited", 90),
        (said(613), "refused", "rate_limited", 60),
        (said(190, 401), "refused", "token_expired", 10),
        (said(200, 403), "refused", "permission_missing", None),
        (said(2, 503), "refused", "platform_error", 10),
        (said(2, 500), "unclear", "platform_error", None),
        (said(100), "refused", "bad_parameter", None),
        (said(10, 400, None, error_subcode=2018278), "refused", "window_closed", None),
        (said(987654), "refused", "not_possible", None),
        (Reply(b"<html>", 502), "unclear", "platform_error", None),
        (Reply({"id": "1"}, broken=True), "unclear", "dropped", None),
        (Reply({}), "unclear", "platform_error", None),
    ],
)
def test_what_the_graph_says_is_the_same_outcome_everywhere(
    kind: str, graph: Graph, reply: Reply, state: str, code: str, again: int | None
) -> None:
    case = CASES[kind]()
    account = replace(case.account, settings={**case.account.settings, "graph_url": graph.url})
    graph.says(reply)
    with times.frozen(SOON):
        outcome = connector(kind).send(account, sending(kind, case))
    wanted = SOON + timedelta(seconds=again) if again else None
    assert (outcome.state, outcome.code, outcome.retry_at) == (state, code, wanted)
    assert len(graph.asked) == 1


@pytest.mark.parametrize("kind", ON_A_GRAPH)
@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"text": "x" * 20_000, "window_from": AT.isoformat()}, "too_long"),
        ({"text": "Ja", "window_from": (AT - timedelta(days=8)).isoformat(), "by_person": True}, "window_closed"),
    ],
)
def test_what_is_too_long_or_too_late_is_refused_before_any_call(
    kind: str, graph: Graph, payload: dict[str, Any], code: str
) -> None:
    case = CASES[kind]()
    account = replace(case.account, settings={**case.account.settings, "graph_url": graph.url})
    private = next(one for body in case.bodies for one in parsed(kind, case, body) if one.visibility == "private")
    with times.frozen(SOON):
        outcome = connector(kind).send(account, sending(kind, case, target=private.target, payload=payload))
    assert (outcome.state, outcome.code, outcome.retry_at, graph.asked) == ("refused", code, None, [])


@pytest.mark.parametrize("kind", ON_A_GRAPH)
def test_taken_without_an_answer_is_unclear_and_asked_once(
    kind: str, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[kind]()
    account = replace(case.account, settings={**case.account.settings, "graph_url": graph.url})
    monkeypatch.setattr(meta_graph.call, "__kwdefaults__", {**(meta_graph.call.__kwdefaults__ or {}), "timeout": 0.5})
    graph.says(Reply({"id": "1"}, silent=True))
    with times.frozen(SOON):
        outcome = connector(kind).send(account, sending(kind, case))
    assert (outcome.state, outcome.code, outcome.retry_at, len(graph.asked)) == ("unclear", "timeout_after", None, 1)


Change = Callable[[str, Any], tuple[str, Any]]
MOMENTS = ("time", "timestamp", "created_time")


def changed(value: Any, change: Change) -> Any:
    """The same JSON, each named value as it may come as well."""
    if isinstance(value, dict):
        pairs = (change(name, changed(one, change)) for name, one in value.items())
        return dict(pairs)
    return [changed(one, change) for one in value] if isinstance(value, list) else value


def as_numbers(name: str, value: Any) -> tuple[str, Any]:
    return name, int(value) if isinstance(value, str) and value.isdigit() and name != "body" else value


def in_milliseconds(name: str, value: Any) -> tuple[str, Any]:
    return name, int(value) * 1000 if name in MOMENTS and int(value) < 10**11 else value


def in_humps(name: str, value: Any) -> tuple[str, Any]:
    first, *rest = name.split("_")
    return "".join([first, *(word.title() for word in rest)]), value


def backwards(name: str, value: Any) -> tuple[str, Any]:
    return name, dict(reversed(value.items())) if isinstance(value, dict) else value


@pytest.mark.parametrize("kind", ON_A_GRAPH)
@pytest.mark.parametrize("change", [as_numbers, in_milliseconds, in_humps, backwards])
def test_the_same_thing_in_another_form_is_the_same_thing(kind: str, change: Change) -> None:
    case = CASES[kind]()
    for body in [*case.bodies, *case.kinds.values()]:
        before = parsed(kind, case, body)
        again = parsed(kind, case, json.dumps(changed(json.loads(body), change)).encode())
        named = [
            (one.what, one.external_id.partition("#")[0], one.sender_id, one.text, one.provider_at) for one in again
        ]
        assert named == [
            (one.what, one.external_id.partition("#")[0], one.sender_id, one.text, one.provider_at) for one in before
        ]


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


# Through the real intake


def in_the_desk(kind: str, case: Case, bodies: Sequence[bytes]) -> list[tuple[Any, ...]]:
    """What a desk of its own holds after these deliveries, without the numbers it gave."""
    from ganzohr.channels import actions, intake
    from ganzohr.channels.models import Channel
    from ganzohr.inbox.models import Message

    channel = Channel.objects.create(
        kind=kind, name=kind, key=f"{kind}-{Channel.objects.count()}", settings=dict(case.account.settings)
    )
    for number, body in enumerate(bodies):
        actions.store(channel, str(number), {}, body)
        intake.process_deliveries()
    rows = Message.objects.filter(channel=channel).order_by("external_id")
    return list(
        rows.values_list(
            "external_id", "direction", "text", "kind", "deleted_at", "reply_to", "conversation__contact__name"
        )
    )


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ON_A_GRAPH)
def test_any_order_and_twice_is_once_in_the_desk(kind: str) -> None:
    case = CASES[kind]()
    told = ((name, case.kinds[name]) for name in ("edit", "reaction", "delete"))
    bodies = [*case.bodies, *(body.replace(b"wamid.ONE", f"wamid.{name}".encode()) for name, body in told)]
    with times.frozen(AT + timedelta(hours=1)):
        expected = in_the_desk(kind, case, bodies)
        assert any(text == "" and deleted_at for _, _, text, _, deleted_at, *_ in expected)
        for seed in range(3):
            order = [body + b" " * n for n in range(2) for body in bodies]  # told again, not the same delivery again
            random.Random(seed).shuffle(order)
            assert in_the_desk(kind, case, order) == expected
