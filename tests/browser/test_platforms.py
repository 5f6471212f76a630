"""What only a browser shows of the platforms: time and room that run out while one writes, and gestures taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from ganzohr.channels import actions as channels
from ganzohr.channels.models import Channel
from ganzohr.inbox.models import Message
from ganzohr.proofs.mainjob.networks import Network
from ganzohr.proofs.meta import running

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.inquiries.circle import Circle

pytestmark = pytest.mark.browser
QUESTION = "Kann ich auch in Teilzeit anfangen?"
PHONE = "491705550001"


@pytest.fixture
def network(house: Circle, desk: str) -> Iterator[Network]:
    """A page and a number whose platform delivers to the desk by HTTP."""
    with running(background=False) as platform:
        network = Network(platform)
        network.connect(languages=["de"], signature="none")
        network.greet(desk)
        yield network


def arrived(network: Network, house: Circle, external_id: str) -> Message:
    """What somebody wrote, as the desk holds it."""
    assert network.platform.settle()
    while channels.process_deliveries():
        pass
    house.settle()
    return Message.objects.get(external_id=external_id)


def test_the_time_and_the_room_for_an_answer_run_while_one_writes(
    network: Network, house: Circle, as_user: Callable[..., Page]
) -> None:
    lena = network.platform.people.person("Lena", phone=PHONE)
    asked = arrived(network, house, network.platform.people.whatsapp(network.number, lena, QUESTION).id)
    page = as_user(house.sophie.user)
    page.clock.install()
    page.goto(f"/inbox/{asked.conversation_id}/")
    window = page.locator("#checks [data-window]")
    expect(window).to_contain_text("23")
    before = window.inner_text()
    page.clock.fast_forward("21:30:00")
    expect(window).not_to_have_text(before)
    assert "23" not in window.inner_text()
    page.clock.fast_forward("01:00:00")
    expect(window).to_have_class("window state--soon")
    page.locator("#text").fill("x" * 4_000)
    room = page.locator("#checks [data-most] span")
    expect(room).to_contain_text("96")
    page.locator("#text").fill("x" * 4_099)
    expect(room).to_contain_text("3")
    expect(page.locator("#checks [data-most]")).to_have_class("look")


def test_a_comment_is_liked_and_hidden_and_each_is_taken_back(
    network: Network, house: Circle, as_user: Callable[..., Page]
) -> None:
    lena = network.platform.people.person("Lena")
    asked = arrived(network, house, network.platform.people.comment(network.post, lena, QUESTION).id)
    page = as_user(house.sophie.user)
    page.goto(f"/inbox/{asked.conversation_id}/")
    comment = page.locator(f"#m{asked.pk}")
    comment.get_by_role("button", name="Like").click()
    expect(comment.locator("[data-leaves]")).to_be_visible()
    comment.get_by_role("button", name="Take back").click()
    expect(comment.locator("[data-leaves]")).to_have_count(0)
    comment.get_by_role("link", name="Hide").click()
    page.get_by_role("button", name="Hide the comment").click()
    expect(comment.locator("[data-leaves]")).to_be_visible()
    assert network.platform.record.accepted == []


def test_a_number_is_connected_step_by_step_and_each_is_looked_at(
    house: Circle, desk: str, as_user: Callable[..., Page]
) -> None:
    from ganzohr.audit import actions as audit
    from ganzohr.channels import connecting
    from ganzohr.channels.models import App

    with running(background=False) as platform:
        number, other = platform.add_number("+49 30 5550100"), platform.add_number("+49 30 5550200")
        platform.token_of(number).kind = "USER"
        made = connecting.create_app("Auental", platform.secrets[0], audit.round_("test"))
        App.objects.update(settings={"graph_url": platform.url})
        page = as_user(house.sophie.user)
        page.goto("/channels/meta/whatsapp/")
        fill(page, {"phone_number_id": number.id, "waba_id": other.waba_id, "token": number.token})
        steps = page.locator("#steps li")
        expect(page.locator("#steps li.is-wrong").first).to_contain_text("does not belong to this account")
        assert steps.count() == 5
        Channel.objects.update(settings={**Channel.objects.get(app=made).settings, "waba_id": number.waba_id})
        page.get_by_role("button", name="Check again").click()
        expect(page.locator("#steps li.is-wrong")).to_have_count(0)
        expect(page.locator("#steps")).to_contain_text("The number is connected. Write")


def fill(page: Page, values: dict[str, Any]) -> None:
    for name, value in values.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("main form button.button--main").click()
