"""Topic, kind, who has it, later, closed: each with its way back."""

from __future__ import annotations

import datetime as dt

import pytest

from ganzohr.audit.actions import NotAllowed
from ganzohr.directory.hours import add_open_time
from ganzohr.inbox import actions, undoing
from ganzohr.inbox.events import ConversationsClosed, TopicsChosen
from ganzohr.inbox.models import Conversation, Note
from tests.inbox.story import NOW, Desk


def token(address: str) -> str:
    return address.rstrip("/").rsplit("/", 1)[-1]


def test_choosing_a_topic_is_learnt_and_sets_the_clock(desk: Desk) -> None:
    said = desk.say()
    held = desk.arrive(said)
    actions.choose_topic(held, desk.topic, desk.actor)

    held.refresh_from_db()
    assert (held.topic, held.topic_is_sure) == (desk.topic, True)
    assert held.due_at == said.provider_at + dt.timedelta(hours=2)
    assert desk.told[-1] == TopicsChosen((held.pk,))
    from ganzohr.topics.models import Example

    example = Example.objects.get(origin="learnt")
    assert (example.text, example.topic, example.message_id) == (said.text, desk.topic, held.messages.get().pk)


def test_a_topic_can_be_put_back_unless_somebody_changed_it_since(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    actions.choose_topic(held, desk.topic, desk.actor)
    word = token(undoing.address(held, "topic", None, desk.topic.pk))
    actions.choose_topic(held, desk.other_topic, desk.actor)

    with pytest.raises(NotAllowed):
        undoing.undo(held, word, desk.actor)
    actions.choose_topic(held, desk.topic, desk.actor)
    undoing.undo(held, word, desk.actor)
    held.refresh_from_db()
    assert held.topic is None


def test_a_word_of_undo_is_good_for_its_own_conversation_only(desk: Desk) -> None:
    one = desk.arrive(desk.say())
    two = desk.arrive(desk.say(sender_id="x@example.org", thread_key="x"))
    actions.assign(two, desk.sophie, desk.actor)

    with pytest.raises(NotAllowed):
        undoing.undo(two, token(undoing.address(one, "assign", None, desk.sophie.pk)), desk.actor)


def test_assigning_and_back(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    actions.assign(held, desk.jonas, desk.actor)
    undoing.undo(held, token(undoing.address(held, "assign", None, desk.jonas.pk)), desk.actor)

    held.refresh_from_db()
    assert held.assignee is None


def test_closed_for_a_reason_and_opened_again_with_its_clock(desk: Desk) -> None:
    said = desk.say()
    held = desk.arrive(said)
    actions.close(held, "no_answer_needed", desk.actor)
    assert (held.state, held.reason, held.unanswered_since, held.due_at) == ("closed", "no_answer_needed", None, None)
    assert desk.told[-1] == ConversationsClosed((held.pk,))

    undoing.undo(held, token(undoing.address(held, "state", "open", "closed")), desk.actor)
    held.refresh_from_db()
    assert (held.state, held.reason, held.unanswered_since) == ("open", "", said.provider_at)
    assert held.due_at == add_open_time(None, said.provider_at, 480)  # a working day of the usual week


def test_closing_needs_a_reason_and_happens_once(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    with pytest.raises(NotAllowed):
        actions.close(held, "", desk.actor)
    actions.close(held, "answered", desk.actor)
    with pytest.raises(NotAllowed):
        actions.close(held, "answered", desk.actor)


def test_an_old_conversation_is_not_opened_beside_a_newer_one(desk: Desk) -> None:
    old = desk.arrive(desk.say(thread_key=""))
    actions.close(old, "answered", desk.actor)
    Conversation.objects.update(last_activity_at=NOW - dt.timedelta(days=30))
    desk.arrive(desk.say("Wieder da", thread_key=""))

    with pytest.raises(NotAllowed):
        actions.reopen(old, desk.actor)
    assert Conversation.objects.get(pk=old.pk).state == "closed"


def test_later_lies_ahead(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    with pytest.raises(NotAllowed):
        actions.snooze(held, NOW, desk.actor)
    actions.snooze(held, NOW + dt.timedelta(hours=1), desk.actor)
    actions.snooze(held, NOW + dt.timedelta(hours=2), desk.actor)
    held.refresh_from_db()
    assert (held.state, held.snoozed_until) == ("snoozed", NOW + dt.timedelta(hours=2))
    assert actions.wake() == 0


def test_a_note_can_be_removed_and_restored(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    note = actions.write_note(held, " Ruft sonst an. ", desk.sophie, desk.actor)
    assert note
    assert (note.text, note.author) == ("Ruft sonst an.", desk.sophie)
    actions.remove_note(note, desk.actor)
    assert Note.objects.get().deleted_at == NOW
    undoing.undo(held, token(undoing.address(held, "restore", after=note.pk)), desk.actor)
    assert Note.objects.get().deleted_at is None
    assert actions.write_note(held, "  ", desk.sophie, desk.actor) is None


def test_the_kind_is_learnt_too(desk: Desk) -> None:
    held = desk.arrive(desk.say("Toller Einblick"))
    actions.choose_kind(held, "praise", desk.actor)

    held.refresh_from_db()
    assert (held.kind, held.messages.get().kind) == ("praise", "praise")


def test_presence_is_told_when_somebody_comes_and_types(desk: Desk) -> None:
    from ganzohr.inbox.opened import find

    held = desk.arrive(desk.say())
    assert desk.jonas.user
    assert desk.sophie.user
    actions.note_presence(held, desk.jonas.user, is_typing=True)
    assert [one["name"] for one in find(desk.sophie.user, held.pk).present] == ["Jonas Weber"]  # type: ignore[attr-defined]
    assert find(desk.jonas.user, held.pk).present == []  # type: ignore[attr-defined]
    actions.note_leaving(held, desk.jonas.user)
    assert find(desk.sophie.user, held.pk).present == []  # type: ignore[attr-defined]
