"""Coming in: the set-up link, invitations, passwords, sessions."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client, override_settings
from django.urls import reverse

from ganzohr.accounts import actions
from ganzohr.accounts.models import Invitation, Role, User
from ganzohr.core import times
from ganzohr.directory.models import Colleague, Site

PASSWORD = "a short sentence is good"
pytestmark = pytest.mark.django_db
in_memory = override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
Browser = Callable[[User], Client]


def found(pattern: str, letter: mail.EmailMessage) -> str:
    """What the pattern finds in a mail: its first group, or all of it."""
    match = re.search(pattern, str(letter.body))
    assert match is not None
    return match[match.re.groups and 1]


def path(link: str) -> str:
    return re.sub(r"^https?://[^/]+", "", link)


def test_the_set_up_link_makes_the_first_admin_and_then_closes(client: Client) -> None:
    link = actions.setup_link()
    assert link is not None
    form = {
        "name": "Sophie Brandt",
        "email": "Sophie@Auental.example",
        "language": "de",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    came_in = client.post(path(link), form)
    user = User.objects.get()
    assert (came_in.status_code, user.email, user.role, user.colleague.name) == (
        302,
        "sophie@auental.example",
        Role.ADMIN,
        "Sophie Brandt",
    )
    assert actions.setup_link() is None
    assert Client().post(path(link), form | {"email": "other@auental.example"}).status_code == 410
    assert User.objects.count() == 1


def test_a_wrong_set_up_link_makes_nobody_admin(client: Client) -> None:
    assert client.get(reverse("accounts:start", args=["1:forged"])).status_code == 410


@in_memory
def test_an_invited_person_joins_once_limited_to_their_site(client: Client, admin: User) -> None:
    site = Site.objects.create(name="Marienhöhe")
    actions.invite(admin, "noor@auental.example", "Noor van Dijk", "manager", "hr", "nl", [site.pk])
    letter = mail.outbox[0]
    link = path(found(r"http\S+", letter))
    assert letter.subject == "Je aanmelding bij Ganzohr"
    assert "Welkom bij Ganzohr" in client.get(link).content.decode()
    joined = client.post(link, {"name": "Noor van Dijk", "password1": PASSWORD, "password2": PASSWORD})
    user = User.objects.get(email="noor@auental.example")
    assert (joined.status_code, user.role, user.language) == (302, "manager", "nl")
    assert list(user.colleague.limited_to.all()) == [site]
    again = Client().post(link, {"name": "Eve", "password1": PASSWORD, "password2": PASSWORD})
    assert (again.status_code, User.objects.count()) == (410, 2)


@in_memory
def test_joining_finds_the_colleague_who_was_entered_before(admin: User) -> None:
    known = Colleague.objects.create(name="Karin Wöhlert", email="Karin@auental.example")
    invitation = actions.invite(admin, "karin@auental.example", "", "lead", "hr", "de")
    token = found(r"join/([^/]+)/", mail.outbox[0])
    user = actions.accept(token, "Karin Wöhlert", PASSWORD)
    known.refresh_from_db()
    invitation.refresh_from_db()
    assert (known.user, Colleague.objects.count()) == (user, 1)
    assert invitation.accepted_at is not None


@in_memory
def test_a_withdrawn_an_old_and_a_replaced_link_are_closed(admin: User) -> None:
    invitation = actions.invite(admin, "lena@auental.example", "", "reader", "hr", "de")
    first = found(r"join/([^/]+)/", mail.outbox[0])
    actions.revoke(invitation, admin)
    assert actions.open_invitation(first) is None
    actions.restore(invitation, admin)
    assert actions.open_invitation(first) == invitation
    actions.invite_again(invitation, admin)
    second = found(r"join/([^/]+)/", mail.outbox[1])
    assert (actions.open_invitation(first), actions.open_invitation(second)) == (None, invitation)
    with times.frozen(times.now() + timedelta(days=15)):
        assert actions.open_invitation(second) is None


def test_a_person_signs_in_with_address_and_password_and_out_again(client: Client, admin: User) -> None:
    asked = client.get(reverse("accounts:users"))
    assert asked.headers["Location"] == reverse("account_login") + "?next=" + reverse("accounts:users")
    came_in = client.post(asked.headers["Location"], {"login": "SOPHIE@auental.example", "password": PASSWORD})
    assert (came_in.status_code, came_in.headers["Location"]) == (302, reverse("accounts:users"))
    client.post(reverse("account_logout"))
    assert client.get(reverse("accounts:users")).status_code == 302


def test_the_sixth_wrong_password_is_not_even_tried(client: Client, admin: User) -> None:
    for _ in range(5):
        client.post(reverse("account_login"), {"login": admin.email, "password": "wrong password"})
    right = client.post(
        reverse("account_login"), {"login": admin.email, "password": PASSWORD}, headers={"Accept-Language": "en"}
    )
    assert "Too many attempts" in right.content.decode()


@in_memory
def test_a_forgotten_password_is_set_anew_by_a_link_in_the_readers_language(client: Client, reader: User) -> None:
    User.objects.filter(pk=reader.pk).update(language="de")
    client.post(reverse("account_reset_password"), {"email": reader.email})
    letter = mail.outbox[0]
    assert letter.subject == "Neues Passwort für Ganzohr"
    form_at = client.get(path(found(r"http\S+", letter))).headers["Location"]
    client.post(form_at, {"password1": "another good sentence", "password2": "another good sentence"})
    reader.refresh_from_db()
    assert reader.check_password("another good sentence")


@in_memory
def test_an_address_nobody_signs_in_with_gets_no_mail_and_no_hint(client: Client, reader: User) -> None:
    known = client.post(reverse("account_reset_password"), {"email": reader.email})
    unknown = client.post(reverse("account_reset_password"), {"email": "stranger@example.com"})
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert [letter.to for letter in mail.outbox] == [[reader.email]]


def test_one_click_signs_in_inside_the_demo_only(client: Client, reader: User) -> None:
    with override_settings(GANZOHR_DEMO=True):
        link = path(actions.sign_in_link(reader))
        assert client.get(link).status_code == 302
        assert client.get(reverse("accounts:profile")).status_code == 200
    assert Client().get(link).status_code == 404
    with pytest.raises(RuntimeError):
        actions.sign_in_link(reader)


def test_a_session_somewhere_else_is_ended_from_the_profile(client: Client, reader: User) -> None:
    other = Client(HTTP_USER_AGENT="Mozilla/5.0 (Android 15; Mobile) Firefox/140.0")
    for browser in (client, other):
        browser.post(reverse("account_login"), {"login": reader.email, "password": PASSWORD})
    page = client.get(reverse("accounts:profile")).content.decode()
    assert "Firefox on Android" in page
    end = re.search(r'action="(/profile/sessions/\d+)"', page)[1]  # type: ignore[index]
    client.post(end)
    assert (
        other.get(reverse("accounts:profile")).status_code,
        client.get(reverse("accounts:profile")).status_code,
    ) == (
        302,
        200,
    )


def test_nobody_ends_the_session_of_somebody_else(client: Client, reader: User, admin: User) -> None:
    other = Client()
    other.post(reverse("account_login"), {"login": admin.email, "password": PASSWORD})
    client.post(reverse("account_login"), {"login": reader.email, "password": PASSWORD})
    theirs = UserSession.objects.get(user=admin)
    client.post(reverse("accounts:end_session", args=[theirs.pk]))
    assert other.get(reverse("accounts:profile")).status_code == 200


def test_the_invitation_holds_a_hash_instead_of_the_link(admin: User) -> None:
    with in_memory:
        actions.invite(admin, "lena@auental.example", "", "reader", "hr", "de")
        token = found(r"join/([^/]+)/", mail.outbox[-1])
    stored = bytes(Invitation.objects.get().token_hash)
    assert (len(stored), token.encode() in stored) == (32, False)


def test_sessions_that_ran_out_are_forgotten(client: Client, reader: User) -> None:
    client.post(reverse("account_login"), {"login": reader.email, "password": PASSWORD})
    assert actions.forget_sessions() == 0
    with times.frozen(times.now() + timedelta(days=22)):
        assert actions.forget_sessions() == 2
    assert not UserSession.objects.exists()


def test_somebody_who_came_in_without_a_password_sets_the_first_one(client: Client, db: None) -> None:
    user = User.objects.create_user("demo@auental.example", role=Role.READER, language="en")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    first = client.get(reverse("account_change_password"))
    assert first.headers["Location"] == reverse("account_set_password")
    client.post(first.headers["Location"], {"password1": PASSWORD, "password2": PASSWORD})
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_a_changed_password_keeps_this_browser_signed_in(client: Client, reader: User) -> None:
    client.post(reverse("account_login"), {"login": reader.email, "password": PASSWORD})
    new = "another good sentence"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    answer = client.post(reverse("account_change_password"), form, follow=True)
    reader.refresh_from_db()
    assert (reader.check_password(new), answer.status_code) == (True, 200)
    assert "Your new password holds." in answer.content.decode()
