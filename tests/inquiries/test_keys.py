"""New keys: what runs goes on, and what no key reads stops nothing else."""

from __future__ import annotations

import datetime as dt

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from pytest_django.fixtures import Settings

from ganzohr.channels.models import Outgoing
from ganzohr.config import keys, wiring
from ganzohr.core import crypto, times
from ganzohr.inbox import actions as inbox
from ganzohr.inbox.models import Conversation
from ganzohr.inquiries import actions
from ganzohr.inquiries.models import Inquiry
from ganzohr.notifications import actions as notifications
from tests.inquiries.circle import MONDAY, Circle, asks, state

pytestmark = pytest.mark.django_db
ENCRYPTED_BY_NAME = ("sealed", "secret")


def rotate(settings: Settings) -> None:
    """As `./run keys rotate` does it; afterwards the old key is gone."""
    fresh = Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [fresh, *settings.ENCRYPTION_KEYS]
    keys.encrypt_anew()
    settings.ENCRYPTION_KEYS = [fresh]


def sent(circle: Circle, inquiry: Inquiry) -> None:
    """The mail to Karin has left."""
    Outgoing.objects.filter(pk__in=asks(inquiry)[0].letters.values("outgoing")).update(state="accepted")


def test_every_encrypted_column_is_encrypted_anew() -> None:
    named = {
        (model._meta.label, field.name)
        for model in apps.get_models()
        if model.__module__.startswith("ganzohr.")
        for field in model._meta.get_fields()
        if field.name.startswith(ENCRYPTED_BY_NAME)
    }
    assert named == set(wiring.ENCRYPTED)


def test_after_new_keys_an_expert_is_thanked_with_the_same_way_back(circle: Circle, settings: Settings) -> None:
    inquiry = circle.ask()
    sent(circle, inquiry)
    token = crypto.decrypt(asks(inquiry)[0].sealed_token)
    rotate(settings)
    assert crypto.decrypt(asks(inquiry)[0].sealed_token) == token
    circle.reply(asks(inquiry)[0])
    circle.leaves(circle.answer(inquiry))
    assert (state(inquiry), [mail.kind for mail in circle.mails_to(circle.karin)]) == ("answered", ["ask", "told"])


def test_after_new_keys_the_question_is_sent_again_and_withdrawn(circle: Circle, settings: Settings) -> None:
    inquiry = circle.ask()
    sent(circle, inquiry)
    rotate(settings)
    notifications.resend(asks(inquiry)[0], circle.actor, key="again")
    assert len(circle.mails_to(circle.karin, "ask")) == 2
    actions.withdraw(inquiry.pk, circle.actor)
    assert len(circle.mails_to(circle.karin, "told")) == 1


def test_a_link_no_key_reads_does_not_stop_the_others(circle: Circle, settings: Settings) -> None:
    first = circle.ask()
    message = circle.write("Wo ist die Schule?", sender_id="ida@web.example", thread_key="ida")
    circle.understand(message, topic=circle.training)
    second = Inquiry.objects.exclude(pk=first.pk).get()
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    for inquiry in (first, second):
        sent(circle, inquiry)
        inbox.close(Conversation.objects.get(pk=inquiry.conversation_id), "no_answer_needed", circle.actor)
    with times.frozen(MONDAY + dt.timedelta(minutes=2)):
        assert actions.withdraw_closed() == 2
    assert len(circle.mails_to(circle.karin, "told")) == 2


def test_a_question_whose_link_no_key_reads_is_sent_again_with_another_link(circle: Circle, settings: Settings) -> None:
    inquiry = circle.ask()
    sent(circle, inquiry)
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    notifications.resend(asks(inquiry)[0], circle.actor, key="again")
    ask = asks(inquiry)[0]
    assert f"/ask/{crypto.decrypt(ask.sealed_token)}/" in circle.mails_to(circle.karin, "ask")[-1].payload["text"]
    assert circle.page(ask).seen.status_code == 200


def test_what_no_key_reads_does_not_keep_the_rest_from_its_new_key(circle: Circle, settings: Settings) -> None:
    inquiry = circle.ask()
    type(circle.mail).objects.filter(pk=circle.mail.pk).update(secrets="unreadable")
    rotate(settings)
    assert circle.page(asks(inquiry)[0]).seen.status_code == 200
