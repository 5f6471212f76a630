"""What a visitor writes is kept before it is thanked for: once, whole, and only from where it may come."""

from __future__ import annotations

import io
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from ganzohr.channels.accounts import account_of
from ganzohr.channels.connectors.website import connector
from ganzohr.channels.connectors.website.letter import Letter, unpack
from ganzohr.channels.models import Channel, Delivery
from ganzohr.core import times
from ganzohr.website import actions, intake, limits, thread
from ganzohr.website.models import DaySalt, Knock, Visit, VisitLink
from tests.website.visitors import SITE, Visitor

pytestmark = pytest.mark.django_db


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(out, "PNG")
    return out.getvalue()


def letters(channel: Channel) -> list[Any]:
    return [unpack(bytes(row.body)) for row in Delivery.objects.filter(channel=channel).order_by("id")]


def test_a_letter_is_stored_signed_and_shown_as_arrived_before_anybody_sorted_it(
    visitor: Visitor, channel: Channel
) -> None:
    answer = visitor.write(name="Lena", mail_address="lena@example.org", source="poster-1", page=f"{SITE}/jobs?x=1#y")
    assert answer.status_code == 200
    delivery = Delivery.objects.get()
    channel.refresh_from_db()
    assert connector.verify(account_of(channel), delivery.path, delivery.headers, bytes(delivery.body))
    letter = letters(channel)[0]
    assert (letter.text, letter.name, letter.mail_address, letter.source, letter.page, letter.language, letter.by) == (
        "Kann ich die Ausbildung in Teilzeit machen?", "Lena", "lena@example.org", "poster-1", f"{SITE}/jobs", "de",
        "widget",
    )  # fmt: skip
    assert letter.consent["text"] and letter.consent["version"]
    assert [(entry["text"], entry["pending"], entry["who"]) for entry in answer.json()["entries"]] == [
        ("Kann ich die Ausbildung in Teilzeit machen?", True, "you")
    ]
    assert answer.json()["link"].endswith(f"/v/{visitor.token}/")


def test_letters_that_wait_are_read_as_words_and_the_newest_only(
    visitor: Visitor, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many bytes as a person sends would be read again every few seconds while no worker runs."""
    text, name = 'Er sagt: "content":"ja" \\", ä' + 9_900 * "😀", 'ä "x".png'
    big = png() + bytes(50_000)
    visitor.write(text=text, attached=[SimpleUploadedFile(name, big), SimpleUploadedFile("b.png", png())])
    read: list[bytes] = []

    def unpacked(body: bytes) -> Letter:
        read.append(body)
        return unpack(body)

    monkeypatch.setattr(thread, "unpack", unpacked)
    [entry] = thread.entries(Visit.objects.get())
    names = [one.name for one in letters(channel)[0].files]
    assert ([one.name for one in entry.files], entry.text) == (names, text)
    assert (names[1:], read[0].count(b'"content":""')) == (["b.png"], 1)
    monkeypatch.setattr(thread, "MOST_WAITING", 1)
    visitor.write(text="Und noch etwas")
    assert [one.text for one in thread.entries(Visit.objects.get())] == ["Und noch etwas"]


@pytest.mark.parametrize("end", ['"', '\\"', "\\", ""])
def test_whatever_a_mail_quotes_and_whatever_is_no_letter_breaks_no_page(visitor: Visitor, end: str) -> None:
    visitor.write()
    visit, row = Visit.objects.get(), Delivery.objects.get()
    reply = Letter("m1", visit.external_id, times.now(), "Danke", original=f"> {60_000 * 'ä'}{end}", by="mail")
    actions.write_by_mail(visit, reply)
    Delivery.objects.create(channel=row.channel, path=row.path, body=b"{}", received_at=times.now(), state="failed")
    assert [one.text for one in thread.entries(visit)][1:] == ["Danke"]


def test_the_private_link_is_known_to_its_visitor_only(visitor: Visitor) -> None:
    visitor.write()
    stored = json.dumps([str(row) for row in VisitLink.objects.values_list()])
    bodies = b"".join(bytes(row) for row in Delivery.objects.values_list("body", flat=True))
    assert visitor.token not in stored and visitor.token.encode() not in bodies


def test_sent_twice_is_one_letter_and_other_words_under_the_same_id_are_not_lost(
    visitor: Visitor, channel: Channel
) -> None:
    form = visitor.form(id="same-id-1")
    for _ in range(3):
        assert visitor.write(**form).status_code == 200
    assert visitor.write(**{**form, "text": "Und in Vollzeit?"}).status_code == 200
    assert [letter.text for letter in letters(channel)] == [form["text"], "Und in Vollzeit?"]
    assert Visit.objects.count() == 1


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://karriere.example.org"])
def test_other_websites_are_refused(channel: Channel, origin: str) -> None:
    stranger = Visitor(channel, origin=origin)
    answers = [stranger.write(), stranger.read(), stranger.client.get("/w/auental/config", headers={"origin": origin})]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert not any("Access-Control-Allow-Origin" in answer for answer in answers)
    assert not Delivery.objects.exists()


def test_a_post_that_says_no_origin_is_refused(visitor: Visitor) -> None:
    assert visitor.client.post("/w/auental/letters", visitor.form()).status_code == 403


def test_the_browser_of_an_allowed_website_may_read_the_answer(visitor: Visitor) -> None:
    ask = visitor.client.options("/w/auental/letters", headers={"origin": SITE})
    assert (ask.status_code, ask["Access-Control-Allow-Origin"], "Origin" in ask["Vary"]) == (204, SITE, True)
    assert visitor.write()["Access-Control-Allow-Origin"] == SITE


def test_no_cookie_is_ever_set(visitor: Visitor) -> None:
    visitor.write()
    client = visitor.client
    client.get("/w/auental/widget.js")
    client.get("/w/auental/config")
    client.get("/w/auental/")
    client.get(f"/v/{visitor.token}/")
    client.post("/w/auental/", visitor.form(text=""))
    assert dict(client.cookies) == {}


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"text": "  "}, "invalid", "text"),
        ({"consent": ""}, "invalid", "consent"),
        ({"consent_version": "older-words"}, "invalid", "consent"),
        ({"mail_address": "lena@"}, "invalid", "mail_address"),
        ({"text": "x" * 10_001}, "invalid", "text"),
        ({"homepage": "https://spam.example"}, "trap", "text"),
        ({"stamp": "made-up"}, "stale", "text"),
    ],
)
def test_what_is_missing_is_said_at_its_field(visitor: Visitor, values: dict[str, str], code: str, field: str) -> None:
    answer = visitor.write(**values)
    assert (answer.status_code, answer.json()["code"], list(answer.json()["errors"])) == (422, code, [field])
    assert not Delivery.objects.exists()


def test_faster_than_hands_is_asked_again(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "QUICKEST", 2)
    assert visitor.write().json()["code"] == "quick"


def test_whoever_wrote_once_needs_no_consent_and_no_stamp_again(visitor: Visitor, channel: Channel) -> None:
    visitor.write()
    assert visitor.write(text="Noch etwas", consent="", stamp="").status_code == 200
    assert [letter.text for letter in letters(channel)][1:] == ["Noch etwas"]
    assert letters(channel)[1].consent == {}


def test_files_are_judged_by_their_bytes(visitor: Visitor, channel: Channel) -> None:
    good = SimpleUploadedFile("Zeugnis.png", png(), "text/html")
    assert visitor.write(text="", attached=[good]).status_code == 200
    assert [(file.name, file.content_type) for file in letters(channel)[0].files] == [("Zeugnis.png", "image/png")]
    for bad in (
        SimpleUploadedFile("cv.pdf", b"MZ\x90\x00" + b"x" * 100, "application/pdf"),
        SimpleUploadedFile("page.html", b"<script>alert(1)</script>", "image/png"),
        SimpleUploadedFile("big.png", png() + b"\0" * limits.MAX_FILE, "image/png"),
    ):
        answer = Visitor(channel).write(attached=[bad])
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["attached"]), bad.name


def test_a_request_beyond_all_limits_is_refused_unread(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_REQUEST", 500)
    answer = visitor.write(text="x" * 2000)
    assert (answer.status_code, answer.json()["code"]) == (413, "tooBig")


def test_a_flood_from_one_address_is_slowed_and_nothing_of_it_half_stored(
    visitor: Visitor, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FIRST_PER_ADDRESS", 3)
    answers = [Visitor(channel).write() for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[4]["Retry-After"] == "300"
    assert (Visit.objects.count(), Delivery.objects.count(), Knock.objects.count()) == (3, 3, 3)
    elsewhere = visitor.client.post(
        "/w/auental/letters?lang=de", visitor.form(), headers={"origin": SITE}, REMOTE_ADDR="203.0.113.9"
    )
    assert elsewhere.status_code == 200


def test_addresses_are_kept_only_as_hashes_that_die_with_the_day(visitor: Visitor) -> None:
    visitor.write()
    knock = Knock.objects.get()
    assert b"127.0.0.1" not in bytes(knock.who) and len(bytes(knock.who)) == 16
    with times.frozen(times.now() + timedelta(days=2)):
        limits.forget_knocks()
    assert (Knock.objects.count(), DaySalt.objects.count()) == (0, 0)


def test_an_unknown_key_is_not_there(channel: Channel) -> None:
    for path in ("widget.js", "config", "conversation", ""):
        assert Client().get(f"/w/nobody/{path}").status_code == 404


def test_nothing_new_is_said_in_no_bytes(visitor: Visitor) -> None:
    visitor.write()
    first = visitor.read()
    again = visitor.read(first["ETag"])
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


def test_a_strange_token_opens_nothing(visitor: Visitor) -> None:
    visitor.write()
    assert visitor.read(token="x" * 43).status_code == 410


anything = st.text(max_size=200) | st.binary(max_size=100)
forms = st.dictionaries(
    st.sampled_from(
        ["text", "name", "mail_address", "token", "id", "source", "page", "consent", "stamp", "homepage", "lang"]
    ),
    anything,
)


@given(values=forms, is_valid_before=st.booleans())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_nothing_breaks(visitor: Visitor, values: dict[str, Any], is_valid_before: bool) -> None:
    base = visitor.form() if is_valid_before else {}
    form = {**base, **values}
    for address, headers in (("/w/auental/letters", {"origin": SITE}), ("/w/auental/", {})):
        answer = visitor.client.post(address, form, headers=headers)
        assert answer.status_code in {200, 303, 410, 413, 422, 429}


@given(
    body=st.binary(max_size=400),
    kind=st.sampled_from(["application/json", "multipart/form-data; boundary=x", "text/plain"]),
)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_bytes_are_sent_nothing_breaks(visitor: Visitor, body: bytes, kind: str) -> None:
    answer = visitor.client.post("/w/auental/letters", body, content_type=kind, headers={"origin": SITE})
    assert answer.status_code in {400, 413, 422}


@given(body=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_damaged_bytes_are_a_value_error_and_nothing_else(body: bytes) -> None:
    try:
        unpack(body)
    except ValueError:
        return


@pytest.mark.django_db(transaction=True)
def test_a_double_click_on_the_first_letter_is_one_visit_and_one_letter(visitor: Visitor, channel: Channel) -> None:
    address = f"/w/{channel.key}/letters?lang=de"
    form = visitor.form()
    ready = threading.Barrier(4)

    def send(_number: int) -> int:
        try:
            ready.wait(10)
            return Client().post(address, form, headers={"origin": SITE}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(send, range(4)))
    counts = Visit.objects.count(), VisitLink.objects.count(), Knock.objects.count()
    assert (statuses, len(letters(channel)), counts) == ([200] * 4, 1, (1, 1, 1))


def test_mending_a_form_starts_no_clock_again(
    visitor: Visitor, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, form = f"/w/{channel.key}/?lang=de", visitor.form(consent="")
    with monkeypatch.context() as earlier:
        at = time.time() - 30
        earlier.setattr("django.core.signing.time.time", lambda: at)
        form["stamp"] = intake.stamp(channel)
    answer = Client().post(page, form)
    assert form["stamp"] in answer.content.decode()
    assert "made-up" not in Client().post(page, {**form, "stamp": "made-up"}).content.decode()
