"""What the model says is written down, and never against what a person said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from ganzohr.inbox import actions
from ganzohr.inbox.events import MessagesUnderstood
from ganzohr.inbox.models import Conversation, Message
from ganzohr.topics.understanding import Understood
from tests.inbox.story import Desk


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
