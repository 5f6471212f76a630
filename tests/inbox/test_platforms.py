"""What platforms tell besides messages: edits, hidings, reactions, posts, our own words, files."""

from __future__ import annotations

import datetime as dt
import random
import re
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from ganzohr.channels import actions as channels
from ganzohr.channels.arrivals import Arrived
from ganzohr.channels.connectors.base import Incoming, IncomingFile, IncomingPost, Trouble
from ganzohr.channels.models import Outgoing, PublicPost
from ganzohr.core import times
from ganzohr.core.people import Handle, Person
from ganzohr.inbox import actions, personal_data
from ganzohr.inbox.actions import media
from ganzohr.inbox.models import Attachment, Conversation, Message, Parked
from tests.inbox.story import NOW, Desk

POST = IncomingPost("p1", "https://platform.example/p1")


def take(desk: Desk, *said: Incoming) -> None:
    with transaction.atomic():
        actions.receive([Arrived(desk.hand.pk, n, one, NOW) for n, one in enumerate(said)])


def said(desk: Desk, what: Any = "message", external_id: str = "c1", sender_id: str = "lena", **more: Any) -> Incoming:
    values = {"visibility": "public", "post": POST, "thread_key": "", "subject": "", "sender_name": sender_id.title()}
    return desk.say(
        more.pop("text", "Geht das?"), what=what, external_id=external_id, sender_id=sender_id, **{**values, **more}
    )


def ours(desk: Desk, external_id: str, reply_to: str, text: str = "Ja, gern.") -> Incoming:
    return said(desk, external_id=external_id, sender_id="our-page", is_own=True, reply_to=reply_to, text=text)


def thread(person: str = "Lena") -> list[tuple[str, str]]:
    rows = Message.objects.filter(conversation__contact__name=person).exclude(kind="reaction")
    return [(row.direction, row.text) for row in rows]


def test_each_person_under_a_post_has_a_conversation_and_the_post_is_kept_once(desk: Desk) -> None:
    take(desk, said(desk), said(desk, external_id="c2", sender_id="noor"), said(desk, external_id="c3"))
    rows = Conversation.objects.order_by("id")
    assert [(row.contact.name, row.messages.count()) for row in rows] == [("Lena", 2), ("Noor", 1)]
    assert {row.public_post and row.public_post.external_id for row in rows} == {"p1"}
    assert PublicPost.objects.count() == 1


def test_an_edit_a_hiding_and_a_deletion_come_in_any_order(desk: Desk) -> None:
    first = said(desk, text="Geht das?")
    edit = said(desk, "edit", "e1", reply_to="c1", text="Geht das auch abends?")
    hide = said(desk, "hide", "h1", reply_to="c1", headers={"hidden": True})
    for seed in range(6):
        Message.objects.all().delete()
        Conversation.objects.all().delete()
        order = [first, edit, hide]
        random.Random(seed).shuffle(order)
        for one in order:
            take(desk, one)
        row = Message.objects.get()
        assert (row.text, row.hidden_at, row.edited_at) == (edit.text, hide.provider_at, edit.provider_at)
        assert Parked.objects.count() == 0
    take(desk, said(desk, "delete", "d1", reply_to="c1"))
    assert Message.objects.get().text == ""
    assert Message.objects.get().deleted_at is not None


def test_the_later_edit_stands_also_where_both_name_the_time_of_the_comment(desk: Desk) -> None:
    first = said(desk)
    for n, minute in (("e2", 9), ("e1", 5)):
        told = {"changed_at": (NOW + dt.timedelta(minutes=minute)).isoformat()}
        at: dict[str, Any] = {"provider_at": first.provider_at, "headers": told}
        take(desk, said(desk, "edit", n, reply_to="c1", text=f"Zuletzt {n}", **at))
    take(desk, first)
    take(desk, said(desk, "edit", "e0", reply_to="c1", text="Davor", provider_at=first.provider_at))
    assert Message.objects.get().text == "Zuletzt e2"


def test_a_deletion_that_overtakes_its_message_leaves_no_words(desk: Desk) -> None:
    first = said(desk)
    take(desk, said(desk, "delete", "d1", reply_to="c1"))
    take(desk, first)
    row = Message.objects.get()
    assert (row.text, row.deleted_at is not None) == ("", True)
    held = row.conversation
    assert (held.unanswered_since, held.due_at) == (None, None)


def test_what_was_hidden_can_be_shown_again(desk: Desk) -> None:
    take(desk, said(desk), said(desk, "hide", "h1", reply_to="c1", headers={"hidden": True}))
    take(desk, said(desk, "hide", "h2", reply_to="c1", headers={"hidden": False}))
    assert Message.objects.get().hidden_at is None


def test_our_comment_on_the_platform_stands_under_the_one_it_answers_and_stops_the_clock(desk: Desk) -> None:
    take(desk, said(desk), said(desk, external_id="c2", sender_id="noor"))
    take(desk, ours(desk, "o1", "c2"))
    assert (thread("Lena"), thread("Noor")) == ([("in", "Geht das?")], [("in", "Geht das?"), ("out", "Ja, gern.")])
    waiting = dict(Conversation.objects.values_list("contact__name", "unanswered_since"))
    assert (waiting["Noor"], waiting["Lena"] is None) == (None, False)


def test_our_comment_that_overtakes_the_one_it_answers_waits_for_it(desk: Desk) -> None:
    first = said(desk)
    take(desk, ours(desk, "o1", "c1"))
    assert (Message.objects.count(), Parked.objects.count()) == (0, 1)
    take(desk, first)
    assert (sorted(thread()), Parked.objects.count()) == ([("in", "Geht das?"), ("out", "Ja, gern.")], 0)


def test_our_comment_straight_under_the_post_is_nobodys_conversation(desk: Desk) -> None:
    take(desk, ours(desk, "o1", ""), ours(desk, "o2", "p1"))
    assert (Conversation.objects.count(), Parked.objects.count()) == (0, 0)


def test_the_echo_of_our_answer_is_the_answer_whichever_comes_first(desk: Desk) -> None:
    take(desk, said(desk))
    answer = desk.answer(Conversation.objects.get(), "Ja, gern.")
    take(desk, ours(desk, "o1", "c1"))
    Outgoing.objects.update(state="by_hand")
    channels.confirm_by_hand(Outgoing.objects.get(), desk.actor, desk.sophie, "o1")
    take(desk, ours(desk, "o1", "c1"))
    rows = Message.objects.filter(direction="out")
    assert [(row.pk, row.external_id) for row in rows] == [(answer.pk, "o1")]


def test_a_reaction_stands_under_its_message_until_it_is_taken_away(desk: Desk) -> None:
    take(desk, said(desk))
    before = Conversation.objects.values("unanswered_since", "last_message_id", "read_until_id").get()
    take(desk, said(desk, "reaction", "r1", "noor", reply_to="c1", text="love"))
    take(desk, said(desk, "reaction", "r2", "noor", reply_to="c1", text="haha"))
    row = Message.objects.get(kind="reaction")
    assert (row.conversation.contact.name, row.text, row.reply_to) == ("Lena", "haha", "c1")
    assert Conversation.objects.values("unanswered_since", "last_message_id", "read_until_id").get() == before
    take(desk, said(desk, "reaction", "r3", "noor", reply_to="c1", headers={"removed": True}))
    assert not Message.objects.filter(kind="reaction").exists()


def test_a_like_of_a_post_makes_no_conversation(desk: Desk) -> None:
    take(desk, said(desk, "reaction", "r1", reply_to="p1", text="like"))
    assert (Conversation.objects.count(), Message.objects.count()) == (0, 0)


def test_a_post_that_changes_shows_what_it_says_now(desk: Desk) -> None:
    take(desk, said(desk))
    changed = IncomingPost("p1", "https://platform.example/p1", "Wir suchen dich", "Auental")
    take(desk, said(desk, "post", "p1:edit", post=changed, is_own=True))
    post = PublicPost.objects.get()
    assert (post.text, post.author, post.removed_at) == ("Wir suchen dich", "Auental", None)
    take(desk, said(desk, "post", "p1:remove", post=POST, is_own=True, headers={"removed": True}))
    assert PublicPost.objects.get().removed_at is not None


class Fetcher:
    """A platform that keeps files for us."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.trouble = ""

    def fetch(self, account: object, reference: str) -> IncomingFile:
        self.asked.append(reference)
        if self.trouble:
            raise Trouble(self.trouble)
        return IncomingFile("bild.txt", "text/plain", b"Hallo")

    def post(self, account: object, external_id: str) -> Incoming:
        self.asked.append(external_id)
        if self.trouble:
            raise Trouble(self.trouble)
        post = IncomingPost(external_id, "https://platform.example/p1", "Ein Tag bei uns", "Auental")
        return Incoming("post", external_id, "our-page", NOW, post=post, is_own=True)


@pytest.fixture
def fetcher(monkeypatch: pytest.MonkeyPatch) -> Fetcher:
    platform = Fetcher()
    monkeypatch.setattr(media, "connector_of", lambda channel: platform)
    return platform


def with_file(desk: Desk) -> Incoming:
    return said(desk, post=None, visibility="private", files=(IncomingFile("bild.txt", "text/plain", reference="m-7"),))


def test_a_file_kept_by_the_platform_is_fetched_apart_once(desk: Desk, fetcher: Fetcher) -> None:
    take(desk, with_file(desk))
    row = Attachment.objects.get()
    assert (row.size, bool(row.file), row.reference) == (0, False, "m-7")
    assert [media.fetch_waiting(), media.fetch_waiting()] == [1, 0]
    row.refresh_from_db()
    assert (row.size, row.file.read(), row.reference, row.fetch_at) == (5, b"Hallo", "", None)
    assert fetcher.asked == ["m-7"]


def test_a_file_that_is_gone_is_asked_for_once_and_one_in_trouble_again_and_again(desk: Desk, fetcher: Fetcher) -> None:
    take(desk, with_file(desk))
    fetcher.trouble = "rate_limited"
    at = NOW
    for _ in range(3):
        with times.frozen(at):
            media.fetch_waiting()
        at += dt.timedelta(hours=3)
    assert (len(fetcher.asked), Attachment.objects.get().reference) == (3, "m-7")
    fetcher.trouble = "target_gone"
    for _ in range(2):
        with times.frozen(at + dt.timedelta(days=3)):
            media.fetch_waiting()
    row = Attachment.objects.get()
    assert (len(fetcher.asked), row.content_type, row.reference) == (4, "not_fetched", "")


def test_a_file_whose_last_try_died_is_told_as_not_fetched(desk: Desk, fetcher: Fetcher) -> None:
    take(desk, with_file(desk))
    Attachment.objects.update(attempts=media.MOST_ATTEMPTS)
    media.fetch_waiting()
    row = Attachment.objects.get()
    assert (fetcher.asked, row.content_type, row.reference, row.fetch_at) == ([], "not_fetched", "", None)


def test_a_post_we_know_only_by_its_number_is_asked_for(desk: Desk, fetcher: Fetcher) -> None:
    take(desk, said(desk))
    media.fetch_waiting()
    assert (PublicPost.objects.get().text, fetcher.asked) == ("Ein Tag bei uns", ["p1"])


def test_an_erased_person_leaves_no_reaction_and_nothing_that_waits(desk: Desk) -> None:
    take(desk, said(desk), said(desk, "reaction", "r1", "noor", reply_to="c1", text="love"))
    take(desk, said(desk, "edit", "e1", "noor", reply_to="c9"))
    with transaction.atomic():
        personal_data.erase(Person(0, (Handle(desk.hand.pk, "noor"),)))
    assert (Message.objects.filter(kind="reaction").count(), Parked.objects.count()) == (0, 0)
    assert Message.objects.count() == 1


def test_an_open_box_hears_that_what_it_answers_was_deleted_and_keeps_what_was_typed(
    desk: Desk, as_sophie: Client
) -> None:
    take(desk, said(desk))
    held = Conversation.objects.get()
    typed = {"mode": "reply", "text": "Ja, auch abends.", "knows": str(held.last_message_id)}
    htmx = {"HX-Request": "true", "HX-Target": "thread-in"}
    before = as_sophie.get(f"/inbox/{held.pk}/", headers=htmx).content.decode()
    take(desk, said(desk, "delete", "d1", reply_to="c1"))
    live = as_sophie.get(f"/inbox/{held.pk}/", headers=htmx).content.decode()
    assert [re.findall(r'id="arrived"[^>]* data-gone', page) != [] for page in (before, live)] == [False, True]
    checked = as_sophie.post(f"/inbox/{held.pk}/checks/", typed).content.decode()
    closing = f'hx-get="/inbox/{held.pk}/closing/'
    assert ('<span class="hidden" id="send"' in checked, closing in checked, "textarea" in checked) == (
        True,
        True,
        False,
    )
    whole = as_sophie.get(f"/inbox/{held.pk}/").content.decode()
    assert ('id="kept"' in whole, "#template" in whole) == (True, False)  # it asks for no form that is not there
    assert (closing in whole, re.findall(r'<section class="answer"[^>]* data-gone', whole) != []) == (True, True)
