"""Deliveries as the platform sends them, written by us."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

PAGE, POST, COMMENT, PERSON = "900", "900_11", "11_501", "7001"
AT = datetime(2026, 11, 20, 21, 40, tzinfo=UTC)
SECONDS = int(AT.timestamp())


def body(*entries: Any) -> bytes:
    """A webhook with these entries."""
    return json.dumps({"object": "page", "entry": list(entries)}, ensure_ascii=False).encode()


def change(value: dict[str, Any], field: str = "feed", **entry: Any) -> dict[str, Any]:
    """One entry with one change."""
    return {"id": PAGE, "time": SECONDS, **entry, "changes": [{"field": field, "value": value}]}


def comment(**values: Any) -> dict[str, Any]:
    """What a comment under our post says."""
    return {
        "from": {"id": PERSON, "name": "Mia Sommer"},
        "item": "comment",
        "verb": "add",
        "comment_id": COMMENT,
        "post_id": POST,
        "parent_id": POST,
        "created_time": SECONDS,
        "message": "Geht das auch in Teilzeit? 🙂",
        **values,
    }


def talk(**event: Any) -> dict[str, Any]:
    """One entry with one event of a talk."""
    ends = {"sender": {"id": PERSON}, "recipient": {"id": PAGE}, "timestamp": SECONDS * 1000}
    return {"id": PAGE, "time": SECONDS * 1000, "messaging": [ends | event]}


def message(**values: Any) -> dict[str, Any]:
    """One entry with one message of a person."""
    return talk(message={"mid": "m_1", "text": "Hallo, gibt es noch Plätze?", **values})
