# ruff: noqa: E501 (samples of mail stand on one line each)
"""Reading a real mailbox: at once, in order, each mail once, whatever happens to the line."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from imapclient import IMAPClient  # type: ignore[import-untyped,unused-ignore]

from ganzohr.channels.connectors.base import Account, Read, Sending, Trouble
from ganzohr.channels.connectors.mail import connector, reading
from ganzohr.channels.connectors.mail.parse import parse
from ganzohr.proofs.mailservers import Servers

AccountAt = Callable[..., Account]
WITHIN = 15.0


class Reader:
    """Runs the reader in a thread and keeps what a channel would keep: mails by key, and the cursor after each."""

    def __init__(self, account: Account, cursor: dict[str, Any] | None = None) -> None:
        self.account, self.cursor, self.kept = account, cursor or {}, dict[bytes, bytes]()
        self.reads: list[Read] = []
        self.changed = threading.Condition()
        self.stop = threading.Event()
        self.trouble: Trouble | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            for found in connector.read(self.account, self.cursor, self.stop):
                with self.changed:
                    self.reads.append(found)
                    if found.body:
                        self.kept[connector.delivery_key(self.account, found.path, {}, found.body)] = found.body
                    self.cursor = dict(found.cursor)
                    self.changed.notify_all()
        except Trouble as trouble:
            self.trouble = trouble

    def until(self, true: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(true, WITHIN), f"{len(self.reads)} reads, {len(self.kept)} mails"

    def subjects(self) -> list[str]:
        return [parse(raw).subject for raw in self.kept.values()]

    def end(self) -> float:
        began = time.monotonic()
        self.stop.set()
        self.thread.join(5)
        return time.monotonic() - began


Readers = Callable[..., Reader]


@pytest.fixture
def reader() -> Iterator[Readers]:
    made: list[Reader] = []

    def make(*args: Any) -> Reader:
        made.append(Reader(*args))
        return made[-1]

    yield make
    for one in made:
        one.end()


def letter(subject: str, body: str = "Hallo", more: str = "") -> bytes:
    name = subject.replace(" ", ".")
    return (
        f"From: Anna <anna@person.test>\r\nTo: karriere@brand.test\r\nSubject: {subject}\r\nMessage-ID: <{name}@person.test>\r\n"
        f"Date: Sat, 21 Nov 2026 20:02:34 +0100\r\n{more}\r\n{body}\r\n"
    ).encode()


def test_a_mail_arrives_within_seconds_while_we_idle(servers: Servers, account_at: AccountAt, reader: Readers) -> None:
    servers.post("anna@person.test", "ausbildung@brand.test", letter("earlier"))
    idle = reader(account_at("ausbildung@brand.test"))
    idle.until(lambda: len(idle.kept) == 1)
    began = time.monotonic()
    servers.post("anna@person.test", f"ausbildung+{'a' * 26}@brand.test", letter("at once"))
    idle.until(lambda: len(idle.kept) == 2)
    assert time.monotonic() - began < 20  # eight where the server overlooked it while IDLE began, never nine minutes
    assert idle.subjects() == ["earlier", "at once"]
    assert idle.end() < 1


def test_without_idle_it_asks_again_and_again(
    servers: Servers, account_at: AccountAt, reader: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(IMAPClient, "has_capability", lambda _self, name: name != "IDLE")
    polling = reader(account_at("poll@brand.test", poll_seconds=0.2))
    polling.until(lambda: len(polling.reads) == 1)
    servers.post("anna@person.test", "poll@brand.test", letter("found by asking"))
    polling.until(lambda: len(polling.kept) == 1)
    assert polling.subjects() == ["found by asking"]
    assert polling.end() < 1


def test_reading_goes_on_where_it_stopped(servers: Servers, account_at: AccountAt, reader: Readers) -> None:
    servers.post("anna@person.test", "karriere@brand.test", letter("before the pause"))
    first = reader(account_at("karriere@brand.test"))
    first.until(lambda: "before the pause" in first.subjects())
    first.end()
    servers.post("anna@person.test", "karriere@brand.test", letter("during the pause"))
    second = reader(account_at("karriere@brand.test"), first.cursor)
    second.until(lambda: len(second.kept) >= 1)
    assert second.subjects() == ["during the pause"]


def test_new_uids_of_the_server_mean_no_loss_and_no_duplicate(
    servers: Servers, account_at: AccountAt, reader: Readers
) -> None:
    for number in range(3):
        servers.post("anna@person.test", "valid@brand.test", letter(f"valid {number}"))
    before = reader(account_at("valid@brand.test"))
    before.until(lambda: len(before.kept) == 3)
    before.end()
    time.sleep(1.1)  # UIDVALIDITY is a time in whole seconds
    for path in servers.maildir("valid@brand.test").glob("dovecot*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    servers.post("anna@person.test", "valid@brand.test", letter("valid 3"))
    after = reader(account_at("valid@brand.test"), before.cursor)
    after.kept.update(before.kept)
    after.until(lambda: len([read for read in after.reads if read.body]) == 4)
    assert after.cursor["uidvalidity"] != before.cursor["uidvalidity"]
    assert sorted(after.subjects()) == ["valid 0", "valid 1", "valid 2", "valid 3"]


class Cutter:
    """A line to the mail server that can be cut."""

    def __init__(self, port: int) -> None:
        self.target, self.lines = port, list[socket.socket]()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                here, _ = self.listener.accept()
            except OSError:
                return
            there = socket.create_connection(("127.0.0.1", self.target))
            self.lines += [here, there]
            for source, sink in ((here, there), (there, here)):
                threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass

    def cut(self) -> None:
        for line in self.lines:
            line.shutdown(socket.SHUT_RDWR)
            line.close()
        self.lines.clear()


def test_a_line_cut_while_we_idle_is_mended_and_nothing_is_lost(
    servers: Servers, account_at: AccountAt, reader: Readers
) -> None:
    cutter = Cutter(servers.imap_port)
    idle = reader(account_at("cut@brand.test", imap_port=cutter.port))
    servers.post("anna@person.test", "cut@brand.test", letter("before the cut"))
    idle.until(lambda: len(idle.kept) == 1)
    cutter.cut()
    servers.post("anna@person.test", "cut@brand.test", letter("after the cut"))
    idle.until(lambda: len(idle.kept) == 2)
    assert idle.subjects() == ["before the cut", "after the cut"]
    assert idle.trouble is None
    cutter.listener.close()


def test_a_wrong_password_ends_reading_with_words(servers: Servers, reader: Readers) -> None:
    locked = reader(Account("mail", "k", servers.settings("karriere@brand.test"), {"password": "wrong"}))
    locked.thread.join(10)
    assert locked.trouble is not None
    assert locked.trouble.code == "login_refused"


def test_a_server_that_stays_away_is_said_in_words(reader: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_pause", lambda _failures: 0.01)
    settings = {"address": "k@brand.test", "imap_host": "127.0.0.1", "imap_port": 9, "imap_security": "none"}
    away = reader(Account("mail", "k", settings, {"password": "x"}))
    away.thread.join(10)
    assert away.trouble is not None
    assert away.trouble.code == "connection_refused"


def test_a_bounce_of_our_mail_is_recognised_with_the_mail_it_is_about(
    servers: Servers, account_at: AccountAt, reader: Readers
) -> None:
    account = account_at("bounce@brand.test")
    sent = connector.send(
        account,
        Sending(
            "bounce:1", "ask", {"to": "kollege@gone.test"}, {"text": "Frage", "subject": "Frage", "token": "b" * 26}
        ),
    )
    box = reader(account)
    box.until(lambda: len(box.kept) == 1)
    [raw] = box.kept.values()
    [incoming] = connector.parse(account, {}, raw)
    assert (incoming.is_bounce, incoming.is_automatic) == (True, True)
    assert incoming.headers["bounce_of"] == sent.external_id
    assert incoming.headers["failed"] == ["kollege@gone.test"]
    assert incoming.headers["token"] == "b" * 26


class HalfBroken:
    """A server that cannot read one of its mails."""

    AbortError = IMAPClient.AbortError

    def fetch(self, uids: list[int], what: list[str]) -> dict[int, dict[bytes, bytes]]:
        if 2 in uids and "HEADER" not in what[0]:
            raise IMAPClient.Error("NO [SERVERBUG] Internal error")
        return {uid: {b"BODY[]<0>": f"Subject: {uid}\r\n\r\n".encode()} for uid in uids}


def test_a_mail_the_server_cannot_read_does_not_keep_the_others_back() -> None:
    found = list(reading._fetched(HalfBroken(), [1, 2, 3]))
    assert [(uid, parse(raw).subject) for uid, raw in found] == [(1, "1"), (2, "2"), (3, "3")]


def test_large_mail_comes_whole(servers: Servers, account_at: AccountAt, reader: Readers) -> None:
    content = b"\0\1\2\3" * 2_500_000
    account = account_at("large@brand.test")
    from ganzohr.channels.connectors.base import OutgoingFile

    made = Sending(
        "large:1",
        "answer",
        {"to": "large@brand.test"},
        {"text": "Anbei", "subject": "Groß"},
        (OutgoingFile("gross.bin", "application/x-b", content),),
    )
    assert connector.send(account_at("anna@person.test"), made).state == "accepted"
    box = reader(account)
    box.until(lambda: len(box.kept) == 1)
    [incoming] = connector.parse(account, {}, next(iter(box.kept.values())))
    assert [(file.name, file.content == content) for file in incoming.files] == [("gross.bin", True)]


ENCODED = {
    "8bit": letter("eight bit", "Vergütung: 1.100 €", "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"),
    "iso": letter("iso", "X", "Content-Type: text/plain; charset=iso-8859-15\r\nContent-Transfer-Encoding: 8bit\r\n").replace(b"X", "Vergütung: 1.100 €".encode("iso-8859-15")),
    "quoted": letter("quoted", "Verg=C3=BCtung: 1.100 =E2=82=AC", "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"),
}  # fmt: skip


def test_every_encoding_survives_the_way_through_real_servers(
    servers: Servers, account_at: AccountAt, reader: Readers
) -> None:
    account = account_at("anna@person.test")
    box = reader(account)
    for raw in ENCODED.values():
        servers.post("karriere@brand.test", "anna@person.test", raw)
    box.until(lambda: {"eight bit", "iso", "quoted"} <= set(box.subjects()))
    texts = {parse(raw).subject: parse(raw).text for raw in box.kept.values()}
    assert {texts["eight bit"], texts["iso"], texts["quoted"]} == {"Vergütung: 1.100 €"}
