"""Second factors without a browser: apps, codes, who needs one, taking them away, and limits that hold everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse
from fido2.webauthn import PublicKeyCredentialDescriptor, PublicKeyCredentialType

from ganzohr.accounts import factors
from ganzohr.accounts.models import FailedSignIn, Limit, User
from ganzohr.audit.models import Entry
from ganzohr.config import wiring
from tests import world as worlds
from tests.accounts.authenticator import code
from tests.test_permissions import names

PASSWORD = "a short sentence is good"
pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]


def signs_in(user: User) -> Client:
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client


def is_in(client: Client) -> bool:
    return client.get(reverse("accounts:profile")).status_code == 200


def with_app(user: User) -> str:
    """The secret of an app this user set up, with recovery codes."""
    secret: str = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def test_an_app_is_set_up_after_the_password_once_more_and_its_codes_are_shown_once(
    reader: User, django_capture_on_commit_callbacks: Any
) -> None:
    client = signs_in(reader)
    page = reverse("mfa_activate_totp")
    again = client.get(page).headers["Location"]
    form_at = client.post(again, {"password": PASSWORD, "next": page}).headers["Location"]
    shown = client.get(form_at).content.decode()
    secret = re.search(r'id="secret">([A-Z2-7 ]+)<', shown)[1]  # type: ignore[index]
    assert "data:image/svg+xml;base64," in shown
    with django_capture_on_commit_callbacks(execute=True):
        codes_at = client.post(page, {"code": code(secret)}).headers["Location"]
    codes = re.findall(r"<li>(\d{8})", client.get(codes_at).content.decode())
    assert (len(codes), re.findall(r"<li>(\d{8})", client.get(codes_at).content.decode())) == (10, [])
    stored = Authenticator.objects.get(type="totp").data["secret"]
    assert secret.replace(" ", "") not in stored
    assert list(Entry.objects.values_list("verb", "object_id")) == [("second factor added", reader.pk)]


def test_a_wrong_password_once_more_opens_nothing(reader: User) -> None:
    client = signs_in(reader)
    page = reverse("mfa_activate_totp")
    client.post(client.get(page).headers["Location"], {"password": "wrong password", "next": page})
    assert client.get(page).status_code == 302


def test_signing_in_asks_for_the_code_and_each_code_works_once(reader: User) -> None:
    secret = with_app(reader)
    client, other = signs_in(reader), signs_in(reader)
    assert not is_in(client)
    now = code(secret)
    client.post(reverse("mfa_authenticate"), {"code": now})
    other.post(reverse("mfa_authenticate"), {"code": f"{now[:3]} {now[3:]}"})
    assert (is_in(client), is_in(other)) == (True, False)


def test_a_recovery_code_signs_in_once(reader: User) -> None:
    with_app(reader)
    spare = RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes()[0]
    client, other = signs_in(reader), signs_in(reader)
    client.post(reverse("mfa_authenticate"), {"code": spare})
    other.post(reverse("mfa_authenticate"), {"code": spare})
    assert (is_in(client), is_in(other)) == (True, False)


def test_guessing_codes_ends_after_five(reader: User) -> None:
    secret = with_app(reader)
    client = signs_in(reader)
    wrong = f"{(int(code(secret)) + 500_000) % 10**6:06}"
    for _ in range(5):
        client.post(reverse("mfa_authenticate"), {"code": wrong})
    answer = client.post(reverse("mfa_authenticate"), {"code": code(secret)}, headers={"Accept-Language": "en"})
    assert ("Too many attempts" in answer.content.decode(), is_in(client)) == (True, False)
    assert FailedSignIn.objects.values_list("user", "times").get() == (reader.pk, 5)


OPEN = {  # what somebody who lacks a second factor may open; everything else leads to setting one up
    "mfa_index": 200, "mfa_activate_totp": 200, "mfa_add_webauthn": 200, "account_logout": 200,
    "mfa_view_recovery_codes": 404, "account_reauthenticate": 200, "mfa_reauthenticate": 302,
    "mfa_reauthenticate_webauthn": 302, "health": 200,
}  # fmt: skip
PAGES = sorted(
    name for name, entry in names().items() if "<" not in str(entry.pattern) and "?P" not in str(entry.pattern)
)


@pytest.mark.parametrize("role", ["admin", "manager", "lead", "reader"])
def test_whose_role_needs_one_opens_nothing_else_without(
    role: str, admin: User, reader: User, signed_in: Browser
) -> None:
    User.objects.filter(pk=reader.pk).update(role=role)
    factors.require([role], admin)
    client = signed_in(User.objects.get(pk=reader.pk))
    password = {"password": PASSWORD, "next": reverse("mfa_index")}
    client.post(reverse("account_reauthenticate"), password)
    setting_up = reverse("mfa_index")
    answers = {}
    for name in PAGES:
        answer = client.get(reverse(name))
        led = answer.status_code == 302 and answer.headers["Location"] == setting_up
        answers[name] = "led" if led else answer.status_code
    assert answers == {name: OPEN.get(name, "led") for name in PAGES}
    with_app(reader)
    assert is_in(client)


def test_links_that_ask_nobody_to_sign_in_open_without_one(admin: User, signed_in: Browser, tmp_path: Path) -> None:
    with override_settings(MEDIA_ROOT=tmp_path):
        world = worlds.build()
        factors.require(["manager"], admin)
        client = signed_in(User.objects.get(email="manager@example.org"))
        paths = (
            f"/ask/{world['ask_token']}/", f"/v/{world['visit_token']}/", "/g/abc123", "/w/careers/", "/d/x/",
            "/health", reverse("accounts:join", args=[world["invitation_token"]]),
        )  # fmt: skip
        led = [path for path in paths if client.get(path).headers.get("Location") == reverse("mfa_index")]
    assert led == []


@pytest.mark.parametrize("door", wiring.DOORS)
def test_every_door_to_the_outside_stays_open_without_one(
    door: str, admin: User, reader: User, signed_in: Browser
) -> None:
    factors.require(["reader"], admin)
    answer = signed_in(reader).get(f"{door}x/")
    assert answer.headers.get("Location") != reverse("mfa_index")


def test_other_roles_come_in_as_before(admin: User, reader: User, signed_in: Browser) -> None:
    factors.require(["admin", "manager"], admin)
    assert is_in(signed_in(reader))


def test_writes_live_pages_and_htmx_are_stopped_too(admin: User, reader: User, signed_in: Browser) -> None:
    factors.require(["reader"], admin)
    client = signed_in(reader)
    wrote = client.post(reverse("accounts:profile"), {"name": "Eve", "language": "de", "theme": "dark"})
    live = client.get(reverse("ui:live"), headers={"Accept": "text/event-stream"})
    partial = client.get(reverse("accounts:profile"), headers={"HX-Request": "true"})
    reader.refresh_from_db()
    assert (wrote.status_code, live.status_code, partial.headers["HX-Redirect"], reader.name) == (
        303, 403, reverse("mfa_index"), "Rita Leser",
    )  # fmt: skip


def test_an_admin_says_who_needs_one_and_the_trail_keeps_it(admin: User, signed_in: Browser) -> None:
    client = signed_in(admin)
    client.post(reverse("accounts:rules"), {"roles": ["manager", "lead"]})
    assert factors.roles_in_need() == ["manager", "lead"]
    client.post(reverse("accounts:rules"), {})
    assert factors.roles_in_need() == []
    kept = list(Entry.objects.order_by("pk").values_list("verb", "data"))
    assert [verb for verb, _data in kept] == ["set who needs a second factor"] * 2


def test_the_last_second_factor_stays_where_the_role_needs_one(admin: User, reader: User) -> None:
    secret = with_app(reader)
    factors.require(["reader"], admin)
    client = signs_in(reader)
    client.post(reverse("mfa_authenticate"), {"code": code(secret)})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": reverse("mfa_index")})
    client.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.filter(type="totp").exists()
    factors.require([], admin)
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.exists()


def test_an_admin_takes_away_what_somebody_lost(admin: User, reader: User, signed_in: Browser) -> None:
    secret = with_app(reader)
    theirs = signs_in(reader)
    theirs.post(reverse("mfa_authenticate"), {"code": code(secret)})
    client = signed_in(admin)
    assert (
        "Take away all second factors of Rita Leser?"
        in client.get(reverse("accounts:reset_factors", args=[reader.pk])).content.decode()
    )
    client.post(reverse("accounts:reset_factors", args=[reader.pk]))
    assert (Authenticator.objects.exists(), is_in(theirs), is_in(signs_in(reader))) == (False, False, True)
    entry = Entry.objects.get()
    assert (entry.actor_id, entry.verb, entry.object_id) == (str(admin.pk), "second factor reset", reader.pk)


def test_failed_sign_ins_are_counted_without_address_and_password(
    admin: User, reader: User, signed_in: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    tried = [(reader.email, "wrong password"), (reader.email, "wronger"), ("stranger@example.com", "hunter2")]
    answers = [Client().post(reverse("account_login"), {"login": who, "password": what}) for who, what in tried]
    assert {answer.status_code for answer in answers} == {200}
    counted = FailedSignIn.objects.order_by("user").values_list("user", "times")
    assert list(counted) == [(reader.pk, 2), (None, 1)]
    assert (
        "3 sign-ins failed in the last seven days" in signed_in(admin).get(reverse("accounts:users")).content.decode()
    )
    assert not [word for pair in tried for word in pair if word in caplog.text]


def test_known_and_unknown_addresses_are_answered_and_limited_alike(reader: User) -> None:
    pages = []
    for who in (reader.email, "stranger@example.com"):
        client = Client(headers={"Accept-Language": "en"})
        for _ in range(6):
            answer = client.post(reverse("account_login"), {"login": who, "password": "wrong password"})
        text = answer.content.decode().replace(who, "")
        pages.append(re.sub(r'(csrf\w*" value="|X-CSRFToken": ")\w+', "", text))
    assert pages[0] == pages[1]
    assert "Too many attempts" in pages[0]


def test_keys_of_limits_are_hashes(reader: User) -> None:
    signs_in(reader)
    Client().post(reverse("account_login"), {"login": reader.email, "password": "wrong password"})
    assert {len(bytes(limit.key)) for limit in Limit.objects.all()} == {32}


def test_new_keys_encrypt_secrets_of_apps_anew(reader: User, settings: object) -> None:
    from cryptography.fernet import Fernet
    from django.conf import settings as now

    secret = with_app(reader)
    codes = RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes()
    new = Fernet.generate_key().decode()
    with override_settings(ENCRYPTION_KEYS=[new, *now.ENCRYPTION_KEYS]):
        assert factors.renew_secrets() == 2
    with override_settings(ENCRYPTION_KEYS=[new]):
        assert TOTP(Authenticator.objects.get(type="totp")).validate_code(code(secret))
        assert RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes() == codes


@pytest.mark.django_db(transaction=True)
def test_of_many_at_the_same_moment_one_is_first() -> None:
    def add(number: int) -> bool:
        try:
            return cache.add("the same code", number, 30)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as crowd:
        won = list(crowd.map(add, range(16)))
    assert sorted(won) == [False] * 15 + [True]


def test_a_passkey_is_offered_only_to_whoever_has_one(reader: User, monkeypatch: pytest.MonkeyPatch) -> None:
    with_app(reader)
    client, page = signs_in(reader), reverse("mfa_authenticate")
    assert "data-passkey" not in client.get(page, headers={"host": "localhost"}).content.decode()
    credential = PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=b"one")
    monkeypatch.setattr("allauth.mfa.webauthn.internal.auth.get_credentials", lambda user: [credential])
    assert "data-passkey" in client.get(page, headers={"host": "localhost"}).content.decode()


def test_whoever_signs_in_hears_by_mail_what_changed_there(
    reader: User, admin: User, mailoutbox: list[Any], settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    User.objects.filter(pk=reader.pk).update(language="de")
    client = signs_in(User.objects.get(pk=reader.pk))
    page = reverse("mfa_activate_totp")
    client.post(client.get(page).headers["Location"], {"password": PASSWORD, "next": page})
    secret = re.search(r'id="secret">([A-Z2-7 ]+)<', client.get(page).content.decode())
    assert secret is not None
    typed = {"code": code(secret[1].replace(" ", ""))}
    for at in (page, reverse("mfa_generate_recovery_codes"), reverse("mfa_deactivate_totp")):
        with django_capture_on_commit_callbacks(execute=True):
            client.post(at, typed)
    settings.COLLEAGUE_ADDRESS = "formal"
    factors.reset(User.objects.get(pk=reader.pk), admin)
    assert [(letter.to, letter.body.splitlines()[2].partition(" (")[0]) for letter in mailoutbox] == [
        ([reader.email], "Für deinen Zugang zu Ganzohr ist eine App für Codes eingerichtet worden."),
        (
            [reader.email],
            "Für deinen Zugang zu Ganzohr sind neue Notfallcodes gemacht worden; die bisherigen gelten nicht mehr.",
        ),
        ([reader.email], "Für deinen Zugang zu Ganzohr ist die App für Codes entfernt worden."),
        ([reader.email], "Für Ihren Zugang zu Ganzohr sind alle zweiten Faktoren entfernt worden."),
    ]
    last = mailoutbox[-1]
    assert last.subject == "Ihr Zugang zu Ganzohr hat sich geändert"
    assert (
        reverse("account_reset_password") in last.body and reverse("account_reset_password") in last.alternatives[0][0]
    )


def test_a_new_password_is_told_by_mail(reader: User, mailoutbox: list[Any]) -> None:
    client = signs_in(reader)
    new = {"oldpassword": PASSWORD, "password1": "another sentence entirely", "password2": "another sentence entirely"}
    client.post(reverse("account_change_password"), new)
    assert [(letter.to, letter.subject) for letter in mailoutbox] == [
        ([reader.email], "Your sign-in at Ganzohr has changed")
    ]
