"""Where a proxy leads out, every call to a platform takes it; where NO_PROXY says so, none does."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import httpx
import pytest

from ganzohr.channels.connectors.base import Account
from ganzohr.channels.connectors.mail import xoauth
from ganzohr.channels.connectors.meta import graph
from ganzohr.core import reach, web
from ganzohr.proofs.little_web import Answered, Server


class Proxy:
    """Remembers the first line of whatever it is asked, and lets nothing through."""

    def __init__(self) -> None:
        self.line = socket.create_server(("127.0.0.1", 0))
        self.asked: list[str] = []
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.line.getsockname()[1]}"

    def _serve(self) -> None:
        while True:
            try:
                caller, _where = self.line.accept()
            except OSError:
                return
            with caller:
                self.asked.append(caller.recv(4096).decode("latin-1").splitlines()[0])
                caller.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    found = Proxy()
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, found.address)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield found
    found.line.close()


def test_calls_to_platforms_and_sign_ins_take_the_proxy(proxy: Proxy) -> None:
    graph.call(Account("facebook", "k", {"graph_url": "https://graph.invalid"}, {}), "GET", "me")
    graph.call(Account("facebook", "k", {"graph_url": "http://graph.invalid"}, {}), "GET", "me")
    with pytest.raises(xoauth.SignInProblem):
        xoauth.refresh(xoauth.microsoft(base="https://login.invalid"), "id", "r")
    assert proxy.asked == [
        "CONNECT graph.invalid:443 HTTP/1.1",
        "GET http://graph.invalid/v25.0/me HTTP/1.1",
        "CONNECT login.invalid:443 HTTP/1.1",
    ]


def test_the_employers_sign_in_takes_the_proxy(proxy: Proxy) -> None:
    import requests

    from ganzohr.accounts import calls

    with pytest.raises(requests.RequestException):
        calls.session().get("https://keycloak.invalid/.well-known/openid-configuration")
    assert proxy.asked == ["CONNECT keycloak.invalid:443 HTTP/1.1"]


def test_no_proxy_is_taken_where_none_is_wanted(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,.house.example")
    monkeypatch.setenv("no_proxy", "127.0.0.1,.house.example")
    server = Server(0, lambda _asked: Answered("direct"))
    assert web.exchange("GET", f"http://127.0.0.1:{server.port}/", timeout=5, most=100).content == b"direct"
    server.stop()
    assert (reach.proxy("https", "mail.house.example"), proxy.asked) == ("", [])
    assert reach.proxy("https", "graph.facebook.com") == proxy.address


def test_no_proxy_leads_into_our_own_network(proxy: Proxy) -> None:
    reach.tie(())
    try:
        for address in ("http://169.254.169.254/latest", "http://127.0.0.1/", "http://localhost/"):
            with pytest.raises(httpx.ConnectError):
                web.exchange("GET", address, timeout=5, most=100)
    finally:
        reach.tie(reach.LOOPBACK)
    assert proxy.asked == []
