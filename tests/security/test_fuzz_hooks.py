"""The doors of platforms, through the application as the server calls it: one answer, whatever knocks and however."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote_from_bytes, unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from ganzohr.channels import group
from ganzohr.channels.accounts import sealed
from ganzohr.channels.models import App, Delivery, PlatformRequest
from ganzohr.config import wiring
from ganzohr.config.bodies import Message, Receive
from ganzohr.config.composite import Composite, Send
from ganzohr.config.outside import Scope
from tests.security.nasty import IS_LONG
from tests.security.test_hooks import right

KINDS = ("whatsapp", "facebook")
ANSWERS = {200, 400, 403, 404, 405, 413, 431}
BYTES = some.binary(max_size=40)
METHODS = some.sampled_from(["POST"] * 8 + ["GET", "GET", "HEAD", "PUT", "OPTIONS", ""])
PLACES = some.sampled_from([*[f"{kind}/a1/".encode() for kind in KINDS] * 3, b"meta/a1/deletion/", b"hand/a1/"])
PATHS = PLACES | PLACES | some.builds(bytes.__add__, PLACES, BYTES) | BYTES
NAMES = some.sampled_from([b"content-length", b"x-hub-signature-256", b"content-type", b"host"])
VALUES = some.sampled_from([b"9" * 30, b"-1", b"\xb2", b"sha256=", "sha256=ü".encode(), b"y" * 40_000]) | BYTES
HEADERS = some.lists(some.tuples(NAMES | BYTES, VALUES), max_size=6) | some.just([(b"x", b"")] * 101)
QUERIES = some.lists(
    some.tuples(some.sampled_from([b"hub.mode", b"hub.verify_token", b"hub.challenge"]) | BYTES, BYTES), max_size=4
)
CHUNKS = some.lists(some.binary(max_size=60) | some.sampled_from([b'{"object": ', b"[[[[", b"x" * 300_000]), max_size=4)


async def nobody(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError("what knocks at a hook never reaches the pages")


DESK = Composite(nobody, wiring.RAW, wiring.DOORS)


async def knock(scope: Scope, chunks: Sequence[bytes], hangs_up: bool) -> list[Message]:
    """Everything one request is answered with; nothing of it is held afterwards."""
    sent: list[Message] = []
    rest = [{"type": "http.request", "body": one, "more_body": True} for one in chunks]
    rest += [] if hangs_up else [{"type": "http.request", "more_body": False}]

    async def receive() -> Message:
        return rest.pop(0) if rest else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await DESK(scope, receive, send)
    assert group.here().committer.bytes == 0
    return sent


def asked(method: str, path: bytes, query: list[tuple[bytes, bytes]], headers: list[Any]) -> Scope:
    """As the server makes it of what came over the wire."""
    raw, said = b"/hooks/" + quote_from_bytes(path, safe="/").encode(), quote_from_bytes
    words = "&".join(f"{said(name)}={said(value)}" for name, value in query).encode()
    scope = {"type": "http", "method": method, "raw_path": raw, "path": unquote(raw.decode()), "query_string": words}
    return {**scope, "headers": headers}


@pytest.mark.django_db(transaction=True)
def test_a_hook_gives_one_answer_to_everything_and_keeps_only_what_was_signed() -> None:
    secrets = {"app_secrets": json.dumps(["s3cret"]), "verify_token": "word"}
    App.objects.create(kind="meta", name="App", key="a1", secrets=sealed(secrets))
    kept: set[bytes] = set()
    statuses: set[int] = set()

    with asyncio.Runner() as loop:

        @example("POST", b"whatsapp/a1/", [], [], [b'{"object": '], True, False)
        @example("POST", b"whatsapp/a1/", [], [], [b"{}"], False, False)
        @example("POST", b"whatsapp/nobody/", [], [], [b"{}"], True, False)
        @example("PUT", b"whatsapp/a1/", [], [], [], False, False)
        @example("POST", b"whatsapp/a1/", [], [(b"x", b"")] * 101, [], True, False)
        @settings(max_examples=2_000 if IS_LONG else 60)
        @given(METHODS, PATHS, QUERIES, HEADERS, CHUNKS, some.booleans(), some.sampled_from([False] * 5 + [True]))
        def send(
            method: str,
            path: bytes,
            query: Any,
            headers: list[Any],
            chunks: list[bytes],
            is_signed: bool,
            leaves: bool,
        ) -> None:
            body = b"".join(chunks)
            signed = [(name.encode(), word.encode()) for name, word in right("whatsapp", body).items()]
            scope = asked(method, path, query, [*headers, *(signed if is_signed else [])])
            sent = loop.run(knock(scope, chunks, leaves))
            if not sent:
                assert leaves and method == "POST"
                return
            assert [one["type"] for one in sent] == ["http.response.start", "http.response.body"]
            statuses.add(sent[0]["status"])
            if sent[0]["status"] == 200 and method == "POST":
                assert is_signed and not leaves
                kept.add(body)

        send()
    assert {bytes(one) for one in Delivery.objects.values_list("body", flat=True)} == kept
    assert kept and not PlatformRequest.objects.exists()
    assert {200, 403, 404, 405, 431} <= statuses <= ANSWERS  # each of the first five stands above
