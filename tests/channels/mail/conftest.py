"""Real mail servers for the stories of mail."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ganzohr.channels.connectors.base import Account
from ganzohr.proofs import mailservers
from ganzohr.proofs.mailservers import Servers

PASSWORDS = {
    "karriere@brand.test": "Ein langes Wort 1",
    "ausbildung@brand.test": "Ein langes Wort 2",
    "cut@brand.test": "Ein langes Wort 3",
    "valid@brand.test": "Ein langes Wort 4",
    "large@brand.test": "Ein langes Wort 5",
    "poll@brand.test": "Ein langes Wort 6",
    "bounce@brand.test": "Ein langes Wort 7",
    "anna@person.test": "Ein langes Wort 8",
}


AccountAt = Callable[..., Account]


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """Postfix and Dovecot on free ports; without them these stories are told only in CI, where they must not be
    skipped.
    """
    if not mailservers.real_ones():
        if os.environ.get("CI") == "true":
            pytest.fail("Postfix and Dovecot are needed here (and root, to start Postfix)")
        pytest.skip("Postfix and Dovecot are not installed, or we are not root")
    with (
        tempfile.TemporaryDirectory(prefix="gz-mail-", ignore_cleanup_errors=True) as folder,
        mailservers.running(PASSWORDS, Path(folder)) as running,
    ):
        yield running


@pytest.fixture
def account_at(servers: Servers) -> AccountAt:
    """The mail account of an address on these servers; settings can be changed."""

    def make(address: str, **changes: object) -> Account:
        return Account(
            "mail",
            "key-of-" + address.partition("@")[0],
            {**servers.settings(address), **changes},
            servers.secrets(address),
        )

    return make
