"""Meta's types drift; ours do not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganzohr.channels.connectors.meta import values

AT = datetime(2026, 11, 20, 21, 40, tzinfo=UTC)
SECONDS = int(AT.timestamp())
NO_IDS: tuple[Any, ...] = (None, True, 1.5, [], {}, float("nan"))
NO_MOMENTS: tuple[Any, ...] = (None, 0, -1, True, "", "soon", [], {}, 10**40, "9" * 30, float("nan"), float("inf"))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (SECONDS, AT),
        (SECONDS * 1000, AT),
        (str(SECONDS), AT),
        (str(SECONDS * 1000), AT),
        (float(SECONDS), AT),
        ("2026-11-20T21:40:00+0000", AT),
        ("2026-11-20T22:40:00+01:00", AT),
        ("2026-11-20T21:40:00", AT),
        *((one, None) for one in NO_MOMENTS),
    ],
)
def test_a_moment_is_read_by_its_magnitude(given: object, expected: datetime | None) -> None:
    assert values.moment(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [("1_2", "1_2"), (12, "12"), (12.0, "12"), (0, "0"), (" 7 ", "7"), *((one, "") for one in NO_IDS)],
)
def test_an_id_is_text_whatever_it_was(given: object, expected: str) -> None:
    assert values.text_id(given) == expected


def test_names_are_made_equal_all_the_way_down() -> None:
    found = values.snake({"isEcho": 1, "policy-enforcement": {"newOwnerAppId": [{"stickerId": 2}]}, "is_echo": 3})
    assert found == {"is_echo": 3, "policy_enforcement": {"new_owner_app_id": [{"sticker_id": 2}]}}


def test_what_no_database_takes_is_replaced() -> None:
    assert values.text({"text": "a\0b\ud83d"}, "text") == "ab?"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 5000 + b"1" + b"}" * 5000, b'"x"', b"1"]
)
def test_a_body_that_is_no_webhook_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):
        values.webhooks(body)


def test_several_webhooks_may_come_as_a_list_however_deep() -> None:
    assert values.webhooks(b'[{"isEcho":1},[[{"a":2}],null],"x"]') == [{"is_echo": 1}, {"a": 2}, "x"]
    assert values.webhooks(b"null") == values.webhooks(b"[]") == []


def test_one_object_stands_for_a_list_of_one() -> None:
    found = {"one": {"a": 1}, "deep": [[{"a": 1}], "x", None], "paged": {"data": [{"a": 1}]}, "none": None, "text": "x"}
    assert [values.parts(found, name) for name in ("one", "deep", "paged")] == [[{"a": 1}]] * 3
    assert [values.leaves(found, name) for name in ("deep", "none", "text")] == [[{"a": 1}, "x"], [], []]


def test_words_may_be_digits_and_a_number_too_long_to_count_with_damages_nothing() -> None:
    found = values.loads(b'{"text": 12345, "is": true, "id": ' + b"9" * 5000 + b"}")
    assert (values.text(found, "is", "text"), values.text_id(found["id"])) == ("12345", "9" * 300)


LEAVES = st.none() | st.booleans() | st.floats() | st.integers() | st.text()
ANYTHING = st.recursive(LEAVES, lambda one: st.lists(one) | st.dictionaries(st.text(), one))


@given(ANYTHING)
def test_nothing_that_json_can_say_breaks_the_reading(found: Any) -> None:
    values.moment(found)
    assert len(values.text_id(found)) <= 300
    holder = {"a": found}
    assert all(isinstance(one, dict) for one in values.parts(holder, "a"))
    assert isinstance(values.part(values.snake(holder), "a"), dict)
    values.text(holder, "a").encode()
