"""Stories through the whole desk with Meta's platform at the other end: asked there, answered there, once."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.core.files.base import ContentFile

from ganzohr.channels import actions as channels
from ganzohr.channels import hooks, outbox, platform_requests
from ganzohr.channels.connectors.facebook import finding
from ganzohr.channels.connectors.meta import graph
from ganzohr.channels.connectors.meta.signed import sign_request
from ganzohr.channels.models import App, Channel, Outgoing, PlatformRequest
from ganzohr.contacts.models import Contact
from ganzohr.core import times
from ganzohr.inbox.models import Attachment, Conversation, Draft, Message
from ganzohr.inquiries.models import Inquiry
from ganzohr.notifications.models import Ask
from ganzohr.proofs.mainjob.networks import KEY, Network
from ganzohr.proofs.meta import Platform, running
from ganzohr.proofs.meta.world import Person
from tests.inquiries.circle import ANSWER, MONDAY, QUESTION, Circle, open_circle

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "Ja, ab 75 Prozent."


def deliver(url: str, headers: Mapping[str, str], body: bytes) -> int:
    """What the desk's outer address does with a POST."""
    _, _, kind, key, path = urlsplit(url).path.split("/", 4)
    lower = {name.lower(): value for name, value in headers.items()}
    return asyncio.run(hooks.accept(kind, key, path, lower, body))


@dataclass
class Here:
    """The desk of the circle, connected with a page and a number."""

    circle: Circle
    network: Network
    platform: Platform
    lena: Person

    def settle(self) -> None:
        """What the platform tells is delivered, read, and told further."""
        assert self.platform.settle()
        while channels.process_deliveries():
            pass
        self.circle.settle()

    def comments(self, text: str = QUESTION) -> Message:
        """Lena asks below a post."""
        made = self.platform.people.comment(self.network.post, self.lena, text)
        self.settle()
        return Message.objects.get(external_id=made.id)

    def phones(self, text: str = QUESTION) -> Message:
        """Lena asks by WhatsApp."""
        letter = self.platform.people.whatsapp(self.network.number, self.lena, text)
        self.settle()
        return Message.objects.get(external_id=letter.id)

    def writes(self, text: str) -> Message:
        """Lena writes by Messenger."""
        self.platform.people.write(self.network.page, self.lena, text)
        self.settle()
        return Message.objects.get(text=text)

    def die_after_the_call(self, outgoing: Outgoing) -> None:
        """The platform takes it, and the worker ends before it writes so down."""
        now = times.now()
        fence = {"state": "sending", "attempts": 1, "fenced_at": now, "leased_until": now + dt.timedelta(minutes=2)}
        Outgoing.objects.filter(pk=outgoing.pk).update(**fence)
        outgoing.refresh_from_db()
        call = outbox._call(outgoing)
        assert isinstance(call, outbox.Call)
        assert call.connector.send(call.account, call.sending).state == "accepted"

    def approve(self, asked: Message, text: str = WORDS, **more: Any) -> Outgoing:
        """Sophie approves; it waits its ten seconds."""
        self.circle.understand(asked, topic=self.circle.training)
        inquiry = Inquiry.objects.get(message=asked)
        sent = self.circle.answer(inquiry, text, **more)
        assert sent.outgoing
        return sent.outgoing

    def later(self, **much: float) -> None:
        """Time goes by for everybody, then whatever may leave leaves, and what the platform says to it comes in."""
        with times.frozen(MONDAY + dt.timedelta(**(much or {"seconds": 11}))):
            channels.send_waiting()
            self.settle()

    def reached(self) -> list[tuple[str, str]]:
        """What the platform took for Lena, and on which road."""
        theirs = (self.lena.id, self.lena.phone, self.lena.user_id)
        return [(one.road, one.text) for one in self.platform.record.accepted if one.to in theirs and one.text]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[Here]:
    monkeypatch.setattr(finding, "PATIENCE", 0.0)
    with times.frozen(MONDAY), running(post=deliver, background=False) as platform:
        platform.clock.pass_by(seconds=(MONDAY - dt.datetime.now(dt.UTC)).total_seconds())
        network = Network(platform)
        network.connect(languages=["de"], signature="none")
        platform.hook_up("http://desk.example", KEY)
        yield Here(open_circle(), network, platform, platform.people.person("Lena", phone="491705550001"))


def state(outgoing: Outgoing) -> tuple[str, str]:
    outgoing.refresh_from_db()
    return outgoing.state, outgoing.outcome


def in_the_box(place: Conversation) -> list[str]:
    return list(Draft.objects.filter(conversation=place, mode="reply").values_list("text", flat=True))


def test_a_comment_is_known_by_an_expert_and_answered_in_public_once(here: Here) -> None:
    asked = here.comments()
    here.circle.understand(asked, topic=here.circle.training)
    assert here.circle.page(Ask.objects.get(colleague=here.circle.karin)).send("answer", answer=ANSWER) == 303
    here.circle.settle()
    assert in_the_box(asked.conversation) == [ANSWER]
    here.circle.answer(Inquiry.objects.get(message=asked), ANSWER)
    here.later()
    asked.conversation.refresh_from_db()
    inquiry = Inquiry.objects.get(message=asked)
    assert here.reached() == [("comment.reply", ANSWER)]
    assert (asked.conversation.unanswered_since, inquiry.state) == (None, "answered")
    assert list(Message.objects.order_by("id").values_list("direction", "text")) == [("in", QUESTION), ("out", ANSWER)]


def test_handed_over_privately_the_talk_goes_on_there(here: Here) -> None:
    asked = here.comments()
    here.approve(asked, mode="private")
    here.later()
    here.platform.people.write(here.network.page, here.lena, "Und ab wann?")
    here.settle()
    more = Message.objects.get(text="Und ab wann?")
    assert (more.conversation.is_public, more.conversation.linked_to, more.visibility) == (
        False, asked.conversation, "private",
    )  # fmt: skip
    here.approve(more, "Ab April.")
    here.later(seconds=30)
    assert here.reached() == [("comment.private_reply", WORDS), ("messenger.send", "Ab April.")]
    assert Contact.objects.filter(name="Lena").count() == 1


def test_a_window_that_closed_meanwhile_puts_the_words_back_into_the_box(here: Here) -> None:
    asked = here.phones()
    outgoing = here.approve(asked)
    here.platform.clock.pass_by(hours=25)
    here.later(hours=25)
    assert state(outgoing) == ("refused", "window_closed")
    assert (in_the_box(asked.conversation), here.reached()) == ([WORDS], [])


def impatient(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform takes the next thing and never answers."""
    monkeypatch.setattr(graph.call, "__kwdefaults__", {**(graph.call.__kwdefaults__ or {}), "timeout": 0.5})
    here.platform.silence = 1.0


def test_taken_without_an_answer_is_looked_for_and_never_sent_twice(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    outgoing = here.approve(here.comments())
    impatient(here, monkeypatch)
    here.platform.faults.next("timeout_after", on="comment.reply")
    here.later()
    with times.frozen(MONDAY + dt.timedelta(minutes=10)):
        outbox.look_again()
    here.later(minutes=11)
    assert state(outgoing)[0] == "accepted"
    assert (here.platform.record.often(WORDS), here.reached()) == (1, [("comment.reply", WORDS)])


def test_killed_after_it_was_taken_and_up_again_in_the_morning_nobody_reads_it_twice(here: Here) -> None:
    outgoing = here.approve(here.comments())
    with times.frozen(MONDAY + dt.timedelta(seconds=11)):
        here.die_after_the_call(outgoing)
    here.platform.clock.pass_by(hours=9)
    with times.frozen(MONDAY + dt.timedelta(hours=9)):
        channels.send_waiting()
        outbox.look_again()
        channels.send_waiting()
    assert (state(outgoing)[0], here.platform.record.often(WORDS)) == ("accepted", 1)


def test_words_lost_on_their_way_leave_again_though_the_same_were_said_before(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.approve(here.comments(), mode="private")
    here.later()
    first = here.approve(here.writes("Danke, und ab wann?"), "Gern, meld dich.")
    here.later(seconds=30)
    impatient(here, monkeypatch)
    here.platform.faults.next("timeout_before", on="messenger.send")
    second = here.approve(here.writes("Darf ich auch anrufen?"), "Gern, meld dich.")
    here.later(seconds=60)
    here.later(minutes=5)
    assert (state(first)[0], state(second)[0]) == ("accepted", "accepted")
    assert here.platform.record.often("Gern, meld dich.") == 2


def test_a_phone_answer_of_unknown_end_is_settled_by_what_the_platform_tells_later(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    outgoing = here.approve(here.phones())
    impatient(here, monkeypatch)
    here.platform.faults.next("timeout_after", on="whatsapp.send")
    with times.frozen(MONDAY + dt.timedelta(seconds=11)):
        channels.send_waiting()
    unclear = state(outgoing)[0]
    here.later(minutes=1)
    assert (unclear, state(outgoing)[0], here.reached()) == ("unclear", "accepted", [("whatsapp.send", WORDS)])


def test_what_the_phone_platform_tells_while_our_call_still_hangs_settles_it_too(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    outgoing = here.approve(here.phones())
    with times.frozen(MONDAY + dt.timedelta(seconds=11)):
        here.die_after_the_call(outgoing)
        here.settle()
    assert (state(outgoing), here.reached()) == (("accepted", ""), [("whatsapp.send", WORDS)])


def test_a_private_word_to_somebody_the_platform_did_not_show_goes_on_in_that_talk(here: Here) -> None:
    here.lena.is_hidden = True
    asked = here.comments()
    here.approve(asked, mode="private")
    here.later()
    here.lena.is_hidden = False
    more = here.writes("Und ab wann?")
    assert asked.conversation.handle.external_id.startswith("unknown:")
    assert (more.conversation.linked_to, more.conversation.messages.count()) == (asked.conversation, 2)


def test_every_part_of_our_answer_that_comes_back_is_that_answer(here: Here) -> None:
    here.approve(here.comments(), mode="private")
    here.later()
    more = here.writes("Und ab wann?")
    about = {"name": "plan.png", "content_type": "image/png", "size": 4, "created_at": times.now()}
    plan = Attachment(conversation=more.conversation, **about)
    plan.file.save("plan.png", ContentFile(b"\x89PNG"))
    here.approve(more, "Hier der Plan.", attachment_ids=[plan.pk])
    here.later(seconds=40)
    here.later(seconds=60)
    said = Message.objects.filter(conversation=more.conversation, direction="out").order_by("id")
    assert list(said.values_list("text", flat=True)) == [WORDS, "Hier der Plan."]


def test_throttled_leaves_again_later_and_once(here: Here) -> None:
    outgoing = here.approve(here.comments())
    here.platform.faults.next("throttle_429", on="comment.reply")
    here.later()
    waits = state(outgoing)
    here.later(hours=2)
    assert (waits, state(outgoing)[0]) == (("waiting", "rate_limited"), "accepted")
    assert here.reached() == [("comment.reply", WORDS)]


def test_an_expired_token_stands_on_the_channel_and_heals(here: Here) -> None:
    outgoing = here.approve(here.comments())
    token = here.platform.token_of(here.network.page)
    token.is_valid = False
    here.later()
    page = Channel.objects.get(kind="facebook")
    waits = (state(outgoing), page.problem)
    token.is_valid = True
    here.later(hours=3)
    page.refresh_from_db()
    assert waits == (("waiting", "token_expired"), "token_expired")
    assert (state(outgoing)[0], page.problem, here.reached()) == ("accepted", "", [("comment.reply", WORDS)])


def test_taken_and_told_undeliverable_later_lies_in_the_box_again(here: Here) -> None:
    asked = here.phones()
    outgoing = here.approve(asked)
    here.platform.tells_window_later = True
    here.platform.clock.pass_by(hours=25)
    here.later()
    assert state(outgoing) == ("refused", "window_closed")
    assert (in_the_box(asked.conversation), here.reached()) == ([WORDS], [])


def test_the_wish_to_be_forgotten_passed_on_by_the_platform_is_done(here: Here) -> None:
    here.comments()
    app = App.objects.get()
    body = urlencode({"signed_request": sign_request(here.platform.secrets[0], {"user_id": here.lena.app_scoped_id})})
    assert platform_requests.take(app, "deletion", body.encode())
    here.circle.settle()
    request = PlatformRequest.objects.get()
    assert (request.found, request.done_at) == (1, MONDAY)
    assert (Contact.objects.filter(name="Lena").count(), Message.objects.filter(text=QUESTION).count()) == (0, 0)
