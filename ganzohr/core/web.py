"""Calls by HTTP to addresses that come from outside: checked by `reach`, bounded in bytes, and in seconds as a whole.

Every hop is checked anew. Where HTTP(S)_PROXY leads out, the proxy resolves the name and we refuse what we can see.
"""

from __future__ import annotations

import ssl
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from socket import gaierror
from typing import Any

import httpx

from ganzohr.core import deadline, reach

CONNECT_SECONDS = 10.0
ENCODINGS = frozenset({"", "identity", "gzip"})  # one at most: a bomb inside a bomb grows by its square


class TooLong(httpx.DecodingError):
    """More bytes came than were agreed on."""


@dataclass(frozen=True)
class Answered:
    """What came back, whole."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""


def exchange(
    method: str, address: str, *, timeout: float, most: int, named: Collection[str] = (), **request: Any
) -> Answered:
    """One request and its answer, no redirect followed; done after about `timeout` seconds, whatever the other side
    does, and not begun where a deadline around leaves none. Raises `httpx.HTTPError`, `httpx.InvalidURL`, `ValueError`.
    """
    limits = httpx.Timeout(timeout, connect=min(timeout, CONNECT_SECONDS))
    with deadline.within(timeout) as ends:
        try:
            answered = _exchange(method, address, ends, most, named, timeout=limits, **request)
            if not ends.was_cut:  # a body without a length ends where its line is cut
                return answered
        except (httpx.ConnectError, httpx.ConnectTimeout):  # nothing was said yet, whatever the clock says
            raise
        except httpx.RequestError:
            if not ends.was_cut:
                raise
        raise httpx.ReadTimeout("not done in time")


def _exchange(
    method: str, address: str, ends: deadline.Deadline, most: int, named: Collection[str], **request: Any
) -> Answered:
    headers = {"Accept-Encoding": "gzip", **request.pop("headers", {})}

    def watch(event: str, told: dict[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            ends.watch(told["return_value"].get_extra_info("socket"))

    with (
        httpx.Client(transport=Guarded(named), trust_env=False) as client,
        client.stream(
            method, address, headers=headers, follow_redirects=False, extensions={"trace": watch}, **request
        ) as response,
    ):
        content = b"".join(_bounded(response, most))
        named_headers = {name.lower(): value for name, value in response.headers.items()}
        return Answered(response.status_code, named_headers, content)


def _bounded(response: httpx.Response, most: int) -> Iterator[bytes]:
    if response.headers.get("content-encoding", "").strip().lower() not in ENCODINGS:
        raise httpx.DecodingError("an encoding nobody asked for")
    came = 0
    for piece in response.iter_bytes():
        came += len(piece)
        if came > most:
            raise TooLong("longer than agreed")
        yield piece


class Guarded(httpx.BaseTransport):
    """Connects to checked addresses only, or to the proxy of the environment."""

    def __init__(self, named: Collection[str] = ()) -> None:
        self.named = named
        self._ways: dict[str, httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass the request on, to the address that was checked."""
        url = request.url
        if url.scheme not in ("http", "https") or not url.host:
            raise httpx.UnsupportedProtocol("no web address", request=request)
        port = url.port or (443 if url.scheme == "https" else 80)
        if found := reach.proxy(url.scheme, url.host):
            with suppress(gaierror):  # often only the proxy knows names
                self._addresses(url.host, port, request)
            return self._pass_on(found, request)
        try:
            return self._direct(request, self._addresses(url.host, port, request))
        except gaierror as error:
            raise httpx.ConnectError("no such host", request=request) from error

    def _addresses(self, host: str, port: int, request: httpx.Request) -> list[str]:
        try:
            return reach.addresses(host, port, named=self.named)
        except reach.Refused as error:
            raise httpx.ConnectError("a server in our own network", request=request) from error

    def _direct(self, request: httpx.Request, addresses: list[str]) -> httpx.Response:
        *others, last = addresses
        for address in others:
            with suppress(httpx.ConnectError, httpx.ConnectTimeout):
                return self._pass_on("", _pinned(request, address))
        return self._pass_on("", _pinned(request, last))

    def _pass_on(self, proxy: str, request: httpx.Request) -> httpx.Response:
        try:
            connect = deadline.left(CONNECT_SECONDS)
        except TimeoutError as error:
            raise httpx.ConnectTimeout("no time left", request=request) from error
        request.extensions["timeout"] = {**request.extensions["timeout"], "connect": connect}
        return self._way(proxy).handle_request(request)

    def _way(self, proxy: str) -> httpx.HTTPTransport:
        if proxy not in self._ways:
            self._ways[proxy] = httpx.HTTPTransport(verify=_certificates(), trust_env=False, proxy=proxy or None)
        return self._ways[proxy]

    def close(self) -> None:
        """End its connections."""
        for way in self._ways.values():
            way.close()


def _pinned(request: httpx.Request, address: str) -> httpx.Request:
    """The same request to this address; the certificate must still be that of the name."""
    url = request.url.copy_with(host=address)
    extensions = {**request.extensions, "sni_hostname": request.url.host}
    return httpx.Request(request.method, url, headers=request.headers, stream=request.stream, extensions=extensions)


@cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context()
