"""Coming in by the employer's own sign-in: a real provider on loopback, which checks us as we check it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from allauth.socialaccount.models import SocialAccount
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from ganzohr.accounts.models import Invitation, User
from ganzohr.audit.models import Entry
from ganzohr.core import crypto, times
from tests import oidc

pytestmark = pytest.mark.django_db
RITA = {"sub": "7", "email": "Rita@auental.example", "email_verified": True, "name": "Rita Leser"}


@pytest.fixture
def provider(settings: Any) -> Iterator[oidc.Provider]:
    with oidc.running() as running:
        settings.SOCIALACCOUNT_PROVIDERS = running.settings()
        running.person = dict(RITA)
        yield running


def come(client: Client, query: str = "") -> HttpResponse:
    """There and back, as a browser does it."""
    there = client.get(reverse("openid_connect_login", args=["house"]) + query)
    back = httpx.get(there.headers["Location"], trust_env=False).headers["Location"]
    answer: Any = client.get(back.removeprefix("http://testserver"))
    return answer  # type: ignore[no-any-return]


def is_in(client: Client) -> bool:
    return client.get(reverse("accounts:profile")).status_code == 200


def invited(email: str, **fields: Any) -> Invitation:
    until = times.now() + timedelta(days=7)
    return Invitation.objects.create(email=email, token_hash=crypto.token_hash(email), expires_at=until, **fields)


def test_a_known_person_comes_in_and_the_trail_says_that_the_sign_in_was_linked(
    client: Client, provider: oidc.Provider, reader: User
) -> None:
    assert (
        "Sign in with Auental"
        in client.get(reverse("account_login"), headers={"Accept-Language": "en"}).content.decode()
    )
    come(client)
    assert is_in(client)
    come(again := Client())
    entries = list(Entry.objects.values_list("actor_id", "verb", "object_id"))
    assert (is_in(again), entries) == (True, [(str(reader.pk), "linked a sign-in", reader.pk)])
    assert (provider.refused, SocialAccount.objects.count()) == ([], 1)


def test_whoever_changed_their_address_there_is_still_the_same_person(
    client: Client, provider: oidc.Provider, reader: User
) -> None:
    come(Client())
    provider.person["email"] = "rita.neu@auental.example"
    come(client)
    assert (is_in(client), User.objects.count()) == (True, 1)


def test_an_invited_person_becomes_the_user_they_were_invited_as(client: Client, provider: oidc.Provider) -> None:
    invitation = invited("rita@auental.example", role="lead", house="marketing", language="nl")
    come(client)
    user = User.objects.get()
    invitation.refresh_from_db()
    assert (user.email, user.name, user.role, user.house, user.language, user.has_usable_password()) == (
        "rita@auental.example", "Rita Leser", "lead", "marketing", "nl", False,
    )  # fmt: skip
    assert (is_in(client), invitation.accepted_at is not None, user.colleague.name) == (True, True, "Rita Leser")


@pytest.mark.parametrize(
    ("what", "person", "rules"),
    [
        ("nobody invited them", {}, {}),
        ("their address is not verified", {"email_verified": False}, {}),
        ("their address may be anything", {"email_verified": None}, {}),
        ("their domain may not", {}, {"OIDC_DOMAINS": ["other.example"]}),
        (
            "newcomers may, but there is no admin yet",
            {},
            {"OIDC_NEWCOMERS": "domains", "OIDC_DOMAINS": ["auental.example"]},
        ),
    ],
)
def test_a_stranger_stays_outside(
    what: str, person: dict[str, Any], rules: dict[str, Any], client: Client, provider: oidc.Provider, settings: Any
) -> None:
    if what not in {"nobody invited them", "newcomers may, but there is no admin yet"}:
        User.objects.create_user("rita@auental.example")
    provider.person |= person
    for name, value in rules.items():
        setattr(settings, name, value)
    before = User.objects.count()
    answer = come(client)
    assert (answer.status_code, is_in(client), User.objects.count()) == (403, False, before)


def test_a_newcomer_of_the_house_becomes_a_reader_where_the_settings_say_so(
    client: Client, provider: oidc.Provider, admin: User, settings: Any
) -> None:
    settings.OIDC_NEWCOMERS, settings.OIDC_DOMAINS = "domains", ["auental.example"]
    come(client)
    assert (is_in(client), User.objects.get(email="rita@auental.example").role) == (True, "reader")


def test_a_provider_that_verifies_all_addresses_is_believed_without_saying_so_where_the_settings_trust_it(
    client: Client, provider: oidc.Provider, reader: User, settings: Any
) -> None:
    settings.OIDC_TRUST_MAIL = True
    del provider.person["email_verified"]
    come(client)
    assert is_in(client)


@pytest.mark.parametrize(
    "fault",
    [
        {"nonce": "of somebody else"},
        {"state": "of somebody else"},
        {"iss": "http://127.0.0.1:1"},
        {"aud": "another desk"},
        {"exp": 1},
        {"key": oidc.key()},
        {"userinfo": {"sub": "8"}},
    ],
    ids=lambda fault: next(iter(fault)),
)
def test_an_answer_that_does_not_fit_is_refused_in_words(
    fault: dict[str, Any], client: Client, provider: oidc.Provider, reader: User
) -> None:
    provider.faults = fault
    answer = come(client)
    assert (answer.status_code, "accounts/sign-in" in answer.content.decode(), is_in(client)) == (401, True, False)


def test_an_answer_works_once(client: Client, provider: oidc.Provider, reader: User) -> None:
    there = client.get(reverse("openid_connect_login", args=["house"]))
    back = httpx.get(there.headers["Location"], trust_env=False).headers["Location"].removeprefix("http://testserver")
    assert client.get(back).status_code == 302
    assert Client().get(back).status_code == 401


def test_somebody_signed_in_cannot_tie_another_identity_to_their_user(
    client: Client, provider: oidc.Provider, admin: User, reader: User
) -> None:
    client.force_login(admin, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert (come(client, "?process=connect").status_code, SocialAccount.objects.count()) == (403, 0)


def test_a_provider_that_does_not_answer_is_said_in_words(
    client: Client, provider: oidc.Provider, settings: Any
) -> None:
    apps = provider.settings()
    apps["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:9"
    settings.SOCIALACCOUNT_PROVIDERS = apps
    assert client.get(reverse("openid_connect_login", args=["house"])).status_code == 502


def test_a_second_factor_is_asked_for_after_the_provider_too(
    client: Client, provider: oidc.Provider, reader: User
) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(reader, generate_totp_secret())
    assert come(client).headers["Location"] == reverse("mfa_authenticate")
    assert not is_in(client)
