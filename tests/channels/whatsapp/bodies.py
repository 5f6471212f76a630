"""Deliveries as WhatsApp makes them, about people of our own making."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

AT = datetime(2026, 11, 20, 21, 40, tzinfo=UTC)
SECONDS = str(int(AT.timestamp()))
NUMBER, BUSINESS = "700100200300", "800900100"
PHONE, USER_ID, PARENT = "4915112345678", "DE.9081726354", "DE.ENT.1122334455"
CONTACT = {"profile": {"name": "Mia Müller"}, "wa_id": PHONE, "user_id": USER_ID, "parent_user_id": PARENT}


def webhook(*changes: dict[str, Any], **entry: Any) -> bytes:
    """One delivery with one entry."""
    whole = {"id": BUSINESS, "changes": list(changes), **entry}
    return json.dumps({"object": "whatsapp_business_account", "entry": [whole]}).encode()


def change(name: str = "messages", **value: Any) -> dict[str, Any]:
    """One change for our number."""
    metadata = {"display_phone_number": "493012345", "phone_number_id": NUMBER}
    return {"field": name, "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}


def message(kind: str, content: Any, **more: Any) -> dict[str, Any]:
    """One message of Mia's."""
    return {"from": PHONE, "id": "wamid.ONE", "timestamp": SECONDS, "type": kind, kind: content, **more}


def received(kind: str, content: Any, **more: Any) -> bytes:
    """One delivery with one message of Mia's."""
    return webhook(change(contacts=[CONTACT], messages=[message(kind, content, **more)]))


def status(word: str, **more: Any) -> bytes:
    """One delivery with one status of a message of ours."""
    told = {"id": "wamid.OURS", "status": word, "timestamp": SECONDS, "recipient_id": PHONE, **more}
    return webhook(change(statuses=[told]))


def called(event: str, **more: Any) -> bytes:
    """One delivery with one event of a call."""
    told = {"id": "wacid.C1", "from": PHONE, "to": "493012345", "event": event, "timestamp": SECONDS, **more}
    return webhook(change("calls", contacts=[CONTACT], calls=[{"direction": "USER_INITIATED", **told}]))


def together(*bodies: bytes) -> bytes:
    """The same entries in one delivery."""
    entries = [entry for body in bodies for entry in json.loads(body)["entry"]]
    return json.dumps({"object": "whatsapp_business_account", "entry": entries}).encode()
