"""Signing in as companies expect it, in a real browser with a virtual authenticator, over http://localhost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests import oidc
from tests.accounts.authenticator import code

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from ganzohr.accounts.models import User

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PASSWORD = "a short sentence is good"
NewPage = Callable[..., "Page"]


@pytest.fixture
def rita(desk: str) -> User:
    """Somebody with a password and nothing else."""
    from ganzohr.accounts.models import User
    from ganzohr.config import wiring

    wiring.tie()
    return User.objects.create_user("rita@auental.example", PASSWORD, name="Rita Leser", role="manager", language="de")


@pytest.fixture
def page(desk: str, new_page: NewPage) -> Page:
    """A browser that has an authenticator, at the desk by its name: passkeys do not belong to a number."""
    made = new_page(base_url=desk.replace("127.0.0.1", "localhost"), viewport={"width": 1440, "height": 900})
    made.set_default_timeout(30_000)
    session = made.context.new_cdp_session(made)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {**options, "isUserVerified": True, "automaticPresenceSimulation": True}},
    )
    return made


def sign_in(page: Page, password: str = PASSWORD) -> None:
    page.goto("/accounts/sign-in/")
    page.get_by_label("Mailadresse").fill("rita@auental.example")
    page.get_by_label("Passwort").fill(password)
    page.get_by_role("button", name="Anmelden", exact=True).click()


def sign_out(page: Page) -> None:
    page.goto("/accounts/sign-out/")
    page.get_by_role("button", name="Abmelden").first.click()
    page.wait_for_url(re.compile("/accounts/sign-in/"))


def confirm(page: Page) -> None:
    page.get_by_label("Passwort").fill(PASSWORD)
    page.get_by_role("button", name="Weiter").click()


def test_a_passkey_is_made_signs_in_alone_and_is_removed(page: Page, rita: User) -> None:
    from allauth.mfa.models import Authenticator
    from playwright.sync_api import expect

    sign_in(page)
    page.goto("/profile/")
    page.get_by_role("link", name="Passkey hinzufügen").click()
    confirm(page)
    page.get_by_label("Name").fill("Mein Laptop")
    page.get_by_role("button", name="Passkey erstellen").click()
    expect(page.get_by_role("heading", name=re.compile("Deine Notfallcodes"))).to_be_visible()
    page.goto("/profile/")
    expect(page.get_by_text("Mein Laptop")).to_be_visible()
    expect(page.get_by_text("Passkey, meldet allein an")).to_be_visible()
    sign_out(page)
    page.goto("/accounts/sign-in/?next=/profile/")
    page.get_by_role("button", name="Mit einem Passkey anmelden").click()
    expect(page.get_by_role("heading", name=re.compile("Rita Leser"))).to_be_visible()
    factor = Authenticator.objects.get(type="webauthn")
    assert (factor.user, factor.last_used_at is not None) == (rita, True)
    page.goto(f"/profile/second-factor/passkeys/{factor.pk}/removal/")
    page.get_by_role("button", name="Mit einem Passkey").or_(page.get_by_label("Passwort")).first.wait_for()
    confirm(page)
    page.get_by_role("button", name="Entfernen").click()
    expect(page.get_by_text("Noch keiner.")).to_be_visible()
    assert not Authenticator.objects.exists()


def test_whose_role_needs_it_is_led_through_app_and_codes_and_signs_in_with_both(page: Page, rita: User) -> None:
    from playwright.sync_api import expect

    from ganzohr.accounts import factors

    factors.require(["manager"], rita)
    sign_in(page)
    expect(page.get_by_text("Deine Rolle braucht einen zweiten Faktor.")).to_be_visible()
    page.goto("/inbox/")
    expect(page).to_have_url(re.compile("/profile/second-factor/$"))
    page.get_by_role("link", name="Authentifizierungs-App hinzufügen").click()
    confirm(page)
    secret = page.locator("#secret").inner_text()
    page.get_by_label("Code aus der App").fill(code(secret))
    page.get_by_role("button", name="Hinzufügen", exact=True).click()
    codes = page.locator("#codes li")
    expect(codes).to_have_count(10)
    spare = codes.first.inner_text().strip()
    with page.expect_download() as download:
        page.get_by_role("link", name="Herunterladen").click()
    assert spare in download.value.path().read_text()
    page.goto("/inbox/")
    expect(page).to_have_url(re.compile("/inbox/$"))
    sign_out(page)
    sign_in(page)
    page.get_by_label("Code").fill(code(secret, later=1))
    page.get_by_role("button", name="Anmelden", exact=True).click()
    page.wait_for_url(lambda url: "/accounts/" not in url)
    sign_out(page)
    sign_in(page)
    page.get_by_label("Code").fill(spare)
    page.get_by_role("button", name="Anmelden", exact=True).click()
    page.wait_for_url(lambda url: "/accounts/" not in url)


def test_too_many_wrong_passwords_are_said_in_words(page: Page, rita: User) -> None:
    from playwright.sync_api import expect

    for _ in range(5):
        sign_in(page, "wrong password")
        expect(page.get_by_text("passen nicht zusammen")).to_be_visible()
    sign_in(page)
    expect(page.get_by_text(re.compile("Zu viele Versuche"))).to_be_visible()


@pytest.fixture
def provider(settings: Any) -> Iterator[oidc.Provider]:
    """The employer's own sign-in, where Rita is signed in already."""
    with oidc.running() as running:
        settings.SOCIALACCOUNT_PROVIDERS = running.settings()
        running.person = {"sub": "7", "email": "rita@auental.example", "email_verified": True, "name": "Rita Leser"}
        yield running


def test_the_employers_own_sign_in_leads_to_the_page_that_was_asked_for(
    provider: oidc.Provider, page: Page, rita: User
) -> None:
    from playwright.sync_api import expect

    page.goto("/profile/")
    page.get_by_role("link", name="Mit Auental anmelden").click()
    expect(page.get_by_role("heading", name=re.compile("Rita Leser"))).to_be_visible()
    assert provider.refused == []


def test_at_an_address_that_is_a_number_words_lead_to_the_name(desk: str, rita: User, as_user: NewPage) -> None:
    from playwright.sync_api import expect

    numbered = as_user(rita)
    numbered.goto("/profile/second-factor/")
    expect(numbered.get_by_role("link", name="http://localhost")).to_be_visible()
    expect(numbered.get_by_role("link", name="Passkey hinzufügen")).to_have_count(0)
