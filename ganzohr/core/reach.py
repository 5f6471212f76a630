"""Which servers the desk may speak to: those of the internet, and in our own network only those named in the settings.

Addresses come from outside: a message says where its picture lies, a provider where its keys are, somebody types the
name of a mail server. Without a guard each could make us knock at a database, a router or a cloud's metadata. A name
is resolved here, once, and the connection goes to the very address that was checked: what the name says a moment later
changes nothing. Connectors use this too, so it knows nothing of Django.
"""

from __future__ import annotations

import ipaddress
import socket
import urllib.request
from collections.abc import Collection, Iterable

from ganzohr.core import deadline

MAIL_PORTS = frozenset({25, 143, 465, 587, 993})  # here a server of the house is usual, and nothing else listens
MOST_TRIES = 4
# What `ipaddress` takes for the internet: of IETF's own, 6to4, documents, and all of IPv6 but 2000::/3 (local NAT64 …)
ELSEWHERE = ("192.0.0.0/24", "192.88.99.0/24", "224.0.0.0/4", "2002::/16", "3fff::/20", "::/3", "4000::/2", "8000::/1")
LOOPBACK = ("127.0.0.0/8", "::1/128")
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
_names: set[str] = set()


class Refused(OSError):
    """The server is in our own network, and nobody said that we may speak to it."""


def tie(allowed: Iterable[str]) -> None:
    """Set once at start: networks (10.1.0.0/16) and host names of our own network that may be spoken to."""
    _networks.clear()
    _names.clear()
    for entry in allowed:
        try:
            _networks.append(ipaddress.ip_network(entry, strict=False))
        except ValueError:
            _names.add(plain(entry))


def addresses(host: str, port: int, inside: Collection[int] = (), named: Collection[str] = ()) -> list[str]:
    """Where this server is, only what may be spoken to; `Refused` if nothing of it may, `gaierror` for no such name.

    `inside`: ports on which a private address may be spoken to; `named`: hosts that the settings name themselves.
    """
    try:
        rows = socket.getaddrinfo(plain(host), port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise socket.gaierror(socket.EAI_NONAME, "no name of a server") from error
    found = list(dict.fromkeys(str(row[4][0]).partition("%")[0] for row in rows))
    is_named = plain(host) in _names or plain(host) in {plain(one) for one in named}
    good = [one for one in found if is_named or _may(ipaddress.ip_address(one), port in inside)]
    if not good:
        raise Refused("a server in our own network")
    return good[:MOST_TRIES]


def connect(host: str, port: int, timeout: float, inside: Collection[int] = ()) -> socket.socket:
    """A connection to a server that may be spoken to; it ends with the deadline around. Raises `OSError`."""
    failed: OSError | None = None
    for address in addresses(host, port, inside):
        try:
            return deadline.watch(socket.create_connection((address, port), deadline.left(timeout)))
        except OSError as error:
            failed = error
    assert failed is not None
    raise failed


def proxy(scheme: str, host: str) -> str:
    """The proxy that leads to this host by HTTP(S)_PROXY and NO_PROXY; '' where the way is direct."""
    found = urllib.request.getproxies().get(scheme, "")
    return "" if not found or urllib.request.proxy_bypass(host) else found if "://" in found else f"http://{found}"


def plain(host: str) -> str:
    """A host as it is compared."""
    return host.strip().strip("[]").rstrip(".").lower()


def _may(address: _Address, is_inside_port: bool) -> bool:
    """Whether this very address may be spoken to. Link-local ones, where clouds keep their metadata, only by name."""
    meant = _meant(address)
    if any(one in network for one in (address, meant) for network in _networks if one.version == network.version):
        return True
    if meant.is_global:
        return not any(meant in ipaddress.ip_network(network) for network in ELSEWHERE)
    return is_inside_port and meant.is_private and not (meant.is_link_local or meant.is_unspecified)


def _meant(address: _Address) -> _Address:
    """The IPv4 address inside an IPv6 one that only wraps it."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in ipaddress.ip_network("64:ff9b::/96"):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address
