"""Two workers told of the same person at the same moment, truly: two connections, neither sees what the other wrote."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence

import pytest
from django.db import connection, transaction

from ganzohr.channels.models import Channel
from ganzohr.contacts import actions
from ganzohr.contacts.actions import Stranger, recognise
from ganzohr.contacts.models import Contact

pytestmark = pytest.mark.django_db(transaction=True)
WAITS = "SELECT 1 WHERE cardinality(pg_blocking_pids(%s)) > 0"


@pytest.fixture
def channel() -> Channel:
    return Channel.objects.create(kind="hand", name="Hand", key="hand")


def at_once(ours: Sequence[Stranger], theirs: Sequence[Stranger], then: Sequence[Stranger] = ()) -> None:
    """Ours first, theirs beside it until they wait for us or are done, then more of ours; then both may end."""
    failed: list[Exception] = []
    session: queue.Queue[int] = queue.Queue()

    def act() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                session.put(cursor.connection.info.backend_pid)
                recognise(theirs)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    other = threading.Thread(target=act)
    with transaction.atomic(), connection.cursor() as cursor:
        recognise(ours)
        other.start()
        theirs_is = session.get(timeout=10)
        while other.is_alive() and not cursor.execute(WAITS, [theirs_is]).fetchone():
            pass
        recognise(then)
    other.join(10)
    assert failed == []


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
    at_once(*((told, plain) if is_told_first else (plain, told)))

    with transaction.atomic():
        again = recognise([Stranger(channel.pk, "new"), Stranger(channel.pk, "old")])
    assert len({one.contact_id for one in again.values()}) == Contact.objects.count() == 1


def test_names_are_taken_in_one_order_whatever_order_they_came_in(channel: Channel) -> None:
    a, b = Stranger(channel.pk, "a"), Stranger(channel.pk, "b")
    at_once([a], [b, a], then=[b])
    assert people() == [["a"], ["b"]]


def test_more_new_names_than_the_table_of_locks_should_hold_are_taken_together(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_NAMES", 1)
    a, b = Stranger(channel.pk, "a"), Stranger(channel.pk, "b", also=("a",))
    at_once([a], [b, Stranger(channel.pk, "c")])
    assert people() == [["a"], ["c"]]
