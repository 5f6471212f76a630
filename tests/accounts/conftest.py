"""People who sign in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.core.cache import caches
from django.test import Client

if TYPE_CHECKING:
    from ganzohr.accounts.models import User

PASSWORD = "a short sentence is good"


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """Rate limits of the last test are not ours."""
    caches["process"].clear()


@pytest.fixture
def admin(db: None) -> User:
    """Whoever runs the desk."""
    from ganzohr.accounts.models import Role, User

    return User.objects.create_user(
        "sophie@auental.example", PASSWORD, name="Sophie Brandt", role=Role.ADMIN, language="en"
    )


@pytest.fixture
def reader(db: None) -> User:
    """Somebody who only reads."""
    from ganzohr.accounts.models import Role, User

    return User.objects.create_user(
        "rita@auental.example", PASSWORD, name="Rita Leser", role=Role.READER, language="en"
    )


@pytest.fixture
def signed_in(client: Client) -> Callable[[User], Client]:
    """A browser in which this user is signed in."""

    def sign_in(user: User) -> Client:
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in
