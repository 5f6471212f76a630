"""The platform as a whole: its world, its doors, its webhooks. See the package's words for how to start it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from ganzohr.proofs.meta import access_roads, messenger_roads, page_roads, whatsapp_roads
from ganzohr.proofs.meta.faults import Faults, Mischief
from ganzohr.proofs.meta.graph import Graph
from ganzohr.proofs.meta.hooks import Hooks, PostTo, post_by_network
from ganzohr.proofs.meta.people import People
from ganzohr.proofs.meta.record import Record
from ganzohr.proofs.meta.web import Answer, Request, Response, Server, as_json
from ganzohr.proofs.meta.world import (
    NUMBER_SCOPES,
    PAGE_FIELDS,
    PAGE_SCOPES,
    Clock,
    Ids,
    Media,
    Number,
    Page,
    Template,
    Token,
    World,
)

PAIR_BURST, PAIR_EVERY = 45, 6.0


class Platform:
    """Meta, small. Everything it does to the desk goes over HTTP; everything it knows is in `world` and `record`."""

    def __init__(self, mischief: Mischief, post: PostTo, port: int = 0) -> None:
        self.lock = threading.RLock()
        self.world = World(Ids(mischief.seed))
        self.record = Record()
        self.faults = Faults(mischief)
        self.secrets = [f"sample-app-secret-{number}" for number in (1, 2)]
        self.verify_token = "sample-verify-token"  # noqa: S105  only on loopback
        self.app_id = self.world.ids.digits()
        self.hooks = Hooks(self.secrets, mischief, post)
        self.people = People(self)
        self.silence, self.calls_per_hour = 30.0, 4800
        self.tells_window_later = False
        self.doors: dict[str, Answer] = {"/stand-in/record": lambda request: as_json(self.record.as_json())}
        self._pairs: dict[tuple[str, str], list[datetime]] = {}
        roads = page_roads.ROADS | messenger_roads.ROADS | whatsapp_roads.ROADS | access_roads.ROADS
        self._graph = Graph(self, roads)
        self.app_token = self._token("APP", self.app_id, set(), f"{self.app_id}|{self.secrets[0]}")
        self.user_token = self._token("USER", self.world.ids.digits(), {*PAGE_SCOPES, *NUMBER_SCOPES})
        self._server = Server(port, self._answer)
        self.port, self.url = self._server.port, f"http://127.0.0.1:{self._server.port}"

    def stop(self) -> None:
        """Ends doors and webhooks."""
        self._server.stop()
        self.hooks.stop()

    @property
    def clock(self) -> Clock:
        """The platform's time."""
        return self.world.clock

    def now(self) -> datetime:
        """The platform's time now."""
        return self.world.clock.now()

    def _answer(self, request: Request) -> Response:
        if door := self.doors.get(request.path):
            return door(request)
        media = self.world.things.get(request.path.removeprefix("/stand-in/files/"))
        if isinstance(media, Media):
            return Response(media.content, kind=media.content_type)
        return self._graph.answer(request)

    # What of ours is there

    def add_page(self, name: str, *, is_subscribed: bool = True, id_: str = "") -> Page:
        """A page with its key; `is_subscribed` as if the desk had subscribed every field."""
        with self.lock:
            token = self._token("PAGE", id_ or self.world.ids.digits(), set(PAGE_SCOPES))
            page = Page(token.subject, name, token.value, set(PAGE_FIELDS) if is_subscribed else set())
            self.world.keep(page)
            return page

    def add_number(self, phone: str, name: str = "", *, is_subscribed: bool = True, id_: str = "") -> Number:
        """A WhatsApp number with its account and key."""
        with self.lock:
            token = self._token("SYSTEM_USER", self.world.ids.digits(), set(NUMBER_SCOPES))
            number = Number(id_ or self.world.ids.digits(), token.subject, phone, name, token.value, is_subscribed)
            self.world.keep(number)
            return number

    def add_template(self, number: Number, name: str, body: str, language: str = "de", **more: str) -> Template:
        """Approved words; `body` with {{1}} or {{name}}."""
        with self.lock:
            template = Template(
                self.world.ids.digits(), number.waba_id, name, language, more.get("category", "UTILITY"), body
            )
            template.status = more.get("status", "APPROVED")
            self.world.keep(template)
            return template

    def _token(self, kind: str, subject: str, scopes: set[str], value: str = "") -> Token:
        token = Token(value or "EAA" + self.world.ids.letters(48), subject, scopes, kind)
        self.world.tokens[token.value] = token
        return token

    def token_of(self, thing: Page | Number) -> Token:
        """Its key, to let it expire (`is_valid`, `expires_at`) or to take scopes away."""
        return self.world.tokens[thing.token]

    def keep_media(self, content: bytes, content_type: str, name: str, *, is_ours: bool) -> Media:
        """Bytes under an id."""
        media = Media(self.world.ids.digits(), content, content_type, name, self.now(), is_ours)
        self.world.keep(media)
        return media

    def take_from_pair(self, number: str, person: str) -> bool:
        """One more message of this number to this person; False when there were too many in short time."""
        sent = self._pairs.setdefault((number, person), [])
        since = self.now() - timedelta(seconds=PAIR_BURST * PAIR_EVERY)
        sent[:] = [at for at in sent if at > since]
        if len(sent) >= PAIR_BURST:
            return False
        sent.append(self.now())
        return True

    # What the desk is told

    def hook_up(self, desk_url: str, app_key: str) -> None:
        """Deliver to the desk's addresses of this app, without asking first."""
        for kind, path in (("page", "facebook"), ("whatsapp_business_account", "whatsapp")):
            self.hooks.urls[kind] = f"{desk_url.rstrip('/')}/hooks/{path}/{app_key}/"

    def shake_hands(self) -> bool:
        """Ask each address whether it is ours, as saving it in the app's settings does."""
        asked = [self.hooks.shake_hands(kind, url, self.verify_token) for kind, url in dict(self.hooks.urls).items()]
        return bool(asked) and all(asked)

    def settle(self, patience: float = 20.0) -> bool:
        """Everything that waits is delivered now; whether the desk took all of it."""
        return self.hooks.settle(patience)

    def tell_page(self, page: Page, field: str, entry: dict[str, Any]) -> None:
        """An event of a page, where the desk subscribed it."""
        if field in page.fields:
            self.hooks.emit("page", entry)

    def tell_number(self, number: Number, entry: dict[str, Any]) -> None:
        """An event of a number, where the desk subscribed its account."""
        if number.is_subscribed:
            self.hooks.emit("whatsapp_business_account", entry)


@contextmanager
def running(
    mischief: Mischief | None = None, *, post: PostTo = post_by_network, port: int = 0, background: bool = True
) -> Iterator[Platform]:
    """A platform on loopback until the block ends."""
    platform = Platform(mischief or Mischief(), post, port)
    if background:
        platform.hooks.start()
    try:
        yield platform
    finally:
        platform.stop()
