"""Speaking to Meta's graph: one call, its answer whatever happens, and what that answer means for something we sent.

The token travels in a header, never in an address. Nothing here raises for what a network or a platform may do.
"""

from __future__ import annotations

import email.utils
import json as json_
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from ganzohr.channels.connectors.base import Account, Outcome, Trouble
from ganzohr.channels.connectors.meta import codes
from ganzohr.channels.connectors.meta.values import loads
from ganzohr.core import deadline, reach, times, web

VERSION = "v25.0"
ADDRESS = "https://graph.facebook.com"
HOSTS_OF_MEDIA = ("facebook.com", "fbcdn.net", "fbsbx.com", "whatsapp.net", "cdninstagram.com")
MOST_ANSWER = 10_000_000
LONGEST_REST = timedelta(hours=24)


Files = Mapping[str, tuple[str, bytes, str]]


@dataclass(frozen=True)
class Answer:
    """What came back. `problem` is '' when a status came, else why none did; `timeout` and `dropped` leave it open
    whether the request was taken, all others say that it surely was not."""

    status: int = 0
    body: dict[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    detail: str = ""

    @property
    def is_good(self) -> bool:
        """Whether the platform did what was asked."""
        return not self.problem and 200 <= self.status < 300 and not codes.error_of(self.body)

    @property
    def code(self) -> str:
        """'' for a good answer, else our code for what is wrong."""
        if self.is_good:
            return ""
        return self.problem or codes.code_of(codes.error_of(self.body), self.status)

    @property
    def words(self) -> str:
        """What went wrong as the platform says it, without secrets."""
        return self.detail if self.problem else codes.detail_of(codes.error_of(self.body), self.status)


def call(
    account: Account,
    method: str,
    path: str,
    *,
    params: Mapping[str, Any] | None = None,
    json: Any = None,
    data: Mapping[str, Any] | None = None,
    files: Files | None = None,
    timeout: float = 15.0,
) -> Answer:
    """One request to the graph as this account; ends after about `timeout` seconds, whatever the other side does."""
    address = f"{address_of(account)}/{version_of(account)}/{path.lstrip('/')}"
    try:
        came = _exchange(
            account, method, address, timeout, MOST_ANSWER, params=params, json=json, data=data, files=files
        )
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
        return Answer(problem=problem_of(error), detail=type(error).__name__)
    return Answer(came.status, _object(came.content), came.headers)


def download(account: Account, address: str, *, most: int, timeout: float = 60.0) -> tuple[bytes, str]:
    """The bytes and the type behind an address that Meta gave us, all hops within `timeout` seconds. Raises `Trouble`;
    speaks to no stranger's host."""
    with deadline.within(timeout):
        return _download(account, address, most, timeout)


def _download(account: Account, address: str, most: int, timeout: float) -> tuple[bytes, str]:
    for _hop in range(4):
        if not may_ask(account, address):
            raise Trouble("not_possible", "the address is not one of the platform's")
        try:
            came = _exchange(account, "GET", address, timeout, most)
            address = urljoin(address, came.headers.get("location", ""))
        except web.TooLong as error:
            raise Trouble("message_too_big", f"more than {most} bytes") from error
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
            raise Trouble(problem_of(error), type(error).__name__) from error
        if 200 <= came.status < 300:
            return came.content, came.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not (300 <= came.status < 400 and "location" in came.headers):
            break
    answer = Answer(came.status, _object(came.content))
    raise Trouble(answer.code, answer.words)


def address_of(account: Account) -> str:
    """Where the graph of this account is."""
    return str(account.settings.get("graph_url") or ADDRESS).rstrip("/")


def version_of(account: Account) -> str:
    """The version of the graph this account speaks."""
    return str(account.settings.get("graph_version") or VERSION).strip("/")


def may_ask(account: Account, address: str) -> bool:
    """Whether an address is Meta's, encrypted (or that of the graph we were told to use)."""
    try:
        asked, graph = urlsplit(address), urlsplit(address_of(account))
        same = (asked.scheme, asked.hostname, asked.port) == (graph.scheme, graph.hostname, graph.port)
        host, port = asked.hostname or "", asked.port
    except ValueError:
        return False
    known = any(host == one or host.endswith(f".{one}") for one in HOSTS_OF_MEDIA)
    return same or (asked.scheme == "https" and known and port in (None, 443))


def _exchange(account: Account, method: str, address: str, timeout: float, most: int, **request: Any) -> web.Answered:
    return web.exchange(method, address, timeout=timeout, most=most, headers=_headers(account), **request)


def _headers(account: Account) -> dict[str, str]:
    token = account.secrets.get("access_token", "")
    return {"Authorization": f"Bearer {token}"} if token else {}


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {"data": found}


PROBLEMS: tuple[tuple[type[Exception], str], ...] = (
    (httpx.ConnectTimeout, "connection_refused"),
    (httpx.PoolTimeout, "connection_refused"),
    (httpx.ProxyError, "connection_refused"),
    (httpx.InvalidURL, "host_unknown"),
    (httpx.UnsupportedProtocol, "host_unknown"),
    (httpx.LocalProtocolError, "not_possible"),
    (httpx.TimeoutException, "timeout"),
    (httpx.HTTPError, "dropped"),
    (OSError, "dropped"),
)


def problem_of(error: Exception) -> str:
    """Why no answer came. Before a connection stands, nothing can have been taken; afterwards nobody knows."""
    if isinstance(error, httpx.ConnectError):
        return _before(error)
    return next((code for kind, code in PROBLEMS if isinstance(error, kind)), "not_possible")


def _before(error: BaseException) -> str:
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, reach.Refused):
            return "host_forbidden"
        if isinstance(found, ssl.SSLCertVerificationError):
            return "certificate_wrong"
        if isinstance(found, ssl.SSLError):
            return "tls_failed"
        if isinstance(found, socket.gaierror):
            return "host_unknown"
        found = found.__cause__ or found.__context__
    return "connection_refused"


IdOf = Callable[[Mapping[str, Any]], str | None]


def outcome(answer: Answer, id_of: IdOf, attempt: int = 1) -> Outcome:
    """What an answer means for something we sent. `id_of` finds our thing's id in a good answer; None says that the
    answer does not tell, and then nobody knows."""
    if answer.problem in ("timeout", "dropped"):
        return Outcome("unclear", code="timeout_after" if answer.problem == "timeout" else "dropped")
    if answer.problem:
        return _refused(answer, attempt)
    if answer.is_good:
        id_ = id_of(answer.body)
        if id_ is None:
            return Outcome("unclear", code="platform_error", detail="accepted without an id")
        return Outcome("accepted", external_id=id_)
    if codes.may_have_passed(codes.error_of(answer.body), answer.status):
        return Outcome("unclear", code="platform_error", detail=answer.words)
    return _refused(answer, attempt)


def _refused(answer: Answer, attempt: int) -> Outcome:
    code = answer.code
    again = code in codes.AGAIN or (answer.problem != "" and code != "not_possible")
    retry_at = times.now() + rest(answer, attempt) if again else None
    return Outcome("refused", code=code, detail=answer.words, retry_at=retry_at)


def rest(answer: Answer, attempt: int = 1) -> timedelta:
    """How long to leave the platform alone: what its headers say, else longer each time."""
    said = max((_retry_after(answer.headers), *_usage(answer.headers)), default=timedelta())
    if said > timedelta():
        return min(said, LONGEST_REST)
    if answer.code == "pair_limit":
        return timedelta(seconds=min(4.0 ** min(attempt, 6), 3600.0))
    first = 60.0 if answer.code == "rate_limited" else 10.0
    return timedelta(seconds=min(first * 2.0 ** min(attempt - 1, 8), 3600.0))


def _retry_after(headers: Mapping[str, str]) -> timedelta:
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit() and len(value) < 9:
        return timedelta(seconds=int(value))
    try:
        return _aware(email.utils.parsedate_to_datetime(value)) - times.now()
    except (TypeError, ValueError, OverflowError):
        return timedelta()


def _aware(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _usage(headers: Mapping[str, str]) -> Sequence[timedelta]:
    """Minutes that the usage headers name until access comes back."""
    found: list[timedelta] = []
    for name in ("x-business-use-case-usage", "x-app-usage", "x-page-usage"):
        try:
            stack: list[Any] = [json_.loads(headers.get(name, "null"))]
        except (ValueError, RecursionError):
            continue
        while stack:
            one = stack.pop()
            if isinstance(one, dict):
                minutes = codes.number(one.get("estimated_time_to_regain_access"))
                found += [timedelta(minutes=min(minutes, 10_000))] if minutes else []
            stack += list(one.values()) if isinstance(one, dict) else one if isinstance(one, list) else []
    return found
