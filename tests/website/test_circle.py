"""From the widget into the inbox and back: on the private page, and by mail for whoever left an address."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from ganzohr.channels import actions as channels
from ganzohr.channels.arrivals import Arrived
from ganzohr.channels.connectors.base import Incoming, IncomingFile
from ganzohr.channels.models import Channel, Outgoing
from ganzohr.contacts.models import Consent, Handle
from ganzohr.core import crypto, times
from ganzohr.core.people import Handle as PersonHandle
from ganzohr.core.people import Person
from ganzohr.inbox.events import AnswersDelivered
from ganzohr.inbox.models import Conversation, Message
from ganzohr.website import copies, personal_data
from ganzohr.website.models import Visit, VisitLink
from tests.website.visitors import Visitor

pytestmark = pytest.mark.django_db


def work() -> None:
    """The worker reads what came in."""
    while channels.process_deliveries():
        pass


def answered(text: str) -> Message:
    """Somebody answered the newest message and it left."""
    asked = Message.objects.filter(direction="in").latest("id")
    outgoing = channels.enqueue(
        channel=asked.channel, kind="answer", target=asked.target, payload={"text": text}, key=f"answer:{asked.pk}"
    )
    Outgoing.objects.filter(pk=outgoing.pk).update(state=Outgoing.State.ACCEPTED, finished_at=times.now())
    message = Message.objects.create(
        conversation=asked.conversation, channel=asked.channel, direction="out", text=text, outgoing=outgoing,
        provider_at=times.now(), received_at=times.now(),
    )  # fmt: skip
    copies.send_copies(AnswersDelivered((message.pk,)))
    return message


def a_mail(visit: Visit, **values: Any) -> Arrived:
    usual: dict[str, Any] = {
        "what": "message", "external_id": "<reply-1@post.example>", "sender_id": "lena@post.example",
        "provider_at": times.now(), "text": "Danke, und die Vergütung?", "headers": {"tokens": [visit.reply_key]},
    }  # fmt: skip
    return Arrived(0, 0, Incoming(**{**usual, **values}), times.now())


def test_a_visit_is_one_conversation_with_one_handle_name_address_and_consent(visitor: Visitor) -> None:
    visitor.write(name="Lena", mail_address="lena@post.example", source="messe")
    visitor.write(text="Und in Vollzeit?")
    work()
    conversation = Conversation.objects.get()
    handle = Handle.objects.get()
    consent = Consent.objects.get()
    assert [message.text for message in conversation.messages.all()] == [
        "Kann ich die Ausbildung in Teilzeit machen?", "Und in Vollzeit?",
    ]  # fmt: skip
    assert (conversation.source, handle.name, handle.address) == ("messe", "Lena", "lena@post.example")
    assert (consent.kind, consent.language, bool(consent.text)) == ("website", "de", True)


def test_sorted_or_not_the_visitor_sees_each_letter_once(visitor: Visitor) -> None:
    visitor.write()
    before = visitor.read().json()["entries"]
    work()
    after = visitor.read().json()["entries"]
    assert [(entry["id"], entry["text"]) for entry in before] == [(entry["id"], entry["text"]) for entry in after]
    assert ([entry["pending"] for entry in before], [entry["pending"] for entry in after]) == ([True], [False])


def test_what_is_answered_within_the_same_moment_stands_below_its_question(visitor: Visitor) -> None:
    with times.frozen(datetime(2026, 11, 20, 20, 0, tzinfo=UTC)):
        visitor.write()
        work()
        answered("Danke für deine Nachricht.")
        assert [entry["who"] for entry in visitor.read().json()["entries"]] == ["you", "us"]


def test_an_answer_shows_only_once_it_has_left_with_its_signature(visitor: Visitor) -> None:
    visitor.write()
    work()
    message = answered("Ja, das geht. ^SB")
    Outgoing.objects.filter(message=message).update(state=Outgoing.State.WAITING)
    assert [entry["who"] for entry in visitor.read().json()["entries"]] == ["you"]
    Outgoing.objects.filter(message=message).update(state=Outgoing.State.ACCEPTED)
    assert [(entry["who"], entry["text"]) for entry in visitor.read().json()["entries"]][1:] == [
        ("us", "Ja, das geht. ^SB")
    ]


def promised(visitor: Visitor) -> tuple[str, bool]:
    """What the widget's head says, and whether the private page says the same."""
    said = visitor.read().json()["answersBy"]
    return said, said in visitor.client.get(f"/v/{visitor.token}/").content.decode()


def test_the_promise_counts_from_the_unanswered_letter_and_ends_with_the_answer(visitor: Visitor) -> None:
    evening = datetime(2026, 11, 20, 17, 10, tzinfo=UTC)
    with times.frozen(evening):
        visitor.write()
        before_sorting = promised(visitor)
        work()
    with times.frozen(evening + timedelta(hours=1)):
        assert before_sorting == promised(visitor) == ("Wir antworten bis Montag, 23.11., 16:00 Uhr.", True)
    with times.frozen(evening + timedelta(days=2, hours=14)):
        assert promised(visitor) == ("Wir antworten bis heute, 16:00 Uhr.", True)
    with times.frozen(evening + timedelta(days=3)):
        assert promised(visitor) == ("Es dauert länger als versprochen. Deine Frage ist nicht vergessen.", True)
        answered("Ja, das geht.")
        Conversation.objects.update(unanswered_since=None, due_at=None)
        page = visitor.client.get(f"/v/{visitor.token}/").content.decode()
    assert (visitor.read().json()["answersBy"], "visitor__by" in page) == ("", False)


def test_a_website_left_behind_says_its_standing_answer_instead_of_a_promise(
    visitor: Visitor, channel: Channel
) -> None:
    visitor.write()
    standing = {"de": "Schreib uns an karriere@auental.example."}
    Channel.objects.filter(pk=channel.pk).update(state=Channel.State.DISCONNECTED, standing_answer=standing)
    assert promised(visitor) == ("Schreib uns an karriere@auental.example.", True)


def test_nobody_sees_the_conversation_of_another_visit(visitor: Visitor, channel: Channel) -> None:
    visitor.write(text="Nur für Lena")
    other = Visitor(channel)
    other.write(text="Nur für Lena, die andere")
    work()
    assert [[entry["text"] for entry in one.read().json()["entries"]] for one in (visitor, other)] == [
        ["Nur für Lena"], ["Nur für Lena, die andere"],
    ]  # fmt: skip


def test_whoever_left_an_address_gets_the_answer_by_mail_once_with_a_link_that_works(visitor: Visitor) -> None:
    visitor.write(mail_address="lena@post.example")
    work()
    message = answered("Ja, das geht.")
    copies.send_copies(AnswersDelivered((message.pk,)))
    copy = Outgoing.objects.get(kind="copy")
    assert copy.target["to"] == "lena@post.example"
    assert "Ja, das geht." in copy.payload["text"] and "Ja, das geht." in copy.payload["html"]
    assert copy.payload["token"] == Visit.objects.get().reply_key
    link = copy.payload["text"].partition("/v/")[2].split("/")[0]
    page = Client().get(f"/v/{link}/")
    assert (page.status_code, "Ja, das geht." in page.content.decode()) == (200, True)
    assert VisitLink.objects.filter(token_hash=crypto.token_hash(link), made_for="mail").count() == 1


def test_whoever_left_no_address_gets_no_mail(visitor: Visitor) -> None:
    visitor.write()
    work()
    answered("Ja, das geht.")
    assert not Outgoing.objects.filter(kind="copy").exists()


def test_a_reply_by_mail_joins_the_same_conversation(visitor: Visitor) -> None:
    visitor.write(mail_address="lena@post.example")
    work()
    answered("Ja, das geht.")
    reply = a_mail(Visit.objects.get(), files=(IncomingFile("plan.txt", "text/plain", b"hello"),))
    assert copies.claim([reply, reply]) == {0, 1}
    work()
    conversation = Conversation.objects.get()
    assert [message.text for message in conversation.messages.filter(direction="in")] == [
        "Kann ich die Ausbildung in Teilzeit machen?", "Danke, und die Vergütung?",
    ]  # fmt: skip
    assert [row.name for row in conversation.attachments.all()] == ["plan.txt"]


def test_machines_that_answer_a_copy_end_there(visitor: Visitor) -> None:
    visitor.write(mail_address="lena@post.example")
    work()
    visit = Visit.objects.get()
    assert copies.claim([a_mail(visit, is_automatic=True)]) == {0}
    assert Visit.objects.get().mail_address == "lena@post.example"
    bounce = a_mail(visit, is_bounce=True, is_automatic=True, headers={"tokens": [visit.reply_key], "report": "bounce"})
    assert copies.claim([bounce]) == {0}
    work()
    assert (Message.objects.count(), Visit.objects.get().mail_address) == (1, "")


def test_mails_that_answer_no_copy_are_left_to_others(visitor: Visitor) -> None:
    visitor.write()
    visit = Visit.objects.get()
    assert copies.claim([a_mail(visit, headers={}), a_mail(visit, headers={"tokens": ["a" * 26]})]) == set()


def test_links_end_when_their_visitor_says_so_or_their_time_is_over(visitor: Visitor, channel: Channel) -> None:
    visitor.write()
    client = visitor.client
    assert client.get(f"/v/{visitor.token}/").status_code == 200
    with times.frozen(times.now() + timedelta(days=91)):
        assert client.get(f"/v/{visitor.token}/").status_code == 410
        assert visitor.write().status_code == 410
    assert client.post(f"/v/{visitor.token}/end/").status_code == 200
    assert [client.get(f"/v/{visitor.token}/").status_code, visitor.read().status_code] == [410, 410]


def test_private_pages_are_kept_from_search_caches_and_referrers(visitor: Visitor) -> None:
    visitor.write()
    page = visitor.client.get(f"/v/{visitor.token}/")
    assert (page["X-Robots-Tag"], page["Referrer-Policy"], page["Cache-Control"]) == (
        "noindex, nofollow", "no-referrer", "no-store",
    )  # fmt: skip


def test_another_website_cannot_post_to_a_private_page(visitor: Visitor) -> None:
    visitor.write()
    headers = {"origin": "https://evil.example"}
    answers = [visitor.client.post(f"/v/{visitor.token}/{path}", headers=headers) for path in ("end/", "erasure/", "")]
    assert [answer.status_code for answer in answers] == [410, 410, 410]
    visit = Visit.objects.get()
    assert (visit.erasure_asked_at, visit.links.filter(revoked_at=None).count()) == (None, 1)


def test_asking_for_erasure_is_told_and_said_on_the_page(visitor: Visitor) -> None:
    visitor.write()
    visitor.client.post(f"/v/{visitor.token}/erasure/")
    assert Visit.objects.get().erasure_asked_at is not None
    assert "24 Stunden" in visitor.client.get(f"/v/{visitor.token}/").content.decode()


def test_erasing_a_person_leaves_no_visit_no_letter_no_copy_and_nobody_else_touched(
    visitor: Visitor, channel: Channel
) -> None:
    visitor.write(mail_address="lena@post.example")
    work()
    answered("Ja, das geht.")
    Visitor(channel).write(text="Ein anderer Mensch")
    lena = Visit.objects.order_by("id").first()
    assert lena is not None
    person = Person(None, (PersonHandle(channel.pk, lena.external_id),))
    assert personal_data.export(person)["visits"][0]["mail_address"] == "lena@post.example"
    assert personal_data.erase(person) == {"visits": 1, "deliveries": 1, "copies": 1}
    assert Visit.objects.count() == 1 and visitor.read().status_code == 410


def test_the_private_page_costs_as_many_queries_for_a_long_conversation(
    visitor: Visitor, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        visitor.write(text=f"Frage {number}")
    work()
    with django_assert_max_num_queries(8):
        assert visitor.client.get(f"/v/{visitor.token}/").status_code == 200


def test_out_of_hours_the_notice_stands_in_the_thread_once(visitor: Visitor, channel: Channel) -> None:
    from ganzohr.directory.models import OpeningHours, OpeningSlot
    from ganzohr.inbox.events import MessagesUnderstood
    from ganzohr.inbox.notices import tell

    hours = OpeningHours.objects.create(name="Büro", country="DE", region="HE")
    for weekday in range(5):
        OpeningSlot.objects.create(hours=hours, weekday=weekday, opens="08:00", closes="17:00")
    Channel.objects.filter(pk=channel.pk).update(hours=hours, address="formal")
    night = datetime(2026, 11, 20, 21, 13, tzinfo=UTC)
    channel.refresh_from_db()
    with times.frozen(night):
        visitor.write()
        visitor.write(text="Und die Vergütung?")
        work()
        ids = tuple(Message.objects.values_list("pk", flat=True))
        tell(MessagesUnderstood(ids))
        tell(MessagesUnderstood(ids))
    notice = Outgoing.objects.get(kind="notice")
    message = Message.objects.get(direction="out")
    assert (message.is_automatic, message.outgoing_id, message.text) == (True, notice.pk, notice.payload["text"])
    assert Conversation.objects.get().unanswered_since is not None


def test_the_desk_sees_that_erasure_was_asked_for(visitor: Visitor) -> None:
    from django.test import RequestFactory

    from ganzohr.website.context import asked_erasure

    visitor.write()
    work()
    conversation = Conversation.objects.get()
    request = RequestFactory().get("/")
    assert asked_erasure(request, conversation) == ""
    visitor.client.post(f"/v/{visitor.token}/erasure/")
    assert f"/privacy/people/{conversation.contact_id}/" in asked_erasure(request, conversation)


def test_a_real_reply_to_the_plus_address_finds_its_visit_through_the_mail_connector(visitor: Visitor) -> None:
    from ganzohr.channels.connectors import connector
    from ganzohr.channels.connectors.base import Account

    visitor.write(mail_address="lena@post.example")
    work()
    visit = Visit.objects.get()
    raw = (
        f"From: Lena <lena@post.example>\r\nTo: karriere+{visit.reply_key.upper()}@auental.example\r\n"
        "Subject: AW: Antwort von Kliniken Auental\r\nMessage-ID: <r2@post.example>\r\n"
        "Date: Sat, 21 Nov 2026 21:40:00 +0100\r\n\r\nDanke!\r\n\r\n> Ja, das geht.\r\n"
    )
    account = Account("mail", "k", {"address": "karriere@auental.example"}, {})
    [incoming] = connector("mail").parse(account, {}, raw.encode())
    assert copies.claim([Arrived(0, 0, incoming, times.now())]) == {0}
    work()
    assert [message.text for message in Conversation.objects.get().messages.order_by("id")][1:] == ["Danke!"]


def test_on_a_channel_left_behind_the_standing_answer_is_given_and_shown(visitor: Visitor, channel: Channel) -> None:
    from ganzohr.inbox.events import MessagesUnderstood
    from ganzohr.inbox.notices import tell

    words = {"de": "Wir sind umgezogen: karriere.example", "nl": "We zijn verhuisd."}
    Channel.objects.filter(pk=channel.pk).update(state=Channel.State.DISCONNECTED, standing_answer=words)
    channel.refresh_from_db()
    visitor.write()
    work()
    Conversation.objects.update(language="nl")
    tell(MessagesUnderstood(tuple(Message.objects.values_list("pk", flat=True))))
    channels.send_waiting()
    said = [(entry["who"], entry["text"]) for entry in visitor.read().json()["entries"]]
    assert said[1:] == [("auto", "We zijn verhuisd.")]
    config = visitor.client.get("/w/auental/config?lang=de", headers={"origin": "https://karriere.example.org"}).json()
    assert config["standing"] == words["de"]


def test_the_link_to_copy_is_the_outer_address_whatever_name_was_asked_for(
    visitor: Visitor, settings: Settings
) -> None:
    settings.OUTSIDE_URL, settings.ALLOWED_HOSTS = "https://hallo.example.com", ["*"]
    visitor.write()
    page = Client().get(f"/v/{visitor.token}/", headers={"host": "elsewhere.example"}).content.decode()
    shown = f'id="address-of-page">https://hallo.example.com/v/{visitor.token}/</span>'
    assert (page.count(shown), page.count("elsewhere.example")) == (1, 0)
