"""What the model says is written down, and never against what a person said."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

import psycopg
import pytest
from django.db import connection, transaction

from ganzohr.channels import line
from ganzohr.channels.arrivals import Arrived
from ganzohr.inbox import actions
from ganzohr.inbox.actions import understanding
from ganzohr.inbox.events import MessagesUnderstood
from ganzohr.inbox.models import Conversation, Message
from ganzohr.topics.understanding import Understood
from tests.inbox.story import NOW, Desk


@pytest.fixture
def says(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> dict[str, Understood]:
    """The model's answers by text."""
    known: dict[str, Understood] = {}

    def understand(texts: Sequence[str], languages: Sequence[str]) -> list[Understood]:
        return [known.get(text, Understood("de", "question", None, False, [])) for text in texts]

    monkeypatch.setattr("ganzohr.topics.understanding.understand", understand)
    return known


def test_a_sure_topic_sets_topic_and_clock(desk: Desk, says: dict[str, Understood]) -> None:
    says["Teilzeit?"] = Understood("de", "question", desk.topic.pk, True, [[desk.topic.pk, 0.93]])
    said = desk.say("Teilzeit?", language="")
    held = desk.arrive(said)

    assert actions.understand_waiting() == 1
    assert actions.understand_waiting() == 0
    held.refresh_from_db()
    assert (held.topic, held.topic_is_sure, held.language, held.kind) == (desk.topic, True, "de", "question")
    assert held.due_at == said.provider_at + dt.timedelta(hours=2)
    assert desk.told[-1] == MessagesUnderstood((held.messages.get().pk,))


def test_an_unsure_topic_stays_with_a_person(desk: Desk, says: dict[str, Understood]) -> None:
    choices = [[desk.topic.pk, 0.4], [desk.other_topic.pk, 0.3]]
    says["Hm?"] = Understood("nl", "question", desk.topic.pk, False, choices)
    held = desk.arrive(desk.say("Hm?", language=""))
    actions.understand_waiting()

    held.refresh_from_db()
    assert (held.topic, held.topic_is_sure, held.topic_choices, held.language) == (None, False, choices, "nl")


def test_what_a_person_chose_stays_when_the_model_is_unsure(desk: Desk, says: dict[str, Understood]) -> None:
    held = desk.arrive(desk.say("Erst"))
    actions.choose_topic(held, desk.other_topic, desk.actor)
    says["Dann"] = Understood("de", "question", desk.topic.pk, False, [[desk.topic.pk, 0.5]])
    desk.arrive(desk.say("Dann"))
    actions.understand_waiting()

    held.refresh_from_db()
    assert (held.topic, held.topic_choices) == (desk.other_topic, [])


def test_thanks_after_a_question_do_not_stop_its_clock(desk: Desk, says: dict[str, Understood]) -> None:
    says["Danke schon mal"] = Understood("de", "praise", None, False, [])
    held = desk.arrive(desk.say("Geht das?"), desk.say("Danke schon mal"))
    actions.understand_waiting()

    held.refresh_from_db()
    assert held.kind == "question"
    assert held.due_at is not None


def test_a_question_stands_however_much_is_written_below_it_until_it_is_answered(
    desk: Desk, says: dict[str, Understood], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(understanding, "NEWEST", 3)
    says["Danke"] = Understood("de", "praise", None, False, [])
    said = [desk.say("Geht das?"), *(desk.say("Danke") for _ in range(6))]
    found = []
    for one in said:
        held = desk.arrive(one)
        actions.understand_waiting()
        held.refresh_from_db()
        found.append(held.kind)
    Conversation.objects.update(unanswered_since=said[5].provider_at)
    assert (found, understanding._kinds([held])) == (["question"] * 7, {})
    held.refresh_from_db()
    assert understanding._kinds([held]) == {held.pk: "praise"}
    held.unanswered_since = None
    assert understanding._kinds([held]) == {held.pk: "praise"}


def test_praise_alone_has_no_clock_but_still_waits_for_thanks(desk: Desk, says: dict[str, Understood]) -> None:
    says["Toll"] = Understood("de", "praise", None, False, [])
    held = desk.arrive(desk.say("Toll"))
    actions.understand_waiting()

    held.refresh_from_db()
    assert (held.kind, held.due_at, held.unanswered_since is not None) == ("praise", None, True)


def test_what_holds_no_words_or_is_automatic_is_settled_without_the_model(
    desk: Desk, says: dict[str, Understood]
) -> None:
    desk.arrive(desk.say("Bin im Urlaub", is_automatic=True), desk.say("", external_id="empty"))

    assert actions.understand_waiting() == 2
    assert not Message.objects.filter(understood_at=None).exists()
    assert Conversation.objects.get().kind == ""


def test_a_topic_chosen_while_the_model_thinks_stands(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    held = desk.arrive(desk.say("Teilzeit?"))

    def understand(texts: Sequence[str], languages: Sequence[str]) -> list[Understood]:
        actions.choose_topic(Conversation.objects.get(pk=held.pk), desk.other_topic, desk.actor)
        return [Understood("de", "question", desk.topic.pk, True, [[desk.topic.pk, 0.93]])]

    monkeypatch.setattr("ganzohr.topics.understanding.understand", understand)
    assert actions.understand_waiting() == 1
    held.refresh_from_db()
    assert (held.topic, held.topic_is_sure, held.kind) == (desk.other_topic, True, "question")


@pytest.mark.parametrize("newest_first", [True, False])
def test_of_two_sure_workers_beside_each_other_the_newer_message_wins(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, newest_first: bool
) -> None:
    held = desk.arrive(desk.say("Erst"))
    after = held.messages.get().pk + understanding.BATCH
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('inbox_message_id_seq', %s)", [after])
    desk.arrive(desk.say("Dann"))
    topics = {"Erst": desk.topic.pk, "Dann": desk.other_topic.pk}

    @contextlib.contextmanager
    def turn(text: str) -> Iterator[list[Message]]:
        rows = Message.objects.filter(text=text, understood_at=None).select_related("conversation")
        yield list(rows)

    def understand(texts: Sequence[str], languages: Sequence[str]) -> list[Understood]:
        if len(left) == 1:  # while the first worker thinks, the second one begins and is done
            monkeypatch.setattr(understanding, "_batch", lambda: turn(left.pop()))
            assert actions.understand_waiting() == 1
        return [Understood("de", "question", topics[text], True, []) for text in texts]

    left = ["Dann", "Erst"] if newest_first else ["Erst", "Dann"]
    monkeypatch.setattr("ganzohr.topics.understanding.understand", understand)
    monkeypatch.setattr(understanding, "_batch", lambda: turn(left.pop()))
    assert actions.understand_waiting() == 1
    held.refresh_from_db()
    newest = held.messages.get(text="Dann")
    assert (held.topic, held.topic_is_sure, held.topic_message_id) == (desk.other_topic, True, newest.pk)


def test_the_clock_of_what_is_closed_while_the_model_thinks_stays_stopped(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = desk.arrive(desk.say("Teilzeit?"))

    def understand(texts: Sequence[str], languages: Sequence[str]) -> list[Understood]:
        actions.close(Conversation.objects.get(pk=held.pk), "thanked", desk.actor)
        return [Understood("de", "question", desk.topic.pk, True, [[desk.topic.pk, 0.93]])]

    monkeypatch.setattr("ganzohr.topics.understanding.understand", understand)
    actions.understand_waiting()
    held.refresh_from_db()
    assert (held.topic, held.unanswered_since, held.due_at) == (desk.topic, None, None)


def test_words_edited_while_the_model_thinks_are_understood_as_they_are_now(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = desk.say("Danke!")
    held = desk.arrive(said)
    edited = replace(said, what="edit", text="Geht das?", provider_at=said.provider_at + dt.timedelta(seconds=5))
    seen: list[str] = []

    def understand(texts: Sequence[str], languages: Sequence[str]) -> list[Understood]:
        seen.extend(texts)
        if texts == ["Danke!"]:
            actions.receive([Arrived(desk.mail.pk, 9, edited, NOW)])
        return [Understood("de", "praise" if text == "Danke!" else "question", None, False, []) for text in texts]

    monkeypatch.setattr("ganzohr.topics.understanding.understand", understand)
    assert (actions.understand_waiting(), actions.understand_waiting(), actions.understand_waiting()) == (0, 1, 0)
    held.refresh_from_db()
    assert (seen, held.kind) == (["Danke!", "Geht das?"], "question")


def test_words_the_model_cannot_read_go_to_a_person_and_hold_up_nobody(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def understand(texts: Sequence[str], languages: Sequence[str]) -> list[Understood]:
        if "Gift" in texts:
            raise ValueError("not these words")
        return [Understood("de", "question", desk.topic.pk, True, []) for _ in texts]

    monkeypatch.setattr("ganzohr.topics.understanding.understand", understand)
    desk.arrive(desk.say("Gift"))
    desk.arrive(desk.say("Teilzeit?", sender_id="ole@example.org", thread_key="t2"))

    assert (actions.understand_waiting(), actions.understand_waiting()) == (2, 0)
    rows = Message.objects.order_by("id").values_list("text", "kind", "conversation__topic", "understood_at")
    assert list(rows) == [("Gift", "", None, NOW), ("Teilzeit?", "question", desk.topic.pk, NOW)]


def test_while_the_model_itself_is_broken_everything_waits_for_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def understand(texts: Sequence[str], languages: Sequence[str]) -> list[Understood]:
        raise RuntimeError("no encoder")

    monkeypatch.setattr("ganzohr.topics.understanding.understand", understand)
    desk.arrive(desk.say("Teilzeit?"))
    with pytest.raises(RuntimeError):
        actions.understand_waiting()
    assert Message.objects.get().understood_at is None


@pytest.mark.django_db(transaction=True)
def test_nothing_is_locked_while_the_model_thinks(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    held = desk.arrive(desk.say("Teilzeit?"))
    free: list[int] = []

    def lock() -> None:
        with transaction.atomic():
            rows = Message.objects.select_for_update(skip_locked=True).filter(conversation=held)
            free.extend(rows.values_list("pk", flat=True))
        connection.close()

    def understand(texts: Sequence[str], languages: Sequence[str]) -> list[Understood]:
        somebody = threading.Thread(target=lock)
        somebody.start()
        somebody.join(30)
        return [Understood("de", "question", None, False, [])]

    monkeypatch.setattr("ganzohr.topics.understanding.understand", understand)
    assert actions.understand_waiting() == 1
    assert free == [held.messages.get().pk]


@pytest.mark.django_db(transaction=True)
def test_workers_beside_each_other_understand_different_messages(desk: Desk, says: dict[str, Understood]) -> None:
    """Somebody else thinks about the first hundred: theirs are left alone, and taken when nobody does any more."""
    first = desk.arrive(desk.say("Erst")).messages.get()
    after = first.pk + understanding.BATCH
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('inbox_message_id_seq', %s)", [after])
    second = desk.arrive(desk.say("Dann", sender_id="somebody-else")).messages.get()

    with psycopg.connect(**line.parameters(), autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", [understanding.STRETCH, first.pk // understanding.BATCH])
        assert actions.understand_waiting() == 1
        assert actions.understand_waiting() == 0
        assert list(Message.objects.filter(understood_at=None).values_list("pk", flat=True)) == [first.pk]
        other.execute("SELECT pg_advisory_unlock_all()")
    assert second.pk > after
    assert actions.understand_waiting() == 1
