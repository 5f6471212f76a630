"""What nobody waits for any more does not leave, also when it was on its way already."""

from __future__ import annotations

import datetime as dt

import pytest

from ganzohr.channels.models import Channel, Outgoing
from ganzohr.inbox import actions, notices
from ganzohr.inbox.notices import Decision
from tests.inbox.story import NOW, Desk
from tests.inbox.test_composer import facebook, said, template, whatsapp

__all__ = ["facebook", "whatsapp"]


def test_stop_keeps_here_what_was_to_leave_a_moment_later(desk: Desk, whatsapp: Channel) -> None:
    held = desk.arrive(said(desk), channel=whatsapp)
    row = template(whatsapp, "Hi", values=[])
    waiting = [
        actions.promise(held, "Morgen.", by=desk.sophie, actor=desk.actor, key="p"),
        actions.send_template(held, row, {}, by=desk.sophie, actor=desk.actor, key="t"),
        desk.answer(held),
    ]
    desk.arrive(said(desk, "Stop", external_id="wamid.9", headers={"stop": True}), channel=whatsapp)
    states = [Outgoing.objects.get(message=one).state for one in waiting]
    assert states == ["taken_back", "taken_back", "waiting"]


@pytest.mark.parametrize("where", ["here", "there"])
def test_an_automatic_word_that_still_waits_stays_here_once_one_of_us_answers(
    desk: Desk, facebook: Channel, where: str
) -> None:
    held = desk.arrive(said(desk, external_id="m_1"), channel=facebook)
    closed = Decision("notice", NOW, NOW + dt.timedelta(hours=1))
    notice = notices._leave(held.messages.get(direction="in"), "Ab Montag.", closed)
    if where == "here":
        desk.answer(held)
    else:
        desk.arrive(said(desk, "Von Hand", external_id="m_9", is_own=True, target={}), channel=facebook)
    assert Outgoing.objects.get(message=notice).state == "taken_back"
