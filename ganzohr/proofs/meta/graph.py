"""Graph's door: who asks, may they, is it too much, does it go wrong; then the road that does it."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from ganzohr.proofs.meta import errors, faults
from ganzohr.proofs.meta.record import Call
from ganzohr.proofs.meta.web import Request, Response, as_json
from ganzohr.proofs.meta.world import Comment, Letter, Number, Page, Person, Post, Talk, Template, Token

if TYPE_CHECKING:
    from ganzohr.proofs.meta.platform import Platform

HTML = b"<!DOCTYPE html><html><head><title>Error</title></head><body>Sorry, something went wrong.</body></html>"
BATCH = re.compile(r"/(v\d+\.\d+/?)?")
PATH = re.compile(r"/(?:(v\d+\.\d+)/)?([^/]+)(?:/([\w_]+))?/?")


@dataclass(frozen=True)
class App:
    """Our app at the platform."""

    id: str


@dataclass(frozen=True)
class Waba:
    """A business account that holds numbers."""

    id: str


@dataclass(frozen=True)
class AppUser:
    """Somebody under the number by which only the app knows them."""

    person: Person


@dataclass
class Asking:
    """One call on its way through: what it is about and what a road needs to do it."""

    platform: Platform
    request: Request
    thing: Any
    token: Token
    road: str
    fault: str = ""

    @property
    def values(self) -> dict[str, Any]:
        """Query and body together."""
        return dict(self.request.values)

    def accept(self, account: str, to: str, id_: str, text: str) -> None:
        """Keep that this left for somebody."""
        body = self.request.body[:20_000].decode("utf-8", "replace")
        self.platform.record.accept(
            at=self.platform.now().isoformat(timespec="seconds"), road=self.road, account=account, to=to, id=id_,
            text=text, body=body, fault=self.fault,
        )  # fmt: skip


Do = Callable[[Asking], dict[str, Any] | Response]


@dataclass(frozen=True)
class Road:
    """What a method on an edge of a kind of thing does, what it needs and how tests call it."""

    name: str
    scope: str
    do: Do


Roads = dict[tuple[str, type[Any], str], Road]


class Graph:
    """Answers requests. Every road runs under the platform's lock; silence does not."""

    def __init__(self, platform: Platform, roads: Roads) -> None:
        self.platform, self.roads = platform, roads
        self._asked: dict[str, deque[Any]] = {}

    def answer(self, request: Request) -> Response:
        """One call."""
        with self.platform.lock:
            return self._answer(request)

    def _answer(self, request: Request) -> Response:
        if request.method == "POST" and BATCH.fullmatch(request.path) and isinstance(request.values.get("batch"), list):
            return as_json([self._one_of_many(request, one) for one in request.values["batch"]])
        road, response, code = "", Response(), 0
        try:
            asking = self._asking(request)
            road = asking.road
            response = self._go(asking)
            road = asking.road
        except errors.GraphError as error:
            code = error.code
            usage = {"X-Business-Use-Case-Usage": self._usage("0", 0)}
            trace = self.platform.world.ids.letters(11)
            response = as_json(error.body(trace), error.status, {**usage, "x-fb-trace-id": trace, **error.headers})
        status = 0 if response.is_lost else response.status
        known = "access_token" in request.query
        self.platform.record.call(Call(request.method, request.path, road, status, code, known))
        return response

    def _one_of_many(self, request: Request, asked: dict[str, str]) -> dict[str, Any]:
        """One question of a batch, as if it had come alone."""
        path, _, query = asked["relative_url"].partition("?")
        values = dict(parse_qsl(query))
        answer = self._answer(Request(asked["method"], f"/{path}", values, request.headers, b"", values))
        return {"code": answer.status, "body": answer.body.decode()}

    def _asking(self, request: Request) -> Asking:
        match = PATH.fullmatch(request.path)
        if not match:
            raise errors.bad("Unknown path components")
        token = self._token(request)
        thing = self._thing(match[2], token, request.method)
        road = self.roads.get((request.method, type(thing), match[3] or ""))
        if road is None:
            raise errors.gone(match[2], request.method)
        if not self._reaches(token, thing):
            raise errors.gone(match[2], request.method)
        if road.scope and road.scope not in token.scopes:
            raise errors.may_not(road.scope)
        return Asking(self.platform, request, thing, token, road.name)

    def _go(self, asking: Asking) -> Response:
        account = owner(asking.thing) or asking.token.subject
        usage = self._count(account)
        asking.fault = fault = self.platform.faults.of_call(asking.request.method, asking.road)
        if fault in faults.BEFORE:
            return Response(is_lost=True, after=self.platform.silence if fault == "timeout_before" else 0)
        if fault == "html":
            return Response(HTML, 502, "text/html")
        if fault in faults.REFUSALS:
            raise errors.by_name(fault, self._usage(account, 100))
        done = self.roads[asking.request.method, type(asking.thing), self._edge(asking.request)].do(asking)
        response = done if isinstance(done, Response) else as_json(done, headers={"X-Business-Use-Case-Usage": usage})
        if fault == "html_after":
            return Response(HTML, 502, "text/html")
        if fault in faults.AFTER:
            return Response(is_lost=True, after=self.platform.silence if fault == "timeout_after" else 0)
        return response

    @staticmethod
    def _edge(request: Request) -> str:
        match = PATH.fullmatch(request.path)
        return (match[3] or "") if match else ""

    def _token(self, request: Request) -> Token:
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() not in ("bearer", "oauth") or not value:
            value = str(request.values.get("access_token", ""))
        token = self.platform.world.tokens.get(value.strip())
        if token is None:
            raise errors.no_token()
        if not token.is_valid or (token.expires_at and token.expires_at <= self.platform.now()):
            raise errors.expired()
        return token

    def _thing(self, id_: str, token: Token, method: str) -> Any:
        world = self.platform.world
        if id_ == "me":
            id_ = token.subject
        if id_ in (self.platform.app_id, "debug_token", "app"):
            return App(id_)
        if any(number.waba_id == id_ for number in world.each(Number)):
            return Waba(id_)
        if token.kind == "APP" and (known := [one for one in world.each(Person) if one.app_scoped_id == id_]):
            return AppUser(known[0])
        thing = world.things.get(id_) or next((pair[1] for pair in [world.talk_of(id_)] if pair), None)
        if thing is None and token.subject == id_:
            return token
        if thing is None or getattr(thing, "is_removed", False):
            raise errors.gone(id_, method)
        return thing

    def _reaches(self, token: Token, thing: Any) -> bool:
        if token.kind in ("USER", "APP") or isinstance(thing, App | Token):
            return True
        if isinstance(thing, Letter):
            pair = self.platform.world.talk_of(thing.id)
            thing = pair[0] if pair else thing
        return owner(thing) in ("", token.subject)

    # How much is asked

    def _count(self, account: str) -> str:
        now = self.platform.now()
        asked = self._asked.setdefault(account, deque())
        asked.append(now)
        while asked[0] < now - timedelta(hours=1):
            asked.popleft()
        share = min(100, round(100 * len(asked) / self.platform.calls_per_hour))
        usage = self._usage(account, share)
        if len(asked) > self.platform.calls_per_hour:
            raise errors.by_name("throttle_page", usage)
        return usage

    @staticmethod
    def _usage(account: str, share: int) -> str:
        said = {"type": "pages", "call_count": share, "total_cputime": share // 3, "total_time": share // 2}
        return json.dumps({account: [{**said, "estimated_time_to_regain_access": 9 if share >= 100 else 0}]})


def owner(thing: Any) -> str:
    """Whose it is: a page or a business account; "" for what belongs to nobody here."""
    match thing:
        case Page() | Waba():
            return str(thing.id)
        case Number() | Template():
            return thing.waba_id
        case Post():
            return thing.page.id
        case Comment():
            return thing.post.page.id
        case Talk():
            return owner(thing.place)
        case _:
            return ""
