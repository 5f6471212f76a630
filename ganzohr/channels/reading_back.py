"""Incoming values as plain JSON, and deliveries that hold one: what we asked a platform for instead of being told."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, Protocol

from ganzohr.channels import stuck
from ganzohr.channels.connectors.base import Account, Connector, Incoming, IncomingFile, IncomingPost


class Raw(Protocol):
    """A delivery, or as much of it as a reader needs."""

    @property
    def channel_id(self) -> int | None:
        """The channel it came for, if that is known from outside."""

    @property
    def kind(self) -> str:
        """Of the connector, `KIND`, or nothing."""

    @property
    def headers(self) -> Any:
        """As they were kept."""

    @property
    def body(self) -> Any:
        """The bytes."""


KIND = "read back"  # stands where deliveries of an app name their connector; no address of a hook can bring it


def as_plain(said: Incoming) -> dict[str, Any]:
    """Everything in it but the bytes of files, which can be fetched again by their reference."""
    values = asdict(said)
    values["provider_at"] = said.provider_at.isoformat()
    values["files"] = [{**file, "content": ""} for file in values["files"] if file["reference"]]
    if said.post:
        posted_at = said.post.posted_at
        values["post"]["posted_at"] = posted_at.isoformat() if posted_at else None
    return values


def from_plain(values: dict[str, Any]) -> Incoming:
    """The value again; names that are gone since are left out."""
    known = {one.name for one in fields(Incoming)}
    plain = {name: value for name, value in values.items() if name in known}
    plain["provider_at"] = datetime.fromisoformat(plain["provider_at"])
    plain["files"] = tuple(IncomingFile(**{**file, "content": b""}) for file in plain["files"])
    plain["also_known_as"] = tuple(plain["also_known_as"])
    if post := plain["post"]:
        posted_at = post["posted_at"] and datetime.fromisoformat(post["posted_at"])
        plain["post"] = IncomingPost(**{**post, "posted_at": posted_at})
    return Incoming(**plain)


def key_of(name: str) -> bytes:
    """The bytes by which something we asked for is known to have been here, also when its words are gone."""
    return f"{KIND}:{name}".encode()


def as_body(said: Incoming) -> bytes:
    """What is stored as a delivery of `KIND`."""
    return json.dumps(as_plain(said)).encode()


def is_read_back(delivery: Raw) -> bool:
    """We asked for it; nobody told us."""
    return delivery.kind == KIND and delivery.channel_id is not None


def parsed(connector: Connector, account: Account, delivery: Raw) -> list[Incoming]:
    """What a delivery says: in the platform's form by its connector, in ours where we asked for it ourselves."""
    body = bytes(delivery.body)
    if not is_read_back(delivery):
        with stuck.watched():
            return connector.parse(account, delivery.headers, body)
    return [from_plain(json.loads(body))]
