"""The thread of public platforms and messengers as a browser gets it: posts, forms, reactions, gestures, neighbours."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ganzohr.channels import outcomes, statuses
from ganzohr.channels.arrivals import Arrived
from ganzohr.channels.connectors.base import Incoming, IncomingFile, IncomingPost, Outcome
from ganzohr.channels.models import Channel, Outgoing, PublicPost
from ganzohr.desk.today import verb_for
from ganzohr.inbox import actions
from ganzohr.inbox.models import Attachment, Conversation, Message
from tests.inbox.story import NOW, Desk

WORDS = "Ein Tag auf der Kinderintensivstation: Mira, im zweiten Ausbildungsjahr, nimmt euch mit in ihre Spätschicht."
POST = IncomingPost("100_7", "https://www.facebook.com/100/posts/7", WORDS, "Kliniken Auental")
MOST_QUERIES = 15


@pytest.fixture
def page(desk: Desk) -> Channel:
    return Channel.objects.create(
        kind="facebook", name="Kliniken Auental", key="fb", external_id="100", settings={"page_id": "100"}
    )


@pytest.fixture
def phone(desk: Desk) -> Channel:
    return Channel.objects.create(kind="whatsapp", name="Bewerber-Telefon", key="wa", external_id="555")


def take(channel: Channel, *said: Incoming) -> None:
    with transaction.atomic():
        batch = [Arrived(channel.pk, n, one, NOW) for n, one in enumerate(said)]
        statuses.claim(batch)
        actions.receive(batch)


def comment(
    desk: Desk, text: str = "Mega Einblick!", external_id: str = "7_1", sender_id: str = "lena", **more: Any
) -> Incoming:
    values: dict[str, Any] = {
        "sender_name": sender_id.title(), "visibility": "public", "post": POST, "thread_key": "", "subject": "",
        "target": {"comment_id": external_id, "post_id": "100_7", "page_id": "100"},
    }  # fmt: skip
    return desk.say(text, external_id=external_id, sender_id=sender_id, **{**values, **more})


def chat(desk: Desk, text: str = "", external_id: str = "wamid.1", **more: Any) -> Incoming:
    values: dict[str, Any] = {
        "sender_id": "491701", "sender_name": "Amine", "thread_key": "", "subject": "",
        "target": {"to": "491701", "message_id": external_id},
    }  # fmt: skip
    return desk.say(text, external_id=external_id, **{**values, **more})


def reaction(desk: Desk, to: str, by: str, text: str = "love", **more: Any) -> Incoming:
    return comment(desk, text, f"r-{by}-{to}", by, what="reaction", reply_to=to, **more)


def open_page(client: Client, person: str = "Lena") -> str:
    place = Conversation.objects.get(contact__name=person)
    return " ".join(client.get(f"/inbox/{place.pk}/").content.decode().split())


def press(client: Client, verb: str, message: Message, **values: str) -> int:
    return client.post(f"/inbox/messages/{message.pk}/{verb}/", values).status_code


def the_message() -> Message:
    return Message.objects.exclude(kind="reaction").get(direction="in")


def leaves(kind: str, outcome: Outcome | None = None) -> Outgoing:
    """The platform's answer to the gesture of this kind that waits."""
    row = Outgoing.objects.get(kind=kind, state="waiting")
    Outgoing.objects.filter(pk=row.pk).update(state="sending", attempts=1)
    row.refresh_from_db()
    assert outcomes.store(row, outcome or Outcome("accepted", f"{row.key}:x"))
    row.refresh_from_db()
    return row


# The post and who reads along


def test_above_a_comment_stands_the_post_shortened_with_its_author_link_and_who_reads_along(
    desk: Desk, page: Channel, as_sophie: Client
) -> None:
    take(page, comment(desk))
    shown = open_page(as_sophie)
    assert shown.count("Everybody on Facebook reads along.") == 1
    assert f'<span class="post__short">{WORDS[:100]}…</span>' in shown
    assert f'<div class="post__whole"><p>{WORDS}</p></div>' in shown
    assert (
        '<a href="https://www.facebook.com/100/posts/7" rel="noreferrer noopener" target="_blank">View post</a>'
        in shown
    )
    assert '<span class="strong">Kliniken Auental</span>' in shown
    assert "and we read this" not in shown


def test_a_post_known_only_by_its_number_says_that_it_is_fetched_and_a_removed_one_that_it_is_gone(
    desk: Desk, page: Channel, as_sophie: Client
) -> None:
    take(page, comment(desk, post=IncomingPost("100_7", author_is_us=False)))
    shown = open_page(as_sophie)
    assert "The post is being fetched from Facebook." in shown
    assert '<span class="strong">Somebody on Facebook</span>' in shown
    PublicPost.objects.update(removed_at=NOW, text="Ein Tag", permalink="https://www.facebook.com/7", fetch_at=None)
    shown = open_page(as_sophie)
    assert "The post was removed from Facebook, 10:20." in shown
    assert "View post" not in shown


def test_a_private_talk_says_that_only_the_person_and_we_read_it(desk: Desk, phone: Channel, as_sophie: Client) -> None:
    take(phone, chat(desk, "Moin"))
    shown = open_page(as_sophie, "Amine")
    assert shown.count("Only Amine and we read this.") == 1
    assert "reads along" not in shown


# Forms and files


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("missed_call", "Missed call"),
        ("location", "Location"),
        ("contacts", "Contact card"),
        ("order", "Order"),
        ("story", "Answer to our story"),
        ("unsupported", "This kind of message is not readable here yet."),
        ("hologram", "This kind of message is not readable here yet."),
    ],
)
def test_what_is_not_words_is_said_in_words(
    desk: Desk, phone: Channel, as_sophie: Client, form: str, words: str
) -> None:
    take(phone, chat(desk, headers={"form": form}))
    assert words in open_page(as_sophie, "Amine")


def test_the_list_names_what_came_instead_of_words(desk: Desk, phone: Channel, as_sophie: Client) -> None:
    take(phone, chat(desk, headers={"form": "voice"}))
    shown = as_sophie.get("/inbox/").content.decode()
    assert '<span class="row__words one-line">Voice message</span>' in shown


def test_the_list_goes_on_naming_it_after_an_answer_that_did_not_leave(
    desk: Desk, phone: Channel, as_sophie: Client
) -> None:
    take(phone, chat(desk, headers={"form": "voice"}))
    sent = desk.answer(Conversation.objects.get(), "Danke, gehört.").outgoing
    assert 'one-line">You: Danke, gehört.</span>' in as_sophie.get("/inbox/").content.decode()
    assert sent
    outcomes.store(sent, Outcome("refused", code="gone"))
    assert '<span class="row__words one-line">Voice message</span>' in as_sophie.get("/inbox/").content.decode()


def test_a_voice_message_can_be_heard_here_in_parts_once_it_is_fetched(
    desk: Desk, phone: Channel, as_sophie: Client
) -> None:
    voice = IncomingFile("voice.ogg", "audio/ogg", reference="m-7")
    take(phone, chat(desk, headers={"form": "voice"}, files=(voice,)))
    assert "voice.ogg is being fetched" in open_page(as_sophie, "Amine")
    row = Attachment.objects.get()
    row.content_type, row.size, row.fetch_at = "audio/ogg", 10, None
    row.file.save("v.ogg", ContentFile(b"0123456789"))
    shown = open_page(as_sophie, "Amine")
    assert f'src="/inbox/files/{row.pk}/" controls' in shown
    assert "Voice message" in shown
    whole = as_sophie.get(f"/inbox/files/{row.pk}/")
    assert (whole.status_code, whole["Content-Type"], whole["Accept-Ranges"]) == (200, "audio/ogg", "bytes")
    assert b"".join(whole) == b"0123456789"
    part = as_sophie.get(f"/inbox/files/{row.pk}/", headers={"range": "bytes=2-4"})
    assert (part.status_code, part.content, part["Content-Range"]) == (206, b"234", "bytes 2-4/10")
    for wrong in ("bytes=50-", "bytes=-0"):
        assert as_sophie.get(f"/inbox/files/{row.pk}/", headers={"range": wrong}).status_code == 416


def test_a_file_that_could_not_be_fetched_says_where_to_find_it(desk: Desk, phone: Channel, as_sophie: Client) -> None:
    take(phone, chat(desk, files=(IncomingFile("zeugnis.pdf", "application/pdf", reference="m-8"),)))
    Attachment.objects.update(content_type="not_fetched", reference="", fetch_at=None)
    assert "zeugnis.pdf could not be fetched; open it on the phone or on the platform" in open_page(as_sophie, "Amine")


# What happened to messages


def test_edits_deletions_and_hidings_are_told(desk: Desk, page: Channel, as_sophie: Client) -> None:
    at = NOW - dt.timedelta(minutes=1)
    edit = comment(desk, "Mega Einblick, danke!", "e1", what="edit", reply_to="7_1", provider_at=at)
    hidden = comment(desk, "", "h1", what="hide", reply_to="7_1", headers={"hidden": True}, provider_at=at)
    take(page, comment(desk), edit, hidden)
    shown = open_page(as_sophie)
    assert "edited 10:19" in shown
    assert "Hidden since 10:19: only Lena and their friends still see it." in shown
    take(page, comment(desk, "", "d1", what="delete", reply_to="7_1", provider_at=NOW))
    shown = open_page(as_sophie)
    assert "Lena deleted a comment, 10:20" in shown
    assert "Hidden since" not in shown


def test_after_a_deletion_the_row_shows_what_is_still_asked_and_the_box_says_when_nothing_is(
    desk: Desk, page: Channel, as_sophie: Client
) -> None:
    take(page, comment(desk, "Kann ich im Januar anfangen?"), comment(desk, "Oder nein", "7_2"))
    take(page, comment(desk, "", "d2", what="delete", reply_to="7_2", provider_at=NOW))
    place = Conversation.objects.get()
    assert (place.first_words, place.unanswered_since is None) == ("Kann ich im Januar anfangen?", False)
    assert "nothing to answer any more" not in open_page(as_sophie)
    take(page, comment(desk, "", "d1", what="delete", reply_to="7_1", provider_at=NOW))
    assert Conversation.objects.get().first_words == ""
    shown = open_page(as_sophie)
    assert "Lena deleted what was said here. There is nothing to answer any more." in shown
    assert 'id="text"' not in shown


def test_an_answer_of_ours_that_went_at_the_platform_is_not_blamed_on_the_person(
    desk: Desk, page: Channel, as_sophie: Client
) -> None:
    take(page, comment(desk), comment(desk, "Danke", "7_2", "100", is_own=True, reply_to="7_1"))
    take(page, comment(desk, "", "d1", "100", what="delete", reply_to="7_2", provider_at=NOW))
    shown = open_page(as_sophie)
    assert "Our message was deleted on Facebook, 10:20" in shown
    assert "Lena deleted" not in shown


def test_how_far_our_answer_came_stands_under_it(desk: Desk, phone: Channel, as_sophie: Client) -> None:
    take(phone, chat(desk, "Geht das?"))
    desk.answer(Conversation.objects.get())
    row = leaves("answer", Outcome("accepted", "wamid.out"))
    assert row.external_id == "wamid.out"
    assert ">sent</span>" in open_page(as_sophie, "Amine")
    for status, words in (("delivered", ">delivered</span>"), ("read", ">read 10:20</span>"), ("sent", ">read 10:20<")):
        told = {"what": "status", "reply_to": "wamid.out", "headers": {"status": status}, "provider_at": NOW}
        take(phone, chat(desk, "", f"s-{status}", **told))
        assert words in open_page(as_sophie, "Amine")


def test_reactions_are_counted_under_their_message_and_never_stand_as_rows(
    desk: Desk, page: Channel, as_sophie: Client
) -> None:
    take(page, comment(desk))
    take(page, reaction(desk, "7_1", "noor"), reaction(desk, "7_1", "nils"), reaction(desk, "7_1", "lena", "like"))
    shown = open_page(as_sophie)
    assert 'title="Heart: 2 other people"><span aria-hidden="true">❤️ 2</span>' in shown
    assert 'title="Like: Lena"><span aria-hidden="true">👍</span>' in shown
    assert len(re.findall(r'id="m\d+"', shown)) == 1


def test_short_words_that_are_understood_as_a_reaction_stand_in_the_thread_and_are_what_an_answer_goes_to(
    desk: Desk, page: Channel, as_sophie: Client
) -> None:
    take(page, comment(desk), comment(desk, "Ja, gern.", "7_2", reply_to="7_1"))
    Message.objects.filter(external_id="7_2").update(kind="reaction", understood_at=NOW)
    Conversation.objects.update(kind="reaction", due_at=None)
    shown = open_page(as_sophie)
    assert "<p>Ja, gern.</p>" in shown
    assert 'class="chip' not in shown
    asked = actions.newest_inbound(Conversation.objects.get())
    assert asked is not None
    assert asked.external_id == "7_2"
    assert verb_for(Conversation.objects.get()) == "answer"


def test_others_under_the_same_post_are_one_fold_away_for_those_who_may_see_them(
    desk: Desk, page: Channel, as_sophie: Client
) -> None:
    take(page, *(comment(desk, f"Ich auch {n}", f"7_{n}", f"person{n}") for n in range(2, 10)), comment(desk))
    shown = open_page(as_sophie)
    assert "8 others wrote under this post" in shown
    assert re.findall(r"<b>(Person\d)</b>", shown) == ["Person9", "Person8", "Person7", "Person6", "Person5", "Person4"]
    assert "Ich auch 9" in shown
    elsewhere = Conversation.objects.exclude(contact__name__in=["Lena", "Person9"])
    elsewhere.update(site=desk.site)
    mine = desk.sophie.limited_to
    Conversation.objects.filter(contact__name__in=["Lena", "Person9"]).update(site=desk.site)
    elsewhere.update(site=None)
    mine.add(desk.site)
    assert "One other person wrote under this post" in open_page(as_sophie)


def test_a_public_comment_and_the_private_talk_it_led_to_show_the_way_to_each_other(
    desk: Desk, page: Channel, as_sophie: Client
) -> None:
    take(page, comment(desk))
    public = Conversation.objects.get()
    private = desk.answer(public, mode="private").conversation
    assert f'href="/inbox/{private.pk}/"' in as_sophie.get(f"/inbox/{public.pk}/").content.decode()
    back = as_sophie.get(f"/inbox/{private.pk}/").content.decode()
    assert "It began in public" in back
    assert f'href="/inbox/{public.pk}/"' in back


def test_the_picture_of_a_post_is_shown_however_many_wrote_under_it(
    desk: Desk, page: Channel, as_sophie: Client
) -> None:
    take(page, comment(desk), comment(desk, "Ich auch", "7_2", "noor"))
    post = PublicPost.objects.get()
    post.picture.save("bild.png", ContentFile(b"\x89PNG\r\n\x1a\n" + b"\0" * 30))
    shown = as_sophie.get(f"/inbox/posts/{post.pk}/picture/")
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/png")


def test_a_review_is_called_one_and_its_words_stand_once(desk: Desk, page: Channel, as_sophie: Client) -> None:
    post = IncomingPost("100_9", text="Sehr gutes Haus", author_is_us=False)
    take(page, comment(desk, "Sehr gutes Haus", "100_9", post=post, headers={"form": "review"}))
    shown = open_page(as_sophie)
    assert shown.count(">Sehr gutes Haus</p>") == 1
    assert "Review on Facebook" in shown
    assert "Comment on Facebook" not in shown


# Gestures


def test_a_like_leaves_in_ten_seconds_bound_to_its_comment_and_then_stands_under_it(
    desk: Desk, page: Channel, as_sophie: Client
) -> None:
    take(page, comment(desk))
    assert press(as_sophie, "reaction", the_message(), reaction="like") == 303
    shown = open_page(as_sophie)
    assert "Like: leaves in <b data-count>10</b> seconds" in shown
    row = leaves("reaction")
    assert (row.target, row.payload["reaction"], row.not_before) == (
        the_message().target,
        "like",
        NOW + dt.timedelta(seconds=10),
    )
    ours = Message.objects.get(kind="reaction")
    assert (ours.direction, ours.text, ours.author, ours.reply_to) == ("out", "like", desk.sophie, "7_1")
    assert 'chip chip--ours" title="Like: you here"' in open_page(as_sophie)
    place = Conversation.objects.get()
    assert (place.state, place.unanswered_since is not None, place.failed_at) == ("open", True, None)


def test_pressing_twice_is_one_like_and_the_platform_telling_of_it_makes_no_second(
    desk: Desk, page: Channel, as_sophie: Client
) -> None:
    take(page, comment(desk))
    for _ in range(2):
        press(as_sophie, "reaction", the_message(), reaction="like")
    leaves("reaction")
    take(page, reaction(desk, "7_1", "100", "like", is_own=True, provider_at=NOW + dt.timedelta(seconds=12)))
    press(as_sophie, "reaction", the_message(), reaction="like")
    assert Outgoing.objects.filter(kind="reaction").count() == 1
    assert Message.objects.filter(kind="reaction").count() == 1


def test_a_like_can_be_undone_before_it_leaves_and_taken_away_after(
    desk: Desk, page: Channel, as_sophie: Client
) -> None:
    take(page, comment(desk))
    message = the_message()
    press(as_sophie, "reaction", message, reaction="like")
    assert press(as_sophie, "gesture", message, gesture=str(Outgoing.objects.get().pk)) == 303
    assert list(Outgoing.objects.values_list("state", flat=True)) == ["taken_back"]
    press(as_sophie, "reaction", message, reaction="like")
    undo = re.findall(r'action="(/inbox/\d+/undo/[^"]+)"', open_page(as_sophie))
    as_sophie.post(undo[-1])
    assert not Outgoing.objects.exclude(state="taken_back").exists()
    press(as_sophie, "reaction", message, reaction="like")
    leaves("reaction")
    press(as_sophie, "reaction", message, reaction="")
    assert leaves("reaction").payload["reaction"] == ""
    assert not Message.objects.filter(kind="reaction").exists()


def test_hiding_asks_once_says_what_it_means_and_can_be_shown_again(
    desk: Desk, page: Channel, as_sophie: Client
) -> None:
    take(page, comment(desk, "Werbung!"))
    message = the_message()
    asked = as_sophie.get(f"/inbox/messages/{message.pk}/hiding/").content.decode()
    assert "only the person and their friends still see it" in " ".join(asked.split())
    assert not Outgoing.objects.exists()
    assert press(as_sophie, "hiding", message) == 303
    assert the_message().hidden_at is None
    leaves("hide")
    assert the_message().hidden_at is not None
    assert "Show again" in open_page(as_sophie)
    press(as_sophie, "showing", message)
    leaves("unhide")
    assert the_message().hidden_at is None


def test_a_refused_gesture_says_why_and_is_replaced_by_the_next_press(
    desk: Desk, page: Channel, as_sophie: Client
) -> None:
    take(page, comment(desk))
    message = the_message()
    press(as_sophie, "reaction", message, reaction="like")
    leaves("reaction", Outcome("refused", code="permission_missing"))
    shown = open_page(as_sophie)
    assert "Like: not done. Our app lacks a permission for this." in shown
    assert (Conversation.objects.get().failed_at, Message.objects.filter(kind="reaction").count()) == (None, 0)
    press(as_sophie, "reaction", message, reaction="like")
    assert sorted(Outgoing.objects.values_list("state", flat=True)) == ["taken_back", "waiting"]


def test_praise_is_thanked_with_a_like_that_closes_once_the_platform_took_it(
    desk: Desk, page: Channel, as_sophie: Client
) -> None:
    take(page, comment(desk))
    Conversation.objects.update(kind="praise")
    shown = open_page(as_sophie)
    assert "Thank with a like" in shown
    press(as_sophie, "reaction", the_message(), reaction="like", closes="1")
    assert "Thank with a like" not in open_page(as_sophie)
    assert Conversation.objects.get().state == "open"
    leaves("reaction")
    place = Conversation.objects.get()
    assert (place.state, place.reason, place.unanswered_since) == ("closed", "thanked", None)


def test_thanks_do_not_close_over_a_question_that_came_meanwhile(desk: Desk, page: Channel, as_sophie: Client) -> None:
    take(page, comment(desk))
    press(as_sophie, "reaction", the_message(), reaction="like", closes="1")
    take(page, comment(desk, "Und geht das in Teilzeit?", "7_2"))
    leaves("reaction")
    place = Conversation.objects.get()
    assert (place.state, place.unanswered_since is not None) == ("open", True)


def test_gestures_are_offered_only_where_the_platform_has_them_and_to_those_who_may_answer(
    desk: Desk, page: Channel, phone: Channel, as_sophie: Client
) -> None:
    take(page, comment(desk))
    take(phone, chat(desk, "Moin"))
    conversation = desk.arrive(desk.say())
    public, private = open_page(as_sophie), open_page(as_sophie, "Amine")
    mail = as_sophie.get(f"/inbox/{conversation.pk}/").content.decode()
    assert ("/hiding/" in public, "/hiding/" in private, "/reaction/" in private, "/reaction/" in mail) == (
        True,
        False,
        True,
        False,
    )
    theirs = Message.objects.get(conversation=conversation)
    assert press(as_sophie, "reaction", theirs, reaction="like") == 303
    assert press(as_sophie, "hiding", Message.objects.get(external_id="wamid.1")) == 303
    assert not Outgoing.objects.filter(kind__in=["reaction", "hide"]).exists()
    assert desk.sophie.user
    desk.sophie.user.role = "reader"
    desk.sophie.user.save()
    shown = open_page(as_sophie)
    assert ("/hiding/" in shown, "/reaction/" in shown) == (False, False)
    assert press(as_sophie, "reaction", Message.objects.get(external_id="7_1"), reaction="like") == 403


def test_a_public_page_with_everything_on_it_costs_few_questions(desk: Desk, page: Channel, as_sophie: Client) -> None:
    take(page, *(comment(desk, f"Frage {n}", f"7_{n}", f"p{n}") for n in range(3)))
    take(page, *(comment(desk, f"Noch {n}", f"8_{n}") for n in range(30)))
    take(page, *(reaction(desk, f"8_{n}", f"p{n % 3}") for n in range(30)))
    for message in Message.objects.filter(external_id__startswith="8_")[:5]:
        press(as_sophie, "reaction", message, reaction="like")
    open_page(as_sophie)
    with CaptureQueriesContext(connection) as held:
        open_page(as_sophie)
    assert len(held) - 1 <= MOST_QUERIES, "\n".join(one["sql"][:160] for one in held.captured_queries)
