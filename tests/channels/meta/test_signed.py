"""Who may say that it is Meta."""

from __future__ import annotations

import json

import pytest

from ganzohr.channels.connectors.base import Account
from ganzohr.channels.connectors.meta import signed

BODY = '{"object":"page","text":"Größe 🙂"}'.encode()


def account(stored: str) -> Account:
    return Account("facebook", "k", {}, {"app_secrets": stored})


def test_each_of_several_secrets_is_valid_and_no_other() -> None:
    secrets = signed.app_secrets(account('["new", "old"]'))
    found = [
        signed.verify(secrets, {"x-hub-signature-256": signed.signature(one, BODY)}, BODY)
        for one in ("new", "old", "x")
    ]
    assert found == [True, True, False]


def test_one_changed_byte_breaks_the_signature() -> None:
    headers = {"X-Hub-Signature-256": signed.signature("new", BODY)}
    assert [signed.verify(["new"], headers, body) for body in (BODY, BODY + b" ", b"")] == [True, False, False]


@pytest.mark.parametrize("secrets", [[], [""]])
def test_without_a_secret_nothing_is_true(secrets: list[str]) -> None:
    assert signed.verify(secrets, {"x-hub-signature-256": signed.signature("", BODY)}, BODY) is False


@pytest.mark.parametrize("given", ["", "sha256=", "sha1=abc", "sha256=ä", "sha256=" + "0" * 64])
def test_no_signature_of_somebody_elses_making_holds(given: str) -> None:
    assert signed.verify(["new"], {"x-hub-signature-256": given}, BODY) is False
    assert signed.verify(["new"], {}, BODY) is False


def test_secrets_may_be_a_list_or_one_bare_word() -> None:
    found = [signed.app_secrets(account(one)) for one in ('["a", "", 7, "b"]', "bare", "12345", "", "[]", '{"a": 1}')]
    assert found == [["a", "b"], ["bare"], ["12345"], [], [], ['{"a": 1}']]


def test_a_signed_request_gives_its_values_back() -> None:
    values = {"user_id": "218471", "issued_at": 1291836800}
    made = signed.sign_request("old", values)
    assert signed.signed_request(["new", "old"], made) == {"algorithm": "HMAC-SHA256", **values}


def test_a_signed_request_of_somebody_else_is_none() -> None:
    made = signed.sign_request("theirs", {"user_id": "1"})
    other = signed.sign_request("ours", {"user_id": "2"})
    forged = made.partition(".")[0] + "." + other.partition(".")[2]
    found = [
        signed.signed_request(["ours"], one) for one in (made, forged, "", ".", "a.b", "ä.ö", "x" * 30_000, other + "x")
    ]
    assert found == [None] * 8


def test_another_algorithm_is_none_also_when_it_is_signed() -> None:
    assert signed.signed_request(["ours"], signed.sign_request("ours", {"algorithm": "none"})) is None


def test_values_that_are_no_object_are_none() -> None:
    payload = signed._encoded(json.dumps([1]).encode())
    made = f"{signed._encoded(signed._digest('ours', payload))}.{payload}"
    assert signed.signed_request(["ours"], made) is None
