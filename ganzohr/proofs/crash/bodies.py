"""What people write, as the platform tells it: bodies of hooks with one or several messages, and news of our answers.

Everything follows from the seed and a number, so the same seed says the same.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ganzohr.proofs.crash.haste import moment

SECRET = "proof-crash-app-secret"  # noqa: S105  only on loopback
KEY = "proof-crash-app"
NUMBERS = 8
FILE, PDF = "media-", {"mime_type": "application/pdf"}
Body = dict[str, Any]


@dataclass(frozen=True)
class Crowd:
    """One message in `quiet` is by somebody who writes once, the others are by `talkers` people; one in `wordy` has
    words, the others tell where somebody is; one in `filed` brings a file. `alone` bodies in a hundred hold one, the
    others at most `together`."""

    quiet: int
    talkers: int
    wordy: int
    filed: int
    together: int
    alone: int


FEW, MASS = Crowd(3, 400, 2, 11, 5, 75), Crowd(20, 50_000, 50, 1_009, 9, 5)
MANY = 100_000


def crowd(deliveries: int) -> Crowd:
    """Who writes when so many messages are wanted. Of very many most are short work: it is about their number."""
    return MASS if deliveries >= MANY else FEW


@dataclass(frozen=True)
class Said:
    """One message of one person to one of our numbers. Quiet people write once; only they are answered."""

    id: str
    number: int
    phone: str
    words: str
    file: str = ""


def said(seed: int, count: int, by: Crowd = FEW) -> Said:
    """The message of that number."""
    is_quiet = count % by.quiet == 0
    who = 1_000_000 + count if is_quiet else random.Random(seed << 32 | count).randrange(by.talkers)
    id_ = f"wamid.{seed}.{count:08d}"
    words = f"Frage {id_}: ist die Stelle frei?" if count % by.wordy == 0 else ""
    file = f"{FILE}{seed}-{count:08d}" if count % by.filed == 0 else ""
    return Said(id_, who % NUMBERS, f"{'4915' if is_quiet else '4917'}{who:08d}", words, file)


def count_of(id_: str) -> int:
    """Which number a message has."""
    return int(id_.rpartition(".")[2])


def number_id(number: int) -> str:
    """Our number at the platform."""
    return f"10700000000{number:02d}"


def account_id(number: int) -> str:
    """The business account that holds it."""
    return f"20700000000{number:02d}"


def body(messages: Sequence[Said], mark: str = "") -> bytes:
    """Several messages in one body, in the order given; `mark` makes other bytes of the same messages."""
    entries = [
        _change(
            one.number, contacts=[{"profile": {"name": f"P {one.phone}"}, "wa_id": one.phone}], messages=[_told(one)]
        )
        for one in messages
    ]
    return json.dumps(
        {"object": "whatsapp_business_account", "entry": entries, **({"mark": mark} if mark else {})}
    ).encode()


def status(number: int, key: str, id_: str, phone: str) -> bytes:
    """The platform says that a message of ours was delivered, with the key we gave."""
    told = {
        "id": id_, "status": "delivered", "timestamp": str(int(moment().timestamp())), "recipient_id": phone,
        "biz_opaque_callback_data": key,
    }  # fmt: skip
    return json.dumps({"object": "whatsapp_business_account", "entry": [_change(number, statuses=[told])]}).encode()


def signed(content: bytes, secret: str = SECRET) -> str:
    """The header over these bytes."""
    return "sha256=" + hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def _told(one: Said) -> Body:
    content: Body = {"type": "text", "text": {"body": one.words}}
    if one.file:
        words = {"caption": one.words} if one.words else {}
        content = {"type": "document", "document": {"id": one.file, "filename": "cv.pdf", **PDF, **words}}
    elif not one.words:
        content = {"type": "location", "location": {"latitude": 52.5 + one.number / 100, "longitude": 13.4}}
    return {"from": one.phone, "id": one.id, "timestamp": str(int(moment().timestamp())), **content}


def _change(number: int, **value: Any) -> Body:
    head = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": f"493055501{number:02d}", "phone_number_id": number_id(number)},
    }
    return {"id": account_id(number), "changes": [{"field": "messages", "value": head | value}]}
