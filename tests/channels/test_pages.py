"""The pages of channels and outbox, as people use them."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ganzohr.accounts.models import User
from ganzohr.audit import actions as audit
from ganzohr.channels import actions, outbox
from ganzohr.channels.accounts import secrets_of
from ganzohr.channels.connectors.base import Outcome
from ganzohr.channels.connectors.mail import xoauth
from ganzohr.channels.models import Channel, Delivery, Hold, Outgoing
from ganzohr.core import jobs, times
from ganzohr.directory.models import Colleague, Site
from tests.channels.conftest import Platform

pytestmark = pytest.mark.django_db
ROUND = audit.round_("test")


@pytest.fixture
def manager(db: None, client: Client) -> Client:
    """A manager, signed in."""
    user = User.objects.create_user("sophie@example.org", role="manager", language="en")
    Colleague.objects.create(name="Sophie Brandt", user=user)
    client.force_login(user)
    return client


@pytest.fixture
def hand(db: None) -> Channel:
    """The channel by hand."""
    return actions.connect("hand", {"name": "By hand"}, audit.round_("test"))


def entry(hand: Channel, **values: str) -> dict[str, Any]:
    link = "https://www.instagram.com/p/abc/c/17?igsh=x"
    base = {
        "channel": hand.pk,
        "network": "instagram",
        "is_public": "yes",
        "text": "Part-time?",
        "link": link,
        "name": "Mia",
    }
    return {**base, **values}


def test_an_empty_desk_offers_five_ways_that_work_and_no_other(manager: Client) -> None:
    page = manager.get(reverse("channels:list")).content.decode()
    for name, args in (
        ("website:connect", []),
        ("channels:connect", ["hand"]),
        ("channels:mail_connect", []),
        ("channels:meta_page", []),
        ("channels:meta_number", []),
    ):
        assert reverse(name, args=args) in page
    assert page.count('class="button button--soft"') == 6


def test_beginning_by_hand_takes_one_press(manager: Client) -> None:
    answer = manager.post(reverse("channels:connect", args=["hand"]))
    assert (answer.status_code, answer["Location"]) == (303, reverse("channels:by_hand"))
    assert Channel.objects.get().kind == "hand"


def test_a_pasted_comment_is_taken_in_once_however_it_was_copied(manager: Client, hand: Channel) -> None:
    manager.post(reverse("channels:by_hand"), entry(hand))
    again = entry(hand, link="https://instagram.com/p/abc/c/17/", text=" Part-time?\n")
    page = manager.post(reverse("channels:by_hand"), again, follow=True).content.decode()
    assert "This is here already" in page
    assert Delivery.objects.count() == 1


def test_two_people_of_one_name_are_never_taken_for_one(manager: Client, hand: Channel) -> None:
    from ganzohr.channels.connectors.hand import connector

    for link in ("https://www.instagram.com/p/abc/c/17", "https://www.instagram.com/p/abc/c/18"):
        manager.post(reverse("channels:by_hand"), entry(hand, link=link))
    parsed = [connector.parse(None, {}, bytes(row.body))[0] for row in Delivery.objects.all()]  # type: ignore[arg-type]
    assert len({one.sender_id for one in parsed}) == 2
    assert len({one.external_id for one in parsed}) == 2


@pytest.mark.parametrize(
    ("field", "value"), [("link", "javascript:alert(1)"), ("text", " "), ("written_at", "yesterday"), ("network", "x")]
)
def test_what_cannot_be_is_said_in_words_and_nothing_is_lost(
    manager: Client, hand: Channel, field: str, value: str
) -> None:
    answer = manager.post(reverse("channels:by_hand"), entry(hand, **{field: value}))
    assert (answer.status_code, Delivery.objects.count()) == (422, 0)
    assert "https://www.instagram.com/p/abc/c/17" in answer.content.decode() or field == "link"


@pytest.mark.parametrize(
    ("query", "text", "link"),
    [
        ({"text": "Nice https://t.me/x/1"}, "Nice", "https://t.me/x/1"),
        ({"text": "Nice.Really t.me/x/3"}, "Nice.Really", "https://t.me/x/3"),
        ({"title": "T", "url": "https://t.me/x/2"}, "T", "https://t.me/x/2"),
    ],
)
def test_a_phones_share_sheet_fills_the_form(
    manager: Client, hand: Channel, query: dict[str, str], text: str, link: str
) -> None:
    form = manager.get(reverse("channels:share"), query, follow=True).context["form"]
    assert (form["text"].value(), form["link"].value(), form["network"].value()) == (text, link, "telegram")


def test_a_link_as_browsers_show_it_gets_its_beginning_and_names_the_network(manager: Client, hand: Channel) -> None:
    manager.post(reverse("channels:by_hand"), entry(hand, link="www.tiktok.com/@a/video/1", post_link="tiktok.com/@a"))
    kept = json.loads(bytes(Delivery.objects.get().body))
    assert [kept[name] for name in ("network", "link", "post_link")] == [
        "tiktok", "https://www.tiktok.com/@a/video/1", "https://tiktok.com/@a"
    ]  # fmt: skip


def test_the_server_speaks_instead_of_the_browser(manager: Client, hand: Channel) -> None:
    answer = manager.post(reverse("channels:by_hand"), entry(hand, text="", link="not a link"))
    page = answer.content.decode()
    assert (answer.status_code, page.count("novalidate"), page.count('class="field__wrong"')) == (422, 1, 2)
    assert "0 answers" not in page
    assert "Nothing waits to be posted" in page


def test_what_was_entered_opens_as_soon_as_it_is_taken_in(manager: Client, hand: Channel) -> None:
    page = manager.post(reverse("channels:by_hand"), entry(hand), follow=True).content.decode()
    (way,) = re.findall(r'href="(/inbox/arrived/[^"]+)"', page)
    assert "It is being taken in." in manager.get(way).content.decode()
    jobs.run_everything()
    answer = manager.get(way)
    assert (answer.status_code, re.sub(r"\d+", "1", answer["Location"])) == (302, "/inbox/1/")
    again = manager.post(reverse("channels:by_hand"), entry(hand), follow=True).content.decode()
    assert way in again


def test_the_manifest_offers_the_desk_to_the_share_sheet(client: Client) -> None:
    manifest = client.get(reverse("channels:manifest")).json()
    assert manifest["share_target"]["action"] == reverse("channels:share")


def test_an_answer_by_hand_is_copied_posted_and_confirmed_once(manager: Client, hand: Channel) -> None:
    target = {"network": "instagram", "link": "https://www.instagram.com/p/abc/", "name": "Mia", "visibility": "public"}
    one = actions.enqueue(channel=hand, kind="answer", target=target, payload={"text": "Yes, you can."}, key="k")
    outbox.send_waiting()
    page = manager.get(reverse("channels:post_by_hand", args=[one.pk])).content.decode()
    assert ("Yes, you can.</textarea>" in page, 'href="https://www.instagram.com/p/abc/"' in page) == (True, True)
    confirm = reverse("channels:posted", args=[one.pk])
    manager.post(confirm, {"permalink": "https://www.instagram.com/p/abc/c/99"})
    page = manager.post(confirm, {}, follow=True).content.decode()
    assert "Somebody else was faster" in page
    one.refresh_from_db()
    assert (one.state, one.outcome, one.external_id, one.finished_by.name) == (  # type: ignore[union-attr]
        "accepted", "posted_by_hand", "https://www.instagram.com/p/abc/c/99", "Sophie Brandt",
    )  # fmt: skip


def test_a_link_that_is_none_is_never_opened(manager: Client, hand: Channel) -> None:
    one = actions.enqueue(channel=hand, kind="answer", target={"link": "javascript:x"}, payload={"text": "t"}, key="k")
    outbox.send_waiting()
    assert "javascript:x" not in manager.get(reverse("channels:post_by_hand", args=[one.pk])).content.decode()


def test_unclear_shows_both_ways_and_their_risks(manager: Client, channel: Channel, platform: Platform) -> None:
    platform.answers.append(Outcome("unclear", code="dropped"))
    one = actions.enqueue(channel=channel, kind="answer", target={"to": "a"}, payload={"text": "Hello"}, key="k")
    outbox.send_waiting()
    page = manager.get(reverse("channels:outbox")).content.decode()
    for name in ("channels:was_sent", "channels:was_not_sent"):
        assert reverse(name, args=[one.pk]) in page
    assert ("gets it twice" in page, "waits in vain" in page) == (True, True)
    manager.post(reverse("channels:was_not_sent", args=[one.pk]))
    waits = manager.get(reverse("channels:outbox") + "?show=way").content.decode()
    assert ("Leaves any moment" in waits, "say so here" in waits) == (True, False)
    outbox.send_waiting()
    assert (Outgoing.objects.get().state, len(platform.heard)) == ("accepted", 2)


def test_words_of_mails_to_colleagues_stay_out_of_the_list(manager: Client) -> None:
    payload = {"text": "https://desk/ask/secret-token/", "subject": "s"}
    actions.enqueue(channel=None, kind="ask", target={"to": "karin@example.org"}, payload=payload, key="k")
    page = manager.get(reverse("channels:outbox") + "?show=way").content.decode()
    assert ("karin@example.org" in page, "secret-token" in page) == (True, False)


def test_the_outbox_asks_the_same_few_questions_however_full_it_is(
    manager: Client, channel: Channel, django_assert_max_num_queries: Any
) -> None:
    for number in range(70):
        actions.enqueue(channel=channel, kind="answer", target={"to": number}, payload={"text": "x"}, key=str(number))
    actions.hold("outside", ROUND, why="w")
    with django_assert_max_num_queries(12):
        page = manager.get(reverse("channels:outbox") + "?show=way")
    seen = [row.outgoing.pk for row in page.context["rows"]]
    while page.context["slice"].after:
        page = manager.get(reverse("channels:outbox"), {"show": "way", "after": page.context["slice"].after})
        seen += [row.outgoing.pk for row in page.context["rows"]]
    assert seen == list(Outgoing.objects.order_by("-id").values_list("pk", flat=True))


def test_pausing_can_be_undone_and_leaving_says_what_happens(manager: Client, channel: Channel) -> None:
    manager.post(reverse("channels:pause", args=[channel.pk]))
    assert Channel.objects.get().state == "paused"
    manager.post(reverse("channels:resume", args=[channel.pk]))
    question = manager.get(reverse("channels:disconnect", args=[channel.pk])).content.decode()
    assert ("hears nothing" in question, Channel.objects.get().state) == (True, "active")
    manager.post(reverse("channels:disconnect", args=[channel.pk]))
    assert Channel.objects.get().state == "disconnected"


def test_a_channel_speaks_as_it_was_told(manager: Client, channel: Channel) -> None:
    values = {
        "name": "Career", "purpose": "For nurses.", "languages": ["de", "nl"], "address": "formal",
        "signature": "expert",
        "standing_de": "Schreiben Sie uns.", "standing_en": "", "standing_nl": "",
    }  # fmt: skip
    assert manager.post(reverse("channels:edit", args=[channel.pk]), values).status_code == 303
    channel.refresh_from_db()
    assert (channel.name, channel.address, channel.signature, channel.standing_answer, channel.languages) == (
        "Career", "formal", "expert", {"de": "Schreiben Sie uns."}, ["de", "nl"],
    )  # fmt: skip
    assert "^SB" not in manager.get(reverse("channels:channel", args=[channel.pk])).content.decode()


def test_problems_stand_on_the_card_in_words(manager: Client, channel: Channel) -> None:
    from ganzohr.channels import health

    health.note(channel.pk, "login_refused", "535 5.7.3")
    page = manager.get(reverse("channels:list")).content.decode()
    assert "One channel needs a hand." in page
    assert "The server does not accept the sign-in." in page


def test_deliveries_set_aside_are_shown_and_run_again(manager: Client, channel: Channel, claimed: list[str]) -> None:
    actions.store(channel, "", {}, b"{broken")
    actions.process_deliveries()
    page = manager.get(reverse("channels:deliveries", args=[channel.pk])).content.decode()
    assert ("{broken" in page, "What arrived is damaged" in page) == (True, True)
    assert '<span lang="en">JSONDecodeError</span>' in page.partition("<details")[2]
    Delivery.objects.update(error="crashed")
    page = manager.get(reverse("channels:deliveries", args=[channel.pk])).content.decode()
    assert ("took more than half a minute" in page, "crashed" in page) == (True, False)
    manager.post(reverse("channels:delivery_again", args=[channel.pk, Delivery.objects.get().pk]))
    assert Delivery.objects.get().state == "waiting"


def test_somebody_limited_to_a_site_sees_only_its_channels(client: Client, channel: Channel, hand: Channel) -> None:
    site = Site.objects.create(name="Marienhöhe")
    Channel.objects.filter(pk=hand.pk).update(site=site)
    user = User.objects.create_user("ole@example.org", role="manager", language="en")
    Colleague.objects.create(name="Ole Petersen", user=user).limited_to.add(site)
    client.force_login(user)
    assert [card.channel for card in client.get(reverse("channels:list")).context["cards"]] == [hand]
    assert client.get(reverse("channels:channel", args=[channel.pk])).status_code == 404
    assert [one.pk for one in client.get(reverse("channels:outbox")).context["channels"]] == [hand.pk]


def test_what_somebody_limited_to_a_site_connects_belongs_to_it(client: Client, db: None) -> None:
    site = Site.objects.create(name="Marienhöhe")
    user = User.objects.create_user("ole@example.org", role="manager", language="en")
    Colleague.objects.create(name="Ole Petersen", user=user).limited_to.add(site)
    client.force_login(user)
    client.post(reverse("channels:connect", args=["hand"]))
    assert Channel.objects.get().site == site


def test_a_mailbox_is_guessed_checked_and_read_only_once_every_step_works(manager: Client) -> None:
    form = manager.get(reverse("channels:mail_connect"), {"address": "jobs@gmx.de"}).context["form"]
    assert (form["imap_host"].value(), form["smtp_port"].value()) == ("imap.gmx.net", 587)
    typed = {name: form[name].value() or "" for name in form.fields if name != "plus"}
    local = {"imap_host": "127.0.0.1", "imap_port": 9, "smtp_host": "127.0.0.1", "smtp_port": 9, "password": "hunter2"}
    answer = manager.post(reverse("channels:mail_connect"), {**typed, **local})
    channel = Channel.objects.get()
    assert answer["Location"] == reverse("channels:mail_check", args=[channel.pk])
    assert ("hunter2" in channel.secrets, channel.state) == (False, "paused")
    page = manager.post(reverse("channels:mail_check_now", args=[channel.pk]))
    assert [line["code"] for line in page.context["result"]] == [
        "connection_refused", None, None, "connection_refused", None,
    ]  # fmt: skip
    assert Channel.objects.get().state == "paused"
    assert "hunter2" not in manager.get(reverse("channels:mail", args=[channel.pk])).content.decode()


def test_a_password_is_never_shown_to_another_server(manager: Client) -> None:
    typed = {
        "address": "jobs@example.org", "auth": "password", "user": "jobs@example.org", "imap_host": "127.0.0.1",
        "imap_port": 9, "imap_security": "tls", "imap_folder": "INBOX", "smtp_host": "127.0.0.1", "smtp_port": 9,
        "smtp_security": "tls", "plus": "on",
    }  # fmt: skip
    manager.post(reverse("channels:mail_connect"), {**typed, "password": "hunter2"})
    channel = Channel.objects.get()
    moved = {**typed, "imap_host": "imap.thief.example"}
    assert manager.post(reverse("channels:mail", args=[channel.pk]), moved).status_code == 422
    channel.refresh_from_db()
    assert (channel.settings["imap_host"], secrets_of(channel)) == ("127.0.0.1", {"password": "hunter2"})
    manager.post(reverse("channels:mail", args=[channel.pk]), {**moved, "password": "new"})
    channel.refresh_from_db()
    assert (channel.settings["imap_host"], secrets_of(channel)) == ("imap.thief.example", {"password": "new"})


def test_a_sign_in_begun_for_one_mailbox_never_ends_in_another(
    manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    began: list[str] = []

    def start(where: object, client_id: str) -> xoauth.DeviceCode:
        began.append(client_id)
        return xoauth.DeviceCode(f"code of {client_id}", "AB-12", "https://login.example", 5, time.time() + 900)

    def poll(where: object, client_id: str, code: xoauth.DeviceCode) -> xoauth.Tokens:
        return xoauth.Tokens("access", f"refresh by {code.device_code}", 3600)

    monkeypatch.setattr(xoauth, "start_device", start)
    monkeypatch.setattr(xoauth, "poll_device", poll)
    one, other = (
        actions.connect(
            "mail", {"name": name, "settings": {"auth": "microsoft", "client_id": name, "address": name}}, ROUND
        )
        for name in ("one", "other")
    )
    for channel in (one, other, one, other):
        manager.post(reverse("channels:mail_sign_in", args=[channel.pk]))
    assert began == ["one", "other"]
    kept = [secrets_of(Channel.objects.get(pk=row.pk))["refresh_token"] for row in (one, other)]
    assert kept == ["refresh by code of one", "refresh by code of other"]


def test_whoever_is_limited_to_sites_keeps_channels_among_them(client: Client, db: None) -> None:
    mine, theirs = Site.objects.create(name="Auental"), Site.objects.create(name="Seligenbach")
    user = User.objects.create_user("ole@example.org", role="manager", language="en")
    Colleague.objects.create(name="Ole Petersen", user=user).limited_to.add(mine)
    client.force_login(user)
    channel = actions.connect("hand", {"name": "By hand", "site_id": mine.pk}, ROUND)
    values = {"name": "Ours", "address": "informal", "signature": "none", "languages": ["de"]}

    answers = [
        client.post(reverse("channels:edit", args=[channel.pk]), {**values, "site": site}).status_code
        for site in ("", theirs.pk, mine.pk)
    ]
    channel.refresh_from_db()
    assert (answers, channel.site, channel.name) == ([422, 422, 303], mine, "Ours")


def test_a_hold_is_set_and_lifted_in_words_and_shown_beside_what_it_keeps(
    manager: Client, channel: Channel, platform: Platform
) -> None:
    one = actions.enqueue(channel=channel, kind="answer", target={"to": "a"}, payload={"text": "Hello"}, key="k")
    manager.post(reverse("channels:hold"), {"what": f"channel:{channel.pk}", "why": "A careless post"})
    outbox.send_waiting()
    page = manager.get(reverse("channels:outbox") + "?show=way").content.decode()
    assert (page.count("Held: Stand-in"), page.count("A careless post"), platform.heard) == (1, 1, [])
    manager.post(reverse("channels:lift", args=[Hold.objects.get().pk]), {"count": "1"})
    outbox.send_waiting()
    one.refresh_from_db()
    assert (one.state, Hold.objects.in_force().count()) == ("accepted", 0)


def test_every_choice_of_a_hold_names_what_it_says(manager: Client, channel: Channel) -> None:
    site = Site.objects.create(name="Nord")
    for what in ("outside", "everything", "kind:notice", f"channel:{channel.pk}", f"site:{site.pk}"):
        assert manager.post(reverse("channels:hold"), {"what": what, "why": "w"}).status_code == 303
    found = Hold.objects.values_list("scope", "channel", "site", "value")
    assert list(found) == [
        ("outside", None, None, ""), ("everything", None, None, ""), ("kind", None, None, "notice"),
        ("channel", channel.pk, None, ""), ("site", None, site.pk, ""),
    ]  # fmt: skip
    assert manager.post(reverse("channels:hold"), {"what": "channel:0", "why": "w"}).status_code == 422


def test_whoever_is_limited_to_sites_holds_and_lifts_only_there(client: Client, channel: Channel) -> None:
    site = Site.objects.create(name="Nord")
    own = Channel.objects.create(kind="standin", name="Own", key="own", site=site)
    user = User.objects.create_user("lea@example.org", role="lead", language="en")
    Colleague.objects.create(name="Lea", user=user).limited_to.add(site)
    client.force_login(user)
    everything = actions.hold("everything", ROUND, why="w")
    assert client.post(reverse("channels:hold"), {"what": "outside", "why": "w"}).status_code == 422
    assert client.post(reverse("channels:hold"), {"what": f"channel:{channel.pk}", "why": "w"}).status_code == 422
    assert client.post(reverse("channels:hold"), {"what": f"channel:{own.pk}", "why": "w"}).status_code == 303
    assert client.post(reverse("channels:lift", args=[everything.pk])).status_code == 404
    assert client.post(reverse("channels:lift", args=[Hold.objects.get(channel=own).pk])).status_code == 303


def test_a_retry_is_never_shown_as_success(manager: Client, channel: Channel, platform: Platform) -> None:
    platform.answers.append(Outcome("refused", code="platform_error", retry_at=times.now()))
    actions.enqueue(channel=channel, kind="answer", target={"to": "a"}, payload={"text": "Hello"}, key="k")
    outbox.send_waiting()
    page = manager.get(reverse("channels:outbox") + "?show=way").content.decode()
    assert ("Tried once without success. Next try" in page, "not through yet" in page) == (True, True)
