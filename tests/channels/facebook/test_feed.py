"""What happens on our page arrives as what it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ganzohr.channels.connectors.base import Account, Incoming, IncomingPost
from ganzohr.channels.connectors.facebook.parse import parse
from tests.channels.facebook.bodies import AT, COMMENT, PAGE, PERSON, POST, SECONDS, body, change, comment

ACCOUNT = Account("facebook", "k", {}, {})


def read(*entries: Any) -> list[Incoming]:
    return parse(ACCOUNT, body(*entries))


def one(value: dict[str, Any], field: str = "feed") -> Incoming:
    found = read(change(value, field))
    assert len(found) == 1
    return found[0]


def test_a_comment_is_a_public_message_bound_to_its_post() -> None:
    post = {"id": POST, "permalink_url": "https://www.facebook.com/900/posts/11", "is_published": True}
    assert one(comment(post=post)) == Incoming(
        what="message",
        external_id=COMMENT,
        sender_id=PERSON,
        sender_name="Mia Sommer",
        provider_at=AT,
        text="Geht das auch in Teilzeit? 🙂",
        visibility="public",
        post=IncomingPost(POST, permalink="https://www.facebook.com/900/posts/11"),
        target={
            "comment_id": COMMENT,
            "post_id": POST,
            "page_id": PAGE,
            "sender_id": PERSON,
            "written_at": AT.isoformat(),
        },
        headers={"permalink": "https://www.facebook.com/900/posts/11?comment_id=501"},
        account=PAGE,
    )


def test_an_answer_to_a_comment_names_the_comment_above_it() -> None:
    assert one(comment(comment_id="11_502", parent_id=COMMENT)).reply_to == COMMENT


@pytest.mark.parametrize("parent", [POST, "11", "other_11", None])
def test_the_post_is_no_comment_however_its_id_is_written(parent: str | None) -> None:
    assert one(comment(parent_id=parent)).reply_to == ""


def test_a_person_whom_facebook_hides_is_one_person_per_comment() -> None:
    hidden = comment()
    del hidden["from"]
    found = [one(hidden), one({**hidden, "verb": "edited"}), one({**hidden, "comment_id": "11_9"})]
    assert [each.sender_id for each in found] == [f"unknown:{COMMENT}", f"unknown:{COMMENT}", "unknown:11_9"]
    assert (found[0].sender_name, found[0].target["sender_id"]) == ("", "")


def test_the_form_from_before_2018_is_the_same_comment() -> None:
    old = comment(sender_id=int(PERSON), sender_name="Mia Sommer", created_time=str(SECONDS))
    del old["from"]
    assert one(old) == one(comment())


def test_ids_as_numbers_and_milliseconds_are_the_same_comment() -> None:
    drifted = comment(**{"from": {"id": int(PERSON), "name": "Mia Sommer"}}, created_time=SECONDS * 1000)
    entry = change(drifted, id=int(PAGE), time=SECONDS * 1000)
    assert read(entry) == [one(comment())]


@pytest.mark.parametrize(
    ("verb", "what"),
    [("edited", "edit"), ("edit", "edit"), ("remove", "delete"), ("hide", "hide"), ("unhide", "hide")],
)
def test_what_becomes_of_a_comment_speaks_of_that_comment(verb: str, what: str) -> None:
    found = one(comment(verb=verb, message="Neue Worte"))
    assert (found.what, found.reply_to, found.sender_id) == (what, COMMENT, PERSON)
    assert found.external_id != COMMENT
    assert found.text == ("Neue Worte" if what == "edit" else "")
    assert found.headers.get("hidden") == {"hide": True, "unhide": False}.get(verb)


def test_two_edits_are_two_and_the_same_edit_is_one() -> None:
    first = change(comment(verb="edited", message="Eins"))
    second = change(comment(verb="edited", message="Zwei"), time=SECONDS + 60)
    ids = [each.external_id for each in read(first, second, first)]
    assert (len(set(ids)), ids[0]) == (2, ids[2])
    later = read(second)[0]
    assert later.headers["changed_at"] == (AT + timedelta(minutes=1)).isoformat()


def test_our_own_comment_is_ours() -> None:
    found = one(comment(**{"from": {"id": PAGE, "name": "Werk Nord"}}, parent_id=COMMENT, comment_id="11_600"))
    assert (found.what, found.is_own, found.reply_to, found.sender_id) == ("message", True, COMMENT, PAGE)


def test_a_picture_or_a_film_in_a_comment_comes_as_a_reference() -> None:
    found = one(comment(message=None, photo="https://scontent.xx.fbcdn.net/v/a.png?oe=1", video="https://x/clip"))
    assert [(file.name, file.content_type, file.reference) for file in found.files] == [
        ("a.png", "image/png", "https://scontent.xx.fbcdn.net/v/a.png?oe=1"),
        ("clip", "video/mp4", "https://x/clip"),
    ]
    assert found.text == ""


OURS = {"from": {"id": PAGE, "name": "Werk Nord"}, "post_id": POST, "created_time": SECONDS}


@pytest.mark.parametrize("item", ["status", "post", "photo", "video", "share"])
def test_our_own_post_is_a_post_with_its_picture(item: str) -> None:
    found = one({**OURS, "item": item, "verb": "add", "message": "Tag der Ausbildung", "photo": "https://x/p.jpg"})
    assert (found.what, found.external_id, found.is_own) == ("post", POST, True)
    assert found.post == IncomingPost(POST, text="Tag der Ausbildung", author="Werk Nord", posted_at=AT)
    assert [file.reference for file in found.files] == ["https://x/p.jpg"]


def test_our_own_post_that_is_taken_away_says_so() -> None:
    found = read(change({**OURS, "item": "post", "verb": "remove"}))
    assert [(each.what, each.reply_to, each.headers.get("removed")) for each in found] == [
        ("post", POST, True),
        ("delete", POST, None),  # it may have been a visitor's, taken away by us
    ]


@pytest.mark.parametrize("item", ["status", "post", "photo", "video", "share", "note"])
def test_a_visitors_post_is_a_message_under_itself(item: str) -> None:
    found = one({**comment(item=item, message="Danke!"), "comment_id": None})
    assert (found.what, found.external_id, found.text, found.visibility) == ("message", POST, "Danke!", "public")
    assert found.post == IncomingPost(POST, text="Danke!", author="Mia Sommer", author_is_us=False, posted_at=AT)
    assert (found.target["comment_id"], found.target["post_id"]) == ("", POST)


@pytest.mark.parametrize(("verb", "what"), [("edited", "edit"), ("remove", "delete"), ("hide", "hide")])
def test_a_visitors_post_may_change(verb: str, what: str) -> None:
    found = one({**comment(item="status", verb=verb), "comment_id": None})
    assert (found.what, found.reply_to) == (what, POST)


def test_likes_speak_of_what_is_liked() -> None:
    like = {"item": "reaction", "reaction_type": "love", "verb": "add"}
    found = [
        one(comment(**like, message=None)),
        one({**comment(**like), "comment_id": None}),
        one(comment(**{**like, "verb": "remove"})),
        one({"item": "like", "verb": "add"}),
    ]
    told = [(each.what, each.reply_to, each.text, each.headers) for each in found]
    assert told == [
        ("reaction", COMMENT, "love", {}),
        ("reaction", POST, "love", {"of_post": True}),
        ("reaction", COMMENT, "love", {"removed": True}),
        ("reaction", "", "like", {"of_post": True, "form": "page_like"}),
    ]
    assert len({each.external_id for each in found}) == 4


def test_a_mention_is_a_message_elsewhere() -> None:
    said = {"post_id": "55_66", "sender_id": 7001, "sender_name": "Mia", "verb": "add", "created_time": SECONDS}
    in_post = one({**said, "item": "post", "message": "Toll bei @Werk Nord"}, "mention")
    in_comment = one({**said, "item": "comment", "comment_id": "66_77"}, "mention")
    found = [(each.what, each.external_id, each.headers["form"], each.text) for each in (in_post, in_comment)]
    assert found == [("message", "55_66", "mention", "Toll bei @Werk Nord"), ("message", "66_77", "mention", "")]
    assert [each.post and each.post.author_is_us for each in (in_post, in_comment)] == [False, False]


def test_both_forms_of_a_review_are_reviews() -> None:
    said = {
        "item": "rating", "verb": "add", "reviewer_id": 7001, "reviewer_name": "Mia", "review_text": "Gutes Team.",
        "open_graph_story_id": "88", "created_time": SECONDS,
    }  # fmt: skip
    stars, thumb = one({**said, "rating": 4}, "ratings"), one({**said, "recommendation_type": "NEGATIVE"}, "ratings")
    assert [each.headers for each in (stars, thumb)] == [
        {"form": "review", "rating": 4},
        {"form": "review", "recommends": False},
    ]
    assert (stars.external_id, stars.sender_id, stars.text, stars.target["post_id"]) == (
        "88",
        PERSON,
        "Gutes Team.",
        "88",
    )
    changed = one({**said, "verb": "edit", "review_text": "Sehr gut."}, "ratings")
    assert (changed.what, changed.reply_to, changed.text) == ("edit", "88", "Sehr gut.")
    below = one({**said, "item": "comment", "comment_id": "88_1", "message": "Stimmt"}, "ratings")
    assert (below.what, below.external_id, below.text) == ("message", "88_1", "Stimmt")


def test_every_entry_and_every_change_is_read_for_its_page() -> None:
    first, second = change(comment()), change(comment(comment_id="22_1"), id="901")
    first["changes"] += [{"field": "feed", "value": comment(comment_id="11_777")}]
    assert [(each.account, each.external_id) for each in read(first, second)] == [
        ("900", COMMENT),
        ("900", "11_777"),
        ("901", "22_1"),
    ]


@pytest.mark.parametrize("entry", [{}, {"id": PAGE, "time": 1}, {"id": PAGE, "changes": []}, {"messaging": None}])
def test_an_entry_that_says_nothing_is_nothing(entry: dict[str, Any]) -> None:
    assert read(entry) == []


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (comment(item="dance"), "feed"),
        (comment(verb="block"), "feed"),
        ({}, "feed"),
        ({"leadgen_id": 1}, "leadgen"),
        ({"x": 1}, "something_new"),
    ],
)
def test_what_nobody_knows_is_kept(value: dict[str, Any], field: str) -> None:
    found = one(value, field)
    assert (found.what, found.account, bool(found.headers["form"])) == ("unsupported", PAGE, True)


def test_a_comment_without_a_post_stands_under_the_one_its_id_names() -> None:
    lost = comment(post_id=None, parent_id=None)
    found = one(lost)
    assert (found.post, found.target) == (IncomingPost("900_11"), one(comment()).target)
    assert replace(found, post=None) == replace(one(comment()), post=None)
