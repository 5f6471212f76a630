"""Two addresses and any path: the outer one shows its few doors and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from ganzohr.config.composite import Composite
from ganzohr.config.outside import is_outside, serves
from ganzohr.core import addresses

DOORS = ("/hooks/", "/ask/")
INSIDE, OUTSIDE = "https://desk.example.org/ohr", "https://hallo.example.com/ohr"


def scope(path: str, host: str = "desk.example.org", port: int = 8000) -> dict[str, Any]:
    """A request as a server hands it over."""
    return {"type": "http", "path": path, "headers": [(b"host", host.encode())], "server": ("10.0.0.1", port)}


@pytest.mark.parametrize(
    ("host", "port", "outside_port", "expected"),
    [
        ("desk.example.org", 8000, 0, False),
        ("hallo.example.com", 8000, 0, True),
        ("HALLO.example.com:443", 8000, 0, True),
        ("desk.example.org", 8001, 8001, True),
        ("desk.example.org", 8000, 8001, False),
        ("other.example.net", 8000, 0, True),
        ("localhost", 8000, 0, True),
        ("[broken", 8000, 0, True),
        ("", 8000, 0, True),
    ],
)
def test_a_request_is_outside_by_its_host_or_by_its_port(
    host: str, port: int, outside_port: int, expected: bool
) -> None:
    assert is_outside(scope("/", host, port), INSIDE, OUTSIDE, outside_port) is expected


@pytest.mark.parametrize(
    ("host", "peer", "headers", "expected"),
    [
        ("localhost:8000", "127.0.0.1", [], False),
        ("127.0.0.1", "::1", [], False),
        ("[::1]:8000", "::1", [], False),
        ("localhost", "127.0.0.1", [(b"x-forwarded-for", b"203.0.113.7")], True),
        ("127.0.0.1", "127.0.0.1", [(b"forwarded", b"for=203.0.113.7")], True),
        ("localhost", "203.0.113.7", [], True),
        ("", "127.0.0.1", [], True),
    ],
)
def test_this_machine_is_inside_only_when_no_proxy_stands_between(
    host: str, peer: str, headers: list[tuple[bytes, bytes]], expected: bool
) -> None:
    asking = scope("/", host)
    asking["headers"] += headers
    assert is_outside({**asking, "client": (peer, 5000)}, INSIDE, OUTSIDE, 0) is expected


def test_where_both_addresses_share_a_host_only_the_port_tells_them_apart() -> None:
    assert is_outside(scope("/"), INSIDE, INSIDE, 0) is False
    assert is_outside(scope("/", port=8001), INSIDE, INSIDE, 8001) is True


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/ask/token/", True), ("/hooks/mail/x", True), ("/", False), ("/inbox/", False), ("/ask/../inbox/", False)],
)
def test_the_outer_address_serves_its_doors_only(path: str, expected: bool) -> None:
    assert serves(path, DOORS) is expected


async def asked(settings: Settings, path: str, host: str) -> tuple[int, str]:
    """Status, and who answered."""
    settings.INSIDE_URL, settings.OUTSIDE_URL, settings.OUTSIDE_PORT = INSIDE, OUTSIDE, 0
    settings.PATH_PREFIX = "/ohr"
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await Composite(pages, {"/hooks/": f"{__name__}.hooks"}, DOORS)(scope(path, host), receive, send)
    return sent[0]["status"], sent[1]["body"].decode()


async def _say(send: Any, words: str) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": words.encode()})


async def pages(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Stands for Django; says below which path it believes to be."""
    await _say(send, f"pages {scope['root_path']}")


async def hooks(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Stands for the room that takes hooks."""
    await _say(send, "hooks")


@pytest.mark.parametrize(
    ("path", "host", "expected"),
    [
        ("/ohr/inbox/", "desk.example.org", (200, "pages /ohr")),
        ("/inbox/", "desk.example.org", (200, "pages /ohr")),
        ("/ohr/hooks/mail/k", "desk.example.org", (200, "hooks")),
        ("/ohr/hooks/mail/k", "hallo.example.com", (200, "hooks")),
        ("/ohr/ask/t/", "hallo.example.com", (200, "pages /ohr")),
        ("/ohr/inbox/", "hallo.example.com", (404, "Not found\n")),
        ("/ohr/inbox/", "localhost", (404, "Not found\n")),
        ("/ohr/health", "hallo.example.com", (404, "Not found\n")),
    ],
)
async def test_each_request_reaches_who_answers_it(
    settings: Settings, path: str, host: str, expected: tuple[int, str]
) -> None:
    assert await asked(settings, path, host) == expected


def test_links_in_mails_carry_host_and_prefix_of_their_address(settings: Settings) -> None:
    settings.INSIDE_URL, settings.OUTSIDE_URL = INSIDE, OUTSIDE
    from django.urls import set_script_prefix

    set_script_prefix("/ohr/")
    try:
        assert addresses.inside("health") == "https://desk.example.org/ohr/health"
        assert addresses.outside("notifications:ask", "t") == "https://hallo.example.com/ohr/ask/t/"
    finally:
        set_script_prefix("/")
