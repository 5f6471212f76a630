"""The few addresses through which we may write. The one on which a word would overwrite a person's comment is none.

`POST /{comment}` with a message edits that comment; `POST /{comment}/comments` answers it. Every writing call goes
through `write`, which knows what each road may carry and refuses anything else before it leaves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ganzohr.channels.connectors.base import Account
from ganzohr.channels.connectors.meta import graph
from ganzohr.channels.connectors.meta.graph import Answer, Files

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,200}")
CARRIES: Mapping[str, frozenset[str]] = {
    "comments": frozenset({"message", "attachment_id"}),
    "messages": frozenset(
        {"recipient", "messaging_type", "message", "tag", "sender_action", "payload"},
    ),
    "message_attachments": frozenset({"message", "platform"}),
    "photos": frozenset({"published"}),
    "likes": frozenset(),
    "": frozenset({"is_hidden"}),
}


UPLOAD_SECONDS = 60.0  # for all files of one answer: what is said with them needs what is left


class WrongPath(AssertionError):
    """We were about to write something where it does not belong. A mistake of ours; nothing has left."""


def write(account: Account, method: str, thing: str, edge: str, values: Mapping[str, Any], **more: Any) -> Answer:
    """Write these values on one of the roads; raises `WrongPath` before anything leaves."""
    path = road(thing, edge, values)
    files: Files | None = more.get("files")
    if files:
        return graph.call(account, method, path, data=values, files=files, timeout=UPLOAD_SECONDS)
    return graph.call(account, method, path, json=dict(values))


def road(thing: str, edge: str, values: Mapping[str, Any]) -> str:
    """The path to write these values to. A thing itself takes nothing but whether it is hidden: never words."""
    if not ID.fullmatch(thing) or edge not in CARRIES or set(values) - CARRIES[edge]:
        raise WrongPath(f"{edge or 'the thing itself'} takes no {', '.join(sorted(values)) or 'such id'}")
    return f"{thing}/{edge}" if edge else thing


def reply_road(comment: str) -> str:
    """Where an answer to a comment (or a post) is written."""
    path = road(comment, "comments", {"message": ""})
    if not path.endswith("/comments") or path.count("/") != 1:
        raise WrongPath("an answer never goes to the comment itself")
    return path
