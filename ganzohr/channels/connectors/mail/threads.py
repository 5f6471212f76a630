"""Which thread a mail belongs to: headers first, then the plus address it was sent to, then the token in its subject.

A token is opaque and signed by whoever makes it (`verify` is passed in), in lower-case letters and digits only:
servers on the way may change the case of an address. A token nobody signed opens nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterable
from typing import TypeVar

from ganzohr.channels.connectors.mail.values import Mail

Found = TypeVar("Found")

_TOKEN = re.compile(r"[a-z0-9]{8,52}")
_MARK = re.compile(r"\[#([a-z0-9]{8,52})\]", re.IGNORECASE)
_SIGNATURE_BYTES = 10
MOST_TEXT = 200_000


def make_token(number: int, key: bytes, purpose: str) -> str:
    """A token for this number that only holders of the key can make; 24 characters for everyday numbers."""
    plain = number.to_bytes(max(5, (number.bit_length() + 7) // 8), "big")
    signature = _signature(plain, key, purpose)
    return base64.b32encode(plain + signature).decode().rstrip("=").lower()


def read_token(token: str, key: bytes, purpose: str) -> int | None:
    """The number in a token made with this key for this purpose; None for every other text."""
    try:
        raw = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    except ValueError:
        return None
    plain, signature = raw[:-_SIGNATURE_BYTES], raw[-_SIGNATURE_BYTES:]
    good = bool(plain) and hmac.compare_digest(signature, _signature(plain, key, purpose))
    return int.from_bytes(plain, "big") if good else None


def _signature(plain: bytes, key: bytes, purpose: str) -> bytes:
    return hmac.new(key, b"ganzohr.mail." + purpose.encode() + b"\0" + plain, hashlib.sha256).digest()[
        :_SIGNATURE_BYTES
    ]


def random_token() -> str:
    """26 characters nobody can guess, in letters that survive every mail server; for tokens that are looked up by
    their hash.
    """
    return base64.b32encode(secrets.token_bytes(17)).decode().rstrip("=").lower()[:26]


def new_message_id(token: str, domain: str) -> str:
    """A Message-ID, angle brackets included, that tells nothing but the token's hash."""
    return f"<g.{hashlib.sha256(token.encode()).hexdigest()[:40]}@{domain}>"


def plus_address(address: str, token: str, separator: str = "+") -> str:
    """`karriere+token@example.org`."""
    local, _, domain = address.rpartition("@")
    return f"{local}{separator}{token}@{domain}"


def reply_address(address: str, token: str, *, plus: bool) -> str:
    """Where an answer comes back to: the plus address, or the plain one where the server knows no plus addresses."""
    return plus_address(address, token) if plus else address


def mark(token: str) -> str:
    """The short visible form of a token, for a subject or the end of a text."""
    return f"[#{token}]"


def subject_with(subject: str, token: str) -> str:
    """The subject with the token at its end; an older token gives way."""
    bare = without_token(subject)
    return f"{bare} {mark(token)}".strip()


def without_token(subject: str) -> str:
    """The subject as people should see it."""
    return re.sub(r"\s{2,}", " ", _MARK.sub(" ", subject)).strip()


def tokens(mail: Mail, address: str, separator: str = "+") -> tuple[str, ...]:
    """Everything in this mail that looks like a token of ours, likeliest first; nothing is verified.

    First plus addresses of this address, then of others (aliases that lead here), the subject, marks in the text.
    """
    local, _, domain = address.lower().rpartition("@")
    boxes = [*(box.address for box in (*mail.to, *mail.cc)), *mail.delivered_to]
    if mail.report:
        boxes.append(mail.report.original_reply_to)
    found = [(box, token) for box in boxes if (token := _token_of(box, separator or "+"))]
    own = [token for box, token in found if box.startswith(f"{local}{separator or '+'}") and box.endswith(f"@{domain}")]
    marked = [match.lower() for match in _MARK.findall(f"{mail.subject}\n{mail.text[:MOST_TEXT]}")[:20]]
    return tuple(dict.fromkeys([*own, *(token for _box, token in found), *marked]))


def _token_of(box: str, separator: str) -> str:
    token = box.rpartition("@")[0].partition(separator)[2]
    return token if _TOKEN.fullmatch(token) else ""


def first_valid(candidates: Iterable[str], verify: Callable[[str], Found | None]) -> Found | None:
    """What the first token that holds stands for."""
    for candidate in candidates:
        found = verify(candidate)
        if found is not None:
            return found
    return None


def thread_key(mail: Mail) -> str:
    """The mail thread: its first message as far as the headers tell. Bounded to fit a column."""
    root = mail.references[0] if mail.references else mail.in_reply_to or mail.external_id
    return short_id(root)


def ancestors(mail: Mail) -> tuple[str, ...]:
    """Ids of the mails this one answers, nearest first: whoever knows one of them knows the thread."""
    return tuple(dict.fromkeys([*([mail.in_reply_to] if mail.in_reply_to else []), *reversed(mail.references)]))


def short_id(message_id: str, most: int = 200) -> str:
    """The id itself, or for a monstrous one a stable short stand-in."""
    if len(message_id) <= most:
        return message_id
    return f"<long.{hashlib.sha256(message_id.encode('utf-8', 'replace')).hexdigest()}@ganzohr.invalid>"
