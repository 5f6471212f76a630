"""The desk of these stories, stopped on Monday at ten. Django is imported inside: it is not set up yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.inquiries.circle import Circle


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    """It is Monday, 10:00 in Berlin; nobody knocked yet."""
    from django.core.cache import caches

    from ganzohr.core.times import frozen
    from tests.inquiries.circle import MONDAY

    caches["process"].clear()
    with frozen(MONDAY):
        yield


@pytest.fixture
def circle(db: None) -> Circle:
    """Sophie runs the desk; Karin knows, Thomas stands in; Lena asks."""
    from tests.inquiries.circle import open_circle

    return open_circle()
