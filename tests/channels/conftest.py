"""A platform that does what a story tells it to, and channels to it."""

from __future__ import annotations

import json
import sys
import types
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from ganzohr.channels import arrivals, connectors
from ganzohr.channels.connectors.base import Abilities, Account, Damaged, Incoming, Outcome, Sending

AT = datetime(2026, 11, 20, tzinfo=UTC)


class Platform:
    """A stand-in for a platform: answers in the order it was told, remembers what it heard."""

    kind = "standin"

    def __init__(self) -> None:
        self.abilities = Abilities()
        self.answers: deque[Outcome | BaseException | Callable[[], Outcome]] = deque()
        self.found: Outcome | None = None
        self.heard: list[Sending] = []
        self.looked: list[Sending] = []
        self.problem = ""

    def delivery_key(self, account: Account, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
        return body

    def verify(self, account: Account, path: str, headers: Mapping[str, str], body: bytes) -> bool:
        return headers.get("x-signature") == account.secrets.get("shared")

    def parse(self, account: Account, headers: Mapping[str, str], body: bytes) -> list[Incoming]:
        if body == b"killer":
            raise SystemExit("this delivery ends the worker")
        values = json.loads(body)
        if not isinstance(values, list):
            raise Damaged("not a list of entries")
        return [
            Incoming(
                one.get("what", "message"), one["id"], one.get("sender", "someone"), AT, one.get("text", ""),
                reply_to=one.get("reply_to", ""), headers=one.get("headers", {}), account=one.get("account", ""),
            )
            for one in values
        ]  # fmt: skip

    def send(self, account: Account, sending: Sending) -> Outcome:
        self.heard.append(sending)
        answer = self.answers.popleft() if self.answers else Outcome("accepted", external_id=f"p-{len(self.heard)}")
        if isinstance(answer, BaseException):
            raise answer
        return answer() if callable(answer) else answer

    def find(self, account: Account, sending: Sending) -> Outcome | None:
        self.looked.append(sending)
        return self.found

    def check(self, account: Account) -> str:
        return self.problem

    def handshake(self, account: Account, query: Mapping[str, str]) -> str | None:
        return query.get("challenge") if query.get("token") == account.secrets.get("verify_token") else None


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Platform:
    """The platform behind every channel of kind `standin`."""
    standin = Platform()
    module: Any = types.ModuleType("ganzohr.channels.connectors.standin")
    module.connector = standin
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(connectors, "KINDS", (*connectors.KINDS, "standin"))
    connectors.connector.cache_clear()
    return standin


@pytest.fixture(autouse=True)
def forget_connectors() -> Iterator[None]:
    """No stand-in outlives its story."""
    yield
    connectors.connector.cache_clear()


@pytest.fixture
def claimed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything that arrives is claimed, and its text remembered here; the text `bad` breaks its claim."""
    texts: list[str] = []

    def claim(batch: list[arrivals.Arrived]) -> set[int]:
        if any(one.incoming.text == "bad" for one in batch):
            raise RuntimeError("this one cannot be taken in")
        texts.extend(one.incoming.text for one in batch)
        return set(range(len(batch)))

    monkeypatch.setattr(arrivals, "_claims", ["tests.channels.conftest.CLAIM"])
    monkeypatch.setattr(arrivals, "import_string", lambda name: claim)
    return texts


@pytest.fixture
def channel(db: None, platform: Platform) -> Any:
    """A channel on the stand-in."""
    from ganzohr.channels.accounts import sealed
    from ganzohr.channels.models import Channel

    return Channel.objects.create(kind="standin", name="Stand-in", key="k1", secrets=sealed({"shared": "s3cret"}))


@pytest.fixture
def app(db: None, platform: Platform) -> Any:
    """An app of ours at the stand-in."""
    from ganzohr.channels.accounts import sealed
    from ganzohr.channels.models import App

    secrets = {"shared": "s3cret", "verify_token": "v", "app_secrets": '["old", "new"]'}
    return App.objects.create(kind="meta", name="Our app", key="app1", secrets=sealed(secrets))
