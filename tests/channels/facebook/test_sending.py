"""What leaves goes exactly where it was meant to, or nowhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ganzohr.channels.connectors.base import Outcome, OutgoingFile, Sending
from ganzohr.channels.connectors.facebook import connector, finding, roads
from ganzohr.core import times
from tests.channels.meta.scripted import Graph, Reply

NOW = datetime(2026, 11, 20, 21, 40, tzinfo=UTC)
COMMENT = {"comment_id": "11_501", "post_id": "900_11", "page_id": "900", "written_at": NOW.isoformat()}
TALK = {"recipient_id": "7001", "page_id": "900", "message_id": "m_1"}
MESSAGES, COMMENTS = "/v25.0/900/messages", "/v25.0/11_501/comments"
PICTURE = OutgoingFile("a.png", "image/png", b"\x89PNG")


def sending(target: Any, kind: str = "answer", attempt: int = 1, files: Any = (), **payload: Any) -> Sending:
    return Sending("k-1", kind, target, {"text": "Ja, gern.", **payload}, tuple(files), attempt)


def send(graph: Graph, *args: Any, at: datetime = NOW, **more: Any) -> Outcome:
    with times.frozen(at):
        return connector.send(graph.account(), sending(*args, **more))


def ago(**time: float) -> str:
    return (NOW - timedelta(**time)).isoformat()


# In public


def test_an_answer_stands_below_the_comment(graph: Graph) -> None:
    graph.says(Reply({"id": "11_900"}))
    assert send(graph, COMMENT, visibility="public") == Outcome("accepted", external_id="11_900")
    assert [(one.method, one.path, one.json) for one in graph.asked] == [("POST", COMMENTS, {"message": "Ja, gern."})]


def test_an_answer_to_a_visitors_post_stands_below_it(graph: Graph) -> None:
    graph.says(Reply({"id": "11_900"}))
    assert send(graph, {**COMMENT, "comment_id": ""}).state == "accepted"
    assert graph.asked[0].path == "/v25.0/900_11/comments"


@pytest.mark.parametrize("thing", ["11_501", "900_11"])
def test_a_reply_can_never_edit_somebodys_comment(thing: str) -> None:
    assert roads.reply_road(thing) == f"{thing}/comments"
    for edge in ("", "likes", "photos"):
        with pytest.raises(roads.WrongPath):
            roads.road(thing, edge, {"message": "Ja, gern."})
    with pytest.raises(roads.WrongPath):
        roads.road(thing, "", {"is_hidden": True, "message": "Ja, gern."})


@pytest.mark.parametrize(
    "thing", ["", "/", "11_501/", "11_501?message=x", "../me", "11_501#", "11/501", "a b", "ä", "x" * 300]
)
def test_no_id_bends_the_way(graph: Graph, thing: str) -> None:
    with pytest.raises(roads.WrongPath):
        roads.reply_road(thing)
    outcome = send(graph, {"comment_id": thing, "page_id": "900"})
    assert (outcome.state, outcome.code in ("target_invalid", "no_target"), graph.asked) == ("refused", True, [])


def test_a_mistake_of_ours_is_an_outcome_and_nothing_leaves(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roads, "CARRIES", {**roads.CARRIES, "comments": frozenset()})
    assert (send(graph, COMMENT).code, graph.asked) == ("wrong_path", [])


def test_one_picture_goes_along_and_is_uploaded_unseen(graph: Graph) -> None:
    graph.says(Reply({"id": "77"}), Reply({"id": "11_900"}))
    assert send(graph, COMMENT, files=[PICTURE]).external_id == "11_900"
    upload, comment = graph.asked
    assert (upload.path, b'name="published"\r\n\r\nfalse' in upload.body) == ("/v25.0/900/photos", True)
    assert comment.json == {"message": "Ja, gern.", "attachment_id": "77"}


def test_more_than_a_comment_takes_is_refused_before_anything_leaves(graph: Graph) -> None:
    pdf = OutgoingFile("a.pdf", "application/pdf", b"%PDF")
    outcomes = [send(graph, COMMENT, files=files) for files in ([PICTURE, PICTURE], [pdf])]
    outcomes.append(send(graph, COMMENT, text="x" * 8001))
    outcomes.append(send(graph, COMMENT, text=" "))
    assert [one.code for one in outcomes] == ["not_possible", "not_possible", "too_long", "not_possible"]
    assert graph.asked == []


def test_an_upload_that_got_lost_is_tried_again_because_nobody_saw_it(graph: Graph) -> None:
    graph.says(Reply(broken=True))
    outcome = send(graph, COMMENT, files=[PICTURE])
    assert (outcome.state, outcome.retry_at is not None, len(graph.asked)) == ("refused", True, 1)


@pytest.mark.parametrize("target", [COMMENT, TALK])
def test_words_never_leave_without_their_picture_where_an_upload_has_no_number(graph: Graph, target: Any) -> None:
    graph.says(Reply(b"<html>Welcome</html>"))
    outcome = send(graph, target, files=[PICTURE])
    assert (outcome.state, outcome.retry_at is not None, len(graph.asked)) == ("refused", True, 1)


def test_likes_and_hidings_take_no_words(graph: Graph) -> None:
    graph.says(*[Reply({"success": True})] * 4)
    wishes = [("reaction", "like"), ("reaction", ""), ("hide", ""), ("unhide", "")]
    states = [send(graph, COMMENT, kind, reaction=wish).state for kind, wish in wishes]
    assert states == ["accepted"] * 4
    assert [(one.method, one.path, one.json) for one in graph.asked] == [
        ("POST", "/v25.0/11_501/likes", {}),
        ("DELETE", "/v25.0/11_501/likes", {}),
        ("POST", "/v25.0/11_501", {"is_hidden": True}),
        ("POST", "/v25.0/11_501", {"is_hidden": False}),
    ]


# To one person


def test_a_private_reply_goes_to_the_comment_and_by_messenger_only(graph: Graph) -> None:
    graph.says(Reply({"recipient_id": "7001", "message_id": "m_5"}))
    assert send(graph, {**COMMENT, "visibility": "private"}, visibility="private").external_id == "m_5"
    asked = graph.asked[0]
    assert (asked.path, asked.json["recipient"]) == (MESSAGES, {"comment_id": "11_501"})
    assert asked.json["message"] == {"text": "Ja, gern.", "metadata": "k-1"}


@pytest.mark.parametrize(("public", "private"), [("public", "private"), ("private", "public")])
def test_when_the_two_do_not_agree_it_stays_private(graph: Graph, public: str, private: str) -> None:
    graph.says(Reply({"message_id": "m_5"}))
    send(graph, {**COMMENT, "visibility": public}, visibility=private)
    assert [one.path for one in graph.asked] == [MESSAGES]


def test_a_private_talk_never_becomes_public(graph: Graph) -> None:
    assert (send(graph, TALK, visibility="public").code, graph.asked) == ("wrong_path", [])


def test_a_private_reply_may_leave_for_seven_days(graph: Graph) -> None:
    graph.says(Reply({"message_id": "m_5"}))
    target = {**COMMENT, "visibility": "private"}
    outcomes = [
        send(graph, {**target, "written_at": ago(days=6, hours=23)}),
        send(graph, {**target, "written_at": ago(days=7, hours=1)}),
        send(graph, target, files=[PICTURE]),
        send(graph, target, text="x" * 2001),
    ]
    assert [one.code for one in outcomes] == ["", "window_closed", "not_possible", "too_long"]
    assert len(graph.asked) == 1


def test_a_second_private_reply_is_refused_but_after_a_lost_first_one_looked_for(graph: Graph) -> None:
    used = Reply({"error": {"code": 10900, "message": "Activity already replied to"}}, 400)
    graph.says(used, used)
    target = {**COMMENT, "visibility": "private"}
    outcomes = [send(graph, target, attempt=attempt) for attempt in (1, 2)]
    assert [(one.state, one.code) for one in outcomes] == [
        ("refused", "private_reply_used"),
        ("unclear", "private_reply_used"),
    ]


@pytest.mark.parametrize(
    ("age", "by_person", "expected"),
    [
        ({"hours": 23}, False, {"messaging_type": "RESPONSE"}),
        ({"hours": 23}, True, {"messaging_type": "RESPONSE"}),
        ({"hours": 25}, True, {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}),
        ({"hours": 25}, False, "author_rule"),
        ({"days": 6, "hours": 23}, True, {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}),
        ({"days": 7, "hours": 1}, True, "window_closed"),
        ({"days": 7, "hours": 1}, False, "window_closed"),
    ],
)
def test_the_window_is_looked_at_when_it_leaves(graph: Graph, age: Any, by_person: bool, expected: Any) -> None:
    graph.says(Reply({"message_id": "m_5"}))
    outcome = send(graph, TALK, window_from=ago(**age), by_person=by_person)
    if isinstance(expected, str):
        assert (outcome.code, graph.asked) == (expected, [])
        return
    said = graph.asked[0].json
    assert (outcome.external_id, said.pop("recipient"), said.pop("message")["text"]) == (
        "m_5", {"id": "7001"}, "Ja, gern."
    )  # fmt: skip
    assert said == expected


@pytest.mark.parametrize("by_person", [None, "yes", 1])
def test_only_a_plain_yes_makes_words_a_persons(graph: Graph, by_person: Any) -> None:
    assert send(graph, TALK, window_from=ago(hours=30), by_person=by_person).code == "author_rule"


def test_words_first_and_files_after_them(graph: Graph) -> None:
    graph.says(Reply({"attachment_id": 55}), Reply({"message_id": "m_5"}), Reply({"message_id": "m_6"}))
    assert send(graph, TALK, files=[PICTURE]) == Outcome("accepted", external_id="m_5")
    assert [one.path for one in graph.asked] == ["/v25.0/900/message_attachments", MESSAGES, MESSAGES]
    attachment = {"type": "image", "payload": {"attachment_id": "55"}}
    assert [one.json["message"] for one in graph.asked[1:]] == [
        {"text": "Ja, gern.", "metadata": "k-1#part1"},
        {"attachment": attachment, "metadata": "k-1"},
    ]


def test_what_went_half_never_goes_again_by_itself(graph: Graph) -> None:
    graph.says(Reply({"attachment_id": "55"}), Reply({"message_id": "m_5"}), Reply({"error": {"code": 551}}, 400))
    outcome = send(graph, TALK, files=[PICTURE])
    assert (outcome.state, outcome.code, outcome.detail) == ("unclear", "half_sent", "person_unavailable")


def test_a_message_is_read_and_reacted_to(graph: Graph) -> None:
    graph.says(*[Reply({"recipient_id": "7001"})] * 2)
    assert [send(graph, TALK, kind, reaction="like").state for kind in ("read", "reaction")] == ["accepted"] * 2
    assert [(one.json["sender_action"], one.json.get("payload")) for one in graph.asked] == [
        ("mark_seen", None),
        ("react", {"message_id": "m_1", "reaction": "👍"}),
    ]


@pytest.mark.parametrize("kind", ["template", "read", "something"])
def test_what_a_comment_cannot_take_is_refused(graph: Graph, kind: str) -> None:
    assert (send(graph, COMMENT, kind).code, graph.asked) == ("not_possible", [])


@pytest.mark.parametrize(
    "target", [{}, {"comment_id": None}, {"recipient_id": ""}, {"page_id": "900"}, {"post_id": []}]
)
def test_without_a_target_nothing_leaves(graph: Graph, target: Any) -> None:
    assert (send(graph, target).code, graph.asked) == ("no_target", [])


# After a call that ended nobody knows how


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "PATIENCE", 0.0)


def find(graph: Graph, *args: Any, others: tuple[str, ...] = (), **more: Any) -> Outcome | None:
    lost = replace(sending(*args, **more), since=NOW - timedelta(hours=3), others=frozenset(others))
    with times.frozen(NOW):
        return connector.find(graph.account(), lost)


def said(id_: str, text: str = "Ja, gern.", by: Any = "900", **time: float) -> dict[str, Any]:
    return {"id": id_, "message": text, "from": {"id": by}, "created_time": ago(**(time or {"minutes": 1}))}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ({"data": [said("1", by="7001"), said("2", " Ja,\n gern. ", by=900)]}, Outcome("accepted", external_id="2")),
        ({"data": [said("1", by="7001"), said("2", "Nein."), said("3", hours=5)]}, finding.NOT_THERE),
        ({"data": []}, finding.NOT_THERE),
        ({"data": [said("1", "Nein.")], "paging": {"next": "https://more"}}, None),
        ({"data": [said("1", hours=5)], "paging": {"next": "https://more"}}, finding.NOT_THERE),
        ({}, None),
    ],
)
def test_our_own_comment_is_looked_for(graph: Graph, listed: Any, expected: Outcome | None) -> None:
    graph.at[COMMENTS] = Reply(listed)
    assert find(graph, COMMENT) == expected


@pytest.mark.usefixtures("impatient")
def test_our_own_message_is_looked_for_in_its_talk(graph: Graph) -> None:
    graph.at["/v25.0/900/conversations"] = Reply({"data": [{"id": "t", "messages": {"data": [said("m_5")]}}]})
    assert find(graph, TALK) == Outcome("accepted", external_id="m_5")
    assert find(graph, TALK, text="Anders.") == finding.NOT_THERE
    assert find(graph, TALK, files=[PICTURE]) is None
    assert graph.asked[0].params["user_id"] == "7001"


@pytest.mark.usefixtures("impatient")
def test_the_same_words_of_another_answer_are_not_the_lost_ones(graph: Graph) -> None:
    graph.at[COMMENTS] = Reply({"data": [said("2"), said("1", hours=4)]})
    assert find(graph, COMMENT, others=("2",)) == finding.NOT_THERE
    assert find(graph, COMMENT, others=("",)) is None  # another one that says the same is still on its way
    assert find(graph, COMMENT, others=("7",)) == Outcome("accepted", external_id="2")


@pytest.mark.usefixtures("impatient")
def test_where_nothing_can_be_compared_nobody_says_that_it_did_not_arrive(graph: Graph) -> None:
    graph.at["/v25.0/900/conversations"] = Reply({"data": []})
    assert find(graph, TALK) is None  # they wrote to us, so there is a talk: we are not shown it
    assert connector.find(graph.account(), sending(COMMENT)) is None  # of an age nobody knows


@pytest.mark.usefixtures("impatient")
def test_a_private_reply_is_looked_for_by_what_the_comment_still_allows(graph: Graph) -> None:
    target = {**COMMENT, "visibility": "private"}
    at = "/v25.0/11_501"
    graph.at["/v25.0/900/conversations"] = Reply({"data": [{"id": "t", "messages": {"data": [said("m_5")]}}]})
    graph.at[at] = Reply({"can_reply_privately": True})
    assert find(graph, target) == finding.NOT_THERE
    graph.at[at] = Reply({"can_reply_privately": False, "from": {"id": "7001"}})
    assert find(graph, target) == Outcome("accepted", external_id="m_5")
    assert find(graph, target, text="Anders.") is None  # somebody answered, but not with our words


def test_a_like_is_simply_given_again_and_a_platform_that_is_down_tells_nothing(graph: Graph) -> None:
    assert find(graph, COMMENT, "reaction", reaction="like") == finding.NOT_THERE
    assert (find(graph, COMMENT), find(graph, {})) == (None, None)
