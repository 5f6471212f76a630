# ruff: noqa: E501 (samples stand on one line each)
"""Whatever platforms, mail programs and strangers send: read as far as it goes, never worse than a `ValueError`."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganzohr.channels.connectors import KINDS, connector
from ganzohr.channels.connectors.base import Incoming
from tests.channels.test_connector_contract import CASES, MAIL, Case
from tests.security.nasty import IS_LONG, damaged, torn, tried

SIZE = 400_000 if IS_LONG else 15_000
PATIENCE = (
    3.0 if IS_LONG else 2.0
)  # seconds of this process: generous for a slow machine, far too little for anything quadratic


def read(kind: str, case: Case, body: bytes) -> list[Incoming]:
    speaks = connector(kind)
    speaks.verify(case.account, "", case.headers, body)
    try:
        found = speaks.parse(case.account, case.headers, body)
        key = speaks.delivery_key(case.account, "", case.headers, body)
    except ValueError:
        return []
    assert isinstance(key, bytes)
    for one in found:
        assert isinstance(one, Incoming)
        assert len(one.external_id) <= 300 and len(one.sender_id) <= 300, one
        kept = json.dumps([one.text, one.external_id, one.sender_id, one.sender_name, one.target, one.headers])
        assert "\\u0000" not in kept, "no database takes it"
        assert "\\ud800" not in kept, "half a character"
    return found


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "mail"])
def test_a_damaged_delivery_is_read_as_far_as_it_goes(kind: str) -> None:
    case = CASES[kind]()
    bodies = (*case.bodies, *case.kinds.values(), *((case.batch,) if case.batch else ()))

    @tried(60)
    @given(damaged(bodies))
    def story(body: bytes) -> None:
        read(kind, case, body)

    story()


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_nested_too_deep_ends_the_reading(kind: str) -> None:
    case = CASES[kind]()
    for one in (b"[", b'{"a":', b'{"entry":[', b'{"entry":{"changes":'):
        read(kind, case, one * 20_000)
        read(kind, case, one * 900 + b"1" + b"]" * 900)


PIECES = [
    "--b\r\n", "--b--\r\n", "Content-Type: multipart/alternative; boundary=b\r\n", "Content-Type: message/rfc822\r\n\r\n",
    "Content-Type: text/html; charset=utf-7\r\n", "Content-Transfer-Encoding: base64\r\n", "\r\n", "=?utf-8?q?=00?=\r\n",
    "Content-Disposition: attachment; filename*0*=utf-8''a%00; filename*1=b\r\n", "Subject: =?x?b?/////?=\r\n", "\x00",
    "Content-Type: text/plain; charset=" + "x" * 300 + "\r\n", "From: \r\n", "From: a@b, c@d, =?utf-8?q?=0A?= <x@y>\r\n",
    "Date: Fri, 99 Nov 99999 99:99:99 +9999\r\n", "Message-ID: " + "<" * 50 + "\r\n", "References: <a> <b\r\n", "> > >\r\n",
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n", "Final-Recipient: rfc822;\r\n",
    "Content-Type: text/calendar; method=REPLY\r\n", "<html><body><div " + "a=b " * 50 + ">", "&#xD800;&#0;", "\ufeff",
]  # fmt: skip


@tried(60)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join), st.data())
def test_a_damaged_mail_is_read_as_far_as_it_goes(pieces: str, data: st.DataObject) -> None:
    case = CASES["mail"]()
    whole = MAIL.format(id="x", n=1).replace("\r\n\r\n", f"\r\n{pieces}\r\n", 1)
    read("mail", case, data.draw(torn(whole.encode("utf-8", "replace"))))
    read("mail", case, (pieces + whole).encode("utf-8", "replace"))


def heavy() -> Iterator[tuple[str, bytes]]:
    """Mails made to be slow: what makes a search come back again and again, and what is nested or counted without end."""
    head = (
        "Message-ID: <a@b.example>\r\nFrom: Mia <mia@example.org>\r\nTo: jobs@employer.example\r\nMIME-Version: 1.0\r\n"
    )
    words = [
        ">",
        "> \r\n",
        " ",
        "\r\n",
        "a@",
        "-- \r\n",
        "On Mon wrote:\r\n",
        "Am 1.1. schrieb ",
        "_",
        "Von: x\r\n",
        "\t",
        "\u00a0",
    ]
    words += ["*", "http://", "a \r\n", "x: y\r\n", "Mit freundlichen ", "<", "=", "(", "> > a\r\n"]
    tags = [
        "<div>",
        "<",
        "<blockquote>",
        "<table><tr><td>",
        "&amp;",
        "<!--",
        "<a href=",
        "<style>",
        "&nbsp;",
        "<ul><li>x",
    ]
    for kind, units in (("plain", words), ("html", tags)):
        for unit in units:
            yield (
                f"{kind} {unit!r}",
                (head + f"Content-Type: text/{kind}\r\n\r\n" + unit * (SIZE // len(unit))).encode(),
            )
    for name, unit in (
        ("References", "<a@b> "),
        ("To", "("),
        ("Cc", "a@b, "),
        ("Subject", "=?utf-8?b?"),
        ("Date", "1"),
        ("X", "y;"),
    ):
        yield name, f"{head}{name}: {unit * (SIZE // 4 // len(unit))}\r\n\r\nhi".encode()
    yield "headers", (head + "".join(f"X-{n}: y\r\n" for n in range(SIZE // 10)) + "\r\nhi").encode()
    yield (
        "parts",
        (head + "Content-Type: multipart/mixed; boundary=q\r\n\r\n" + "--q\r\n\r\nx\r\n" * (SIZE // 10)).encode(),
    )
    yield "rfc822", (head + "Content-Type: message/rfc822\r\n\r\n" * 400).encode()
    deep = "x"
    for n in range(400):
        deep = f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n{deep}\r\n--b{n}--\r\n"
    yield "multipart", (head + deep).encode()


def test_no_mail_takes_long_however_it_is_made() -> None:
    case, slow = CASES["mail"](), {}
    for name, body in heavy():
        began = time.process_time()
        read("mail", case, body)
        spent = time.process_time() - began
        if spent > PATIENCE:
            slow[name] = round(spent, 1)
    assert slow == {}
