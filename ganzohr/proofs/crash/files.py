"""Files people send: what each holds, what befalls whoever fetches it, and what the desk has of them in the end.

Everything follows from the id of a file, so platform and comparison need not tell each other.
"""

from __future__ import annotations

import hashlib
import os
import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from ganzohr.proofs.crash.bodies import FILE, KEY, Crowd, count_of, said

# how often in a hundred; the first two for ever, the others once, `bytes` when the address is known
FATES = {
    "gone": 3, "bytes damaged": 2, "500": 4, "429": 2, "drop": 3, "silence": 2, "slow": 3, "bytes 500": 4,
    "bytes cut": 4, "bytes slow": 2,
}  # fmt: skip
NEVER = ("gone", "bytes damaged")


def content(id_: str) -> bytes:
    """The bytes of a file."""
    size = 1_000 + int(hashlib.sha256(id_.encode()).hexdigest()[:4], 16) % 20_000
    return b"%PDF-1.4\n" + hashlib.shake_256(id_.encode()).digest(size)


def fate(id_: str) -> str:
    """What befalls whoever fetches it; '' for nothing."""
    thrown = random.Random(id_).uniform(0, 100)
    for name, share in FATES.items():
        thrown -= share
        if thrown < 0:
            return name
    return ""


def befalls(id_: str, tries: int, are_bytes: bool) -> str:
    """What happens to this try at its address or at its bytes."""
    name = fate(id_)
    is_now = name in NEVER or tries == 1
    return name.removeprefix("bytes ") if is_now and name.startswith("bytes") == are_bytes else ""


def compare(thanked: Iterable[int], seed: int, by: Crowd) -> tuple[list[str], str]:
    """What is wrong, and a line about all of them: each file of a message we were thanked for is there once and whole,
    or shown as not fetched where the platform had none; every row has its bytes."""
    rows = _rows()
    troubles = [f"{name}: {len(ids)}, such as {sorted(ids)[:3]}" for name, ids in _wrong(rows).items()]
    sent = {count for count in thanked if said(seed, count, by).file}
    if sent - rows.keys():
        troubles.append(f"files of {len(sent - rows.keys())} messages are lost")
    kept = sum(bool(row["file"]) for found in rows.values() for row in found)
    lying = _lying()
    if not sent or lying < kept:
        troubles.append(f"{len(sent)} files sent, {kept} kept and {lying} lie in the storage")
    words = f"{len(sent)} sent, {kept} fetched, {sum(map(len, rows.values())) - kept} told as not fetched"
    return troubles, f"files: {words}, {lying - kept} left in the storage by kills"


def _rows() -> dict[int, list[dict[str, Any]]]:
    from ganzohr.inbox.models import Attachment

    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = Attachment.objects.filter(message__channel__app__key=KEY, message__direction="in")
    for row in rows.values("message__external_id", "file", "size", "content_type", "reference", "fetch_at"):
        found[count_of(row["message__external_id"] or "")].append(dict(row))
    return found


def _wrong(rows: dict[int, list[dict[str, Any]]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for count, held in rows.items():
        for name in Counter(_state(row) for row in held) if len(held) == 1 else ["files twice"]:
            if name:
                found[name].append(count)
    return found


def _state(row: dict[str, Any]) -> str:
    """'' if it is as it must be."""
    from django.core.files.storage import default_storage

    id_ = row["message__external_id"].replace("wamid.", FILE).replace(".", "-")
    if row["reference"] or row["fetch_at"]:
        return "files that still wait"
    if not row["file"]:
        return "" if fate(id_) in NEVER and row["content_type"] == "not_fetched" else "files given up, or not told so"
    if not default_storage.exists(row["file"]):
        return "rows without their bytes"
    with default_storage.open(row["file"]) as file:
        is_whole = file.read() == content(id_) and row["size"] == len(content(id_))
    return "" if is_whole and fate(id_) not in NEVER else "files with other bytes"


def _lying() -> int:
    from django.conf import settings

    return sum(len(names) for _folder, _folders, names in os.walk(settings.MEDIA_ROOT))
