"""What is done by a deadline ends with it, however slowly the other side lives."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import pytest

from ganzohr.core import deadline, reach, web

Talk = Callable[[socket.socket], object]
SECONDS = 0.3
HEAD = b"HTTP/1.1 200 OK\r\nX-A: %s\r\n\r\n" % (b"a" * 1000)


@contextmanager
def server(talk: Talk) -> Iterator[int]:
    """Somebody who takes one call; its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError), listener.accept()[0] as line:
            talk(line)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with listener:
        yield listener.getsockname()[1]
    thread.join(2)


def drips(reply: bytes) -> Talk:
    """Takes what is said and answers a byte at a time, for ever on time."""

    def talk(line: socket.socket) -> None:
        line.recv(65536)
        for number in reply:
            line.sendall(bytes([number]))
            time.sleep(0.01)

    return talk


def sips(line: socket.socket) -> None:
    """Takes what is sent a little at a time."""
    for _ in range(80):
        line.recv(4096)
        time.sleep(0.01)


def never_ends(line: socket.socket) -> None:
    """Answers with a body that has no length, and goes on holding the line."""
    line.recv(65536)
    line.sendall(HEAD)
    line.recv(1)


@pytest.mark.parametrize(
    ("talk", "request_"),
    [
        (drips(HEAD), {}),
        (drips(HEAD[:20] + b"\r\n" + b"b" * 1000), {}),
        (lambda line: line.sendall(HEAD) or (line.recv(65536) and line.recv(1)), {}),
        (sips, {"content": b"x" * 20_000_000}),
    ],
    ids=["the head drips", "the body drips", "a body without an end", "the upload is sipped"],
)
def test_an_exchange_ends_when_its_time_is_over(talk: Talk, request_: Any) -> None:
    with server(talk) as port:
        began = time.monotonic()
        with pytest.raises(httpx.ReadTimeout):
            web.exchange("POST", f"http://127.0.0.1:{port}/", timeout=SECONDS, most=10_000, **request_)
        assert time.monotonic() - began < SECONDS * 2


def test_an_earlier_deadline_around_holds_and_after_it_nothing_is_begun() -> None:
    with deadline.within(SECONDS), server(drips(HEAD)) as port:
        for problem in (httpx.ReadTimeout, httpx.ConnectTimeout):
            with pytest.raises(problem):
                web.exchange("POST", f"http://127.0.0.1:{port}/", timeout=60, most=10_000)
        with pytest.raises(TimeoutError):
            reach.connect("127.0.0.1", port, 60)
    assert deadline.left(7) == 7


def test_a_line_ends_with_the_deadline_it_was_opened_in() -> None:
    with server(lambda line: line.recv(1)) as port, deadline.within(SECONDS) as ends:
        line = reach.connect("127.0.0.1", port, 60)
        line.settimeout(60)  # its own time, that of one read, would be over in the same moment
        assert (line.recv(1), ends.was_cut) == (b"", True)
