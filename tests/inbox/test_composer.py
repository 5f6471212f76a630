"""The box on platforms with rules: where it goes, how long, how much, once in private, and templates after that."""

from __future__ import annotations

import datetime as dt
import html
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ganzohr.channels import holds
from ganzohr.channels.connectors.base import Incoming, IncomingPost, Outcome
from ganzohr.channels.models import Channel, MessageTemplate, Outgoing
from ganzohr.contacts.models import Handle
from ganzohr.core import times
from ganzohr.inbox import actions
from ganzohr.inbox.events import MessagesUnderstood
from ganzohr.inbox.models import Conversation, Draft, Message
from ganzohr.inbox.notices import tell
from tests.inbox.story import NOW, Desk
from tests.inbox.test_answering import came_out

MOST_QUERIES = 17  # names of the list in one; holds, where an answer is under way
POST = IncomingPost("p1", "https://platform.example/p1", "Ein Tag auf Station")


@pytest.fixture
def whatsapp(desk: Desk) -> Channel:
    return Channel.objects.create(kind="whatsapp", name="WhatsApp", key="wa", external_id="1", signature="none")


@pytest.fixture
def facebook(desk: Desk) -> Channel:
    return Channel.objects.create(kind="facebook", name="Seite", key="fb", external_id="2", signature="none")


def said(desk: Desk, text: str = "Geht das?", **more: Any) -> Incoming:
    values = {"sender_id": "4917", "sender_name": "Amine", "thread_key": "", "subject": "", "provider_at": NOW}
    target = {"to": "4917", "message_id": more.get("external_id", "wamid.1"), "phone_number_id": "1"}
    return desk.say(text, **{**values, "external_id": "wamid.1", "target": target, **more})


def comment(desk: Desk, channel: Channel, external_id: str = "c1", **more: Any) -> Conversation:
    target = {"comment_id": external_id, "post_id": "p1", "page_id": "2", "written_at": NOW.isoformat()}
    values = {"external_id": external_id, "visibility": "public", "post": POST, "target": target}
    return desk.arrive(said(desk, **{**values, **more}), channel=channel)


def page(client: Client, held: Conversation, query: str = "") -> str:
    return html.unescape(client.get(f"/inbox/{held.pk}/{query}").content.decode())


def later(**by: float) -> Any:
    return times.frozen(NOW + dt.timedelta(**by))


def send(client: Client, held: Conversation, text: str, **more: Any) -> Any:
    asked = held.messages.filter(direction="in").last()
    values = {"mode": "reply", "text": text, "knows": asked.pk if asked else 0, "key": "k1", "anyway": "sends_on"}
    return client.post(f"/inbox/{held.pk}/answers/", {**values, **more})


def template(
    channel: Channel, body: str = "Hallo {{1}}, deine Antwort von {{2}} ist da.", **more: Any
) -> MessageTemplate:
    values = {"name": "answer_ready", "language": "de", "values": ["1", "2"], "is_approved": True, "seen_at": NOW}
    return MessageTemplate.objects.create(channel=channel, body=body, **{**values, **more})


def test_the_hint_to_look_again_goes_with_what_it_was_about(desk: Desk, as_sophie: Client) -> None:
    held = desk.arrive(desk.say())
    values = {"mode": "reply", "knows": held.messages.get().pk, "shown": "sends_on"}
    found = []
    for text in ("Ruf einfach bei uns an.", "Ja, das geht."):
        told = as_sophie.post(f"/inbox/{held.pk}/checks/", {**values, "text": text}).content.decode()
        found.append('id="again" hx-swap-oob' in told)

    assert found == [False, True]


def test_a_hold_is_said_before_during_and_after_approving_and_nothing_promises_to_leave(
    desk: Desk, as_sophie: Client, whatsapp: Channel
) -> None:
    held = desk.arrive(said(desk), channel=whatsapp)
    with later(minutes=1):
        assert "Leaves after 10 seconds" in page(as_sophie, held)
        kept = holds.hold("channel", desk.actor, why="Wir prüfen etwas.", channel=whatsapp)
        before = page(as_sophie, held)
        assert ("Wir prüfen etwas." in before, "10 seconds" in before) == (True, False)
        send(as_sophie, held, "Ja, das geht.")
        after = page(as_sophie, held)
        assert ("It stays here until" in after, "data-leaves" in after, "Take back" in after) == (True, False, True)
        holds.lift(kept, desk.actor)
        assert "data-leaves" in page(as_sophie, held)


# Where it goes


def test_every_button_says_where_the_words_go(
    desk: Desk, as_sophie: Client, whatsapp: Channel, facebook: Channel
) -> None:
    public = comment(desk, facebook)
    talk = desk.arrive(said(desk, external_id="m.1", target={"recipient_id": "4917"}), channel=facebook)
    phone = desk.arrive(said(desk), channel=whatsapp)
    assert "Post publicly on Facebook" in page(as_sophie, public)
    assert "Answer privately" in page(as_sophie, public, "?mode=private")
    assert "Send by Messenger" in page(as_sophie, talk)
    assert "Send by WhatsApp" in page(as_sophie, phone)


# Once in private


def test_a_comment_takes_one_private_answer_and_the_box_says_why_not_two(
    desk: Desk, as_sophie: Client, facebook: Channel
) -> None:
    public = comment(desk, facebook)
    assert "one private answer, until Tue, 1 Dec, 10:20" in page(as_sophie, public, "?mode=private")
    message = desk.answer(public, "Schreib ich dir hier.", mode="private")
    assert message.outgoing
    assert message.outgoing.target["visibility"] == "private"
    after = page(as_sophie, public)
    assert "mode=private" not in after
    assert "The one private answer to this comment is on its way." in after
    answer = send(as_sophie, public, "Und noch eins.", mode="private")
    assert (answer.status_code, Draft.objects.get().text) == (422, "Und noch eins.")
    assert "The one private answer to this comment is on its way." in answer.content.decode()
    with pytest.raises(actions.CannotLeave, match="private_used"):
        desk.answer(public, "Und noch eins.", mode="private")


def test_the_public_page_counts_until_a_private_answer_leaves_and_takes_it_back(
    desk: Desk, as_sophie: Client, facebook: Channel
) -> None:
    public = comment(desk, facebook)
    message = desk.answer(public, "Schreib ich dir hier.", mode="private")
    shown = page(as_sophie, public)
    assert 'data-leaves="10"' in shown
    assert f"/inbox/messages/{message.pk}/taking-back/" in shown
    assert "also writes privately" not in shown
    assert Conversation.objects.get(pk=message.conversation_id).first_words == "Schreib ich dir hier."
    came_out(message, Outcome("accepted", "m.7"))
    shown = page(as_sophie, public)
    assert "We wrote to Amine privately" in shown
    assert "The one private answer to this comment has left." in shown


def test_a_talk_they_began_themselves_did_not_begin_in_public(desk: Desk, as_sophie: Client, facebook: Channel) -> None:
    public = comment(desk, facebook)
    talk = desk.arrive(said(desk, external_id="m.1", target={"recipient_id": "4917"}), channel=facebook)
    Conversation.objects.filter(pk=talk.pk).update(linked_to=public)
    shown = page(as_sophie, talk)
    assert "It began in public" not in shown
    assert "also writes in public" in shown


def test_a_private_answer_that_did_not_leave_is_not_used_up(desk: Desk, facebook: Channel) -> None:
    public = comment(desk, facebook)
    came_out(desk.answer(public, "Eins.", mode="private"), Outcome("refused", code="page_restricted"))
    came_out(desk.answer(public, "Zwei.", mode="private"), Outcome("refused", code="private_reply_used"))
    with pytest.raises(actions.CannotLeave, match="private_used"):
        desk.answer(public, "Drei.", mode="private")
    comment(desk, facebook, "c2", provider_at=NOW + dt.timedelta(minutes=1))
    assert desk.answer(public, "Vier.", mode="private").outgoing


def test_after_seven_days_a_comment_takes_no_private_answer(desk: Desk, as_sophie: Client, facebook: Channel) -> None:
    public = comment(desk, facebook)
    with later(days=7):
        after = page(as_sophie, public)
        assert "Facebook takes a private answer for 7 days after a comment." in after
        assert "mode=private" not in after
        with pytest.raises(actions.CannotLeave, match="private_late"):
            desk.answer(public, "Zu spät.", mode="private")
        assert desk.answer(public, "Öffentlich geht es.").outgoing


def test_who_writes_back_in_private_is_answered_there(desk: Desk, facebook: Channel) -> None:
    public = comment(desk, facebook)
    desk.answer(public, "Schreib ich dir hier.", mode="private")
    talk = desk.arrive(said(desk, "Danke!", external_id="m.1", target={"recipient_id": "4917"}), channel=facebook)
    message = desk.answer(public, "Gern.", mode="private")
    assert message.outgoing
    assert (message.conversation, message.outgoing.target) == (talk, {"recipient_id": "4917"})


# How long


def test_the_time_left_stands_beside_the_box(
    desk: Desk, as_sophie: Client, whatsapp: Channel, facebook: Channel
) -> None:
    phone = desk.arrive(said(desk), channel=whatsapp)
    talk = desk.arrive(said(desk, external_id="m.1", target={"recipient_id": "4917"}), channel=facebook)
    with later(hours=20, minutes=48):
        assert 'class="window" data-window="11520"' in page(as_sophie, phone)
        assert "3 h 12 min left to answer freely" in page(as_sophie, phone)
    with later(hours=22, minutes=30):
        assert 'class="window state--soon" data-window="5400"' in page(as_sophie, phone)
    with later(hours=30):
        assert "only answers written by a person, until Tue, 1 Dec, 10:20" in page(as_sophie, talk)
        assert send(as_sophie, talk, "Von Hand geschrieben.").status_code in (302, 303)
        with pytest.raises(actions.CannotLeave, match="window_closed"):
            actions.promise(talk, "Morgen.", by=desk.sophie, actor=desk.actor, key="p")


def test_a_window_that_closed_while_writing_keeps_the_text(desk: Desk, as_sophie: Client, facebook: Channel) -> None:
    talk = desk.arrive(said(desk, external_id="m.1", target={"recipient_id": "4917"}), channel=facebook)
    with later(days=7):
        answer = send(as_sophie, talk, "Fast geschafft.")
        assert (answer.status_code, Outgoing.objects.count()) == (422, 0)
        assert "Messenger takes answers for 7 days after the last message" in html.unescape(answer.content.decode())
        assert Draft.objects.get().text == "Fast geschafft."
        again = page(as_sophie, talk)
        assert "Your words are kept as a draft" in again
        assert 'name="text"' not in again
        checked = as_sophie.post(f"/inbox/{talk.pk}/checks/", {"mode": "reply", "text": "Fast"}).content.decode()
        assert 'class="hidden" id="send"' in checked
        with pytest.raises(actions.CannotLeave, match="window_closed"):
            desk.answer(talk)


# How much


@pytest.mark.parametrize("letter", ["a", "ä", "😀"])
def test_length_is_counted_in_characters_and_differs_in_public(
    desk: Desk, as_sophie: Client, facebook: Channel, letter: str
) -> None:
    public = comment(desk, facebook)
    talk = desk.arrive(said(desk, external_id="m.1", target={"recipient_id": "4917"}), channel=facebook)
    assert send(as_sophie, talk, letter * 2001).status_code == 422
    assert "1 characters too many" in send(as_sophie, talk, letter * 2001).content.decode()
    with pytest.raises(actions.CannotLeave, match="too_long"):
        desk.answer(talk, letter * 2001)
    assert send(as_sophie, talk, letter * 1999 + "\r\n").status_code in (302, 303)
    assert desk.answer(public, letter * 8000).text == letter * 8000
    with pytest.raises(actions.CannotLeave, match="too_long"):
        desk.answer(public, letter * 8001)


# Templates


def test_after_the_window_a_template_is_filled_in_read_and_sent_once(
    desk: Desk, as_sophie: Client, whatsapp: Channel
) -> None:
    held = desk.arrive(said(desk), channel=whatsapp)
    row = template(whatsapp)
    template(whatsapp, "Hi", name="pending", values=[], is_approved=False)
    with later(hours=24):
        shown = page(as_sophie, held)
        assert "WhatsApp takes answers for 24 h after the last message" in shown
        assert ("Answer ready (de)" in shown, "Pending" in shown) == (True, False)
        values = {"template": row.pk, "filled": row.pk, "value_0": "Amine", "value_1": " Karin\nWöhlert ", "key": "k"}
        first = as_sophie.post(f"/inbox/{held.pk}/template/", values)
        assert (first.status_code, Message.objects.filter(direction="out").count()) == (422, 0)
        read = html.unescape(as_sophie.post(f"/inbox/{held.pk}/template/filling/", values).content.decode())
        assert "Hallo Amine, deine Antwort von Karin Wöhlert ist da." in read
        values["seen"] = read.partition('name="seen" value="')[2].partition('"')[0]
        changed = as_sophie.post(f"/inbox/{held.pk}/template/", values | {"value_1": "Jonas"})
        assert changed.status_code == 422
        assert [as_sophie.post(f"/inbox/{held.pk}/template/", values).status_code for _ in (1, 2)] == [303, 303]
        message = Message.objects.get(direction="out")
        assert message.outgoing
        assert message.text == "Hallo Amine, deine Antwort von Karin Wöhlert ist da."
        assert message.outgoing.payload["template"] == {
            "name": "answer_ready", "language": "de", "values": ["Amine", "Karin Wöhlert"],
        }  # fmt: skip
        assert message.text in page(as_sophie, held)
        came_out(message, Outcome("accepted", "wamid.9"))
        held.refresh_from_db()
        assert (held.unanswered_since, held.due_at) == (None, None)


def test_a_template_that_failed_leaves_the_person_waiting_and_the_box_empty(desk: Desk, whatsapp: Channel) -> None:
    held = desk.arrive(said(desk), channel=whatsapp)
    row = template(whatsapp, "Hallo {{first_name}}.", values=["first_name"])
    message = actions.send_template(held, row, {"first_name": "A"}, by=desk.sophie, actor=desk.actor, key="k")
    assert message.outgoing
    assert message.outgoing.payload["template"]["values"] == {"first_name": "A"}
    came_out(message, Outcome("refused", code="person_unavailable"))
    held.refresh_from_db()
    assert (held.unanswered_since, held.failed_how, Draft.objects.count()) == (NOW, "refused", 0)


def test_numbered_values_go_in_the_order_of_their_numbers(desk: Desk, whatsapp: Channel) -> None:
    held = desk.arrive(said(desk), channel=whatsapp)
    row = template(whatsapp, "{{2}} schreibt {{1}}.", values=["2", "1"])
    message = actions.send_template(held, row, {"1": "dir", "2": "Karin"}, by=desk.sophie, actor=desk.actor, key="k")
    assert message.outgoing
    assert (message.text, message.outgoing.payload["template"]["values"]) == ("Karin schreibt dir.", ["dir", "Karin"])


# Stop


def test_after_a_stop_nothing_leaves_unasked_until_they_write(desk: Desk, as_sophie: Client, whatsapp: Channel) -> None:
    held = desk.arrive(said(desk, "Stop", headers={"stop": True}), channel=whatsapp)
    assert Handle.objects.get(channel=whatsapp).stopped_at == NOW
    row = template(whatsapp, "Hi", values=[])
    assert "Amine said stop" in page(as_sophie, held)
    assert "/promise/" not in page(as_sophie, held)
    with pytest.raises(actions.CannotLeave, match="stopped"):
        actions.promise(held, "Morgen.", by=desk.sophie, actor=desk.actor, key="p")
    with pytest.raises(actions.CannotLeave, match="stopped"):
        actions.send_template(held, row, {}, by=desk.sophie, actor=desk.actor, key="t")
    tell(understood(held))
    assert not Outgoing.objects.exclude(kind="read").exists()
    with later(hours=25):
        assert 'id="template"' not in page(as_sophie, held)
    again = NOW + dt.timedelta(minutes=1)
    desk.arrive(said(desk, "Doch noch was", external_id="wamid.2", provider_at=again), channel=whatsapp)
    assert "said stop" not in page(as_sophie, held)
    assert actions.send_template(held, row, {}, by=desk.sophie, actor=desk.actor, key="t").outgoing


# Calls


def understood(held: Conversation) -> MessagesUnderstood:
    return MessagesUnderstood(tuple(held.messages.filter(direction="in").values_list("pk", flat=True)))


@pytest.mark.parametrize(
    ("language", "address", "words"),
    [
        ("de", "informal", "Schreib uns, worum es geht, dann antworten wir dir."),
        ("de", "formal", "Schreiben Sie uns, worum es geht, dann antworten wir Ihnen."),
        ("nl", "formal", "schrijf ons waar het over gaat, dan antwoorden we u."),
        ("en", "informal", "write to us what it is about, and we answer you."),
    ],
)
def test_a_missed_call_is_answered_in_words_once_a_day(
    desk: Desk, whatsapp: Channel, language: str, address: str, words: str
) -> None:
    Channel.objects.filter(pk=whatsapp.pk).update(address=address)
    call: dict[str, Any] = {"text": "", "language": language, "headers": {"form": "missed_call"}}
    for n in range(3):
        at = NOW + dt.timedelta(minutes=n)
        held = desk.arrive(said(desk, external_id=f"call{n}", provider_at=at, **call), channel=whatsapp)
        tell(understood(held))
    notice = Outgoing.objects.get()
    assert (notice.kind, notice.payload["text"].endswith(words)) == ("notice", True)
    with later(days=1):
        held = desk.arrive(
            said(desk, external_id="next", provider_at=NOW + dt.timedelta(days=1), **call), channel=whatsapp
        )
        tell(understood(held))
    assert Outgoing.objects.count() == 2


def test_a_call_we_hear_of_too_late_is_answered_by_people(desk: Desk, whatsapp: Channel) -> None:
    held = desk.arrive(said(desk, "", headers={"form": "missed_call"}), channel=whatsapp)
    with later(hours=25):
        tell(understood(held))
    assert not Outgoing.objects.exists()


# Read marks


def test_opening_shows_once_that_we_read_and_readers_show_nothing(
    desk: Desk, as_sophie: Client, whatsapp: Channel
) -> None:
    assert desk.jonas.user
    held = desk.arrive(said(desk), channel=whatsapp)
    reader = Client()
    desk.jonas.user.role = "reader"
    desk.jonas.user.save()
    reader.force_login(desk.jonas.user)
    page(reader, held)
    assert not Outgoing.objects.exists()
    page(as_sophie, held)
    page(as_sophie, held)
    mark = Outgoing.objects.get()
    assert (mark.kind, mark.target["message_id"], mark.state) == ("read", "wamid.1", "waiting")
    desk.arrive(said(desk, external_id="wamid.2", provider_at=NOW + dt.timedelta(minutes=1)), channel=whatsapp)
    page(as_sophie, held)
    assert Outgoing.objects.filter(kind="read").count() == 2
    Outgoing.objects.update(state="refused")
    assert not Outgoing.objects.needing_a_hand().exists()


def test_where_the_platform_shows_no_read_marks_none_leaves(desk: Desk, as_sophie: Client, facebook: Channel) -> None:
    page(as_sophie, desk.arrive(desk.say()))
    page(as_sophie, comment(desk, facebook))
    assert not Outgoing.objects.exists()


# What was before


def test_history_starts_no_clock_and_asks_nobody(desk: Desk, whatsapp: Channel) -> None:
    old = NOW - dt.timedelta(days=3)
    held = desk.arrive(
        said(desk, "Damals", provider_at=old, headers={"is_history": True}),
        said(desk, "Und wir", external_id="w2", provider_at=old, is_own=True, headers={"is_history": True}),
        channel=whatsapp,
    )
    held.refresh_from_db()
    assert (held.unanswered_since, held.due_at, held.is_unread, held.last_inbound_at) == (None, None, False, old)
    assert not Message.objects.filter(understood_at=None).exists()


def test_history_that_comes_late_stops_no_running_clock(desk: Desk, whatsapp: Channel) -> None:
    held = desk.arrive(said(desk), channel=whatsapp)
    old = NOW - dt.timedelta(days=3)
    desk.arrive(
        said(desk, "Und wir", external_id="w2", provider_at=old, is_own=True, headers={"is_history": True}),
        channel=whatsapp,
    )
    held.refresh_from_db()
    assert (held.unanswered_since, held.is_unread, held.last_inbound_at) == (NOW, True, NOW)


def test_history_of_the_last_day_is_answered_like_any_message(desk: Desk, whatsapp: Channel) -> None:
    at = NOW - dt.timedelta(hours=3)
    held = desk.arrive(said(desk, provider_at=at, headers={"is_history": True}), channel=whatsapp)
    assert held.unanswered_since == at


# What it costs


def test_the_page_asks_few_questions_in_every_state(
    desk: Desk, as_sophie: Client, whatsapp: Channel, facebook: Channel
) -> None:
    phone, public = desk.arrive(said(desk), channel=whatsapp), comment(desk, facebook)
    desk.answer(public, "Privat.", mode="private")
    template(whatsapp)
    page(as_sophie, phone)
    for hours, path in ((1, f"/inbox/{phone.pk}/"), (25, f"/inbox/{phone.pk}/"), (1, f"/inbox/{public.pk}/")):
        with later(hours=hours), CaptureQueriesContext(connection) as asked:
            assert as_sophie.get(path).status_code == 200
        assert len(asked) <= MOST_QUERIES, "\n".join(one["sql"][:160] for one in asked)


def test_after_a_refused_answer_the_page_stays_the_conversation_and_the_complaint_goes_with_its_cause(
    desk: Desk, as_sophie: Client, facebook: Channel
) -> None:
    public = comment(desk, facebook)
    refused = html.unescape(send(as_sophie, public, "x" * 8001).content.decode())
    assert "Look at the line above the button." in refused
    assert f'hx-get="/inbox/{public.pk}/' in refused
    assert f'hx-get="/inbox/{public.pk}/answers/' not in refused
    again = as_sophie.get(f"/inbox/{public.pk}/answers/")
    assert (again.status_code, again.headers["Location"]) == (302, f"/inbox/{public.pk}/")
    said = {"mode": "reply", "blocked": "1", "knows": str(public.last_message_id)}
    gone = '<div id="problem" hx-swap-oob="true"></div>'
    for text, goes in (("x" * 8001, False), ("Ja, das geht.", True)):
        checked = as_sophie.post(f"/inbox/{public.pk}/checks/", {**said, "text": text}).content.decode()
        assert (gone in checked) == goes


def test_how_much_may_be_written_is_said_before_anything_is(
    desk: Desk, as_sophie: Client, facebook: Channel, whatsapp: Channel
) -> None:
    assert "8000 characters left" in page(as_sophie, comment(desk, facebook))
    assert "4096 characters left" in page(as_sophie, desk.arrive(said(desk), channel=whatsapp))


def test_a_place_of_a_template_is_called_by_the_words_around_it_and_a_greeting_by_the_first_name(
    desk: Desk, as_sophie: Client, whatsapp: Channel
) -> None:
    phone = desk.arrive(said(desk, sender_name="Fritz Altmann"), channel=whatsapp)
    template(whatsapp)
    with later(hours=25):
        shown = page(as_sophie, phone)
    assert "Hallo …, deine Antwort</label>" in shown
    assert "Antwort von … ist da.</label>" in shown
    assert 'name="value_0" value="Fritz"' in shown
    assert "Hallo Fritz, deine Antwort von … ist da." in shown
