"""Backups that must be refused, and a few words of the refusal."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ganzohr.config import archive


def _cut(file: Path) -> bytes:
    return file.read_bytes()[:-2000]


def _flipped(file: Path) -> bytes:
    inside = bytearray(gzip.decompress(file.read_bytes()))
    inside[len(inside) // 3] ^= 1
    return gzip.compress(bytes(inside), 1)


def _with(change: dict[str, Any]) -> Callable[[Path], bytes]:
    def rewritten(file: Path) -> bytes:
        out = io.BytesIO()
        with tarfile.open(file) as source, tarfile.open(fileobj=out, mode="w:gz", compresslevel=1) as target:
            for entry in source:
                content = source.extractfile(entry)
                data = content.read() if content else b""
                if entry.name == archive.LIST:
                    data = json.dumps(json.loads(data) | change).encode()
                    entry.size = len(data)
                target.addfile(entry, io.BytesIO(data))
        return out.getvalue()

    return rewritten


SPOILT: dict[str, tuple[Callable[[Path], bytes], str]] = {
    "cut": (_cut, "is not a whole backup of Ganzohr"),
    "changed by one bit": (_flipped, "is damaged"),
    "of a newer form": (_with({"format": archive.FORMAT + 1}), "was made by a newer version of Ganzohr"),
    "of a newer version": (
        _with({"migrations": ["channels.9999_future"], "version": "9.0"}),
        "was made by a newer version of Ganzohr (9.0, channels.9999_future)",
    ),
}
