"""A graph for the stories of WhatsApp."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.channels.meta.scripted import Graph, scripted


@pytest.fixture
def graph() -> Iterator[Graph]:
    """A graph on a real socket."""
    with scripted() as found:
        yield found
