"""The whole guided way to a Facebook page and a WhatsApp number, against the stand-in for Meta's platform."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ganzohr.accounts.models import User
from ganzohr.audit import actions as audit
from ganzohr.channels import actions, connecting, guides, hooks, intake
from ganzohr.channels.accounts import account_of_app, secrets_of
from ganzohr.channels.connectors import connector
from ganzohr.channels.models import App, AppHook, Channel, Delivery
from ganzohr.core import jobs, times
from ganzohr.directory.models import Colleague
from ganzohr.inbox.models import Message
from ganzohr.proofs.meta import Platform, running
from ganzohr.proofs.meta.world import Number, Page

pytestmark = pytest.mark.django_db
ROUND = audit.round_("test")


def to_hook(url: str, headers: Mapping[str, str], body: bytes) -> int:
    """The platform's webhooks, kept in the transaction of the test; the hook's own committer has its own stories."""
    kind, key = url.rpartition("/hooks/")[2].strip("/").split("/")
    app, lower = App.objects.get(key=key), {name.lower(): value for name, value in headers.items()}
    if not connector(kind).verify(account_of_app(app, kind), "", lower, body):
        return 403
    actions.store_for_app(app, kind, "", lower, body)
    return 200


@pytest.fixture
def meta() -> Iterator[Platform]:
    with running(post=to_hook, background=False) as platform:
        platform.silence = 0.2
        yield platform


@pytest.fixture
def manager(db: None, client: Client) -> Client:
    user = User.objects.create_user("sophie@example.org", role="manager", language="en")
    Colleague.objects.create(name="Sophie Brandt", user=user)
    client.force_login(user)
    return client


@pytest.fixture
def our_app(db: None, meta: Platform) -> App:
    """The app as the page makes it, but led to the stand-in."""
    made = connecting.create_app("Auental hears", meta.secrets[0], ROUND)
    App.objects.update(settings={"graph_url": meta.url})
    connecting.add_secret(made, meta.secrets[1], ROUND)
    meta.hook_up("http://desk.example", made.key)
    return App.objects.get()


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def connect_page(manager: Client, page: Page, token: str) -> Channel:
    begun = manager.post(reverse("channels:meta_page"), {"token": token}, follow=True)
    assert page.name in begun.content.decode(), text_of(begun)
    channel = Channel.objects.get(kind="facebook", external_id="")
    manager.post(reverse("channels:meta_pages", args=[channel.pk]), {"page": page.id})
    manager.post(reverse("channels:meta_look", args=[channel.pk]))
    channel.refresh_from_db()
    return channel


def connect_number(manager: Client, number: Number) -> Channel:
    typed = {"phone_number_id": number.id, "waba_id": number.waba_id, "token": number.token}
    answer = manager.post(reverse("channels:meta_number"), typed)
    assert answer.status_code == 303, text_of(answer)
    channel = Channel.objects.get(kind="whatsapp")
    manager.post(reverse("channels:meta_look", args=[channel.pk]))
    channel.refresh_from_db()
    return channel


def test_without_an_app_both_ways_begin_with_the_app(manager: Client) -> None:
    for name in ("channels:meta_page", "channels:meta_number"):
        assert reverse("channels:meta_app") in manager.get(reverse(name)).content.decode()
    page = manager.post(
        reverse("channels:meta_app"), {"name": "Auental hears", "secret": "0123456789abcdef"}, follow=True
    )
    app = App.objects.get()
    for kind in ("facebook/{}/", "whatsapp/{}/", "meta/{}/deletion", "meta/{}/deauthorise"):
        assert f"/hooks/{kind.format(app.key)}" in page.content.decode()
    assert ("0123456789ab" in page.content.decode(), "cdef" in text_of(page)) == (False, True)
    assert connecting.verify_token(app) in page.content.decode()


def test_a_page_is_found_by_its_token_chosen_subscribed_and_heard(
    manager: Client, our_app: App, meta: Platform
) -> None:
    page = meta.add_page("Werk Nord", is_subscribed=False)
    channel = connect_page(manager, page, meta.user_token.value)
    assert (channel.name, channel.state, channel.external_id) == ("Werk Nord", "active", page.id)
    assert secrets_of(channel) == {"access_token": page.token}
    assert page.fields >= {"feed", "messages", "messaging_handovers"}
    shown = manager.get(reverse("channels:meta", args=[channel.pk])).content.decode()
    assert (page.token in shown, page.token[-4:] in shown, "is-wrong" in shown) == (False, True, False)
    mia = meta.people.person("Mia")
    meta.people.comment(meta.people.post(page, "Tag der Ausbildung"), mia, "Geht das in Teilzeit?")
    assert meta.settle() is True
    intake.process_deliveries()
    channel.refresh_from_db()
    assert Message.objects.get(channel=channel, direction="in").text == "Geht das in Teilzeit?"
    assert AppHook.objects.get(app=our_app, kind="facebook").told_at == channel.last_event_at
    assert "Last delivery" in text_of(manager.get(reverse("channels:meta_app")))


def test_a_page_token_of_its_own_is_good_enough(manager: Client, our_app: App, meta: Platform) -> None:
    page = meta.add_page("Werk Süd")
    assert connect_page(manager, page, page.token).state == "active"


def test_who_leaves_the_way_finds_it_again_as_far_as_they_had_come(
    manager: Client, our_app: App, meta: Platform
) -> None:
    meta.add_page("Werk Nord")
    manager.post(reverse("channels:meta_page"), {"token": meta.user_token.value})
    channel = Channel.objects.get()
    assert (channel.state, channel.settings["is_unfinished"]) == ("paused", True)
    for address in (reverse("channels:list"), reverse("channels:meta_page")):
        assert reverse("channels:meta", args=[channel.pk]) in manager.get(address).content.decode()
    again = manager.get(reverse("channels:meta", args=[channel.pk]), follow=True)
    assert "Werk Nord" in text_of(again)


@pytest.mark.parametrize(("kind", "words"), [("wrong", "does not take this token"), ("pages", "reaches no page")])
def test_a_token_that_does_not_do_is_told_in_words_and_nothing_is_kept(
    manager: Client, our_app: App, meta: Platform, kind: str, words: str
) -> None:
    token = "EAAnothing-at-all" if kind == "wrong" else meta.user_token.value
    answer = manager.post(reverse("channels:meta_page"), {"token": token})
    assert (answer.status_code, words in text_of(answer), token in answer.content.decode()) == (422, True, False)
    assert Channel.objects.count() == 0


def test_a_number_without_its_permissions_is_refused_in_words_that_lead_on(
    manager: Client, our_app: App, meta: Platform
) -> None:
    number = meta.add_number("+49 30 5550100")
    meta.token_of(number).scopes = set()
    typed = {"phone_number_id": number.id, "waba_id": number.waba_id, "token": number.token}
    answer = manager.post(reverse("channels:meta_number"), typed)
    assert (answer.status_code, "lacks a permission it needs" in text_of(answer)) == (422, True)


def test_a_missing_permission_names_its_step_and_another_token_mends_it(
    manager: Client, our_app: App, meta: Platform
) -> None:
    page = meta.add_page("Werk Nord")
    meta.token_of(page).scopes -= {"pages_read_user_content", "pages_read_engagement", "pages_messaging"}
    channel = connect_page(manager, page, meta.user_token.value)
    assert channel.settings["steps"] == {
        "token": "", "page": "", "comments": "permission_missing", "messages": "permission_missing", "subscribed": ""
    }  # fmt: skip
    shown = text_of(manager.get(reverse("channels:meta", args=[channel.pk])))
    assert ("pages_read_user_content" in shown, "pages_messaging" in shown) == (True, True)
    meta.token_of(page).scopes |= {"pages_read_user_content", "pages_read_engagement", "pages_messaging"}
    manager.post(reverse("channels:meta_token", args=[channel.pk]), {"token": meta.user_token.value})
    assert Channel.objects.get().settings["steps"] == {}
    manager.post(reverse("channels:meta_look", args=[channel.pk]))
    assert set(Channel.objects.get().settings["steps"].values()) == {""}


def test_a_token_that_ran_out_is_a_problem_until_it_is_replaced(manager: Client, our_app: App, meta: Platform) -> None:
    page = meta.add_page("Werk Nord")
    channel = connect_page(manager, page, meta.user_token.value)
    meta.token_of(page).is_valid = False
    manager.post(reverse("channels:meta_look", args=[channel.pk]))
    channel.refresh_from_db()
    assert (channel.problem, channel.settings["steps"]["token"]) == ("token_expired", "token_expired")
    assert "generate a new token" in text_of(manager.get(reverse("channels:meta", args=[channel.pk])))
    other = meta.add_page("Werk Süd")
    refused = manager.post(reverse("channels:meta_token", args=[channel.pk]), {"token": other.token})
    assert (refused.status_code, "does not reach this page" in text_of(refused)) == (422, True)
    meta.token_of(page).is_valid = True
    manager.post(reverse("channels:meta_token", args=[channel.pk]), {"token": page.token})
    manager.post(reverse("channels:meta_look", args=[channel.pk]))
    channel.refresh_from_db()
    assert channel.problem == ""


def test_the_end_of_a_token_is_known_beforehand(manager: Client, our_app: App, meta: Platform) -> None:
    page = meta.add_page("Werk Nord")
    meta.token_of(page).expires_at = meta.now() + timedelta(days=40)
    channel = connect_page(manager, page, meta.user_token.value)
    assert "It runs out on" in text_of(manager.get(reverse("channels:meta", args=[channel.pk])))


def test_an_account_is_connected_once(manager: Client, our_app: App, meta: Platform) -> None:
    page, number = meta.add_page("Werk Nord"), meta.add_number("+49 30 5550100")
    connect_page(manager, page, meta.user_token.value)
    connect_number(manager, number)
    manager.post(reverse("channels:meta_page"), {"token": page.token})
    begun = Channel.objects.get(external_id="", kind="facebook")
    again = manager.post(reverse("channels:meta_pages", args=[begun.pk]), {"page": page.id}, follow=True)
    assert "connected already" in text_of(again)
    typed = {"phone_number_id": number.id, "waba_id": number.waba_id, "token": number.token}
    refused = manager.post(reverse("channels:meta_number"), typed)
    assert (refused.status_code, "connected already" in text_of(refused)) == (422, True)


def test_a_number_is_checked_subscribed_and_shows_how_it_stands(manager: Client, our_app: App, meta: Platform) -> None:
    number = meta.add_number("+49 30 5550100", "Kliniken Auental", is_subscribed=False)
    channel = connect_number(manager, number)
    assert (channel.state, number.is_subscribed) == ("active", True)
    assert channel.settings["steps"] == dict.fromkeys(("token", "number", "messages", "templates", "subscribed"), "")
    status = text_of(manager.get(reverse("channels:meta_status", args=[channel.pk])))
    for words in ("+49 30 5550100", "Kliniken Auental", "good", "connected"):
        assert words in status
    meta.people.whatsapp(number, meta.people.person("Lena", "491701234567"), "Hallo?")
    assert meta.settle() is True
    jobs.run_everything()
    assert Message.objects.get(channel=channel, direction="in").text == "Hallo?"


def test_the_ids_of_two_accounts_are_told_apart(manager: Client, our_app: App, meta: Platform) -> None:
    number, other = meta.add_number("+49 30 5550100"), meta.add_number("+49 30 5550200")
    other.waba_id, meta.token_of(number).kind = other.waba_id, "USER"
    typed = {"phone_number_id": number.id, "waba_id": other.waba_id, "token": number.token}
    manager.post(reverse("channels:meta_number"), typed)
    channel = Channel.objects.get()
    manager.post(reverse("channels:meta_look", args=[channel.pk]))
    channel.refresh_from_db()
    assert (channel.state, channel.settings["steps"]["number"]) == ("paused", "other_account")
    Channel.objects.update(settings={**channel.settings, "waba_id": "1234567"})
    manager.post(reverse("channels:meta_look", args=[channel.pk]))
    channel.refresh_from_db()
    assert set(channel.settings["steps"].values()) == {"", "other_account"}
    assert "does not belong to this account" in text_of(manager.get(reverse("channels:meta", args=[channel.pk])))


def test_what_came_for_nobody_is_read_when_its_page_is_connected(manager: Client, our_app: App, meta: Platform) -> None:
    page, other = meta.add_page("Werk Nord"), meta.add_page("Werk Süd")
    for one in (page, other):
        meta.people.comment(meta.people.post(one, "Tag"), meta.people.person("Mia"), f"Frage an {one.name}")
    assert meta.settle() is True
    intake.process_deliveries()
    shown = text_of(manager.get(reverse("channels:meta_app")))
    assert ("Came for nobody" in shown, page.id in shown, other.id in shown) == (True, True, True)
    manager.post(reverse("channels:meta_ignore"), {"kind": "facebook", "account": other.id})
    connect_page(manager, page, meta.user_token.value)
    intake.process_deliveries()
    assert [row.text for row in Message.objects.filter(direction="in")] == ["Frage an Werk Nord"]
    shown = text_of(manager.get(reverse("channels:meta_app")))
    assert ("Came for nobody" in shown, Delivery.objects.filter(state="unsupported").exists()) == (False, True)


def test_secrets_change_without_losing_a_delivery(manager: Client, our_app: App, meta: Platform) -> None:
    first, second = connecting.valid_secrets(our_app)
    retire = reverse("channels:meta_retire", args=[first[0]])
    assert "is refused from now on" in text_of(manager.get(retire))
    manager.post(retire)
    our_app.refresh_from_db()
    assert connecting.valid_secrets(our_app) == [second]
    manager.post(reverse("channels:meta_retire", args=[second[0]]))
    manager.post(reverse("channels:meta_secret"), {"secret": "a-third-secret"})
    our_app.refresh_from_db()
    assert json.loads(secrets_of(our_app)["app_secrets"]) == [meta.secrets[1], "a-third-secret"]
    assert connecting.verify_token(our_app)


@pytest.mark.django_db(transaction=True)
def test_wrong_signatures_and_words_are_told_where_they_can_be_mended(manager: Client, our_app: App) -> None:
    signed = {"x-hub-signature-256": "sha256=00"}
    assert asyncio.run(hooks.accept("facebook", our_app.key, "", signed, b"{}")) == 403
    said = {"hub.mode": "subscribe", "hub.challenge": "42", "hub.verify_token": "no"}
    assert hooks._shake_hands("whatsapp", our_app.key, said)[0] == 403
    shown = text_of(manager.get(reverse("channels:meta_app")))
    assert ("signed with a secret we do not know" in shown, "another word of verification" in shown) == (True, True)
    said["hub.verify_token"] = connecting.verify_token(our_app)
    assert hooks._shake_hands("whatsapp", our_app.key, said)[2] == b"42"
    assert "Meta asked for the address and it was right" in text_of(manager.get(reverse("channels:meta_app")))


def test_leaving_ends_the_subscription_unless_a_standing_answer_needs_it(
    manager: Client, our_app: App, meta: Platform
) -> None:
    page = meta.add_page("Werk Nord")
    channel = connect_page(manager, page, meta.user_token.value)
    leave = reverse("channels:disconnect", args=[channel.pk])
    manager.post(leave)
    assert page.fields == set()
    manager.post(reverse("channels:resume", args=[channel.pk]))
    assert page.fields >= {"feed", "messages"}
    Channel.objects.update(standing_answer={"de": "Wir sind umgezogen."})
    manager.post(leave)
    assert page.fields >= {"feed", "messages"}


def test_pages_ask_few_questions(
    manager: Client, our_app: App, meta: Platform, django_assert_max_num_queries: Any
) -> None:
    channel = connect_page(manager, meta.add_page("Werk Nord"), meta.user_token.value)
    addresses = [reverse("channels:meta_app"), reverse("channels:meta_page"), reverse("channels:list")]
    addresses += [reverse(f"channels:{name}", args=[channel.pk]) for name in ("channel", "meta", "meta_token")]
    for address in addresses:
        with django_assert_max_num_queries(15):
            manager.get(address)


def test_a_silent_platform_is_told_in_words(manager: Client, our_app: App, meta: Platform) -> None:
    channel = connect_page(manager, meta.add_page("Werk Nord"), meta.user_token.value)
    App.objects.update(settings={"graph_url": "http://127.0.0.1:9"})
    began = times.now()
    manager.post(reverse("channels:meta_look", args=[channel.pk]))
    assert times.now() - began < timedelta(seconds=10)
    shown = text_of(manager.get(reverse("channels:meta", args=[channel.pk])))
    assert "does not take the call" in shown


def test_a_wrong_account_is_told_once_and_each_missing_permission_with_its_own_way() -> None:
    wrong = guides.lines(
        "whatsapp", dict.fromkeys(("token", "number", "messages", "templates", "subscribed"), "other_account")
    )
    assert [(line.code, line.words is not None, line.is_same) for line in wrong] == [
        ("other_account", True, False), *[("other_account", False, True)] * 4
    ]  # fmt: skip
    lacks = guides.lines("facebook", {"token": "", "comments": "permission_missing", "messages": "permission_missing"})
    assert [line.do for line in lacks if line.words] == [guides.STEPS["facebook"][n].mend for n in (2, 3)]
