"""A website channel and somebody who visits it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ganzohr.channels.models import Channel
    from tests.website.visitors import Visitor


@pytest.fixture(autouse=True)
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stories do not wait two seconds before they write."""
    from ganzohr.website import limits

    monkeypatch.setattr(limits, "QUICKEST", 0)


@pytest.fixture
def channel(db: None) -> Channel:
    """The career website of an employer."""
    from ganzohr.channels.models import Channel
    from tests.website.visitors import SITE

    settings = {"title": "Kliniken Auental", "origins": [SITE]}
    return Channel.objects.create(
        kind="website", name="Karriereseite", key="auental", languages=["de", "nl", "en"], settings=settings
    )


@pytest.fixture
def visitor(channel: Channel) -> Visitor:
    """Somebody who reads German."""
    from tests.website.visitors import Visitor

    return Visitor(channel)
