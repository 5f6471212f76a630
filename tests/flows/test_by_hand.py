"""The circle by hand: copied in from a network, answered, posted by a person, shown as such; once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from ganzohr.accounts.models import User
from ganzohr.audit import actions as audit
from ganzohr.channels import actions as channels
from ganzohr.channels.models import Outgoing
from ganzohr.core import times
from ganzohr.directory.models import Colleague
from ganzohr.inbox import actions as inbox
from ganzohr.inbox.models import Conversation, Message

pytestmark = pytest.mark.django_db


def test_two_mias_are_asked_answered_and_posted_each_in_her_own_place(client: Client) -> None:
    user = User.objects.create_user("sophie@example.org", role="manager", language="en")
    sophie, actor = Colleague.objects.create(name="Sophie Brandt", user=user), audit.by_user(user)
    client.force_login(user)
    client.post(reverse("channels:connect", args=["hand"]))
    (hand,) = client.get(reverse("channels:by_hand")).context["channels"]
    for number in (1, 2, 1):
        link = f"https://www.instagram.com/p/abc/c/{number}/"
        entry = {"channel": hand.pk, "network": "instagram", "is_public": "yes", "name": "Mia", "link": link}
        client.post(
            reverse("channels:by_hand"),
            {**entry, "text": f"Question {number}?", "post_link": "https://www.instagram.com/p/abc/"},
        )
    channels.process_deliveries()
    places = list(Conversation.objects.order_by("id"))
    assert [(place.first_words, place.is_public) for place in places] == [("Question 1?", True), ("Question 2?", True)]
    assert len({place.contact_id for place in places}) == 2
    assert len({place.public_post_id for place in places}) == 1

    for place in places:
        inbox.answer(
            place, text=f"Answer to {place.first_words}", by=sophie, actor=actor,
            knows_message_id=place.last_message_id, key=f"press-{place.pk}",
        )  # fmt: skip
    with times.frozen(times.now() + dt.timedelta(seconds=11)):
        channels.send_waiting()
    waiting = list(Outgoing.objects.order_by("id"))
    assert [(one.state, one.target["link"]) for one in waiting] == [
        ("by_hand", "https://www.instagram.com/p/abc/c/1/"), ("by_hand", "https://www.instagram.com/p/abc/c/2/"),
    ]  # fmt: skip
    assert Conversation.objects.filter(unanswered_since=None).count() == 0

    for one in waiting:
        client.post(reverse("channels:posted", args=[one.pk]), {"permalink": f"{one.target['link']}r/9"})
    sent = Message.objects.filter(direction="out").select_related("outgoing__finished_by").order_by("id")
    assert [(one.outgoing.state, one.outgoing.outcome, one.outgoing.finished_by) for one in sent if one.outgoing] == [
        ("accepted", "posted_by_hand", sophie)
    ] * 2
    assert Conversation.objects.filter(unanswered_since=None).count() == 2
    posted = Outgoing.objects.order_by("finished_at").last()
    assert posted and posted.channel and posted.channel.last_sent_at == posted.finished_at
