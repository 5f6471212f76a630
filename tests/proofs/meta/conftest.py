"""A platform that delivers when told to, and a little desk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ganzohr.proofs.meta import Platform, running
from tests.proofs.meta.desk import Client, Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def platform(desk: Desk) -> Iterator[Platform]:
    with running(post=desk.take, background=False) as platform:
        platform.hook_up("http://desk.example", "key")
        desk.secrets = platform.secrets
        yield platform


@pytest.fixture
def graph(platform: Platform) -> Client:
    """Somebody who may everything."""
    platform.user_token.scopes |= {"pages_messaging"}
    return Client(platform, platform.user_token.value)
