# ruff: noqa: E501 (samples of mail stand on one line each)
"""Sending: what the receiving side gets, and what we know afterwards."""

from __future__ import annotations

import base64
import contextlib
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import policy
from email.parser import BytesParser
from typing import BinaryIO, cast

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from ganzohr.channels.connectors.base import Account, OutgoingFile, Sending, Trouble
from ganzohr.channels.connectors.mail import connector, sending, settings
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
    assert (outcome.state, outcome.code) == ("unclear", "timeout_after")


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
    ("reply", "state"),
    [
        ("251 will forward", "accepted"),
        ("200 queued", "accepted"),
        ("354 go on", "unclear"),
        ("150 wait", "unclear"),
        ("999 what", "unclear"),
        ("<html>502 Bad Gateway", "unclear"),
        ("", "unclear"),
    ],
)
def test_an_answer_at_the_end_that_is_no_clear_no_never_sends_the_mail_again(reply: str, state: str) -> None:
    outcome = connector.send(taking(reply).account(), answer())
    assert (outcome.state, outcome.external_id, outcome.retry_at) == (
        state, message_id("answer:1", "karriere@brand.test"), None,
    )  # fmt: skip


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


def test_a_token_signs_in_where_passwords_are_no_longer_taken() -> None:
    server = Listening(["235 welcome"])
    server.sign_in()
    assert server.heard == ["AUTH", "user=k@brand.test\x01auth=Bearer access-1\x01\x01"]


def test_a_refused_token_asks_for_a_new_sign_in() -> None:
    server = Listening(["334 eyJzdGF0dXMiOiI0MDEifQ==", "535 5.7.3 no"])
    with pytest.raises(Trouble) as caught:
        server.sign_in()
    assert caught.value.code == "oauth_expired"


class Listening:
    """An SMTP connection that hears a sign-in and answers as told."""

    def __init__(self, answers: list[str]) -> None:
        self.answers, self.heard = answers, list[str]()

    def docmd(self, word: str, rest: str = "") -> tuple[int, bytes]:
        if word:
            self.heard += [word, base64.b64decode(rest.partition(" ")[2]).decode()]
        code, _, text = self.answers.pop(0).partition(" ")
        return int(code), text.encode()

    def sign_in(self) -> None:
        values = {"address": "k@brand.test", "auth": "microsoft"}
        secrets = {"access_token": "access-1", "expires_at": str(time.time() + 3600)}
        sending.sign_in(cast(smtplib.SMTP, self), settings.read(Account("mail", "k", values, secrets)))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A port where somebody speaks TLS with a certificate nobody vouches for."""
    folder = tmp_path_factory.mktemp("stranger")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stranger")])
    today = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, today, today + timedelta(days=1))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "both.pem").write_bytes(private + made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    listener = socket.create_server(("127.0.0.1", 0))
    ending = threading.Event()

    def serve() -> None:
        while not ending.is_set():
            with contextlib.suppress(OSError):
                line, _ = listener.accept()
                with contextlib.suppress(OSError), context.wrap_socket(line, server_side=True) as safe:
                    safe.recv(1)

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    ending.set()
    listener.close()


def test_a_certificate_nobody_vouches_for_is_not_believed(stranger: int) -> None:
    values = {
        "address": "k@brand.test", "imap_host": "127.0.0.1", "imap_port": stranger, "imap_security": "tls",
        "smtp_host": "127.0.0.1", "smtp_port": stranger, "smtp_security": "tls",
    }  # fmt: skip
    account = Account("mail", "k", values, {"password": "secret"})
    assert list(connector.check_steps(account)) == [
        ("imap_connect", "certificate_wrong"), ("smtp_connect", "certificate_wrong"),
    ]  # fmt: skip
