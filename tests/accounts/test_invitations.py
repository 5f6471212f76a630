"""Invitations: one open per address whoever comes first, and a mail in the house's form of address."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from ganzohr.accounts import actions
from ganzohr.accounts.models import Invitation, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return User.objects.create_user("a@x.example", "a short sentence", name="Ada", role="admin", language="en")


def test_of_two_admins_who_invite_the_same_person_the_second_is_told(admin: User) -> None:
    actions.invite(admin, "karin@x.example", "", "lead", "hr", "de")
    with pytest.raises(actions.AlreadyInvited):
        actions.invite(admin, "Karin@x.example", "", "reader", "hr", "de")
    assert (Invitation.objects.get().role, len(mail.outbox)) == ("lead", 1)


@pytest.mark.parametrize("page", ["restore", "invite_again"])
def test_an_old_link_does_not_come_back_beside_a_new_one(admin: User, client: Client, page: str) -> None:
    old = actions.invite(admin, "karin@x.example", "", "lead", "hr", "de")
    actions.revoke(old, admin)
    actions.invite(admin, "karin@x.example", "", "lead", "hr", "de")
    client.force_login(admin, "allauth.account.auth_backends.AuthenticationBackend")
    answer = client.post(reverse(f"accounts:{page}", args=[old.pk]), follow=True)
    old.refresh_from_db()
    assert (answer.status_code, old.revoked_at is None) == (200, False)
    assert "Another invitation to karin@x.example is open already." in answer.content.decode()


@pytest.mark.parametrize(("address", "words"), [("informal", "lädt dich"), ("formal", "lädt Sie")])
def test_the_mail_has_a_button_and_the_form_of_address_of_the_house(
    admin: User, settings: Any, address: str, words: str
) -> None:
    settings.COLLEAGUE_ADDRESS = address
    actions.invite(admin, "karin@x.example", "Karin", "lead", "hr", "de")
    letter: Any = mail.outbox[0]
    html = str(letter.alternatives[0][0])
    assert (words in str(letter.body), words in html, html.count('<a class="button"')) == (True, True, 1)
