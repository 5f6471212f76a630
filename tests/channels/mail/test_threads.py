"""A mail finds its thread again, and a forged token opens nothing."""

from __future__ import annotations

import pytest

from ganzohr.channels.connectors.mail import threads
from ganzohr.channels.connectors.mail.parse import parse

KEY = b"a key of thirty-two bytes length"
US = "karriere@brand.test"


def answer(*lines: str, text: str = "Hallo") -> bytes:
    return "\n".join(["From: anna@person.test", "Message-ID: <9@person.test>", *lines, "", text]).encode()


def test_a_token_is_read_by_who_made_it_and_survives_another_case() -> None:
    token = threads.make_token(4711, KEY, "conversation")
    assert threads.read_token(token, KEY, "conversation") == 4711
    assert threads.read_token(token.upper(), KEY, "conversation") == 4711
    assert token == token.lower()
    assert len(threads.plus_address("k" * 30 + "@brand.test", token).partition("@")[0]) <= 64


@pytest.mark.parametrize("number", [0, 1, 2**32, 2**63])
def test_every_number_has_a_token(number: int) -> None:
    assert threads.read_token(threads.make_token(number, KEY, "p"), KEY, "p") == number


def test_a_forged_token_opens_nothing() -> None:
    token = threads.make_token(4711, KEY, "conversation")
    other = threads.make_token(4711, b"another key", "conversation")
    changed = token[:-2] + ("aa" if not token.endswith("aa") else "bb")
    purpose = threads.make_token(4711, KEY, "ask")
    for forged in (other, changed, purpose, "", "a" * 24, "ä", token + "a" * 8):
        assert threads.read_token(forged, KEY, "conversation") is None


def test_random_tokens_fit_everywhere_a_token_goes() -> None:
    token = threads.random_token()
    assert len(token) == 26
    assert threads.tokens(parse(answer(f"To: karriere+{token}@brand.test")), US) == (token,)


TOKEN = "abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize(
    "mail",
    [
        answer(f"To: karriere+{TOKEN}@brand.test"),
        answer(f"To: Karriere <Karriere+{TOKEN.upper()}@Brand.test>"),
        answer(f"Cc: karriere+{TOKEN}@brand.test", "To: x@y.test"),
        answer("To: undisclosed-recipients:;", f"Delivered-To: karriere+{TOKEN}@brand.test"),
        answer("To: x@y.test", f"X-Original-To: jobs+{TOKEN}@alias.test"),
        answer(f"Subject: Re: Frage [#{TOKEN}]"),
        answer("Subject: Re: Frage", text=f"Ja.\n\n> Bitte antworten\n> [#{TOKEN}]\n"),
    ],
)
def test_a_token_is_found_wherever_it_comes_back(mail: bytes) -> None:
    assert threads.tokens(parse(mail), US) == (TOKEN,)


def test_the_plus_address_counts_before_the_subject() -> None:
    other = "b" * 26
    found = threads.tokens(
        parse(answer(f"Subject: [#{other}]", f"To: jobs+{'c' * 26}@x.test, karriere+{TOKEN}@brand.test")), US
    )
    assert found == (TOKEN, "c" * 26, other)


def test_the_first_token_that_holds_decides() -> None:
    assert threads.first_valid(["x", "y", "z"], {"y": 1, "z": 2}.get) == 1
    assert threads.first_valid(["x"], {"y": 1}.get) is None


def test_people_never_see_two_tokens_in_a_subject() -> None:
    assert (
        threads.subject_with("Re: Frage [#aaaaaaaa] zur [#bbbbbbbb] Lehre", TOKEN) == f"Re: Frage zur Lehre [#{TOKEN}]"
    )
    assert threads.without_token(f"Re: Frage [#{TOKEN}]") == "Re: Frage"


def test_all_mails_of_a_thread_have_one_key() -> None:
    first = parse(b"From: a@b.test\nMessage-ID: <1@b.test>\n\nx")
    later = parse(answer("In-Reply-To: <g.2@brand.test>", "References: <1@b.test> <g.2@brand.test>"))
    assert threads.thread_key(first) == threads.thread_key(later) == "<1@b.test>"
    assert threads.ancestors(later) == ("<g.2@brand.test>", "<1@b.test>")


def test_a_monstrous_id_gets_a_short_stand_in() -> None:
    assert threads.short_id("<" + "x" * 500 + "@b.test>") == threads.short_id("<" + "x" * 500 + "@b.test>")
    assert len(threads.short_id("<" + "x" * 500 + "@b.test>")) <= 200
