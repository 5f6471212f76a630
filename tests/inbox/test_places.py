"""The words on the button and beside it: where an answer goes, who reads it, and whether it goes once more."""

from __future__ import annotations

import pytest

from ganzohr.channels.models import Channel
from ganzohr.contacts.models import Contact, Handle
from ganzohr.inbox import places
from ganzohr.inbox.models import Conversation


def talk(kind: str, name: str = "", *, is_public: bool = False) -> Conversation:
    channel = Channel(kind=kind, name="Website")
    return Conversation(
        channel=channel, contact=Contact(name=name), handle=Handle(external_id="instagram:1"), is_public=is_public
    )


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (talk("website"), "Only the person on the website reads this."),
        (talk("website", "Lena"), "Only Lena reads this."),
        (talk("hand"), "Only the person who wrote reads this."),
        (talk("hand", "Lena", is_public=True), "Everybody on Instagram can read this."),
    ],
)
def test_who_reads_it_is_said_in_a_whole_sentence(place: Conversation, words: str) -> None:
    assert places.readers(place, "reply") == words


@pytest.mark.parametrize(
    ("place", "mode", "words"),
    [
        (talk("website"), "reply", "Answer in the website chat"),
        (talk("mail"), "reply", "Send by mail"),
        (talk("hand", is_public=True), "private", "Write privately on Instagram"),
        (talk("hand", is_public=True), "reply", "Post publicly on Instagram"),
    ],
)
def test_after_a_refusal_every_button_says_again(place: Conversation, mode: str, words: str) -> None:
    said = [places.button(place, mode, is_by_hand=False, is_again=again) for again in (False, True)]
    assert said == [words, f"{words} again"]


def test_somebody_without_a_name_is_on_the_network_it_was_entered_for() -> None:
    assert talk("hand").person == "Somebody on Instagram"
    assert talk("hand", "Lena").person == "Lena"
