"""The private page: what opens it, what closes it, what looking at it never does."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from ganzohr.audit import actions as audit
from ganzohr.core import crypto, times
from ganzohr.directory.models import Colleague
from ganzohr.notifications import actions
from ganzohr.notifications.models import Ask
from tests.notifications.trial import MONDAY, WORDS, posted, token_of

pytestmark = pytest.mark.django_db
BOSS = audit.Actor("user", "1", "sophie@auental.example")


@pytest.fixture
def strict() -> Client:
    """A browser of somebody without an account, where Django would mind a missing CSRF token."""
    return Client(enforce_csrf_checks=True)


def path(ask: Ask) -> str:
    return f"/ask/{token_of(ask)}/"


def send(client: Client, ask: Ask, form: str, text: str = "Yes") -> int:
    return client.post(path(ask), {"form": form, "answer": text}).status_code


def test_a_mail_scanner_that_opens_the_link_changes_nothing(ask: Ask, strict: Client) -> None:
    before = Ask.objects.values().get()
    for _ in range(3):
        assert (strict.get(path(ask)).status_code, strict.head(path(ask)).status_code) == (200, 200)
    assert (Ask.objects.values().get(), posted) == (before, [])


def test_no_cookie_no_referrer_no_index_no_cache(ask: Ask, strict: Client) -> None:
    answer = strict.get(path(ask))
    assert dict(strict.cookies) == {}
    assert (answer.headers["Referrer-Policy"], answer.headers["X-Robots-Tag"], answer.headers["Cache-Control"]) == (
        "no-referrer", "noindex, nofollow, noarchive", "no-store, private",
    )  # fmt: skip


def test_the_form_of_the_page_is_taken_without_any_cookie(ask: Ask, strict: Client) -> None:
    form = strict.get(path(ask)).content.decode()
    assert send(strict, ask, form) == 303
    assert [(one["ask"], one["text"], one["form"].knows) for one in posted] == [(ask.pk, "Yes", 7)]


@pytest.mark.parametrize("form", ["", "1.2.3.4", "1.2.3.4:sig:nature"])
def test_a_form_made_elsewhere_is_not_taken(ask: Ask, strict: Client, form: str) -> None:
    assert (send(strict, ask, form), posted) == (403, [])


def test_the_form_of_another_ask_is_not_taken(ask: Ask, karin: Colleague, strict: Client) -> None:
    other = actions.ask(kind="trial", subject_id=6, colleague=karin, due_at=None, words=WORDS, key="other")
    form = strict.get(path(other)).content.decode()
    assert (send(strict, ask, form), posted) == (403, [])


def test_a_signature_for_another_purpose_is_not_taken(ask: Ask, strict: Client) -> None:
    assert send(strict, ask, crypto.sign("something", f"{ask.pk}.n.{int(MONDAY.timestamp())}.0")) == 403


def test_minutes_run_from_opening_to_sending_and_are_unknown_after_an_hour(ask: Ask, strict: Client) -> None:
    form = strict.get(path(ask)).content.decode()
    for minutes in (0, 4, 60, 61):
        with times.frozen(MONDAY + dt.timedelta(minutes=minutes)):
            send(strict, ask, form)
            posted[-1]["minutes"] = posted[-1]["form"].minutes
    assert [one["minutes"] for one in posted] == [1, 4, 60, None]


def test_an_unknown_link_says_what_to_do(strict: Client, db: None) -> None:
    answer = strict.get("/ask/" + "a" * 43 + "/", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.content.decode().count("This link leads nowhere")) == (404, 2)


def test_whoever_tries_many_links_is_slowed_down(strict: Client, db: None) -> None:
    statuses = [strict.get(f"/ask/{number:043d}/").status_code for number in range(31)]
    assert statuses == [404] * 30 + [429]


def test_an_expired_link_says_so_in_the_colleagues_language_and_gives_typed_words_back(
    ask: Ask, strict: Client
) -> None:
    form = strict.get(path(ask)).content.decode()
    with times.frozen(ask.expires_at):
        answer = strict.post(path(ask), {"form": form, "answer": "Ja, ab 75 %."})
    words = answer.content.decode()
    assert (answer.status_code, answer.headers["Content-Language"], words.count("Ja, ab 75 %.")) == (410, "de", 1)
    assert (words.count("<h1>Dieser Link ist abgelaufen</h1>"), posted) == (1, [])


def test_a_link_holds_until_the_moment_it_runs_out(ask: Ask, strict: Client) -> None:
    with times.frozen(ask.expires_at - dt.timedelta(seconds=1)):
        assert strict.get(path(ask)).status_code == 200


def test_a_withdrawn_link_opens_and_takes_nothing(ask: Ask, strict: Client) -> None:
    form = strict.get(path(ask)).content.decode()
    actions.revoke("trial", 5, BOSS)
    assert (strict.get(path(ask)).status_code, send(strict, ask, form), posted) == (410, 410, [])


def test_one_page_takes_only_so_many_forms(ask: Ask, strict: Client) -> None:
    form = strict.get(path(ask)).content.decode()
    statuses = {send(strict, ask, form) for _ in range(400)}
    assert (statuses, send(strict, ask, form)) == ({303}, 429)


def test_the_page_of_somebody_else_is_not_known_by_number(ask: Ask, strict: Client) -> None:
    assert strict.get(f"/ask/{ask.pk}/").status_code == 404


def test_other_methods_are_refused(ask: Ask, strict: Client) -> None:
    assert [strict.put(path(ask)).status_code, strict.delete(path(ask)).status_code] == [405, 405]
