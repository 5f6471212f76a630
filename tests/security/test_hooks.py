"""What is unsigned, wrongly signed or sent again at the doors of platforms: refused, or one and the same thing."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ganzohr.channels.connectors import KINDS, connector
from ganzohr.channels.connectors.base import Account
from ganzohr.channels.connectors.meta import signed
from ganzohr.channels.connectors.website.letter import SIGNATURE, signature
from tests.channels.test_connector_contract import CASES

NEVER_KNOCKS = {"hand", "mail"}  # typed by a colleague, or read by us: whoever knocks there is a stranger
META = ("facebook", "whatsapp")


def right(kind: str, body: bytes) -> dict[str, str]:
    """As the platform signs these bytes."""
    if kind in META:
        return {"x-hub-signature-256": signed.signature("s3cret", body)}
    return {SIGNATURE.lower(): signature("s3cret", body)}


WRONG: dict[str, Mapping[str, str]] = {
    "none": {},
    "empty": {"x-hub-signature-256": "", SIGNATURE.lower(): ""},
    "of another secret": {
        "x-hub-signature-256": signed.signature("other", b"x"),
        SIGNATURE.lower(): signature("other", b"x"),
    },
    "of other bytes": {
        "x-hub-signature-256": signed.signature("s3cret", b"x"),
        SIGNATURE.lower(): signature("s3cret", b"x"),
    },
    "the older kind": {"x-hub-signature": "sha1=" + "0" * 40},
    "no hexadecimal": {"x-hub-signature-256": "sha256=" + "ü" * 64, SIGNATURE.lower(): "ü" * 64},
    "only its name": {"x-hub-signature-256": "sha256=", SIGNATURE.lower(): "sha256="},
}


def test_every_kind_is_in_this_table() -> None:
    assert set(KINDS) == {*META, "website", *NEVER_KNOCKS}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("how", WRONG)
def test_what_nobody_signed_rightly_is_refused(kind: str, how: str) -> None:
    case = CASES[kind]()
    for body in case.bodies:
        assert connector(kind).verify(case.account, "", WRONG[how], body) is False
        assert connector(kind).verify(Account(kind, "k", {}, {}), "", right(kind, body), body) is False


@pytest.mark.parametrize("kind", sorted(NEVER_KNOCKS))
def test_where_nobody_knocks_no_signature_opens(kind: str) -> None:
    case = CASES[kind]()
    assert connector(kind).verify(case.account, "", right(kind, case.bodies[0]), case.bodies[0]) is False


@pytest.mark.parametrize("kind", sorted(set(KINDS) - NEVER_KNOCKS))
def test_a_replay_is_the_same_thing_and_other_bytes_under_its_signature_are_refused(kind: str) -> None:
    case, speaks = CASES[kind](), connector(kind)
    body = case.bodies[0]
    headers = right(kind, body)
    assert speaks.verify(case.account, "", headers, body) is True
    keys = {speaks.delivery_key(case.account, "", {**headers, "x-retry": str(n)}, body) for n in range(3)}
    assert len(keys) == 1, "the database keeps it once; the keys outlive the bytes"
    assert not any(speaks.verify(case.account, "", headers, other) for other in (body + b" ", body[:-1], b""))
