"""The whole circle in real browsers, by mouse and by finger: asked, known, approved, read; every link of every mail."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.inquiries.circle import Circle

pytestmark = pytest.mark.browser
Pages = Callable[..., "Page"]
PHONE = {"viewport": {"width": 360, "height": 780}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1440, "height": 900}}
QUESTION = "Geht die Ausbildung zur Pflegefachfrau auch in Teilzeit?"
KNOWN = "Ja, ab 75 Prozent; das Examen ist dann nach vier Jahren."
ANSWER = "Hallo Lena, ja, ab 75 Prozent. Das Examen machst du dann nach vier Jahren."


@pytest.fixture
def website(house: Circle, monkeypatch: pytest.MonkeyPatch) -> Circle:
    """The house with a page to ask on."""
    from ganzohr.channels.models import Channel
    from ganzohr.core import crypto
    from ganzohr.website import limits

    monkeypatch.setattr(limits, "QUICKEST", 0)
    Channel.objects.create(
        kind="website", name="Karriereseite", key="auental", site=house.site, languages=["de", "nl", "en"],
        settings={"title": "Kliniken Auental"}, secrets=crypto.encrypt('{"signing": "key"}'),
    )  # fmt: skip
    return house


def press(page: Page, where: Any) -> None:
    """By finger where there is one."""
    where.tap() if page.evaluate("matchMedia('(pointer: coarse)').matches") else where.click()


def understood(house: Circle) -> None:
    """The worker takes the letters in; the model is sure of the topic."""
    from ganzohr.channels.actions import process_deliveries
    from ganzohr.inbox.models import Message

    while process_deliveries():
        pass
    house.understand(Message.objects.filter(direction="in").latest("id"), topic=house.training)


def leaves(house: Circle) -> None:
    """Ten seconds later, the worker sends the answer."""
    from ganzohr.channels.actions import send_waiting
    from ganzohr.channels.models import Outgoing
    from ganzohr.core.times import now

    Outgoing.objects.filter(kind="answer").update(not_before=now())
    Outgoing.objects.filter(channel=None).update(hold="no mail leaves this test")
    send_waiting()
    house.settle()


def links(text: str, html: str = "") -> set[str]:
    """Every address a mail shows, in words and in its HTML."""
    found = re.findall(r"https?://[^\s<>\"')\]]+", text) + re.findall(r'(?:href|src)="(https?://[^"]+)"', html)
    return {link.rstrip(".,").replace("&amp;", "&") for link in found}


def mails() -> list[tuple[str, set[str]]]:
    """What left by mail: for what and to whom, and its addresses; mails about accounts lie in Django's own box."""
    from django.core import mail

    from ganzohr.channels.models import Outgoing

    sent = [one for one in Outgoing.objects.order_by("id") if "to" in one.target and one.kind != "answer"]
    told = [(f"{one.kind} {one.target['to']}", links(one.payload["text"], one.payload["html"])) for one in sent]
    return told + [(f"account {one.to[0]}", links(str(one.body))) for one in mail.outbox]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["mouse at 1440", "finger at 360"])
def test_asked_on_a_page_known_by_an_expert_approved_and_read(
    website: Circle, desk: str, new_page: Pages, as_user: Pages, size: dict[str, Any]
) -> None:
    lena = new_page(**size)
    lena.goto(f"{desk}/w/auental/?lang=de")
    lena.locator("#text").fill(QUESTION)
    lena.locator("#name").fill("Lena")
    press(lena, lena.locator("[name=consent]"))
    press(lena, lena.locator("button.button--main"))
    lena.wait_for_url(re.compile("/v/"))
    understood(website)

    (mail,) = website.mails_to(website.karin)
    (private,) = [link for link in links(mail.payload["text"]) if "/ask/" in link]
    karin = new_page(**size)
    karin.goto(private)
    assert karin.locator(".ask__quote").inner_text().strip() == QUESTION
    karin.locator("[name=answer]").fill(KNOWN)
    press(karin, karin.get_by_role("button", name="Send the answer"))
    karin.get_by_role("heading", name="Thank you").wait_for()
    website.settle()

    sophie = as_user(website.sophie.user, **size)
    sophie.goto("/inbox/")
    press(sophie, sophie.locator(".list [data-row]"))
    expect(sophie.locator("#text")).to_have_value(KNOWN)
    sophie.locator("#text").fill(ANSWER)
    press(sophie, sophie.get_by_role("button", name="Answer in the website chat"))
    sophie.locator(".leaving").wait_for()
    leaves(website)
    sophie.locator(".thread").get_by_text("sent", exact=False).last.wait_for()

    lena.reload()
    expect(lena.locator("#thread")).to_contain_text(ANSWER)
    karin.reload()
    expect(karin.locator(".ask__typed").first).to_contain_text(ANSWER)
    for page in (lena, karin, sophie):
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0


def test_6_an_expert_is_asked_in_three_actions_from_the_open_conversation(house: Circle, as_user: Pages) -> None:
    from ganzohr.inquiries.models import Inquiry

    message = house.write()
    page = as_user(house.sophie.user)
    page.goto(f"/inbox/{message.conversation_id}/")
    page.locator("#answer").get_by_role("link", name="Ask an expert").click()
    page.get_by_label("Whom do you ask?").select_option(str(house.thomas.pk))
    page.get_by_role("button", name="Ask by mail").click()
    page.locator(".thread").get_by_text("Thomas Grünewald").first.wait_for()
    assert [(one.state, one.colleague_id) for one in Inquiry.objects.all()] == [("asked", house.thomas.pk)]
    assert len(house.mails_to(house.thomas)) == 1


def test_6_every_link_in_every_mail_answers_for_the_person_it_was_sent_to(
    website: Circle, desk: str, new_page: Pages
) -> None:
    from ganzohr.accounts.actions import invite
    from ganzohr.inquiries.models import Inquiry
    from tests.inquiries.circle import asks

    lena = new_page()
    lena.goto(f"{desk}/w/auental/?lang=de")
    lena.locator("#text").fill(QUESTION)
    lena.locator("#mail").fill("lena@post.example")
    lena.locator("[name=consent]").check()
    lena.locator("button.button--main").click()
    lena.wait_for_url(re.compile("/v/"))
    understood(website)
    inquiry = Inquiry.objects.get()
    website.reply(asks(inquiry)[0], KNOWN)
    website.answer(inquiry, ANSWER)
    leaves(website)
    assert website.sophie.user
    invite(website.sophie.user, "neu@auental.example", "Neu", "reader", "", "en")
    reset = new_page()
    reset.goto(f"{desk}/accounts/password/forgotten/")
    reset.locator("[name=email]").fill("sophie@auental.example")
    reset.locator("main button").first.click()
    reset.wait_for_url(re.compile("sent"))

    told = mails()
    assert sorted(name for name, _links in told) == [
        "account neu@auental.example", "account sophie@auental.example", "ask karin@auental.example",
        "copy lena@post.example", "told karin@auental.example",
    ]  # fmt: skip
    wrong = {}
    for name, found in told:
        ours = [link for link in found if urlsplit(link).netloc == urlsplit(desk).netloc]
        assert ours or name.startswith("told"), f"a mail without a way back: {name}"
        for link in ours:
            answer = new_page().goto(link)
            if not answer or answer.status != 200:
                wrong[name] = (link, answer and answer.status)
    assert wrong == {}
