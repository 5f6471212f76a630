"""Templates that WhatsApp approved are known here as they are there, against the stand-in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ganzohr.channels import message_templates
from ganzohr.channels.accounts import sealed
from ganzohr.channels.models import Channel, MessageTemplate
from ganzohr.proofs.meta import Platform, running
from ganzohr.proofs.meta.world import Number


@pytest.fixture
def platform() -> Iterator[Platform]:
    with running(background=False) as one:
        yield one


def connected(platform: Platform, number: Number) -> Channel:
    return Channel.objects.create(
        kind="whatsapp", name="WhatsApp", key="wa", external_id=number.id,
        settings={"graph_url": platform.url, "phone_number_id": number.id, "waba_id": number.waba_id},
        secrets=sealed({"access_token": number.token}),
    )  # fmt: skip


@pytest.mark.django_db
def test_templates_come_change_and_go_as_the_platform_says(platform: Platform) -> None:
    number = platform.add_number("+49 5921 5550100", "Kliniken Auental")
    channel = connected(platform, number)
    first = platform.add_template(number, "answer_ready", "Hi {{1}}, your answer from {{2}} is here.", "en")
    platform.add_template(number, "tag", "Komm am {{tag}}.", status="PENDING")
    assert message_templates.look_everywhere() == 1
    rows = MessageTemplate.objects.values_list("name", "language", "values", "is_approved")
    assert list(rows) == [("answer_ready", "en", ["1", "2"], True), ("tag", "de", ["tag"], False)]
    first.body = "Hi {{1}}, it is here."
    first.status = "REJECTED"
    assert message_templates.look(channel) == ""
    row = MessageTemplate.objects.get(name="answer_ready")
    assert (row.body, row.values, row.is_approved) == ("Hi {{1}}, it is here.", ["1"], False)


@pytest.mark.django_db
def test_what_is_known_stays_while_the_platform_does_not_answer(platform: Platform) -> None:
    number = platform.add_number("+49 5921 5550100", "Kliniken Auental")
    channel = connected(platform, number)
    platform.add_template(number, "answer_ready", "Hi {{1}}.", "en")
    message_templates.look(channel)
    platform.token_of(number).is_valid = False
    assert message_templates.look(channel) == "token_expired"
    assert message_templates.look_everywhere() == 0
    assert MessageTemplate.objects.count() == 1
    assert message_templates.look(Channel(kind="mail")) == "not_possible"
