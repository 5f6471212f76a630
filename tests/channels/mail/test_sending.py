# ruff: noqa: E501 (samples of mail stand on one line each)
"""Sending: what the receiving side gets, and what we know afterwards."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from email import policy
from email.parser import BytesParser
from typing import BinaryIO

import pytest

from ganzohr.channels.connectors.base import Account, OutgoingFile, Sending
from ganzohr.channels.connectors.mail import connector, sending
from ganzohr.channels.connectors.mail.compose import message_id
from ganzohr.channels.connectors.mail.parse import parse
from ganzohr.proofs.mailservers import Servers

AccountAt = Callable[..., Account]
TOKEN = "abcdefghijklmnopqrstuvwxyz"
TARGET = {
    "to": "anna@person.test",
    "subject": "AW: Frage",
    "in_reply_to": "<2@person.test>",
    "references": ["<1@person.test>"],
}


def answer(key: str = "answer:1", **payload: object) -> Sending:
    return Sending(
        key, "answer", TARGET, {"text": "Die Vergütung beträgt 1.100 €.\n.\nZeile", "token": TOKEN, **payload}
    )


class Script:
    """An SMTP server that follows a script: a reply for each command, and what to do at the end of the mail."""

    def __init__(self, end: str | Callable[[socket.socket], object], **replies: str) -> None:
        self.end, self.replies, self.lines = end, replies, list[str]()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        line, _ = self.listener.accept()
        with line, line.makefile("rb") as reader:
            line.sendall(b"220 hi\r\n")
            while raw := reader.readline():
                word = raw.decode().split()[0].upper()
                self.lines.append(word)
                line.sendall(self.replies.get(word, "250 ok").encode() + b"\r\n")
                if word == "DATA" and "DATA" not in self.replies:
                    self._take_mail(line, reader)
                    return
                if word == "DROP":
                    return

    def _take_mail(self, line: socket.socket, reader: BinaryIO) -> None:
        while (raw := reader.readline()) not in (b".\r\n", b""):
            self.lines.append(raw.decode())
        self.end(line) if callable(self.end) else line.sendall(self.end.encode() + b"\r\n")

    def account(self) -> Account:
        settings = {
            "address": "karriere@brand.test",
            "smtp_host": "127.0.0.1",
            "smtp_port": self.port,
            "smtp_security": "none",
        }
        return Account("mail", "k", settings, {})


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stories wait for the server's verdict half a second, not a minute."""
    monkeypatch.setattr(sending, "VERDICT_SECONDS", 0.5)


def taking(end: str | Callable[[socket.socket], object]) -> Script:
    class Taking(Script):
        def _serve(self) -> None:
            line, _ = self.listener.accept()
            with line, line.makefile("rb") as reader:
                line.sendall(b"220 hi\r\n")
                while raw := reader.readline():
                    word = raw.decode().split()[0].upper()
                    self.lines.append(word)
                    line.sendall(b"354 go\r\n" if word == "DATA" else b"250 ok\r\n")
                    if word == "DATA":
                        self._take_mail(line, reader)
                        return

    return Taking(end)


def test_the_server_took_it() -> None:
    outcome = connector.send(taking("250 queued").account(), answer())
    assert (outcome.state, outcome.external_id) == ("accepted", message_id("answer:1", "karriere@brand.test"))


def test_the_line_breaks_before_the_verdict_so_nobody_knows() -> None:
    outcome = connector.send(taking(lambda line: line.shutdown(socket.SHUT_RDWR)).account(), answer())
    assert (outcome.state, outcome.code) == ("unclear", "dropped")


def test_no_verdict_in_time_so_nobody_knows() -> None:
    never = threading.Event()
    outcome = connector.send(taking(lambda _line: never.wait(3)).account(), answer())
    assert (outcome.state, outcome.code) == ("unclear", "timeout")


@pytest.mark.parametrize(
    ("reply", "state", "code", "again"),
    [
        ("554 no", "refused", "content_refused", False),
        ("552 too large", "refused", "message_too_big", False),
        ("451 later", "refused", "asked_to_wait", True),
        ("421 closing", "refused", "connection_refused", True),
    ],
)
def test_a_clear_no_at_the_end_is_no_doubt(reply: str, state: str, code: str, again: bool) -> None:
    outcome = connector.send(taking(reply).account(), answer())
    assert (outcome.state, outcome.code, outcome.retry_at is not None) == (state, code, again)


@pytest.mark.parametrize(
    ("replies", "code", "again"),
    [
        ({"RCPT": "550 5.1.1 unknown"}, "recipient_refused", False),
        ({"RCPT": "552 mailbox full"}, "quota_full", False),
        ({"RCPT": "450 greylisted"}, "asked_to_wait", True),
        ({"MAIL": "553 not yours"}, "sender_refused", False),
        ({"DATA": "503 no"}, "content_refused", False),
    ],
)
def test_a_no_before_the_mail_was_handed_over(replies: dict[str, str], code: str, again: bool) -> None:
    outcome = connector.send(Script("", **replies).account(), answer())
    assert (outcome.state, outcome.code, outcome.retry_at is not None) == ("refused", code, again)


def test_nobody_there_means_again_later() -> None:
    settings = {"address": "k@brand.test", "smtp_host": "127.0.0.1", "smtp_port": 9, "smtp_security": "none"}
    outcome = connector.send(Account("mail", "k", settings, {}), answer())
    assert (outcome.state, outcome.code, outcome.retry_at is not None) == ("refused", "connection_refused", True)


def test_a_password_never_crosses_the_network_in_the_clear() -> None:
    settings = {"address": "k@brand.test", "smtp_host": "mail.brand.test", "smtp_security": "none"}
    outcome = connector.send(Account("mail", "k", settings, {"password": "x"}), answer())
    assert (outcome.state, outcome.code) == ("refused", "tls_failed")


@pytest.mark.parametrize("to", ["", "anna", "anna@person.test\r\nBcc: x@y.test", "<anna@person.test>", "a@b@c"])
def test_a_broken_target_is_refused_for_good(to: str) -> None:
    account = Account("mail", "k", {"address": "k@brand.test"}, {})
    outcome = connector.send(account, Sending("k", "answer", {"to": to}, {"text": "x"}))
    assert (outcome.state, outcome.code, outcome.retry_at) == ("refused", "target_invalid", None)


def test_the_candidate_gets_a_proper_mail(servers: Servers, account_at: AccountAt) -> None:
    file = OutgoingFile("Übersicht.pdf", "application/pdf", b"%PDF-1.7")
    made = Sending("answer:whole", "answer", TARGET, {"text": "Die Vergütung: 1.100 €.\n.\nZeile\n-- \nMaria", "html": "<p>1.100 €</p>", "token": TOKEN,
                                                     "headers": {"Auto-Submitted": "auto-replied"}}, (file,))  # fmt: skip
    outcome = connector.send(account_at("karriere@brand.test", from_name="Karriere Nördlich"), made)
    assert outcome.state == "accepted", outcome
    raw = arrived(servers, "anna@person.test", outcome.external_id)
    found = BytesParser(policy=policy.default).parsebytes(raw)
    assert found["From"] == "Karriere Nördlich <karriere@brand.test>"
    assert found["Reply-To"] == f"Karriere Nördlich <karriere+{TOKEN}@brand.test>"
    assert (found["Subject"], found["In-Reply-To"]) == ("Re: Frage", "<2@person.test>")
    assert found["References"] == "<1@person.test> <2@person.test>"
    assert (found["Auto-Submitted"], found["X-Ganzohr"]) == ("auto-replied", "key-of-karriere")
    read = parse(raw)
    assert read.text == "Die Vergütung: 1.100 €.\n.\nZeile\n-- \nMaria"
    assert [(f.name, f.content) for f in read.files] == [("Übersicht.pdf", b"%PDF-1.7")]


def test_without_plus_addresses_the_token_goes_into_the_subject(servers: Servers, account_at: AccountAt) -> None:
    outcome = connector.send(account_at("karriere@brand.test", plus=""), answer("answer:plain"))
    read = parse(arrived(servers, "anna@person.test", outcome.external_id))
    assert (read.subject, read.reply_to) == (f"Re: Frage [#{TOKEN}]", None)


def test_a_copy_in_the_sent_folder_settles_a_doubt(servers: Servers, account_at: AccountAt) -> None:
    account = account_at("karriere@brand.test", sent_folder="Sent")
    assert connector.find(account, answer("answer:kept")) is None
    connector.send(account, answer("answer:kept"))
    found = connector.find(account, answer("answer:kept"))
    assert found is not None
    assert (found.state, found.external_id) == ("accepted", message_id("answer:kept", "karriere@brand.test"))


def test_a_wrong_password_is_health_in_words(servers: Servers) -> None:
    account = Account("mail", "k", servers.settings("karriere@brand.test"), {"password": "wrong"})
    assert list(connector.check_steps(account)) == [
        ("imap_connect", ""), ("imap_login", "login_refused"), ("smtp_connect", ""), ("smtp_login", "login_refused"),
    ]  # fmt: skip
    assert connector.check(account) == "login_refused"
    assert connector.send(account, answer()).code == "login_refused"


def test_a_missing_folder_is_health_in_words(account_at: AccountAt) -> None:
    assert connector.check(account_at("karriere@brand.test", imap_folder="Bewerber")) == "folder_missing"
    assert connector.check(account_at("karriere@brand.test")) == ""


def arrived(servers: Servers, address: str, own_id: str) -> bytes:
    """The mail with this id, as soon as the server has delivered it."""
    ends = threading.Event()
    for _ in range(100):
        for raw in servers.inbox(address):
            if own_id.encode() in raw:
                return raw
        ends.wait(0.1)
    raise AssertionError("the mail did not arrive within ten seconds")
