"""The platform's delivering side, a process of its own that nobody kills. Keeps what it was thanked for in a file.

Delivers until told to end (SIGTERM); then it says again what was not thanked for, until all is, and ends. A file
`calm` in its folder stops new messages. A third of what the platform accepted of ours is told as delivered. Beside it
people write by the widget (`letters.py`).
"""

from __future__ import annotations

import hashlib
import heapq
import http.client
import itertools
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from ganzohr.proofs.crash import bodies, letters
from ganzohr.proofs.crash.posts import Post, posts

THREADS, FIRST_WAIT, LONGEST_WAIT = 8, 0.1, 2.0
NEWS_SHARE, MOST_AGAIN = 3, 50


class Mailbag:
    """What waits to leave, and when. Shared by the threads."""

    def __init__(self, folder: Path, seed: int, rate: float, deliveries: int) -> None:
        self.folder, self.started = folder, time.monotonic()
        self.rate, self.deliveries = rate, deliveries
        self.lock = threading.Lock()
        self.again: list[tuple[float, int, int, Post]] = []
        self.numbers = itertools.count()
        self.fresh = posts(seed, bodies.crowd(deliveries))
        self.news = self._news()
        self.flying = 0
        self.is_over = False
        self.waiting: tuple[int, Post] | None = None
        self.thanked, self.odd = (_appended(folder / name) for name in ("thanked.jsonl", "odd.jsonl"))

    def next(self) -> tuple[int, Post] | None:
        """The next post with how often it was tried, or None when nothing is due now."""
        with self.lock:
            found = self._next()
            self.flying += found is not None
            return found

    def _next(self) -> tuple[int, Post] | None:
        now = time.monotonic()
        if self.again and self.again[0][0] <= now:
            _due, _number, tries, post = heapq.heappop(self.again)
            return tries, post
        if (told := next(self.news, None)) is not None:
            return 0, told
        if self.is_over or len(self.again) > MOST_AGAIN or (self.folder / "calm").exists():
            return None
        self.waiting = self.waiting or next(self.fresh)
        if self._due(self.waiting[0]) > now:
            return None
        _count, post = self.waiting
        self.waiting = None
        return 0, post

    def _due(self, count: int) -> float:
        """When the n-th message leaves: evenly, and seldom once there are enough."""
        slow = max(0, count - self.deliveries)
        return self.started + (count - slow + 4 * slow) / self.rate

    def is_empty(self) -> bool:
        """Whether all that was begun is thanked for."""
        with self.lock:
            return not self.again and not self.flying

    def done(self, post: Post, tries: int, answered: int) -> None:
        """Keep what was thanked for; everything else that is right comes again, with patience."""
        with self.lock:
            self.flying -= 1
            if post.wrong:
                if answered == 200:
                    _write(self.odd, {"wrong": post.wrong, "ids": post.ids})
            elif answered == 200:
                digest = hashlib.sha256(post.content).hexdigest()
                _write(self.thanked, {"ids": post.ids, "digest": digest, "damaged": post.is_damaged})
            else:
                due = time.monotonic() + min(FIRST_WAIT * 2**tries, LONGEST_WAIT)
                heapq.heappush(self.again, (due, next(self.numbers), tries + 1, post))

    def _news(self) -> Iterator[Post | None]:
        """A third of what the platform took of ours, told as delivered; None while there is nothing new."""
        with (self.folder / "accepted.jsonl").open() as file:
            while True:
                line = file.readline()
                if not line.endswith("\n"):
                    file.seek(file.tell() - len(line))
                    yield None
                    continue
                one = json.loads(line)
                if int(hashlib.sha256(one["key"].encode()).hexdigest(), 16) % NEWS_SHARE == 0:
                    content = bodies.status(one["number"], one["key"], one["id"], one["to"])
                    yield Post(content, bodies.signed(content), ())


def _appended(path: Path) -> IO[str]:
    return path.open("a", buffering=1)


def _write(file: IO[str], values: dict[str, Any]) -> None:
    file.write(json.dumps(values) + "\n")


def _deliver(bag: Mailbag, url: str) -> None:
    parts, line = urlsplit(url), None
    while not (bag.is_over and bag.is_empty()):
        found = bag.next()
        if found is None:
            time.sleep(0.02)
            continue
        tries, post = found
        answered = 0
        try:
            if post.is_cut:
                _cut(parts.hostname or "", parts.port or 80, parts.path, post)
            else:
                line = line or http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=15)
                line.request("POST", parts.path, post.content, _headers(post))
                answer = line.getresponse()
                answer.read()
                answered = answer.status
        except (OSError, http.client.HTTPException):
            if line:
                line.close()
            line = None
        bag.done(post, tries, answered)


def _headers(post: Post) -> dict[str, str]:
    return {"Content-Type": "application/json", "X-Hub-Signature-256": post.signature}


def _cut(host: str, port: int, path: str, post: Post) -> None:
    """Says how long it is and hangs up in the middle."""
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(post.content)}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in _headers(post).items())
    with socket.create_connection((host, port), timeout=5) as line:
        line.sendall(head.encode() + b"\r\n" + post.content[: len(post.content) // 2])


def main() -> None:
    """Told by the environment where to deliver, how fast, and where to keep what was thanked for."""
    told = json.loads(os.environ["GANZOHR_PROOF_SENDER"])
    bag = Mailbag(Path(told["folder"]), told["seed"], told["rate"], told["deliveries"])

    def end(*_: object) -> None:
        bag.is_over = True

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, end)
    urls = itertools.cycle(told["urls"])
    threads = [threading.Thread(target=_deliver, args=(bag, next(urls)), daemon=True) for _ in range(THREADS)]
    widget = (bag.folder, told["sites"], lambda: bag.is_over)
    threads.append(threading.Thread(target=letters.write, args=widget, daemon=True))
    for one in threads:
        one.start()
    for one in threads:
        while one.is_alive():
            one.join(0.2)
    sys.exit(0)


if __name__ == "__main__":
    main()
