"""The inbox's desk serves here too."""

from __future__ import annotations

from tests.inbox.conftest import as_sophie, desk, stopped, told

__all__ = ["as_sophie", "desk", "stopped", "told"]
