"""What Graph understands behind `fields=`, and how it cuts lists into pages."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ganzohr.proofs.meta.errors import bad

# Right names this world has nothing for.
ABSENT = {
    "attachment", "attachments", "message_tags", "full_picture", "picture", "link", "username", "about", "shares",
    "story", "status_type", "object", "application", "can_comment", "can_remove", "can_hide", "can_like",
    "private_reply_conversation", "user_likes", "admin_creator", "properties", "sticker", "reply_to", "reactions",
    "tags", "category", "rejected_reason", "previous_category", "is_official_business_account", "account_mode",
    "platform_type", "throughput", "code_verification_status", "name_status", "certificate", "health_status",
    "last_onboarded_time", "profile_pic", "email", "parent",
}  # fmt: skip
NAME = re.compile(r"[\w]+")


@dataclass
class Field:
    """One wanted field: with what, and what of it."""

    name: str
    modifiers: dict[str, str] = field(default_factory=dict)
    inside: list[Field] = field(default_factory=list)


def parse(text: str) -> list[Field]:
    """`id,comments.limit(5){id,from}`; refuses what Graph would not understand."""
    fields, rest = _list(text.replace(" ", ""))
    if rest:
        raise bad(f"Syntax error at character: {rest[0]}", 2500)
    return fields


def _list(text: str) -> tuple[list[Field], str]:
    found: list[Field] = []
    while text and text[0] != "}":
        one, text = _one(text)
        found.append(one)
        text = text.removeprefix(",")
    return found, text


def _one(text: str) -> tuple[Field, str]:
    match = NAME.match(text)
    if not match:
        raise bad("Syntax error in fields", 2500)
    one, text = Field(match[0]), text[match.end() :]
    while modifier := re.match(r"\.(\w+)\(([^)]*)\)", text):
        one.modifiers[modifier[1]] = modifier[2]
        text = text[modifier.end() :]
    if text.startswith("{"):
        one.inside, text = _list(text[1:])
        text = text.removeprefix("}")
    return one, text


def shown(values: Mapping[str, Any], fields: Sequence[Field]) -> dict[str, Any]:
    """What was asked for; a value that is a function is a list behind it and gets the field."""
    found: dict[str, Any] = {"id": values["id"]} if "id" in values else {}
    for one in fields:
        if one.name in values:
            value = values[one.name]
            value = value(one) if callable(value) else value
            if value is not None:
                found[one.name] = _inside(value, one)
        elif one.name not in ABSENT:
            raise bad(f"Tried accessing nonexisting field ({one.name})")
    return found


def _inside(value: Any, one: Field) -> Any:
    if one.inside and isinstance(value, dict) and "data" not in value:
        return {name: value[name] for name in ("id", *(part.name for part in one.inside)) if name in value}
    return value


def of_request(values: Mapping[str, Any], default: str) -> Field:
    """The same for a list asked for by its own address."""
    said = {name: str(value) for name, value in values.items() if isinstance(value, str | int)}
    return Field("", said, parse(said.get("fields") or default))


def paged(
    things: Iterable[Any], one: Field, draw: Callable[[Any, list[Field]], dict[str, Any]], address: str, default: str
) -> dict[str, Any]:
    """A page of a list with cursors to the next one."""
    all_of_it = list(things)
    limit = max(1, min(int(one.modifiers.get("limit") or 25), 100))
    start = _after(all_of_it, one.modifiers.get("after", ""))
    chosen = all_of_it[start : start + limit]
    found: dict[str, Any] = {"data": [draw(thing, one.inside or parse(default)) for thing in chosen]}
    if chosen:
        cursors = {"before": cursor(chosen[0].id), "after": cursor(chosen[-1].id)}
        found["paging"] = {"cursors": cursors}
        if start + limit < len(all_of_it):
            found["paging"]["next"] = f"{address}?limit={limit}&after={cursors['after']}"
    if one.modifiers.get("summary") in ("true", "1", "total_count"):
        found["summary"] = {"total_count": len(all_of_it), "order": "chronological", "can_comment": True}
    return found


def cursor(id_: str) -> str:
    """A place in a list."""
    return base64.urlsafe_b64encode(id_.encode()).decode().rstrip("=")


def _after(things: list[Any], mark: str) -> int:
    if not mark:
        return 0
    return next((number + 1 for number, thing in enumerate(things) if cursor(thing.id) == mark), len(things))
