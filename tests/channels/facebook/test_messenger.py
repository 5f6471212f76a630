"""What people write by Messenger arrives as what it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganzohr.channels.connectors.base import Account, Incoming
from ganzohr.channels.connectors.facebook.parse import parse
from tests.channels.facebook.bodies import AT, PAGE, PERSON, SECONDS, body, change, comment, message, talk

ACCOUNT = Account("facebook", "k", {}, {})


def read(*entries: Any) -> list[Incoming]:
    return parse(ACCOUNT, body(*entries))


def one(entry: dict[str, Any]) -> Incoming:
    found = read(entry)
    assert len(found) == 1
    return found[0]


def test_a_message_is_a_private_message_bound_to_its_writer() -> None:
    assert one(message()) == Incoming(
        what="message",
        external_id="m_1",
        sender_id=PERSON,
        provider_at=AT,
        text="Hallo, gibt es noch Plätze?",
        target={"recipient_id": PERSON, "page_id": PAGE, "message_id": "m_1"},
        account=PAGE,
    )


def test_ids_as_numbers_and_names_with_humps_change_nothing() -> None:
    drifted = message()
    drifted["messaging"][0]["sender"] = {"id": int(PERSON)}
    drifted |= {"id": int(PAGE), "time": SECONDS}
    assert read(drifted) == [one(message())]
    assert one(message(isEcho=True)).is_own is True


def test_a_message_without_a_sender_is_of_somebody_unknown() -> None:
    entry = message()
    del entry["messaging"][0]["sender"]
    assert one(entry).sender_id == "unknown:m_1"


def test_an_echo_is_ours_and_lies_with_the_person_it_went_to() -> None:
    said = {"mid": "m_2", "text": "Ja!", "is_echo": True, "app_id": 42, "metadata": "k-1"}
    found = one(talk(sender={"id": PAGE}, recipient={"id": PERSON}, message=said))
    assert (found.is_own, found.sender_id, found.target) == (True, PERSON, {})
    assert found.headers == {"from": PAGE, "key": "k-1", "app_id": "42"}


def test_what_was_taken_back_speaks_of_its_message() -> None:
    found = one(talk(message={"mid": "m_1", "is_deleted": True}))
    assert (found.what, found.reply_to, found.text) == ("delete", "m_1", "")


def test_edits_are_told_apart_by_their_number() -> None:
    edits = [talk(message_edit={"mid": "m_1", "text": "Neu", "num_edit": count}) for count in (1, "2", "1")]
    found = [one(edit) for edit in edits]
    assert [(each.what, each.reply_to, each.text) for each in found] == [("edit", "m_1", "Neu")] * 3
    assert [each.external_id for each in found] == ["m_1:edit:1", "m_1:edit:2", "m_1:edit:1"]


def test_reactions_come_and_go() -> None:
    said = {"mid": "m_1", "emoji": "❤️", "reaction": "love"}
    given, taken = (one(talk(reaction={**said, "action": action})) for action in ("react", "unreact"))
    assert [(each.what, each.reply_to, each.text, each.headers) for each in (given, taken)] == [
        ("reaction", "m_1", "❤️", {}),
        ("reaction", "m_1", "❤️", {"removed": True}),
    ]
    assert given.external_id != taken.external_id


def test_receipts_speak_of_ours() -> None:
    found = [
        one(talk(timestamp=None, delivery={"mids": ["m_7"], "watermark": SECONDS * 1000})),
        one(talk(delivery={"watermark": SECONDS * 1000})),
        one(talk(read={"watermark": SECONDS * 1000})),
        one(talk(read={"mid": "m_7"})),
    ]
    until = AT.isoformat()
    assert [(each.what, each.sender_id, each.reply_to, each.headers, each.provider_at) for each in found] == [
        ("status", PERSON, "m_7", {"status": "delivered"}, AT),
        ("receipt", PERSON, "", {"status": "delivered", "watermark": until}, AT),
        ("receipt", PERSON, "", {"status": "read", "watermark": until}, AT),
        ("status", PERSON, "m_7", {"status": "read"}, AT),
    ]


def attachment(kind: str, **payload: Any) -> dict[str, Any]:
    return {"type": kind, "payload": payload}


@pytest.mark.parametrize(
    ("kind", "type_"),
    [("image", "image/jpeg"), ("video", "video/mp4"), ("audio", "audio/mp4"), ("file", "application/octet-stream")],
)
def test_files_come_as_references(kind: str, type_: str) -> None:
    found = one(message(text=None, attachments=[attachment(kind, url="https://cdn.fbsbx.com/v/thing?x=1")]))
    assert [(file.name, file.content_type, file.reference) for file in found.files] == [
        ("thing", type_, "https://cdn.fbsbx.com/v/thing?x=1")
    ]
    assert (found.text, found.headers) == ("", {})


def test_a_sticker_is_one_sticker_in_either_form() -> None:
    url = "https://scontent.xx.fbcdn.net/like.png"
    forms: list[dict[str, Any]] = [
        {"sticker_id": 369239263222822, "attachments": [attachment("image", url=url, sticker_id=369239263222822)]},
        {"attachments": [attachment("sticker", url=url)]},
        {"attachments": [attachment("sticker", url=url), attachment("image", url=url, sticker_id="1")]},
    ]
    found = [one(message(text=None, **form)) for form in forms]
    assert [(each.headers, [file.reference for file in each.files]) for each in found] == [
        ({"form": "sticker"}, [url])
    ] * 3


def test_a_place_a_link_and_a_story_keep_what_they_are() -> None:
    where = attachment("location", coordinates={"lat": 52.5, "long": 13.4})
    link = {"type": "fallback", "title": "Ausbildung", "URL": "https://example.org/a", "payload": None}
    story = {"reply_to": {"story": {"url": "https://x/s", "id": "1"}}, "text": "Schön!"}
    found = [one(message(**values)) for values in ({"attachments": [where]}, {"attachments": [link]}, story)]
    assert [each.headers for each in found] == [
        {"form": "location", "location": {"latitude": 52.5, "longitude": 13.4, "name": ""}},
        {"links": [{"title": "Ausbildung", "url": "https://example.org/a"}]},
        {"form": "story", "link": "https://x/s"},
    ]
    assert one(message(text=None, attachments=[link])).headers["form"] == "share"


def test_what_messenger_cannot_show_is_still_a_message_of_a_person() -> None:
    found = one(message(text=None, is_unsupported=True))
    assert (found.what, found.text, found.headers) == ("message", "", {"form": "unsupported"})


def test_a_pressed_button_says_its_words() -> None:
    found = one(talk(postback={"title": "Los geht's", "payload": "START", "referral": {"ref": "messe", "source": "X"}}))
    assert (found.what, found.text, found.source) == ("message", "Los geht's", "messe")
    assert found.headers == {"form": "postback", "payload": "START"}
    assert one(talk(postback={"payload": "START"})).text == "START"
    assert one(message(quick_reply={"payload": "RED"})).headers == {"form": "button", "payload": "RED"}


def test_an_answer_names_what_it_answers_and_an_advertisement_what_it_brought() -> None:
    found = one(message(reply_to={"mid": "m_0"}, referral={"ref": "", "ad_id": 12, "source": "ADS"}))
    assert (found.reply_to, found.source) == ("m_0", "12")
    assert one(message(tags=[{"source": "customer_chat_plugin"}])).source == "customer_chat_plugin"


def test_an_opened_link_of_ours_is_remembered_without_words() -> None:
    found = one(talk(referral={"ref": "plakat", "source": "SHORTLINK", "type": "OPEN_THREAD"}))
    assert (found.what, found.text, found.source, found.is_automatic) == ("message", "", "plakat", True)
    assert one(talk(referral={"source": "SHORTLINK"})).what == "unsupported"


def test_consent_is_given_and_withdrawn() -> None:
    news = {"type": "notification_messages", "title": "Stellen", "notification_messages_status": "STOP_NOTIFICATIONS"}
    found = [one(talk(optin={"ref": "box"})), one(talk(optin=news))]
    assert [(each.what, each.headers["consent"], each.headers["given"]) for each in found] == [
        ("consent", "messenger", True),
        ("consent", "messenger_news", False),
    ]
    stranger = one(talk(sender=None, optin={"ref": "box", "user_ref": "u-1"}))
    assert stranger.sender_id == "user_ref:u-1"


@pytest.mark.parametrize(
    ("action", "problem"), [("warning", "page_restricted"), ("block", "page_restricted"), ("unblock", "")]
)
def test_a_verdict_on_our_page_is_news_of_the_account(action: str, problem: str) -> None:
    for name in ("policy_enforcement", "policy-enforcement"):
        found = one(talk(sender=None, **{name: {"action": action, "reason": "spam"}}))
        expected = {"problem": problem, "detail": "spam"} | ({} if problem else {"settles": True})
        assert (found.what, found.account, found.headers) == ("account", PAGE, expected)


def test_we_hear_what_another_app_is_told() -> None:
    entry = message()
    entry["standby"] = entry.pop("messaging")
    found = one(entry)
    assert (found.what, found.text, found.headers) == ("message", "Hallo, gibt es noch Plätze?", {"standby": True})


@pytest.mark.parametrize(
    "event",
    [{"pass_thread_control": {"new_owner_app_id": 1}}, {"app_roles": {"1": []}}, {"game_play": {}}, {"x": 1}, {}],
)
def test_what_is_no_message_is_kept_apart(event: dict[str, Any]) -> None:
    assert one(talk(**event)).what == "unsupported"


def test_a_message_may_come_as_a_change() -> None:
    value = message()["messaging"][0]
    assert one(change(value, "messages")) == one(message())


def test_what_comes_without_its_envelope_is_read_or_kept() -> None:
    event, said = message()["messaging"][0], change(comment())["changes"][0]
    bare = [event, said, {"user_id": 1, "algorithm": "HMAC-SHA256"}, {"object": "page"}, {}]
    found = [parse(ACCOUNT, json.dumps(each).encode()) for each in bare]
    assert [[one.what for one in each] for each in found] == [["message"], ["message"], ["unsupported"], [], []]
    assert found[0] == [one(message())]


def test_a_batch_is_all_of_its_entries() -> None:
    found = read(message(), change(comment()), {**message(mid="m_9"), "id": "901"}, {})
    assert [(each.account, each.visibility) for each in found] == [
        ("900", "private"),
        ("900", "public"),
        ("901", "private"),
    ]


LEAVES = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20)
NAMES = st.sampled_from(
    [
        *("id", "time", "changes", "messaging", "field", "value", "item", "verb", "from", "message", "comment_id"),
        *("post_id", "parent_id", "created_time", "sender", "recipient", "timestamp", "mid", "text", "attachments"),
        *(
            "type",
            "payload",
            "url",
            "reaction",
            "delivery",
            "mids",
            "read",
            "watermark",
            "postback",
            "optin",
            "referral",
        ),
        *("message_edit", "is_echo", "reply_to", "feed", "comment", "add", "remove", "photo", "photos", "post", "data"),
    ]
)
ANYTHING = st.recursive(
    LEAVES | NAMES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=5), inner)
)


@settings(max_examples=150, deadline=None)
@given(st.lists(ANYTHING, max_size=3), ANYTHING, st.sampled_from(["changes", "messaging", "standby"]))
def test_no_form_of_json_breaks_the_reading(entries: list[Any], inside: Any, name: str) -> None:
    bent = [{"id": "900", name: inside}, {"changes": [{"field": "feed", "value": inside}]}, {"messaging": [inside]}]
    for found in read(*entries, *bent, {"messaging": [{"message": inside, "sender": {"id": 1}}]}):
        assert isinstance(found, Incoming)
        assert len(found.external_id) <= 300
        (found.text + found.sender_id + found.external_id + found.sender_name).encode()


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200))
def test_bytes_that_are_no_webhook_are_a_value_error(noise: bytes) -> None:
    try:
        found = parse(ACCOUNT, noise)
    except ValueError:
        return
    assert all(isinstance(each, Incoming) for each in found)
