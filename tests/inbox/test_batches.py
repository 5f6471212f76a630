"""What comes in together and what leaves together costs as many questions for many as for few."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from ganzohr.channels import outcomes
from ganzohr.channels.arrivals import Arrived
from ganzohr.channels.connectors.base import Outcome
from ganzohr.channels.models import Outgoing
from ganzohr.inbox import actions
from ganzohr.inbox.models import Conversation, Message
from tests.inbox.story import NOW, Desk

FEW, MANY = 4, 12


def arrive(desk: Desk, many: int, round_: str, words: str = "Hallo?") -> int:
    """So many people write one message each, at once; how many questions that asked."""
    said = [desk.say(words, sender_id=f"{round_}{n}@x.org", thread_key=f"{round_}{n}") for n in range(many)]
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        actions.receive([Arrived(desk.mail.pk, n, one, NOW) for n, one in enumerate(said)])
    return len(asked)


def leave(desk: Desk, many: int, round_: str) -> int:
    """So many of them are answered, and all answers leave at once; how many questions the outcomes asked."""
    arrive(desk, many, round_)
    sent = [desk.answer(row) for row in Conversation.objects.filter(thread_key__startswith=round_)]
    Outgoing.objects.filter(message__in=sent).update(state=Outgoing.State.SENDING)
    rows = Outgoing.objects.filter(message__in=sent).select_related("channel")
    said = [(row, Outcome("accepted", external_id=f"p{row.pk}")) for row in rows]
    with CaptureQueriesContext(connection) as asked:
        assert outcomes.store_all(said) == many
    return len(asked)


def test_many_messages_ask_no_more_than_few(desk: Desk) -> None:
    strangers = [arrive(desk, many, round_) for many, round_ in ((FEW, "few"), (MANY, "many"))]
    known = [arrive(desk, many, round_, "Und noch etwas") for many, round_ in ((FEW, "few"), (MANY, "many"))]
    assert strangers[0] == strangers[1] <= 20
    assert known[0] == known[1] <= 18
    assert Conversation.objects.count() == FEW + MANY == Message.objects.count() // 2


def test_many_answers_that_left_ask_no_more_than_few(desk: Desk) -> None:
    counted = [leave(desk, many, round_) for many, round_ in ((FEW, "few"), (MANY, "many"))]
    assert counted[0] == counted[1] <= 20
    assert not Conversation.objects.filter(unanswered_since__isnull=False).exists()
    assert Conversation.objects.filter(first_answered_at=None).count() == 0


@pytest.mark.parametrize("asks_again", [True, False])
def test_only_what_came_after_the_answer_is_still_owed(desk: Desk, asks_again: bool) -> None:
    held = desk.arrive(desk.say())
    sent = desk.answer(held)
    later = desk.say("Und wann?" if asks_again else "Danke!")
    desk.arrive(later)
    Message.objects.filter(external_id=later.external_id).update(kind="question" if asks_again else "praise")
    Outgoing.objects.update(state=Outgoing.State.SENDING)
    outcomes.store(Outgoing.objects.get(), Outcome("accepted", external_id="p1"))
    held.refresh_from_db()
    sent.refresh_from_db()
    assert (held.unanswered_since, bool(held.due_at)) == (later.provider_at, asks_again)
    assert (sent.external_id, held.first_answered_at) == ("p1", sent.provider_at)
