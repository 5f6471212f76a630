"""Moves happen once, from where they were read, and leave a line in the trail."""

from __future__ import annotations

import pytest

from ganzohr.audit import actions as audit
from ganzohr.audit.models import Entry
from ganzohr.channels.models import Channel

pytestmark = pytest.mark.django_db
ROUND = audit.round_("test")


@pytest.fixture
def channel() -> Channel:
    """A connected channel."""
    return Channel.objects.create(kind="website", name="Careers", key="k")


def test_a_move_changes_state_and_other_columns_and_writes_one_line(channel: Channel) -> None:
    audit.move(channel, Channel.State.PAUSED, ROUND, also={"problem": "asked"}, why="holiday")
    channel.refresh_from_db()
    entry = Entry.objects.get()
    assert (channel.state, channel.problem) == ("paused", "asked")
    assert (entry.actor_kind, entry.actor_label, entry.verb) == ("round", "test", "moved to paused")
    assert (entry.object_kind, entry.object_id) == ("channels.channel", channel.pk)
    assert entry.data == {"before": "active", "after": "paused", "why": "holiday"}


def test_a_move_the_model_does_not_know_is_refused_and_changes_nothing(channel: Channel) -> None:
    with pytest.raises(audit.NotAllowed):
        audit.move(channel, "burnt", ROUND)
    channel.refresh_from_db()
    assert (channel.state, Entry.objects.count()) == ("active", 0)


def test_of_two_who_read_the_same_state_only_the_first_moves_it(channel: Channel) -> None:
    slower = Channel.objects.get(pk=channel.pk)
    audit.move(channel, Channel.State.DISCONNECTED, ROUND)
    with pytest.raises(audit.NotAllowed):
        audit.move(slower, Channel.State.PAUSED, ROUND)
    channel.refresh_from_db()
    assert (channel.state, slower.state, Entry.objects.count()) == ("disconnected", "active", 1)


def test_the_trail_names_each_kind_of_actor() -> None:
    actors = [audit.by_link(3, "Ida"), audit.by_mail(3, "Ida"), audit.by_candidate(9), audit.by_connector("mail", 2)]
    assert [(actor.kind, actor.id, actor.label) for actor in actors] == [
        ("colleague_link", "3", "Ida"),
        ("colleague_mail", "3", "Ida"),
        ("candidate", "9", ""),
        ("connector", "2", "mail"),
    ]
