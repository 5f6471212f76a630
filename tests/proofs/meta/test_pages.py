"""The two pages to play with, and the sample's people on them."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from PIL import Image

from ganzohr.proofs.meta import Platform, pages, samples, scenery
from ganzohr.proofs.meta.course import Course
from ganzohr.proofs.meta.world import Post
from ganzohr.proofs.sample import networks
from tests.proofs.meta.desk import Client, Desk


@pytest.fixture
def scene(platform: Platform) -> scenery.Scenery:
    return scenery.prepare(platform)


@pytest.fixture
def browser(platform: Platform) -> Iterator[httpx.Client]:
    server = pages.serve(0, platform)
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", follow_redirects=True) as client:
        yield client
    server.stop()


def test_the_sample_has_its_posts_people_and_talks(platform: Platform, scene: scenery.Scenery, desk: Desk) -> None:
    scenery.play(platform, scene)
    deeds, lines = networks.deeds(), networks.lines()
    kinds = Counter(deed.kind for deed in deeds)
    assert (kinds["post"], kinds["comment"], kinds["private"], len(networks.phones())) == (5, 27, 1, 7)
    assert len({deed.who for deed in deeds if deed.kind == "comment"}) == 15
    assert sorted({deed.kind for deed in deeds if deed.is_ours}) == ["aside", "hide", "like", "ours", "private"]
    assert platform.settle()
    came = Counter(desk.fields())
    assert (came["comment add"], came["comment edited"], came["reaction add"], came["message"]) == (27, 1, 1, 1)
    assert (came["photo add"], came["comment remove"]) == (5, 1)
    assert (came["text"], came["image"], came["audio"], came["calls"]) == (8, 1, 1, 2)
    assert {line.way for line in lines} == {"says", "voice", "picture", "call", "reads", "reacts", "ours"}


def test_the_days_pass_by_steps_for_a_desk_that_is_not_up_yet_and_that_acts_between_them(
    platform: Platform, scene: scenery.Scenery, desk: Desk
) -> None:
    days, ours, handed = Course(platform, scene), [], []
    while True:
        told = days.go_on()
        handed += told["deliveries"]
        if told["ours"] is None:
            break
        ours.append((told["ours"]["kind"], told["ours"]["at"], platform.now()))
    assert Counter(kind for kind, _at, _clock in ours) == {"ours": 7, "private": 1, "like": 1, "hide": 1, "aside": 7}
    assert all(abs(clock - datetime.fromisoformat(at)) < timedelta(minutes=1) for _kind, at, clock in ours)
    assert [at for _kind, at, _clock in ours] == sorted(at for _kind, at, _clock in ours)
    assert {one["path"] for one in handed} == {"/hooks/facebook/key/", "/hooks/whatsapp/key/"}
    assert [desk.take(one["path"], one["headers"], one["body"].encode()) for one in handed] == [200] * len(handed)
    assert (len(desk.signed_by), Counter(desk.fields())["comment add"]) == (len(handed), 27)
    assert abs(platform.now() - datetime.now(UTC)) < timedelta(seconds=1)
    platform.people.comment(next(iter(platform.world.each(Post))), scene.people["Jonas Freese"], "Danke")
    assert platform.settle()
    assert desk.events()[-1][1]["message"] == "Danke"


def test_who_comments_answers_and_likes_on_the_page_is_heard(
    platform: Platform, scene: scenery.Scenery, desk: Desk, browser: httpx.Client
) -> None:
    tabea, ben = scene.people["Tabea Nordhoff"], scene.people["Jonas Freese"]
    post = platform.people.post(scene.page, "Wir suchen")
    browser.post("/", data={"als": tabea.id, "an": post.id, "tu": "kommentieren", "text": "Auch <b>nachts</b>?"})
    [comment] = post.comments
    for do, who, text in (
        ("kommentieren", ben, "Gute Frage"), ("gefaellt", ben, ""), ("aendern", ben, "Fremd"), ("weg", ben, ""),
        ("aendern", tabea, "Auch am Wochenende?"), ("kommentieren", ben, "  "),
    ):  # fmt: skip
        shown = browser.post("/", data={"als": who.id, "an": comment.id, "tu": do, "text": text})
    assert "Da fehlt noch der Text." in shown.text
    assert platform.settle()
    assert desk.fields() == ["status add", "comment add", "comment add", "reaction add", "comment edited"]
    html = browser.get("/", params={"als": tabea.id}).text
    assert re.findall(r'<p class="words">([^<]*)', html) == ["Wir suchen", "Auch am Wochenende?", "Gute Frage"]
    browser.post("/", data={"als": tabea.id, "an": comment.id, "tu": "weg"})
    assert re.findall(r'<p class="words">([^<]*)', browser.get("/").text) == ["Wir suchen"]


def test_a_private_answer_waits_as_new_until_it_is_opened(
    platform: Platform, scene: scenery.Scenery, desk: Desk, browser: httpx.Client, graph: Client
) -> None:
    tabea = scene.people["Tabea Nordhoff"]
    post = platform.people.post(scene.page, "Wir suchen")
    comment = platform.people.comment(post, tabea, "Kommt da noch was?")
    said = {"recipient": {"comment_id": comment.id}, "message": {"text": "Ja, am Freitag"}}
    assert graph.code(f"/{scene.page.id}/messages", **said) == (0, 0)
    assert '<i>1<span class="away"> neu</span></i>' in browser.get("/").text
    assert "Ja, am Freitag" in browser.get("/", params={"als": tabea.id, "privat": 1}).text
    assert " neu</span>" not in browser.get("/").text
    browser.post("/", data={"als": tabea.id, "privat": "1", "an": scene.page.id, "tu": "schreiben", "text": "Danke"})
    assert platform.settle()
    assert desk.fields()[-4:] == ["message", "delivery", "read", "message"]


def test_a_phone_writes_speaks_shows_calls_and_thanks(
    platform: Platform, scene: scenery.Scenery, desk: Desk, browser: httpx.Client, graph: Client
) -> None:
    jasper = scene.people["Jasper Tönnies"]
    told = {"als": jasper.id, "an": scene.number.id}
    browser.post("/telefon", data={**told, "tu": "schreiben", "text": "Moin"})
    browser.post("/telefon", data={**told, "tu": "sprechen"})
    browser.post("/telefon", data={**told, "tu": "bild"})
    upload = {"datei": ("lebenslauf.pdf", b"%PDF-1.7\r\n\x00\xff", "application/pdf")}
    browser.post("/telefon", data={**told, "tu": "bild", "text": "Mein Lebenslauf"}, files=upload)
    browser.post("/telefon", data={**told, "tu": "anrufen"})
    answer = {"messaging_product": "whatsapp", "to": jasper.phone, "type": "text", "text": {"body": "Moin Jasper"}}
    sent = graph.post(f"/{scene.number.id}/messages", **answer).json()["messages"][0]["id"]
    html = browser.get("/telefon", params={"als": jasper.id}).text
    browser.post("/telefon", data={"als": jasper.id, "an": sent, "tu": "herz", "text": "👍"})
    assert platform.settle()
    assert desk.fields() == [
        "text", "audio", "image", "document", "calls", "calls", "sent", "delivered", "read", "reaction",
    ]  # fmt: skip
    assert [letter.media and platform.world.things[letter.media].content[:4] for letter in
            platform.world.talk(scene.number, jasper).letters[1:4]] == [b"OggS", b"\x89PNG", b"%PDF"]  # fmt: skip
    files = re.findall(r'src="(/datei/\d+)"', html)
    assert [browser.get(path).headers["Content-Type"] for path in files] == ["audio/ogg; codecs=opus", "image/png"]


def test_no_page_holds_script_or_style_of_its_own(
    platform: Platform, scene: scenery.Scenery, browser: httpx.Client
) -> None:
    scenery.play(platform, scene, with_ours=True)
    for path in ("/", "/telefon"):
        page = browser.get(path)
        assert re.findall(r"<script(?! type=\"module\" src=\"/pages.js\")|<style|\sstyle=|\son\w+=", page.text) == []
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
        links = re.findall(r'(?:href|src)="(/[^"#]*)', page.text.replace("&amp;", "&"))
        assert [link for link in links if browser.get(link).status_code != 200] == []
    assert browser.get("/gibts-nicht").status_code == 404


def test_the_samples_to_send_are_a_picture_and_a_voice() -> None:
    assert Image.open(io.BytesIO(samples.picture())).size == (640, 480)
    voice = samples.voice(2)
    assert (voice.count(b"OggS"), voice[28:36]) == (4, b"OpusHead")
