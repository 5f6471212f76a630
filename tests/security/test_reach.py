"""Which servers the desk speaks to when an address comes from outside, and how much it takes from them."""

from __future__ import annotations

import gzip
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ganzohr.channels.connectors.base import Account, Trouble
from ganzohr.channels.connectors.mail import imap, sending, xoauth
from ganzohr.channels.connectors.mail.settings import read
from ganzohr.channels.connectors.meta import graph
from ganzohr.config import settings as desk
from ganzohr.config.environment import Environment
from ganzohr.core import reach, web
from ganzohr.proofs.little_web import Answered, Asked, Server

ROOT = Path(__file__).resolve().parents[2]
INNER = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.3.4", "192.168.1.1", "100.64.0.1", "169.254.169.254",
    "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1",
    "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a00:1", "2002:7f00:1::",
    "2001:db8::1", "2130706433", "0x7f.1", "0177.0.0.1", "localhost", "[::1]", "LOCALHOST.",
]  # fmt: skip
PUBLIC = ["93.184.216.34", "2606:2800:220:1::1", "157.240.27.35", "64:ff9b::5db8:d822", "::ffff:93.184.216.34"]
SPECIAL = {  # what IANA keeps for other ends than the internet, from its first to its last address
    "0.0.0.0/8": "this network", "100.64.0.0/10": "shared by providers", "192.0.0.0/24": "IETF",
    "192.0.2.0/24": "documents", "198.51.100.0/24": "documents", "203.0.113.0/24": "documents",
    "192.88.99.0/24": "6to4 relays", "198.18.0.0/15": "benchmarks", "224.0.0.0/4": "multicast", "240.0.0.0/4": "later",
    "::/96": "IPv4-compatible", "::ffff:0:0:0/96": "translated", "64:ff9b:1::/48": "local NAT64", "100::/64": "discard",
    "100:0:0:1::/64": "dummy", "2001::/32": "Teredo", "2001:2::/48": "benchmarks", "2001:10::/28": "ORCHID",
    "2001:db8::/32": "documents", "2002::/16": "6to4", "3fff::/20": "documents", "5f00::/16": "segments",
    "4000::/2": "later", "8000::/2": "later", "fc00::/7": "private", "fe80::/10": "link-local",
    "fec0::/10": "site-local", "ff00::/8": "multicast", "::ffff:10.0.0.0/104": "mapped private",
    "64:ff9b::a9fe:a9fe/128": "metadata by NAT64",
}  # fmt: skip


@pytest.fixture
def strict() -> Iterator[None]:
    """As a real desk is set up: nothing of the own network is named."""
    reach.tie(())
    yield
    reach.tie(desk.REACH)


def says(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """The name service answers with these addresses, one list at each question; the names asked for."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def answer(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if not str(host).endswith(".example"):
            return real(host, port, *args, **kwargs)
        asked.append(str(host))
        known = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in known]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


@pytest.fixture
def server() -> Iterator[Callable[[Callable[[Asked], Answered]], Server]]:
    """A web server on loopback that answers as the story says."""
    running: list[Server] = []

    def start(answer: Callable[[Asked], Answered]) -> Server:
        running.append(Server(0, answer))
        return running[-1]

    yield start
    for one in running:
        one.stop()


@pytest.mark.parametrize("host", INNER)
def test_an_address_of_our_own_network_is_refused_however_it_is_written(strict: None, host: str) -> None:
    with pytest.raises((reach.Refused, socket.gaierror)):
        reach.addresses(host, 80)
    with pytest.raises((httpx.ConnectError, httpx.InvalidURL)):
        web.exchange(
            "GET", f"http://{f'[{host}]' if host.count(':') > 1 and host[0] != '[' else host}/", timeout=2, most=9
        )


@pytest.mark.parametrize("network", SPECIAL)
def test_no_special_network_is_taken_for_the_internet_whatever_this_python_knows_of_it(
    strict: None, network: str
) -> None:
    known = ipaddress.ip_network(network)
    for address in (known[0], known[known.num_addresses // 2], known[-1]):
        assert not reach._may(address, is_inside_port=False), address


@pytest.mark.parametrize("host", PUBLIC)
def test_addresses_of_the_internet_are_spoken_to(strict: None, host: str) -> None:
    assert reach.addresses(host, 443) == [host]


def test_mail_servers_of_the_house_are_spoken_to_on_ports_of_mail_only(strict: None) -> None:
    assert reach.addresses("10.0.0.5", 993, reach.MAIL_PORTS) == ["10.0.0.5"]
    assert reach.addresses("127.0.0.1", 25, reach.MAIL_PORTS) == ["127.0.0.1"]
    for host, port in (("10.0.0.5", 6379), ("169.254.169.254", 25), ("224.0.0.1", 25)):
        with pytest.raises(reach.Refused):
            reach.addresses(host, port, reach.MAIL_PORTS)


def test_the_setting_names_networks_and_hosts(strict: None, monkeypatch: pytest.MonkeyPatch) -> None:
    says(monkeypatch, ["10.9.9.9"])
    reach.tie(["10.1.0.0/16", "keycloak.example"])
    assert reach.addresses("10.1.2.3", 443) == ["10.1.2.3"]
    assert reach.addresses("Keycloak.example.", 8443) == ["10.9.9.9"]
    for host in ("10.2.0.1", "other.example"):
        with pytest.raises(reach.Refused):
            reach.addresses(host, 443)


def test_a_setting_nobody_can_understand_ends_the_start_in_words() -> None:
    env = Environment({"GANZOHR_REACH": "10.0.0.0/99, mail.intern, 10.0.0, http://x"})
    env.reachable("GANZOHR_REACH", ())
    assert [said.split("'")[1] for said in env.complaints] == ["10.0.0.0/99", "10.0.0", "http://x"]
    assert Environment({}).reachable("GANZOHR_REACH", ()) == []


def test_a_real_desk_names_nothing_of_its_own_network_and_the_demo_its_stand_ins() -> None:
    assert Environment({}).reachable("GANZOHR_REACH", reach.LOOPBACK) == list(reach.LOOPBACK)
    assert "reach.LOOPBACK if GANZOHR_DEMO else ()" in (ROOT / "ganzohr/config/settings.py").read_text()


def test_a_name_that_changes_its_mind_is_asked_once_and_the_checked_address_is_called(
    strict: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = says(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    called: list[Any] = []

    def call(address: Any, *args: Any, **kwargs: Any) -> Any:
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", call)
    with pytest.raises(httpx.ConnectError):
        web.exchange("GET", "http://rebinding.example/", timeout=2, most=9)
    assert (called, asked) == ([("93.184.216.34", 80)], ["rebinding.example"])
    with pytest.raises(reach.Refused):
        reach.connect("rebinding.example", 25, 1)
    assert len(called) == 1


def test_of_several_addresses_only_those_outside_are_called(strict: None, monkeypatch: pytest.MonkeyPatch) -> None:
    says(monkeypatch, ["127.0.0.1", "93.184.216.34", "10.0.0.1"])
    assert reach.addresses("mixed.example", 80) == ["93.184.216.34"]


def test_the_certificate_must_be_that_of_the_name_although_a_number_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    says(monkeypatch, ["127.0.0.1"])
    names: list[Any] = []

    def wrap(context: Any, line: Any, *args: Any, server_hostname: str = "", **kwargs: Any) -> Any:
        names.append(server_hostname)
        raise ConnectionResetError

    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", wrap)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(httpx.ConnectError):
            web.exchange("GET", f"https://graph.example:{port}/", timeout=2, most=9)
        for call in (imap.reach, sending.reach):
            with pytest.raises(Trouble) as trouble:
                call(mailbox("imap.example", port))
            assert trouble.value.code == "connection_refused"
    assert names == ["graph.example", "imap.example", "imap.example"]


def mailbox(host: str, port: int) -> Any:
    plain = {f"{way}_{name}": value for way in ("imap", "smtp") for name, value in (("host", host), ("port", port))}
    return read(Account("mail", "k", {**plain, "imap_security": "tls", "smtp_security": "tls"}, {}))


@pytest.mark.parametrize("call", [imap.reach, sending.reach])
@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "10.0.0.1"])
def test_a_mail_server_somebody_typed_is_no_way_to_look_around_in_our_network(
    strict: None, call: Callable[[Any], Any], host: str
) -> None:
    with pytest.raises(Trouble) as trouble:
        call(mailbox(host, 5432))
    assert trouble.value.code == "host_forbidden"


def test_every_hop_is_checked_anew(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = server(lambda asked: Answered("secret"))
    account = Account("facebook", "k", {"graph_url": f"http://localhost:{inner.port}"}, {})
    monkeypatch.setattr(graph, "HOSTS_OF_MEDIA", ("fbcdn.example",))
    monkeypatch.setattr(
        graph, "_exchange", lambda *a: web.Answered(302, {"location": f"http://127.0.0.1:{inner.port}/"})
    )
    with pytest.raises(Trouble) as trouble:
        graph.download(account, "https://cdn.fbcdn.example/x", most=100)
    assert trouble.value.code == "not_possible"


def test_the_graph_and_the_sign_in_at_providers_go_through_the_guard(strict: None) -> None:
    answer = graph.call(Account("facebook", "k", {"graph_url": "http://169.254.169.254"}, {}), "GET", "latest")
    assert answer.problem == "host_forbidden"
    with pytest.raises(xoauth.SignInProblem) as problem:
        xoauth.refresh(xoauth.Provider("x", "http://127.0.0.1:9/token"), "id", "r")
    assert problem.value.code == "unreachable"


def test_more_bytes_than_agreed_are_not_taken_also_not_unpacked(server: Any) -> None:
    big = server(lambda asked: Answered(b"x" * 5000))
    with pytest.raises(web.TooLong):
        web.exchange("GET", f"http://127.0.0.1:{big.port}/", timeout=5, most=1000)
    assert len(web.exchange("GET", f"http://127.0.0.1:{big.port}/", timeout=5, most=5000).content) == 5000
    bomb = server(lambda asked: Answered(gzip.compress(b"\0" * 3_000_000), headers={"Content-Encoding": "gzip"}))
    with pytest.raises(web.TooLong):
        web.exchange("GET", f"http://127.0.0.1:{bomb.port}/", timeout=5, most=1_000_000)
    twice = gzip.compress(gzip.compress(b"\0" * 3_000_000))
    nested = server(lambda asked: Answered(twice, headers={"Content-Encoding": "gzip, gzip"}))
    with pytest.raises(httpx.DecodingError):
        web.exchange("GET", f"http://127.0.0.1:{nested.port}/", timeout=5, most=10_000_000)
