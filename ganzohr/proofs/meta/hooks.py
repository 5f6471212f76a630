"""Webhooks: signed over the raw bytes, in batches, late, twice and in any order; again with patience until taken."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from ganzohr.proofs.meta.faults import Mischief

PostTo = Callable[[str, Mapping[str, str], bytes], int]
FIRST_WAIT, LONGEST_WAIT, MOST_TRIES = 1.0, 60.0, 12
HELD = 0.4


def post_by_network(url: str, headers: Mapping[str, str], body: bytes) -> int:
    """The status somebody answered; 0 where nobody did."""
    with suppress(httpx.HTTPError):
        return httpx.post(url, headers=dict(headers), content=body, timeout=10).status_code
    return 0


def sign(secret: str, body: bytes) -> str:
    """What stands in X-Hub-Signature-256."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def signed_request(secret: str, values: Mapping[str, Any]) -> str:
    """What a deletion or deauthorise callback carries."""
    payload = base64.urlsafe_b64encode(json.dumps({"algorithm": "HMAC-SHA256", **values}).encode()).rstrip(b"=")
    total = base64.urlsafe_b64encode(hmac.new(secret.encode(), payload, hashlib.sha256).digest()).rstrip(b"=")
    return f"{total.decode()}.{payload.decode()}"


@dataclass
class Delivery:
    """One body on its way. `answers` are the statuses it met so far."""

    number: int
    url: str
    body: bytes
    due: float
    answers: list[int] = field(default_factory=list)
    is_done: bool = False


class Hooks:
    """Sends what happened to the desk. `urls` by object: "page", "whatsapp_business_account"."""

    def __init__(self, secrets: list[str], mischief: Mischief, post: PostTo = post_by_network) -> None:
        self.secrets, self.mischief, self.post = secrets, mischief, post
        self.urls: dict[str, str] = {}
        self.sent: list[Delivery] = []
        self.signed_with = 0
        self._held: dict[str, list[dict[str, Any]]] = {}
        self._held_since = 0.0
        self._waiting: list[Delivery] = []
        self._count = itertools.count(1)
        self._news = threading.Condition()
        self._sending = threading.Lock()
        self._stopped = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Deliver by itself from now on."""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Deliver nothing any more."""
        with self._news:
            self._stopped = True
            self._news.notify_all()
        if self._thread:
            self._thread.join(2)

    def emit(self, kind: str, *entries: dict[str, Any]) -> None:
        """Something happened; it leaves alone or with others of its kind."""
        with self._news:
            if kind not in self.urls:
                return
            self._held.setdefault(kind, []).extend(entries)
            self._held_since = self._held_since or time.monotonic()
            if not self.mischief.happens(self.mischief.batch):
                self._pack(kind)
            self._news.notify_all()

    def emit_raw(self, kind: str, body: bytes) -> None:
        """These very bytes, signed: for bodies nobody has seen."""
        with self._news:
            self._plan(self.urls[kind], body, 0.0)
            self._news.notify_all()

    def _pack(self, kind: str) -> None:
        entries = self._held.pop(kind, [])
        if not entries:
            return
        if self.mischief.happens(self.mischief.reorder):
            self.mischief.dice.shuffle(entries)
        body = json.dumps({"object": kind, "entry": _merged(entries)}, ensure_ascii=False).encode()
        late = self.mischief.dice.uniform(0, self.mischief.longest_delay)
        is_late = self.mischief.happens(self.mischief.delay) or self.mischief.happens(self.mischief.reorder)
        self._plan(self.urls[kind], body, late if is_late else 0.0)
        if self.mischief.happens(self.mischief.duplicate):
            self._plan(self.urls[kind], body, self.mischief.dice.uniform(0, self.mischief.longest_delay))

    def _plan(self, url: str, body: bytes, late: float) -> None:
        self._waiting.append(Delivery(next(self._count), url, body, time.monotonic() + late))

    def settle(self, patience: float = 20.0) -> bool:
        """Everything that waits leaves now, again and again until it is taken; whether all was."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            with self._news:
                for kind in list(self._held):
                    self._pack(kind)
                waiting = list(self._waiting)
            if not waiting:
                return True
            done = [self._deliver(one) for one in waiting]
            if not any(done):
                time.sleep(0.05)
        return not self._waiting

    def again(self, number: int) -> None:
        """The delivery of that number comes once more, as it was."""
        with self._news:
            known = next(one for one in self.sent if one.number == number)
            self._plan(known.url, known.body, 0.0)
            self._news.notify_all()

    def _run(self) -> None:
        while True:
            with self._news:
                if self._stopped:
                    return
                if self._held and time.monotonic() - self._held_since > HELD:
                    for kind in list(self._held):
                        self._pack(kind)
                    self._held_since = 0.0
                now = time.monotonic()
                due = sorted((one for one in self._waiting if one.due <= now), key=lambda one: one.due)
                if not due:
                    soon = min((one.due - now for one in self._waiting), default=5.0)
                    self._news.wait(min(soon, HELD) if self._held else soon)
            for one in due:
                self._deliver(one)

    def _deliver(self, one: Delivery) -> bool:
        with self._sending:
            if one.is_done or one not in self._waiting or self._stopped:
                return False
            self.signed_with += 1
            secret = self.secrets[self.signed_with % len(self.secrets)]
            headers = {
                "Content-Type": "application/json",
                "User-Agent": "facebookexternalua",
                "X-Hub-Signature": "sha1=" + hmac.new(secret.encode(), one.body, hashlib.sha1).hexdigest(),
                "X-Hub-Signature-256": sign(secret, one.body),
            }
            one.answers.append(self.post(one.url, headers, one.body))
            with self._news:
                self._after(one)
            return one.is_done

    def _after(self, one: Delivery) -> None:
        tries = len(one.answers)
        if one.answers[-1] == 200 or tries >= MOST_TRIES:
            one.is_done = True
            self._waiting.remove(one)
            self.sent.append(one)
        else:
            one.due = time.monotonic() + min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT)

    # Callbacks that are no events

    def shake_hands(self, kind: str, url: str, verify_token: str) -> bool:
        """GET with a challenge; the address is kept only where it comes back as it was."""
        challenge = str(self.mischief.dice.randint(10**8, 10**9))
        asked = {"hub.mode": "subscribe", "hub.verify_token": verify_token, "hub.challenge": challenge}
        with suppress(httpx.HTTPError):
            answer = httpx.get(url, params=asked, timeout=10)
            if answer.status_code == 200 and answer.text == challenge:
                self.urls[kind] = url
                return True
        return False

    def call_back(self, url: str, values: Mapping[str, Any], secret: str = "") -> httpx.Response:
        """POST a signed_request (data deletion, deauthorise)."""
        signed = signed_request(secret or self.secrets[0], values)
        return httpx.post(url, data={"signed_request": signed}, timeout=10)


def _merged(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Neighbours of the same account become one entry, as the platform does."""
    merged: list[dict[str, Any]] = []
    for entry in entries:
        last = merged[-1] if merged else {}
        part = next(name for name in ("changes", "messaging") if name in entry)
        if last.get("id") == entry["id"] and part in last:
            merged[-1] = {**last, part: [*last[part], *entry[part]]}
        else:
            merged.append(entry)
    return merged
