"""The stand-in's private talks: windows, private replies, WhatsApp's kinds, statuses, files and templates."""

from __future__ import annotations

import hashlib
import random
from typing import Any

from ganzohr.proofs.meta import Platform
from tests.proofs.meta.desk import Client, Desk

TEXT = {"text": "Ja, das geht"}


def whatsapp(to: str, **more: Any) -> dict[str, Any]:
    return {"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": "Ja, das geht"}} | more


def test_a_talk_closes_after_a_day_and_for_people_after_seven(platform: Platform, desk: Desk, graph: Client) -> None:
    page, lena = platform.add_page("Auental"), platform.people.person("Lena", reads=True)
    to = {"id": lena.id}
    assert graph.code(f"/{page.id}/messages", recipient=to, message=TEXT) == (100, 2018001)
    platform.people.write(page, lena, "Hallo")
    assert graph.code(f"/{page.id}/messages", recipient=to, message=TEXT, messaging_type="RESPONSE") == (0, 0)
    assert platform.settle()
    assert desk.fields() == ["message", "message", "delivery", "read"]
    assert desk.events()[1][1]["message"]["is_echo"] is True
    human = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    platform.clock.pass_by(hours=25)
    assert graph.code(f"/{page.id}/messages", recipient=to, message=TEXT) == (10, 2018278)
    assert graph.code(f"/{page.id}/messages", recipient=to, message=TEXT, **human) == (0, 0)
    tagged = {"messaging_type": "MESSAGE_TAG", "tag": "ACCOUNT_UPDATE"}
    assert graph.code(f"/{page.id}/messages", recipient=to, message=TEXT, **tagged)[0] == 100
    platform.clock.pass_by(days=7)
    assert graph.code(f"/{page.id}/messages", recipient=to, message=TEXT, **human) == (10, 2018278)
    found = graph.get(f"/{page.id}/conversations", user_id=lena.id, fields="messages{id,message,from}")["data"][0]
    assert [one["message"] for one in found["messages"]["data"]] == ["Ja, das geht", "Ja, das geht", "Hallo"]


def test_a_comment_gets_one_private_reply_within_seven_days(platform: Platform, graph: Client) -> None:
    page, lena = platform.add_page("Auental"), platform.people.person("Lena")
    post = platform.people.post(page, "Wir suchen")
    old, comment = (platform.people.comment(post, lena, text) for text in ("Hallo?", "Und?"))
    to = {"comment_id": comment.id}
    answer = graph.post(f"/{page.id}/messages", recipient=to, message=TEXT).json()
    assert answer["recipient_id"] == lena.id
    assert graph.code(f"/{page.id}/messages", recipient=to, message=TEXT) == (10900, 0)
    assert graph.code(f"/{page.id}/messages", recipient={"id": lena.id}, message=TEXT) == (10, 2018278)
    platform.clock.pass_by(days=7, hours=1)
    assert graph.code(f"/{page.id}/messages", recipient={"comment_id": old.id}, message=TEXT) == (10, 2018278)
    assert [one.road for one in platform.record.to(lena.id)] == ["comment.private_reply"]


def test_whatsapp_takes_words_within_a_day_and_tells_how_far_they_came(
    platform: Platform, desk: Desk, graph: Client
) -> None:
    number = platform.add_number("+49 30 5550100")
    lena = platform.people.person("Lena", "+491701234567")
    ben = platform.people.person("Ben", "491701234568", username="ben", hides_phone=True)
    asked = platform.people.whatsapp(number, lena, "Wie lange dauert das?")
    platform.people.whatsapp(number, ben, "Hallo")
    path = f"/{number.id}/messages"
    sent = graph.post(path, **whatsapp(lena.phone, biz_opaque_callback_data="key-7")).json()["messages"][0]["id"]
    by_id = whatsapp("", recipient=ben.user_id)
    assert graph.post(path, **by_id).json()["contacts"] == [{"input": ben.user_id, "user_id": ben.user_id}]
    graph.post(path, messaging_product="whatsapp", status="read", message_id=asked.id)
    platform.people.read(platform.world.talk(number, lena))
    assert platform.settle()
    assert desk.fields() == ["text", "text", "sent", "delivered", "sent", "delivered", "read"]
    events = [value for _, value in desk.events()]
    assert ("from" in events[0]["messages"][0], "from" in events[1]["messages"][0]) == (True, False)
    assert events[2]["statuses"][0]["biz_opaque_callback_data"] == "key-7" and events[2]["statuses"][0]["id"] == sent
    platform.clock.pass_by(hours=24.1)
    assert graph.code(path, **whatsapp(lena.phone)) == (131047, 0)
    platform.tells_window_later = True
    assert graph.code(path, **whatsapp(lena.phone)) == (0, 0)
    assert graph.code(path, **whatsapp("490000")) == (0, 0)
    assert platform.settle()
    failed = [value["statuses"][0]["errors"][0]["code"] for _, value in desk.events()[-2:]]
    assert failed == [131047, 131026]
    assert len(platform.record.accepted) == 2


def test_a_template_goes_after_the_window_with_all_its_values(platform: Platform, graph: Client) -> None:
    number, lena = platform.add_number("+49305550100"), platform.people.person("Lena", "491701234567")
    platform.add_template(number, "antwort_da", "Hallo {{1}}, deine Antwort ist da: {{2}}")
    path = f"/{number.id}/messages"

    def template(*values: str, name: str = "antwort_da") -> dict[str, Any]:
        body = {"type": "body", "parameters": [{"type": "text", "text": value} for value in values]}
        said = {"name": name, "language": {"code": "de"}, "components": [body]}
        return whatsapp(lena.phone, type="template", template=said)

    assert graph.code(path, **template("Lena")) == (132000, 0)
    assert graph.code(path, **template("Lena", "Ja", name="fehlt")) == (132001, 0)
    assert graph.code(path, **template("Lena", "Ja")) == (0, 0)
    assert [one.text for one in platform.record.accepted] == ["Hallo Lena, deine Antwort ist da: Ja"]
    [listed] = graph.get(f"/{number.waba_id}/message_templates")["data"]
    assert (listed["name"], listed["status"], listed["language"]) == ("antwort_da", "APPROVED", "de")


def test_files_go_both_ways_byte_by_byte_and_links_die(platform: Platform, desk: Desk, graph: Client) -> None:
    number, lena = platform.add_number("+49305550100"), platform.people.person("Lena", "491701234567")
    content = random.Random(3).randbytes(40_000)
    platform.people.voice(number, lena, content)
    assert platform.settle()
    audio = desk.events()[0][1]["messages"][0]["audio"]
    told = graph.get(f"/{audio['id']}")
    assert (audio["voice"], told["sha256"]) == (True, hashlib.sha256(content).hexdigest())
    assert graph.http.get(told["url"]).content == content
    assert graph.http.get(told["url"], headers={"Authorization": ""}).status_code == 401
    platform.clock.pass_by(minutes=6)
    assert graph.http.get(told["url"]).status_code == 404
    form = {"messaging_product": "whatsapp", "type": "image/png"}
    up = graph.http.post(f"/{number.id}/media", data=form, files={"file": ("b.png", content, "image/png")}).json()
    assert graph.code(f"/{number.id}/messages", **whatsapp(lena.phone, type="image", image={"id": up["id"]})) == (0, 0)
    assert platform.world.things[up["id"]].content == content
    platform.clock.pass_by(days=8)
    assert graph.http.get(f"/{audio['id']}").json()["error"]["code"] == 100


def test_everything_a_phone_can_do_is_told_in_its_own_shape(platform: Platform, desk: Desk) -> None:
    number, lena = platform.add_number("+49305550100"), platform.people.person("Lena", "491701234567")
    people = platform.people
    letter = people.whatsapp(number, lena, "Hallo")
    people.media(number, lena, b"%PDF", "application/pdf", "lebenslauf.pdf", "Mein Lebenslauf")
    people.location(number, lena, 52.1, 8.6, "Marienhöhe")
    people.unsupported(number, lena)
    people.correct(letter, "Hallo!")
    people.react_to(letter, "like")
    people.revoke(letter)
    people.call(number, lena)
    people.stop_marketing(number, lena)
    people.change_number(number, lena, "491709999999")
    people.change_user_id(number, lena)
    people.quality(number)
    people.sent_elsewhere(number, lena, "Ich rufe dich an")
    assert platform.settle()
    assert desk.fields() == [
        "text", "document", "location", "unsupported", "edit", "reaction", "revoke", "calls", "calls",
        "user_preferences", "system", "user_id_update", "phone_number_quality_update", "smb_message_echoes",
    ]  # fmt: skip


def test_messenger_edits_unsends_and_reacts(platform: Platform, desk: Desk) -> None:
    page, lena = platform.add_page("Auental"), platform.people.person("Lena")
    letter = platform.people.write(page, lena, "Halo")
    platform.people.rewrite(letter, "Hallo")
    platform.people.react_to(letter, "love")
    platform.people.attach(page, lena, b"x", "image/png", "bild.png")
    platform.people.press(page, lena, "Loslegen", "START")
    platform.people.unsend(letter)
    assert platform.settle()
    assert desk.fields() == ["message", "message_edit", "reaction", "message", "postback", "message"]
    assert desk.events()[-1][1]["message"]["is_deleted"] is True


def test_the_same_person_gets_not_more_than_a_burst(platform: Platform, graph: Client) -> None:
    number, lena = platform.add_number("+49305550100"), platform.people.person("Lena", "491701234567")
    platform.people.whatsapp(number, lena, "Hallo")
    codes = [graph.code(f"/{number.id}/messages", **whatsapp(lena.phone))[0] for _ in range(46)]
    assert codes == [0] * 45 + [131056]
