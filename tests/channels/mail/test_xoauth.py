"""Signing in at Microsoft and Google, against a local server that answers as they document."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ganzohr.channels.connectors.base import Account, Trouble
from ganzohr.channels.connectors.mail import connector, xoauth

GOOD = {"access_token": "access-1", "refresh_token": "refresh-2", "expires_in": 3599, "token_type": "Bearer"}


class SignInServer:
    """Answers in the order it was told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: deque[tuple[int, Any]] = deque()
        self.asked: list[tuple[str, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                form = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
                outer.asked.append((self.path, form))
                status, body = outer.answers.popleft()
                raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


@pytest.fixture
def provider() -> Iterator[SignInServer]:
    running = SignInServer()
    yield running
    running.server.shutdown()
    running.server.server_close()


def started(provider: SignInServer) -> tuple[xoauth.Provider, xoauth.DeviceCode]:
    where = xoauth.microsoft("contoso", provider.base)
    provider.answers.append((200, {"device_code": "dev", "user_code": "ABCD-EFGH", "verification_uri": "https://microsoft.test/device",
                                   "expires_in": 900, "interval": 5, "message": "…"}))  # fmt: skip
    return where, xoauth.start_device(where, "app")


def test_the_device_sign_in_waits_slows_down_and_succeeds(provider: SignInServer) -> None:
    where, code = started(provider)
    assert (code.user_code, code.url, code.interval) == ("ABCD-EFGH", "https://microsoft.test/device", 5)
    provider.answers += [(400, {"error": "authorization_pending"}), (400, {"error": "slow_down"}), (200, GOOD)]
    assert [problem_of(where, code), problem_of(where, code)] == ["pending", "slow_down"]
    tokens = xoauth.poll_device(where, "app", code)
    assert (tokens.access_token, tokens.refresh_token) == ("access-1", "refresh-2")
    path, form = provider.asked[-1]
    assert path == "/contoso/oauth2/v2.0/token"
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:device_code"


def problem_of(where: xoauth.Provider, code: xoauth.DeviceCode) -> str:
    with pytest.raises(xoauth.SignInProblem) as caught:
        xoauth.poll_device(where, "app", code)
    return caught.value.code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("expired_token", "expired"),
        ("authorization_declined", "declined"),
        ("access_denied", "declined"),
        ("invalid_client", "wrong_app"),
        ("odd", "refused"),
    ],
)
def test_every_refusal_of_the_device_sign_in_has_words(provider: SignInServer, error: str, code: str) -> None:
    where, device = started(provider)
    provider.answers.append((400, {"error": error, "error_description": "AADSTS70000"}))
    assert problem_of(where, device) == code
    assert xoauth.WORDS[code]


def test_a_code_that_ran_out_is_not_asked_for_again(provider: SignInServer) -> None:
    where, _code = started(provider)
    old = xoauth.DeviceCode("dev", "X", "https://x.test", 5, 0.0)
    assert problem_of(where, old) == "expired"
    assert len(provider.asked) == 1


def test_the_app_sign_in_carries_proof_of_who_began_it(provider: SignInServer) -> None:
    where = xoauth.google(provider.base, provider.base)
    begun = xoauth.start_app(where, "app", "https://desk.test/back", "karriere@brand.test")
    query = parse_qs(urlsplit(begun.url).query)
    assert (query["scope"], query["state"], query["access_type"]) == (
        ["https://mail.google.com/"],
        [begun.state],
        ["offline"],
    )
    provider.answers.append((200, GOOD))
    assert (
        xoauth.finish_app(where, "app", "secret", "code", begun.verifier, "https://desk.test/back").access_token
        == "access-1"
    )
    assert provider.asked[-1][1]["code_verifier"] == begun.verifier


def test_a_refresh_keeps_the_old_refresh_token_when_none_comes_back(provider: SignInServer) -> None:
    where = xoauth.google(provider.base)
    provider.answers.append((200, {"access_token": "access-2", "expires_in": 3600}))
    assert xoauth.refresh(where, "app", "refresh-1").refresh_token == "refresh-1"


def test_client_credentials_ask_for_the_mailbox_of_the_organisation(provider: SignInServer) -> None:
    provider.answers.append((200, {"access_token": "access-3", "expires_in": 3600}))
    assert xoauth.as_application(xoauth.microsoft("t", provider.base), "app", "secret").access_token == "access-3"
    assert provider.asked[-1][1]["scope"] == "https://outlook.office365.com/.default"


@pytest.mark.parametrize(
    ("status", "body"), [(503, "down"), (200, "<html>"), (500, {"error": "invalid_grant"}), (200, [1])]
)
def test_a_provider_in_trouble_is_not_taken_for_a_withdrawn_sign_in(
    provider: SignInServer, status: int, body: object
) -> None:
    provider.answers.append((status, body))
    with pytest.raises(xoauth.SignInProblem) as caught:
        xoauth.refresh(xoauth.google(provider.base), "app", "refresh-1")
    assert caught.value.code == "unreachable"


def test_nobody_there_is_said_in_words() -> None:
    with pytest.raises(xoauth.SignInProblem) as caught:
        xoauth.refresh(xoauth.google("http://127.0.0.1:9"), "app", "refresh-1")
    assert caught.value.code == "unreachable"


def account(provider: SignInServer, **secrets: str) -> Account:
    settings = {
        "address": "k@brand.test",
        "auth": "microsoft",
        "client_id": "app",
        "imap_host": "127.0.0.1",
        "imap_port": 9,
        "imap_security": "none",
    }
    return Account(
        "mail", "k", settings, {"refresh_token": "refresh-1", "token_url": f"{provider.base}/token", **secrets}
    )


def test_a_token_is_renewed_before_it_runs_out_and_left_alone_while_it_holds(provider: SignInServer) -> None:
    provider.answers.append((200, GOOD))
    renewed = connector.renew(account(provider, access_token="old", expires_at="100"))
    assert (renewed["access_token"], renewed["refresh_token"]) == ("access-1", "refresh-2")
    assert connector.renew(account(provider, **renewed)) == {}


def test_a_withdrawn_sign_in_is_health_in_words(provider: SignInServer) -> None:
    provider.answers.append((400, {"error": "invalid_grant", "error_description": "AADSTS700082: expired"}))
    with pytest.raises(Trouble) as caught:
        connector.renew(account(provider))
    assert caught.value.code == "oauth_expired"
