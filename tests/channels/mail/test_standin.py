"""The mail servers in Python stand in for Postfix and Dovecot: the same stories, on any machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ganzohr.channels.connectors.base import Account, Sending
from ganzohr.channels.connectors.mail import connector
from ganzohr.proofs import mailservers
from ganzohr.proofs.mailservers import Servers

PASSWORDS = {"karriere@brand.test": "eins", "anna@person.test": "zwei"}


@pytest.fixture
def standins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Servers]:
    monkeypatch.setattr(mailservers, "real_ones", lambda: False)
    with mailservers.running(PASSWORDS, tmp_path) as running:
        yield running


def account(servers: Servers, address: str, **secrets: str) -> Account:
    return Account("mail", "key", servers.settings(address), secrets or servers.secrets(address))


def test_a_question_an_answer_and_a_bounce_go_through(standins: Servers) -> None:
    assert standins.name == "Python stand-ins"
    us = account(standins, "karriere@brand.test")
    assert connector.check(us) == ""
    question = b"From: anna@person.test\r\nSubject: Frage\r\nMessage-ID: <1@person.test>\r\n\r\nNoch frei?\r\n"
    standins.post("anna@person.test", f"karriere+{'a' * 26}@brand.test", question)
    stop = threading.Event()
    seen = []
    for read in connector.read(us, {}, stop):
        if not read.body:
            continue
        [one] = connector.parse(us, {}, read.body)
        seen.append((one.text, one.is_bounce, one.headers["token"]))
        if len(seen) == 1:
            answer = connector.send(us, Sending("a:1", "answer", one.target, {"text": "Ja."}))
            assert answer.state == "accepted"
            connector.send(us, Sending("a:2", "ask", {"to": "x@gone.test"}, {"text": "?", "token": "b" * 26}))
        else:
            stop.set()
    assert seen == [
        ("Noch frei?", False, "a" * 26),
        ("Your mail to <x@gone.test> could not be delivered.", True, "b" * 26),
    ]
    [received] = [connector.parse(us, {}, raw)[0] for raw in standins.inbox("anna@person.test")]
    assert (received.text, received.subject, received.reply_to) == ("Ja.", "Re: Frage", "<1@person.test>")


def test_a_wrong_password_and_an_unknown_address_are_refused(standins: Servers) -> None:
    assert connector.check(account(standins, "karriere@brand.test", password="drei")) == "login_refused"
    us = account(standins, "karriere@brand.test")
    outcome = connector.send(us, Sending("a:3", "answer", {"to": "nobody@person.test"}, {"text": "Ja."}))
    assert (outcome.state, outcome.code) == ("refused", "recipient_refused")
