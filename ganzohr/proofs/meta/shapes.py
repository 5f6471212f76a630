"""Webhook entries in Meta's own shape: seconds in feed, milliseconds in messaging, seconds as text in WhatsApp."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from typing import Any

from ganzohr.proofs.meta.world import Comment, Letter, Media, Number, Page, Person, Post, Talk

Entry = dict[str, Any]


def seconds(at: datetime) -> int:
    """Unix time."""
    return int(at.timestamp())


def millis(at: datetime) -> int:
    """Unix time in thousandths."""
    return int(at.timestamp() * 1000)


# Pages


def change(page: Page, field: str, value: dict[str, Any], at: datetime) -> Entry:
    """One change of a page."""
    return {"id": page.id, "time": seconds(at), "changes": [{"field": field, "value": value}]}


def author(by: Person | None, page: Page) -> dict[str, Any]:
    """Who did it; nothing where the person does not show."""
    if by is None:
        return {"from": {"id": page.id, "name": page.name}}
    return {} if by.is_hidden else {"from": {"id": by.id, "name": by.name}}


def comment(one: Comment, verb: str, at: datetime) -> Entry:
    """A comment was added, edited, hidden, shown again or removed."""
    value: dict[str, Any] = {
        **author(one.by, one.post.page),
        "item": "comment",
        "verb": verb,
        "comment_id": one.id,
        "post_id": one.post.id,
        "parent_id": one.parent.id if one.parent else one.post.id,
        "created_time": seconds(one.at if verb == "add" else at),
    }
    if verb in ("add", "edited"):
        value["message"] = one.text
        value["post"] = {
            "status_type": "added_photos" if one.post.photo else "mobile_status_update",
            "is_published": True,
            "updated_time": one.post.at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "permalink_url": one.post.permalink,
            "promotion_status": "inactive",
            "id": one.post.id,
        }
    if one.photo and verb in ("add", "edited"):
        value["photo"] = one.photo
    return change(one.post.page, "feed", value, at)


def post(one: Post, verb: str, at: datetime) -> Entry:
    """A post was published, changed or removed."""
    value: dict[str, Any] = {
        **author(one.by, one.page),
        "item": "photo" if one.photo else "status",
        "post_id": one.id,
        "verb": verb,
        "created_time": seconds(one.at),
    }
    if verb != "remove":
        value |= {"message": one.text, "published": 1} | ({"link": one.photo} if one.photo else {})
    else:
        value["item"] = "post"
    return change(one.page, "feed", value, at)


def page_reaction(what: Post | Comment, by: Person | None, kind: str, verb: str, at: datetime) -> Entry:
    """Somebody likes (or loves, …) a post or a comment, or no longer."""
    parent = what if isinstance(what, Post) else what.post
    value: dict[str, Any] = {
        **author(by, parent.page),
        "item": "reaction",
        "reaction_type": kind,
        "verb": verb,
        "post_id": parent.id,
        "parent_id": f"{parent.page.id}_{parent.id.rpartition('_')[2]}",
        "created_time": seconds(at),
    }
    return change(parent.page, "feed", value | ({"comment_id": what.id} if isinstance(what, Comment) else {}), at)


# Messenger


def messaging(talk: Talk, at: datetime, *, by_us: bool = False, **event: Any) -> Entry:
    """One event of a talk."""
    ends = [{"id": talk.person.id}, {"id": talk.place.id}]
    sender, recipient = reversed(ends) if by_us else ends
    said = {"sender": sender, "recipient": recipient, "timestamp": millis(at), **event}
    return {"id": talk.place.id, "time": millis(at), "messaging": [said]}


# WhatsApp


def number_change(number: Number, field: str, **value: Any) -> Entry:
    """One change of a number."""
    head = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": number.phone.lstrip("+"), "phone_number_id": number.id},
    }
    return {"id": number.waba_id, "changes": [{"value": head | value, "field": field}]}


def contact(person: Person) -> dict[str, Any]:
    """Who writes: a profile, the business-scoped id, and the number where it is shown."""
    profile = {"name": person.name} | ({"username": person.username} if person.username else {})
    shown = {} if person.hides_phone else {"wa_id": person.phone}
    parent = f"{person.user_id[:2]}.ENT.{person.user_id[3:]}"
    return {"profile": profile, **shown, "user_id": person.user_id, "parent_user_id": parent}


def from_whom(person: Person) -> dict[str, Any]:
    """The sender of a WhatsApp message."""
    return {"from_user_id": person.user_id} | ({} if person.hides_phone else {"from": person.phone})


def whatsapp(talk: Talk, letter: Letter) -> Entry:
    """A message of a person."""
    assert isinstance(talk.place, Number)
    said = {**from_whom(talk.person), "id": letter.id, "timestamp": str(seconds(letter.at)), "type": letter.kind}
    if letter.reply_to:
        said["context"] = {"from": talk.place.phone.lstrip("+"), "id": letter.reply_to}
    return number_change(talk.place, "messages", contacts=[contact(talk.person)], messages=[said | letter.body])


def status(talk: Talk, letter: Letter, name: str, at: datetime, errors: list[dict[str, Any]] | None = None) -> Entry:
    """How far one of our messages came."""
    assert isinstance(talk.place, Number)
    person = talk.person
    said: dict[str, Any] = {
        "id": letter.id,
        "status": name,
        "timestamp": str(seconds(at)),
        "recipient_user_id": person.user_id,
        **({} if person.hides_phone else {"recipient_id": person.phone}),
    }
    if letter.callback:
        said["biz_opaque_callback_data"] = letter.callback
    if name in ("sent", "delivered"):
        category = "utility" if letter.kind == "template" else "service"
        said["pricing"] = {"billable": category != "service", "pricing_model": "PMP", "category": category}
    if errors:
        said["errors"] = errors
    return number_change(talk.place, "messages", contacts=[contact(person)], statuses=[said])


def problem(code: int, title: str, details: str) -> dict[str, Any]:
    """Why a message failed, inside a status."""
    return {"code": code, "title": title, "message": title, "error_data": {"details": details}}


def file_of(media: Media, **more: Any) -> dict[str, Any]:
    """A file inside a WhatsApp message. The sum is base64 here and hexadecimal in Graph, as it is there."""
    total = base64.b64encode(hashlib.sha256(media.content).digest()).decode()
    return {"mime_type": media.content_type, "sha256": total, "id": media.id, **more}
