"""What a delivery of WhatsApp says."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganzohr.channels.connectors.base import Incoming
from ganzohr.channels.connectors.whatsapp.parse import parse
from ganzohr.core import times
from tests.channels.whatsapp.bodies import (
    AT,
    BUSINESS,
    CONTACT,
    NUMBER,
    PARENT,
    PHONE,
    SECONDS,
    USER_ID,
    called,
    change,
    message,
    received,
    status,
    webhook,
)

IMAGE = {"id": "555", "mime_type": "image/jpeg", "sha256": "q80=", "caption": "Mein Zeugnis"}


def only(body: bytes) -> Incoming:
    [found] = parse(body)
    return found


def test_words_come_with_who_wrote_them_where_and_when() -> None:
    one = only(received("text", {"body": "Gibt es noch Plätze? 🙂"}))
    assert (one.what, one.external_id, one.text, one.provider_at) == (
        "message", "wamid.ONE", "Gibt es noch Plätze? 🙂", AT
    )  # fmt: skip
    assert (one.sender_id, one.also_known_as, one.sender_name) == (USER_ID, (PHONE, PARENT), "Mia Müller")
    assert (one.account, one.visibility, one.is_own, dict(one.headers)) == (NUMBER, "private", False, {})
    expected = {"to": PHONE, "recipient": USER_ID, "message_id": "wamid.ONE", "phone_number_id": NUMBER}
    assert dict(one.target) == expected


def test_somebody_without_a_business_scoped_id_is_known_by_number() -> None:
    one = only(webhook(change(messages=[message("text", {"body": "Hoi"})])))
    assert (one.sender_id, one.also_known_as, one.target.get("recipient")) == (PHONE, (), None)


def test_somebody_without_a_number_is_known_by_their_business_scoped_id() -> None:
    told = message("text", {"body": "Hoi"}, from_user_id=USER_ID)
    del told["from"]
    contact = {"profile": {"username": "mia.m"}, "user_id": USER_ID}
    one = only(webhook(change(contacts=[contact], messages=[told])))
    assert (one.sender_id, one.sender_name, one.headers["username"]) == (USER_ID, "mia.m", "mia.m")
    assert one.target.get("to") is None


def test_a_message_without_sender_is_kept_and_taken_for_nobody_else() -> None:
    first, second = message("text", {"body": "a"}), message("text", {"body": "b"}, id="wamid.TWO")
    del first["from"], second["from"]
    found = parse(webhook(change(messages=[first, second])))
    assert [one.sender_id for one in found] == ["unknown:wamid.ONE", "unknown:wamid.TWO"]


def test_a_contact_with_another_number_is_somebody_else() -> None:
    stranger = {"profile": {"name": "Jan"}, "wa_id": "31611112222", "user_id": "NL.77"}
    one = only(webhook(change(contacts=[stranger], messages=[message("text", {"body": "Hallo"})])))
    assert (one.sender_id, one.sender_name) == (PHONE, "")


@pytest.mark.parametrize(
    ("kind", "content", "text", "form"),
    [
        ("image", IMAGE, "Mein Zeugnis", "image"),
        ("video", {"id": 12, "mime_type": "video/mp4"}, "", "video"),
        ("audio", {"id": "1", "mime_type": "audio/ogg; codecs=opus", "voice": True}, "", "voice"),
        ("audio", {"id": "1", "mime_type": "audio/mpeg", "voice": False}, "", "audio"),
        ("document", {"id": "1", "mime_type": "application/pdf", "filename": "cv.pdf"}, "", "document"),
        ("sticker", {"id": "1", "mime_type": "image/webp"}, "", "sticker"),
        ("location", {"latitude": 52.5, "longitude": 13.4, "name": "Werk"}, "", "location"),
        ("contacts", [{"name": {"formatted_name": "Jan"}, "phones": [{"phone": "+31 6"}]}], "", "contacts"),
        ("button", {"text": "Ja, bitte", "payload": "YES"}, "Ja, bitte", "button"),
        ("interactive", {"button_reply": {"id": "1", "title": "Später"}}, "Später", "button"),
        ("interactive", {"list_reply": {"id": "1", "title": "Pflege", "description": "Mainz"}}, "Pflege", "button"),
        ("interactive", {"nfm_reply": {"response_json": '{"job": "IT", "flow_token": "x"}'}}, "job: IT", "form"),
        ("interactive", {"nfm_reply": {"response_json": "{"}}, "", "form"),
        ("interactive", {"call_permission_reply": {"response": "accept"}}, "", "call_permission"),
        ("order", {"catalog_id": 7, "text": "Zwei bitte", "product_items": [{"quantity": "2"}]}, "Zwei bitte", "order"),
        ("request_welcome", {}, "", "opened"),
        ("hologram", {"caption": "Neu!"}, "Neu!", "unsupported"),
        ("image", {}, "", "unsupported"),
    ],
)
def test_every_form_is_a_message_of_the_person(kind: str, content: Any, text: str, form: str) -> None:
    one = only(received(kind, content))
    assert (one.what, one.text, one.headers.get("form"), one.sender_id) == ("message", text, form, USER_ID)


def test_a_file_comes_as_reference_with_what_is_needed_to_check_it() -> None:
    [file] = only(received("image", IMAGE)).files
    assert (file.name, file.content_type, file.content) == ("image.jpg", "image/jpeg", b"")
    assert json.loads(file.reference) == {"id": "555", "sha256": "q80=", "type": "image/jpeg", "name": "image.jpg"}


def test_what_the_platform_could_not_pass_on_is_a_message_with_the_reason() -> None:
    error = {"code": 131051, "title": "Message type unknown"}
    one = only(received("unsupported", {"type": "poll"}, errors=[error]))
    assert (one.text, one.headers["form"], one.headers["code"]) == ("", "unsupported", "not_possible")
    beside = webhook(change(messages=[message("interactive", None)], errors=[{"code": 131000}]))
    assert only(beside).headers["code"] == "platform_error"


def test_a_quoted_message_is_what_it_answers_and_a_forwarded_one_says_so() -> None:
    one = only(received("text", {"body": "Das da"}, context={"id": "wamid.OURS", "from": "493012345"}))
    other = only(received("text", {"body": "Kette"}, context={"frequently_forwarded": True}))
    assert (one.reply_to, other.reply_to, other.headers) == ("wamid.OURS", "", {"is_forwarded": True})


def test_somebody_from_an_advertisement_brings_it_along() -> None:
    referral = {"source_type": "ad", "source_id": 991, "source_url": "https://fb.me/x", "headline": "Lehre", "extra": 1}
    one = only(received("text", {"body": "Hallo"}, referral=referral))
    assert (one.source, one.headers["referral"]["headline"]) == ("ad:991", "Lehre")


def test_a_group_is_a_talk_of_its_own() -> None:
    one = only(received("text", {"body": "Hallo alle"}, group_id="G1"))
    assert (one.thread_key, one.target["group_id"], one.sender_id) == ("group:G1", "G1", USER_ID)


@pytest.mark.parametrize(("emoji", "removed"), [("👍", None), ("", True), (None, True)])
def test_a_reaction_names_what_it_is_to_and_may_be_taken_away(emoji: str | None, removed: bool | None) -> None:
    one = only(received("reaction", {"message_id": "wamid.OURS", "emoji": emoji}))
    assert (one.what, one.reply_to, one.text) == ("reaction", "wamid.OURS", emoji or "")
    assert one.headers.get("removed") is removed


def test_an_edit_brings_the_new_words_and_a_revoke_none() -> None:
    edit = only(received("edit", {"original_message_id": "wamid.A", "message": {"type": "image", "image": IMAGE}}))
    revoke = only(received("revoke", {"original_message_id": "wamid.A"}))
    assert (edit.what, edit.reply_to, edit.text, edit.files) == ("edit", "wamid.A", "Mein Zeugnis", ())
    assert (revoke.what, revoke.reply_to, revoke.text) == ("delete", "wamid.A", "")


@pytest.mark.parametrize(
    "text", ["STOP", " Stopp! ", "abmelden", "Uitschrijven.", "UNSUBSCRIBE", "geen berichten meer"]
)
def test_a_stop_word_is_marked_and_the_message_kept(text: str) -> None:
    one = only(received("text", {"body": text}))
    assert (one.what, one.text, one.headers["stop"]) == ("message", text, True)


@pytest.mark.parametrize("word", ["sent", "delivered", "read", "played", "deleted", "failed", "status_in_orbit"])
def test_a_status_is_kept_under_whatever_name(word: str) -> None:
    one = only(status(word))
    assert (one.what, one.external_id, one.reply_to) == ("status", f"wamid.OURS:{word}", "wamid.OURS")
    assert (dict(one.headers), one.sender_id, one.account) == ({"status": word}, PHONE, NUMBER)


def test_a_status_brings_our_key_the_reason_and_the_new_kind_of_id() -> None:
    error = {"code": 131047, "title": "Re-engagement message"}
    one = only(status("failed", errors=[error], biz_opaque_callback_data="our-key", recipient_user_id=USER_ID))
    assert (one.headers["key"], one.headers["code"]) == ("our-key", "window_closed")
    assert (one.sender_id, one.also_known_as) == (USER_ID, (PHONE,))


def test_each_member_of_a_group_has_a_status_of_their_own() -> None:
    one = only(status("read", recipient_type="group", recipient_id="G1", recipient_participant_user_id=USER_ID))
    assert (one.external_id, one.sender_id, one.headers["member"]) == (f"wamid.OURS:read:{USER_ID}", "G1", USER_ID)


@pytest.mark.parametrize(
    ("more", "system", "new", "was", "others"),
    [
        ({}, {"type": "user_changed_number", "wa_id": "491600"}, "491600", PHONE, ()),
        ({}, {"type": "user_changed_number", "new_wa_id": "491600"}, "491600", PHONE, ()),
        ({"from_user_id": USER_ID}, {"type": "user_changed_user_id", "user_id": "DE.2"}, "DE.2", USER_ID, ()),
        (
            {"from": ""},
            {
                "type": "user_changed_user_id",
                "user_id": "DE.2",
                "wa_id": "49",
                "body": "User M changed from DE.1 to DE.2",
            },
            "DE.2",
            "DE.1",
            ("49",),
        ),
    ],
)
def test_a_new_number_or_id_names_the_old_one(
    more: dict[str, Any], system: dict[str, Any], new: str, was: str, others: tuple[str, ...]
) -> None:
    one = only(webhook(change(messages=[message("system", system, **more)])))
    assert (one.what, one.sender_id, one.headers["was"], one.also_known_as) == ("identity", new, was, others)


@pytest.mark.parametrize(
    "told",
    [
        {"user_id": {"previous": "DE.1", "current": "DE.2"}, "wa_id": PHONE},
        {"previous_user_id": "DE.1", "user_id": "DE.2", "wa_id": PHONE},
    ],
)
def test_an_id_that_changes_without_a_message_is_told_too(told: dict[str, Any]) -> None:
    for body in (
        webhook(change("user_id_update", user_id_update=[{**told, "timestamp": SECONDS}])),
        webhook(change("user_id_update", **told), time=int(SECONDS)),
    ):
        one = only(body)
        assert (one.what, one.sender_id, one.headers["was"], one.also_known_as) == (
            "identity",
            "DE.2",
            "DE.1",
            (PHONE,),
        )
        assert one.provider_at == AT


def test_another_key_of_the_same_person_is_of_no_use() -> None:
    one = only(received("system", {"type": "customer_identity_changed", "body": "…"}))
    assert (one.what, one.headers["form"]) == ("unsupported", "customer_identity_changed")


def test_words_from_the_phone_beside_the_desk_are_ours_in_the_persons_talk() -> None:
    told = {
        "from": "493012345",
        "to": PHONE,
        "id": "wamid.E",
        "timestamp": SECONDS,
        "type": "text",
        "text": {"body": "Ja"},
    }
    one = only(webhook(change("smb_message_echoes", contacts=[CONTACT], message_echoes=[told])))
    assert (one.what, one.is_own, one.sender_id, one.text) == ("message", True, USER_ID, "Ja")


def test_what_was_said_before_the_number_was_connected_is_told_apart() -> None:
    theirs = {**message("text", {"body": "Hallo"}), "id": "wamid.H1"}
    ours = {**message("text", {"body": "Ja?"}), "id": "wamid.H2", "from": "+49 30 12345"}
    history = [{"metadata": {"phase": 0}, "threads": [{"id": PHONE, "messages": [theirs, ours]}]}]
    found = parse(webhook(change("history", history=history)))
    assert [(one.is_own, one.sender_id, one.text, one.headers["is_history"]) for one in found] == [
        (False, PHONE, "Hallo", True),
        (True, PHONE, "Ja?", True),
    ]


def test_a_call_nobody_took_is_one_message() -> None:
    connect, end = only(called("connect")), only(called("terminate", status="FAILED"))
    assert (connect.what, connect.headers["status"]) == ("status", "ringing")
    assert (end.what, end.external_id, end.headers, end.text) == ("message", "wacid.C1", {"form": "missed_call"}, "")
    assert (end.sender_id, end.target["to"], "message_id" in end.target) == (USER_ID, PHONE, False)
    assert only(called("terminate", status="FAILED", start_time=SECONDS, end_time=SECONDS, duration=0)) == end


@pytest.mark.parametrize("more", [{"duration": 12}, {"start_time": SECONDS}, {"direction": "BUSINESS_INITIATED"}])
def test_a_call_somebody_took_or_that_we_made_is_no_message(more: dict[str, Any]) -> None:
    assert only(called("terminate", status="COMPLETED", **more)).what == "status"


@pytest.mark.parametrize(("word", "given_"), [("stop", False), ("resume", True), ("signup", True)])
def test_a_wish_about_advertising_is_a_consent(word: str, given_: bool) -> None:
    told = {"wa_id": PHONE, "category": "marketing_messages", "value": word, "timestamp": int(SECONDS)}
    one = only(webhook(change("user_preferences", contacts=[CONTACT], user_preferences=[told])))
    assert (one.what, one.sender_id, one.provider_at) == ("consent", USER_ID, AT)
    assert (one.headers["consent"], one.headers["given"]) == ("marketing_messages", given_)


@pytest.mark.parametrize(
    ("name", "value", "problem", "settles"),
    [
        ("account_update", {"event": "ACCOUNT_RESTRICTION", "restriction_info": [{}]}, "page_restricted", None),
        (
            "account_update",
            {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}},
            "page_restricted",
            None,
        ),
        ("account_update", {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}}, "", True),
        ("account_update", {"event": "PARTNER_REMOVED"}, "app_removed", None),
        ("account_update", {"event": "ACCOUNT_OFFBOARDED"}, "number_offline", None),
        ("account_update", {"event": "AD_ACCOUNT_LINKED"}, "", None),
        ("phone_number_quality_update", {"event": "FLAGGED", "current_limit": "TIER_1K"}, "quality_low", None),
        ("phone_number_quality_update", {"event": "UNFLAGGED"}, "", True),
        ("message_template_status_update", {"event": "REJECTED", "message_template_name": "hi"}, "", None),
        ("template_category_update", {"new_category": "MARKETING"}, "", None),
    ],
)
def test_news_about_the_account_has_a_code_only_when_it_keeps_us_from_writing(
    name: str, value: dict[str, Any], problem: str, settles: bool | None
) -> None:
    one = only(webhook({"field": name, "value": value}, time=int(SECONDS)))
    assert (one.what, one.account, one.headers["waba_id"], one.provider_at) == ("account", BUSINESS, BUSINESS, AT)
    assert (one.headers["problem"], one.headers.get("settles")) == (problem, settles)


def test_an_error_of_the_account_without_a_message_is_news() -> None:
    one = only(webhook(change(errors=[{"code": 190, "message": "expired"}])))
    assert (one.what, one.headers["problem"]) == ("account", "token_expired")


def test_an_unknown_field_is_kept_as_unsupported() -> None:
    one = only(webhook(change("group_lifecycle_update", groups=[{"id": "G1"}])))
    assert (one.what, one.headers["form"], one.account) == ("unsupported", "group_lifecycle_update", NUMBER)


def test_every_entry_every_change_and_every_message_of_a_batch_is_read() -> None:
    texts = [[message("text", {"body": f"{n}{m}"}, id=f"wamid.{n}{m}") for m in range(3)] for n in range(3)]
    entry = {"id": BUSINESS, "changes": [change(messages=each) for each in texts]}
    found = parse(json.dumps({"entry": [entry, {"id": "2", "changes": [change(statuses=[])]}, entry]}).encode())
    assert [one.text for one in found] == [f"{n}{m}" for n in range(3) for m in range(3)] * 2


def test_ids_as_numbers_and_seconds_as_numbers_are_read_the_same() -> None:
    numbers = message("text", {"body": "Hallo"}, **{"from": int(PHONE), "timestamp": int(SECONDS)})
    found = only(webhook(change(contacts=[{**CONTACT, "wa_id": int(PHONE)}], messages=[numbers])))
    assert found == only(received("text", {"body": "Hallo"}))


def test_milliseconds_are_seconds_and_a_moment_to_come_is_now() -> None:
    with times.frozen(AT):
        later = str(int((AT + timedelta(days=400)).timestamp()))
        found = [only(received("text", {"body": "a"}, timestamp=one)) for one in (f"{SECONDS}000", later, "soon")]
    assert [one.provider_at for one in found] == [AT, AT, AT]


@pytest.mark.parametrize(
    "body",
    [
        b"", b" \n", b"{}", b"[]", webhook(), b'{"entry": []}', b'{"object": "whatsapp_business_account", "entry": {}}',
        webhook(change()), webhook(change(messages=[])), webhook({}), webhook({"field": "messages", "value": {}}),
    ],
)  # fmt: skip
def test_an_empty_body_says_nothing_and_harms_nothing(body: bytes) -> None:
    assert [one for one in parse(body) if one.what != "unsupported"] == []


def test_a_change_without_its_frame_is_read_too() -> None:
    bare = change(contacts=[CONTACT], messages=[message("text", {"body": "Hallo"})])
    for value in (bare, bare["value"], [{"entry": [{"id": BUSINESS, "changes": [bare]}]}]):
        assert only(json.dumps(value).encode()).text == "Hallo"


def test_half_characters_and_nul_leave_words_a_database_takes() -> None:
    one = only(received("text", {"body": "a\ud83d\0b"}, id="w\0\udc00"))
    assert (one.text.encode(), one.external_id.encode()) == (b"a?b", b"w?")


NAMED = """
entry changes value field messages statuses contacts calls history threads message_echoes user_preferences errors
metadata phone_number_id from id timestamp type text image audio body caption reaction edit revoke system message
interactive nfm_reply response_json order product_items location latitude contacts profile wa_id user_id
"""
NAMES = st.sampled_from(NAMED.split())
KINDS = st.sampled_from(
    "text image audio reaction edit revoke system interactive order location contacts button unsupported".split()  # noqa: SIM905
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | KINDS | st.just(10**400)
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6), max_leaves=40
)


def read(value: Any) -> list[Incoming]:
    try:
        found = parse(json.dumps(value).encode())
    except ValueError:
        return []
    for one in found:
        assert json.loads(json.dumps([one.target, one.headers])) == [one.target, one.headers]
        assert (bool(one.external_id), one.provider_at.tzinfo is not None, len(one.external_id) <= 300) == (
            True,
            True,
            True,
        )
        "".join((one.text, one.original, one.sender_id, one.sender_name, *one.also_known_as)).encode()
    return found


@given(TREES)
def test_no_json_makes_it_raise(value: Any) -> None:
    read(value)
    read({"entry": [{"changes": [{"value": value, "field": "messages"}]}]})
    read({"entry": [{"changes": [{"value": {"messages": [value], "statuses": [value], "calls": [value]}}]}]})


@given(KINDS, TREES)
def test_no_content_of_a_known_kind_makes_it_raise(kind: str, value: Any) -> None:
    found = read(json.loads(webhook(change(messages=[{"type": kind, kind: value, "id": "wamid.X", "from": PHONE}]))))
    assert len(found) == 1


@given(st.binary(max_size=60))
def test_other_bytes_raise_nothing_but_a_value_error(body: bytes) -> None:
    try:
        parse(body)
    except ValueError:
        return
