"""No `send` and no `find` outlasts its time, whatever the sum of its steps; fractions of a second stand for minutes."""

from __future__ import annotations

import importlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, TypeVar

import pytest

from ganzohr.channels import claiming, health, outbox, outcomes
from ganzohr.channels.connectors import connector
from ganzohr.channels.connectors.base import FIND_SECONDS, SEND_SECONDS, Account, Outcome, OutgoingFile, Sending
from ganzohr.channels.connectors.facebook import finding, roads
from ganzohr.channels.connectors.mail import sending as mail
from ganzohr.channels.connectors.whatsapp import media
from ganzohr.channels.models import Outgoing
from ganzohr.core import deadline, times
from tests.channels.mail.test_sending import Script, answer
from tests.channels.meta.scripted import Asked, Graph, Reply, scripted
from tests.channels.whatsapp.bodies import NUMBER, PHONE

AT = datetime(2026, 11, 20, 21, 40, tzinfo=UTC)
SOON = 1.5  # seconds: far less than any honest sum, and time enough for a busy machine
TARGETS: dict[str, dict[str, str]] = {"facebook": {"recipient_id": "7001"}, "whatsapp": {"to": PHONE}}
VOICE = OutgoingFile("a.ogg", "audio/ogg", b"OggS")
PICTURE = OutgoingFile("a.png", "image/png", b"PNG")
GOOD = {"id": "1", "attachment_id": "1", "message_id": "m", "messages": [{"id": "m"}]}
Found = TypeVar("Found")


class Slow(Graph):
    """Answers well, after a while that would be in order for one question."""

    waits: tuple[str, float] = ("", 0.0)

    def answer(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        if asked.path.endswith(self.waits[0]):
            self.ending.wait(self.waits[1])
        return Reply(GOOD)

    @property
    def heard(self) -> list[Asked]:
        return [one for one in self.asked if one.path.endswith("/messages")]


@pytest.fixture
def graph() -> Iterator[Slow]:
    with scripted() as found:
        found.__class__ = Slow
        assert isinstance(found, Slow)
        yield found


def hurry(monkeypatch: pytest.MonkeyPatch, module: str, **seconds: float) -> None:
    for name, value in seconds.items():
        monkeypatch.setattr(importlib.import_module(f"ganzohr.channels.connectors.{module}"), name, value)


def timed(call: Callable[[], Found]) -> tuple[Found, bool]:
    """What it says, and whether it says it soon."""
    began = time.monotonic()
    with times.frozen(AT):
        said = call()
    return said, time.monotonic() - began < SOON


def send(graph: Graph, kind: str, files: int) -> tuple[Outcome, bool]:
    payload = {"text": "Ja, gern.", "window_from": AT.isoformat()}
    one = Sending("k", "answer", TARGETS[kind], payload, files=(VOICE,) * files)
    return timed(lambda: connector(kind).send(graph.account(kind, phone_number_id=NUMBER), one))


def test_a_send_ends_well_before_its_lease() -> None:
    assert timedelta(seconds=SEND_SECONDS) < outbox.LONGEST_CALL < claiming.LEASE
    assert timedelta(seconds=SEND_SECONDS + FIND_SECONDS) < claiming.LEASE
    assert max(media.UPLOAD_SECONDS, roads.UPLOAD_SECONDS) + mail.ENOUGH_SECONDS < SEND_SECONDS


@pytest.mark.parametrize(
    ("kind", "module", "path"), [("facebook", "facebook.roads", "attachments"), ("whatsapp", "whatsapp.media", "media")]
)
def test_files_that_take_too_long_together_go_again_and_nothing_was_said(
    monkeypatch: pytest.MonkeyPatch, graph: Slow, kind: str, module: str, path: str
) -> None:
    hurry(monkeypatch, module, UPLOAD_SECONDS=0.4)
    graph.waits = (path, 0.15)
    outcome, is_soon = send(graph, kind, files=20)
    assert (outcome.state, outcome.retry_at is not None, graph.heard, is_soon) == ("refused", True, [], True)


@pytest.mark.parametrize("kind", TARGETS)
def test_messages_that_take_too_long_together_are_for_a_person_to_judge(
    monkeypatch: pytest.MonkeyPatch, graph: Slow, kind: str
) -> None:
    hurry(monkeypatch, f"{kind}.sending", SEND_SECONDS=0.8)
    graph.waits = ("/messages", 0.35)
    outcome, is_soon = send(graph, kind, files=5)
    assert (outcome.state, outcome.code, outcome.retry_at, is_soon) == ("unclear", "half_sent", None, True)
    assert len(graph.heard) < 6


@pytest.mark.parametrize("kind", TARGETS)
def test_where_no_time_is_left_nothing_is_said_and_it_goes_again(
    monkeypatch: pytest.MonkeyPatch, graph: Slow, kind: str
) -> None:
    hurry(monkeypatch, f"{kind}.sending", SEND_SECONDS=0.0)
    outcome, is_soon = send(graph, kind, files=0)
    assert (outcome.state, outcome.retry_at is not None, graph.asked, is_soon) == ("refused", True, [], True)


def test_who_slept_over_its_lease_says_nothing_after_its_picture(monkeypatch: pytest.MonkeyPatch, graph: Slow) -> None:
    """`find` goes by the words, which come last: while a picture is under way they are not there."""
    real, asked = deadline.now, graph.asked
    monkeypatch.setattr(deadline, "now", lambda: real() + (180.0 if asked else 0.0))
    one = Sending("k", "answer", {"comment_id": "11_501"}, {"text": "Ja, gern."}, files=(PICTURE,))
    outcome, is_soon = timed(lambda: connector("facebook").send(graph.account(), one))
    assert (outcome.state, outcome.retry_at is not None, is_soon) == ("refused", True, True)
    assert [one.path.rpartition("/")[2] for one in asked] == ["photos"]


def test_looking_for_a_comment_ends_too(monkeypatch: pytest.MonkeyPatch, graph: Slow) -> None:
    hurry(monkeypatch, "facebook.finding", FIND_SECONDS=0.3, PATIENCE=0.0)
    graph.waits = ("/comments", 5.0)
    lost = Sending("k", "answer", {"comment_id": "11_501"}, {"text": "Ja"}, since=AT)
    assert timed(lambda: finding.find(graph.account(), lost)) == (None, True)


def drips(line: socket.socket) -> None:
    """One more line of an answer that has no last one, each well in time."""
    for _ in range(300):
        line.sendall(b"250-so\r\n")
        threading.Event().wait(0.01)


class Dripping(Script):
    """A mail server that never ends its answer to one word."""

    def __init__(self, word: str) -> None:
        self.word = word
        super().__init__(drips, DATA="354 go")

    def _serve(self) -> None:
        line, _ = self.listener.accept()
        with line, line.makefile("rb") as reader:
            line.sendall(b"220 hi\r\n")
            try:
                while raw := reader.readline():
                    self.lines.append(raw.decode())
                    if raw.split()[0].decode().upper() == self.word:
                        drips(line)
                    elif raw == b"DATA\r\n" or raw == b"data\r\n":
                        line.sendall(b"354 go\r\n")
                        self._take_mail(line, reader)
                    else:
                        line.sendall(b"250 ok\r\n")
            except OSError:
                return


def mailed(server: Script) -> tuple[Outcome, bool]:
    return timed(lambda: connector("mail").send(server.account(), answer()))


def test_a_mail_server_that_drips_before_the_end_has_taken_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch, "mail.connector", SEND_SECONDS=0.3)
    outcome, is_soon = mailed(Dripping("MAIL"))
    assert (outcome.state, outcome.retry_at is not None, is_soon) == ("refused", True, True)


def test_a_mail_server_that_drips_at_the_end_leaves_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch, "mail.connector", SEND_SECONDS=0.7)
    hurry(monkeypatch, "mail.sending", ENOUGH_SECONDS=0.01)
    outcome, is_soon = mailed(Dripping(""))
    assert (outcome.state, outcome.code, is_soon) == ("unclear", "dropped", True)


def test_without_time_for_a_verdict_a_mail_is_not_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch, "mail.connector", SEND_SECONDS=5.0)
    server = Dripping("")
    outcome, is_soon = mailed(server)
    assert (outcome.state, outcome.code, outcome.retry_at is not None, is_soon) == ("refused", "too_slow", True, True)


class Deaf(Dripping):
    """Says that the mail may come, and takes none of it."""

    def _take_mail(self, line: socket.socket, reader: BinaryIO) -> None:
        line.recv(1)
        threading.Event().wait(2)


def test_a_mail_too_large_for_its_line_is_shown_to_somebody_after_ten_tries_and_calls_no_channel_ill(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hurry(monkeypatch, "mail.connector", SEND_SECONDS=0.7)
    monkeypatch.setattr("ganzohr.channels.connectors.mail.sending._dotted", lambda payload: b"x" * 40_000_000)
    outcome, is_soon = mailed(Deaf(""))
    assert (outcome.state, outcome.code, outcome.retry_at is not None, is_soon) == ("refused", "too_slow", True, True)
    rows = [Outgoing(kind="answer", created_at=times.now(), attempts=tried) for tried in (9, 10)]
    assert [outcomes._may_try_again(row, outcome) for row in rows] == [True, False]
    assert health.rest_after(outcome.code) is None


def test_looking_for_a_mail_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch, "mail.connector", FIND_SECONDS=0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings: dict[str, Any] = {"address": "k@brand.test", "imap_host": "127.0.0.1", "imap_security": "none"}
        account = Account("mail", "k", settings | {"imap_port": silent.getsockname()[1]}, {})
        assert timed(lambda: connector("mail").find(account, answer())) == (None, True)
