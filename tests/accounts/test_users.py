"""What an admin decides about users, and what nobody else may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from ganzohr.accounts import actions
from ganzohr.accounts.models import Role, User
from ganzohr.audit.models import Entry
from ganzohr.core import times
from ganzohr.directory.models import Colleague

PASSWORD = "a short sentence is good"
pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]


@pytest.mark.parametrize("role", ["manager", "lead", "reader"])
def test_only_admins_see_and_change_users(role: str, reader: User, admin: User, signed_in: Browser) -> None:
    User.objects.filter(pk=reader.pk).update(role=role)
    browser = signed_in(reader)
    answers = [
        browser.get(reverse("accounts:users")).status_code,
        browser.get(reverse("accounts:user", args=[admin.pk])).status_code,
        browser.post(reverse("accounts:deactivate", args=[admin.pk])).status_code,
        browser.get(reverse("directory:invite")).status_code,
    ]
    admin.refresh_from_db()
    assert (answers, admin.is_active) == ([403, 403, 403, 403], True)


def test_the_last_admin_can_neither_be_switched_off_nor_made_less(admin: User, reader: User) -> None:
    with pytest.raises(actions.LastAdmin):
        actions.deactivate(admin, admin)
    with pytest.raises(actions.LastAdmin):
        actions.change_user(admin, admin, role=Role.READER, house="hr")
    actions.change_user(reader, admin, role=Role.ADMIN, house="hr")
    actions.deactivate(admin, reader)
    admin.refresh_from_db()
    assert not admin.is_active


def test_the_form_says_in_words_that_somebody_must_stay_admin(admin: User, signed_in: Browser) -> None:
    form = {"email": admin.email, "role": "reader", "house": "hr"}
    answer = signed_in(admin).post(reverse("accounts:user", args=[admin.pk]), form)
    assert answer.status_code == 422
    assert "This is the last admin" in answer.content.decode()


def test_switching_off_signs_out_at_once_and_can_be_undone(admin: User, reader: User, signed_in: Browser) -> None:
    theirs = Client()
    theirs.post(reverse("account_login"), {"login": reader.email, "password": PASSWORD})
    assert theirs.get(reverse("accounts:profile")).status_code == 200
    browser = signed_in(admin)
    answer = browser.post(reverse("accounts:deactivate", args=[reader.pk]), follow=True)
    undo = reverse("accounts:reactivate", args=[reader.pk])
    assert theirs.get(reverse("accounts:profile")).status_code == 302
    assert f'action="{undo}"' in answer.content.decode()
    browser.post(undo)
    reader.refresh_from_db()
    assert reader.is_active


def test_a_change_of_role_stands_in_the_trail_with_who_made_it(admin: User, reader: User) -> None:
    actions.change_user(reader, admin, role=Role.LEAD, house=reader.house)
    entry = Entry.objects.get()
    assert (entry.actor_id, entry.verb, entry.object_id) == (str(admin.pk), "role", reader.pk)


def test_a_new_name_reaches_the_colleague(admin: User) -> None:
    from ganzohr.accounts.events import UserJoined
    from ganzohr.directory.joining import user_joined

    user_joined(UserJoined((admin.pk,)))
    actions.save_profile(admin, "Sophie Brandt-Kühn", "nl", "dark")
    admin.refresh_from_db()
    assert (admin.colleague.name, admin.language, admin.theme) == ("Sophie Brandt-Kühn", "nl", "dark")


def test_an_address_somebody_else_signs_in_with_is_refused(admin: User, reader: User, signed_in: Browser) -> None:
    form = {"email": reader.email.upper(), "role": "admin", "house": "hr"}
    answer = signed_in(admin).post(reverse("accounts:user", args=[admin.pk]), form)
    assert "Somebody else signs in with this address." in answer.content.decode()


@pytest.mark.parametrize(
    ("language", "form", "subject", "what", "then"),
    [
        ("en", "informal", "Your sign-in at", "The address of your sign-in at Ganzohr was changed.", "tell"),
        ("de", "informal", "Dein Zugang", "Die Mailadresse für deinen Zugang zu Ganzohr ist geändert worden.", "sag "),
        (
            "de",
            "formal",
            "Ihr Zugang",
            "Die Mailadresse für Ihren Zugang zu Ganzohr ist geändert worden.",
            "sagen Sie ",
        ),
        ("nl", "informal", "Je aanmelding", "Het mailadres van je aanmelding bij Ganzohr is gewijzigd.", "bij jullie"),
        ("nl", "formal", "Uw aanmelding", "Het mailadres van uw aanmelding bij Ganzohr is gewijzigd.", "bij u "),
    ],
)
def test_a_changed_address_is_told_to_the_one_before(
    language: str, form: str, subject: str, what: str, then: str, reader: User, settings: Any, mailoutbox: list[Any]
) -> None:
    settings.COLLEAGUE_ADDRESS = form
    reader.language, before = language, reader.email
    actions.change_email(reader, before.upper())
    assert not mailoutbox
    actions.change_email(reader, "Somebody@else.example")
    (letter,) = mailoutbox
    assert (letter.to, letter.body.splitlines()[2].partition(" (")[0]) == ([before], what)
    assert letter.subject.startswith(subject)
    for text in (letter.body, letter.alternatives[0][0]):
        assert then in text
        assert reverse("account_reset_password") not in text, "it opens nothing for the address before"


def test_the_list_of_users_costs_the_same_for_few_and_many(
    admin: User, signed_in: Browser, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for number in range(40):
        User.objects.create(email=f"user{number}@auental.example", name=f"User {number}")
    browser = signed_in(admin)
    with django_assert_max_num_queries(12):  # type: ignore[attr-defined]
        assert browser.get(reverse("accounts:users")).status_code == 200


def test_old_invitations_are_forgotten(admin: User) -> None:
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        actions.invite(admin, "lena@auental.example", "", "reader", "hr", "de")
    with times.frozen(times.now() + timedelta(days=43)):
        assert actions.forget_invitations() == 0
    with times.frozen(times.now() + timedelta(days=45)):
        assert actions.forget_invitations() == 1


def test_the_address_of_a_colleague_is_refused_in_words_and_nothing_of_the_form_is_saved(
    admin: User, reader: User, signed_in: Browser
) -> None:
    Colleague.objects.create(name="Karin Wöhlert", email="karin@auental.example")
    Colleague.objects.create(name="Rita Leser", email=reader.email, user=reader)
    form = {"email": "Karin@auental.example", "role": "manager", "house": "hr"}
    answer = signed_in(admin).post(reverse("accounts:user", args=[reader.pk]), form)
    assert (answer.status_code, "A colleague has this address already" in answer.content.decode()) == (422, True)
    assert list(User.objects.filter(pk=reader.pk).values_list("email", "role")) == [("rita@auental.example", "reader")]
