"""What is kept of a delivery, and the one statement that keeps it: the key decides, the delivery follows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from ganzohr.core import times

COLUMNS = {
    "key_hash": "bytea",
    "channel_id": "bigint",
    "app_id": "bigint",
    "kind": "text",
    "path": "text",
    "headers": "text",
    "body": "bytea",
    "at": "timestamptz",
}
# Keys are inserted in their own order, so that no two processes with the same deliveries wait for each other.
STORE = """
WITH given AS ({given}), fresh AS (
    INSERT INTO channels_deliverykey (key_hash, channel_id, app_id)
    SELECT key_hash, nullif(channel_id, 0), nullif(app_id, 0) FROM given ORDER BY key_hash, channel_id, app_id
    ON CONFLICT DO NOTHING RETURNING key_hash, channel_id, app_id
)
INSERT INTO channels_delivery (channel_id, app_id, kind, path, headers, body, received_at, state, attempts, error)
SELECT fresh.channel_id, fresh.app_id, kind, path, headers::jsonb, body, at, 'waiting', 0, ''
FROM given JOIN fresh ON fresh.key_hash = given.key_hash
    AND fresh.channel_id IS NOT DISTINCT FROM nullif(given.channel_id, 0)
    AND fresh.app_id IS NOT DISTINCT FROM nullif(given.app_id, 0)
ORDER BY place
"""
_ONE = ", ".join(f"%s::{type_} AS {name}" for name, type_ in COLUMNS.items())
_MANY = ", ".join(f"%b::{type_}[]" for type_ in COLUMNS.values())
STORE_ONE = STORE.format(given=f"SELECT {_ONE}, 1 AS place")
STORE_MANY = STORE.format(
    given=f"SELECT * FROM unnest({_MANY}) WITH ORDINALITY AS given({', '.join(COLUMNS)}, place)"  # noqa: S608
)
# Who carried it, where to, and in which shape; secrets of whoever asks. Everything else may matter to a connector.
NEVER_KEPT = frozenset(
    {
        *("authorization", "cookie", "proxy-authorization"),
        *("accept", "accept-charset", "accept-encoding", "accept-language", "cache-control", "connection"),
        *("content-length", "date", "expect", "host", "keep-alive", "pragma", "te", "trailer", "transfer-encoding"),
        *("upgrade", "user-agent", "forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port"),
        *("x-forwarded-proto", "x-forwarded-server", "x-real-ip", "x-request-id"),
    }
)
LONGEST_PATH = 300


class Row(NamedTuple):
    """One delivery as it is written, in the order of COLUMNS. Of channel and app one is 0."""

    key_hash: bytes
    channel_id: int
    app_id: int
    kind: str
    path: str
    headers: str
    body: bytes
    at: datetime


def row(channel_id: int, app_id: int, kind: str, key: bytes, path: str, headers: Mapping[str, str], body: bytes) -> Row:
    """What to write for this delivery, which came now. Names of headers are lower case. Of the two ids one is 0.

    The hook of an app serves several kinds, and the same bytes to two of them are two deliveries.
    """
    if app_id:
        key = b"%b:%b" % (kind.encode(), key)
    kept = {name: value for name, value in headers.items() if name not in NEVER_KEPT}
    written = json.dumps(kept)
    if "\\u0000" in written:
        written = json.dumps({name.replace("\0", ""): value.replace("\0", "") for name, value in kept.items()})
    return Row(hashlib.sha256(key).digest(), channel_id, app_id, kind, path[:LONGEST_PATH], written, body, times.now())


def columns(rows: Sequence[Row]) -> list[list[Any]]:
    """The values of STORE_MANY."""
    return [list(column) for column in zip(*rows, strict=True)]
