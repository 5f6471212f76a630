"""Two workers told of the same person at the same moment, truly: two connections, neither sees what the other wrote."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence

import pytest
from django.db import connection, transaction

from ganzohr.channels.models import Channel
from ganzohr.contacts import actions
from ganzohr.contacts.actions import Stranger, recognise
from ganzohr.contacts.models import Contact
from ganzohr.core import times
from ganzohr.inbox.actions import answering, talks
from ganzohr.inbox.models import Conversation

pytestmark = pytest.mark.django_db(transaction=True)
WAITS = "SELECT 1 WHERE cardinality(pg_blocking_pids(%s)) > 0"


@pytest.fixture
def channel() -> Channel:
    return Channel.objects.create(kind="hand", name="Hand", key="hand")


def at_once(ours: Callable[[], object], theirs: Callable[[], object], then: Callable[[], object]) -> bool:
    """Ours first, theirs beside it until they wait for us or are done, then more of ours; then both may end. Whether
    they had to wait."""
    failed: list[Exception] = []
    session: queue.Queue[int] = queue.Queue()

    def act() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                session.put(cursor.connection.info.backend_pid)
                theirs()
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    other, waits = threading.Thread(target=act), False
    with transaction.atomic(), connection.cursor() as cursor:
        ours()
        other.start()
        theirs_is = session.get(timeout=10)
        while other.is_alive() and not waits:
            waits = bool(cursor.execute(WAITS, [theirs_is]).fetchone())
        then()
    other.join(10)
    assert failed == []
    return waits


def told_at_once(ours: Sequence[Stranger], theirs: Sequence[Stranger], then: Sequence[Stranger] = ()) -> None:
    """Two workers told of these."""
    at_once(lambda: recognise(ours), lambda: recognise(theirs), lambda: recognise(then))


def people() -> list[list[str]]:
    """Everybody, each by the names they have of their own."""
    return [[one.external_id for one in person.handles.all()] for person in Contact.objects.order_by("id")]


@pytest.mark.parametrize("is_told_first", [True, False])
@pytest.mark.parametrize("is_known", [True, False])
def test_who_is_told_to_be_somebody_else_as_well_stays_one_person(
    channel: Channel, is_told_first: bool, is_known: bool
) -> None:
    if is_known:
        with transaction.atomic():
            recognise([Stranger(channel.pk, "old", "Lena")])
    told, plain = [Stranger(channel.pk, "new", also=("old",))], [Stranger(channel.pk, "new" if is_known else "old")]
    told_at_once(*((told, plain) if is_told_first else (plain, told)))

    with transaction.atomic():
        again = recognise([Stranger(channel.pk, "new"), Stranger(channel.pk, "old")])
    assert len({one.contact_id for one in again.values()}) == Contact.objects.count() == 1


def test_names_are_taken_in_one_order_whatever_order_they_came_in(channel: Channel) -> None:
    a, b = Stranger(channel.pk, "a"), Stranger(channel.pk, "b")
    told_at_once([a], [b, a], then=[b])
    assert people() == [["a"], ["b"]]


def test_more_new_names_than_the_table_of_locks_should_hold_are_taken_together(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_NAMES", 1)
    a, b = Stranger(channel.pk, "a"), Stranger(channel.pk, "b", also=("a",))
    told_at_once([a], [b, Stranger(channel.pk, "c")])
    assert people() == [["a"], ["c"]]


def test_a_first_private_answer_leaves_while_the_same_person_writes(channel: Channel) -> None:
    with transaction.atomic():
        [one] = recognise([Stranger(channel.pk, "1", "Lena")]).values()
    at = times.now()
    public = Conversation.objects.create(
        channel=channel, handle_id=one.id, contact_id=one.contact_id, is_public=True, thread_key="p",
        last_activity_at=at, created_at=at,
    )  # fmt: skip
    waited = at_once(
        lambda: recognise([Stranger(channel.pk, "1")]),
        lambda: answering.private_talk(answering.locked(public)),
        lambda: talks._locked({(channel.pk, one.id, None, "p")}),
    )
    assert (waited, Conversation.objects.filter(linked_to=public).count()) == (False, 1)
