"""The site a person chose decides who is asked, from then on."""

from __future__ import annotations

import pytest

from ganzohr.directory.models import Colleague, Site
from ganzohr.inbox import actions as inbox
from ganzohr.inbox.models import Conversation
from ganzohr.inquiries import actions
from ganzohr.inquiries.models import Inquiry
from ganzohr.topics.models import Responsibility
from tests.inquiries.circle import Circle, asks

pytestmark = pytest.mark.django_db


@pytest.fixture
def ida(circle: Circle) -> Colleague:
    """She answers about training at another site."""
    made = Colleague.objects.create(name="Ida Nord", email="ida@auental.example")
    site = Site.objects.create(name="Haus Nord")
    Responsibility.objects.create(topic=circle.training, site=site, colleague=made)
    return made


def test_a_site_chosen_before_asking_decides_who_is_asked(circle: Circle, ida: Colleague) -> None:
    message = circle.write()
    place = Conversation.objects.get(pk=message.conversation_id)
    inbox.choose_site(place, Site.objects.get(name="Haus Nord"), circle.actor)
    circle.understand(message, choices=[circle.training])
    place.refresh_from_db()
    actions.choose_topic_and_ask(place, circle.training, circle.actor, circle.sophie)

    inquiry = Inquiry.objects.get()
    assert (inquiry.colleague, inquiry.why["codes"], inquiry.why["site"]) == (ida, ["site"], "Haus Nord")


def test_another_site_chosen_while_an_expert_is_asked_asks_nobody_else(circle: Circle, ida: Colleague) -> None:
    inquiry = circle.ask()
    inbox.choose_site(inquiry.conversation, Site.objects.get(name="Haus Nord"), circle.actor)
    circle.settle()

    inquiry.refresh_from_db()
    assert (inquiry.state, inquiry.colleague, len(asks(inquiry))) == ("asked", circle.karin, 1)
    assert circle.mails_to(ida) == []


def test_what_nobody_could_be_asked_goes_to_the_site_chosen_since(circle: Circle, ida: Colleague) -> None:
    circle.training.responsible = circle.training.deputy = None
    circle.training.save()
    inquiry = circle.ask()
    assert (inquiry.state, inquiry.colleague) == ("new", None)
    inbox.choose_site(inquiry.conversation, Site.objects.get(name="Haus Nord"), circle.actor)

    place = Conversation.objects.get(pk=inquiry.conversation_id)
    actions.choose_topic_and_ask(place, circle.training, circle.actor, circle.sophie)
    inquiry.refresh_from_db()
    assert (inquiry.colleague, inquiry.why["codes"], inquiry.why["site"]) == (ida, ["site"], "Haus Nord")
